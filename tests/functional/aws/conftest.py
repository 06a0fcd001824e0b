"""The pair that every test here has to itself."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from tests.functional.aws.cloud import HOME, STANDBY, STATE, TOPOLOGY, Cloud
from tests.functional.aws.probes import NOW, Database, Probe, serving
from tests.functional.aws.standing import stand, unheard_port

from dr_templates.aws import table
from dr_templates.aws.names import Names
from dr_templates.failover.model import Mark, Pulse
from dr_templates.failover.state import State
from dr_templates.runtime.probe import Heartbeat
from dr_templates.topology import CONTROL


@pytest.fixture
def closed_port() -> int:
    return unheard_port()


@pytest.fixture
def names() -> Names:
    return Names("orders", f"t{uuid.uuid4().hex[:8]}", DEFAULT_ACCOUNT_ID, TOPOLOGY)


@pytest.fixture
def databases() -> dict[str, Database]:
    """Give a healthy pair."""
    beat = Heartbeat(HOME, 7, datetime.fromtimestamp(NOW - 5, UTC), 5.0)
    return {
        HOME: Database(HOME, beat=beat, sessions=3),
        STANDBY: Database(STANDBY, in_recovery=True, beat=beat),
    }


@pytest.fixture
def probes_url(names: Names, databases: dict[str, Database]) -> Iterator[tuple[str, dict[str, Probe]]]:
    """Serve Lambda's Invoke for the probes; a test may put others in their place."""
    probes: dict[str, Probe] = {names.probe(site): database for site, database in databases.items()}
    with serving(probes) as url:
        yield url, probes


@pytest.fixture
def cloud(emulator: str, names: Names, probes_url: tuple[str, dict[str, Probe]], closed_port: int) -> Cloud:
    """Give an environment as the templates make it."""
    url, probes = probes_url
    made = Cloud(emulator, url, closed_port, names, probes)
    stand(made)
    return made


@pytest.fixture
def written(cloud: Cloud) -> Cloud:
    """Give a pair whose tables hold a state, its copies and marks."""
    table.write_state(cloud.table(CONTROL), State(active=HOME), STATE)
    table.write_pulse(cloud.table(CONTROL), Pulse(HOME, NOW - 60, 5))
    for site in (HOME, STANDBY):
        table.save_copy(cloud.table(site), replace(STATE, serial=3), None)
    table.write_mark(cloud.table(CONTROL), HOME, Mark(NOW - 9, armed=True))
    table.write_mark(cloud.table(STANDBY), HOME, Mark(NOW - 4, armed=True))
    table.write_mark(cloud.table(CONTROL), STANDBY, Mark(NOW - 6, armed=False))
    return cloud
