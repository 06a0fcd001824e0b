"""The three functions as Lambda runs them: JSON in, JSON out, told by their environment alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import UserDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, TOPOLOGY, UPKEEP
from tests.functional.aws.probes import NOW

import decide_handler
import observe_handler
import perform_handler
from dr_templates.aws import settings, table
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.gate import number
from dr_templates.failover.model import (
    Action,
    Answer,
    Gate,
    Instance,
    Mark,
    Mode,
    Observation,
    Policy,
    Pulse,
    Sight,
    Sql,
    Verb,
    Want,
)
from dr_templates.failover.state import Kind, Move, State, Suspicion, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud

ENVIRONMENT = {
    "NAME": "orders",
    "SUFFIX": "test",
    "ACCOUNT": "123456789012",
    "HOME_SITE": HOME,
    "HOME_REGION": "eu-west-1",
    "STANDBY_SITE": STANDBY,
    "STANDBY_REGION": "us-east-1",
    "CONTROL_REGION": "eu-central-1",
}
LIMITS = {
    "MODE": "automatic",
    "PATIENCE_SECONDS": "240",
    "LEASE_SECONDS": "45",
    "MARGIN_SECONDS": "20",
    "DRAIN_SECONDS": "30",
    "RPO_SECONDS": "90",
    "COOLDOWN_SECONDS": "600",
    "BACKUP_DAYS": "7",
}


@pytest.fixture
def environment(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Set what the functions are told, and lead them to the emulator."""
    keys = {"AWS_ENDPOINT_URL": cloud.emulator, "AWS_ACCESS_KEY_ID": "lab", "AWS_SECRET_ACCESS_KEY": "lab"}
    upkeep = {"BACKUP_WINDOW": "03:00-04:00", "ROTATION_DAYS": "30"}
    for name, value in {**ENVIRONMENT, **LIMITS, **keys, **upkeep, "SUFFIX": cloud.names.suffix}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", cloud.probes_url)
    return cloud


def as_json(value: Any) -> Any:  # noqa: ANN401 - as the caller likes
    return json.loads(json.dumps(value))


@pytest.fixture
def healthy() -> Observation:
    """Give a pair with nothing wrong."""
    sql = Sql(Answer.ANSWERED, in_recovery=False, system="7", timeline=1, written=9, sessions=1)
    gate, mark = Gate(frozenset(), frozenset()), Mark(NOW - 5, armed=True)
    home = Sight(sql, Instance("available", replica=False, backup_days=7), gate, mark, heard=True)
    follower = replace(sql, in_recovery=True, written=None, received=9, replayed=9, streaming=True)
    other = Sight(follower, Instance("available", replica=True, backup_days=0), gate, mark, heard=True)
    return Observation(NOW, "arn:one", HOME, {HOME: home, STANDBY: other}, State(HOME, serial=4, epoch=1))


def decided(seen: Observation, want: Want | None = None, since: float = 1.0) -> dict[str, Any]:
    started = (datetime.now(UTC) - timedelta(seconds=since)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    event = {"observation": encode(seen), "want": encode(want), "started": started}
    return as_json(decide_handler.handler(as_json(event), None))  # type: ignore[no-any-return]  # checked at run time


def test_it_observes_through_its_environment_alone(environment: Cloud) -> None:
    table.write_state(environment.table(CONTROL), State(active=HOME), State(active=HOME, serial=1))
    seen = decode(Observation, as_json(observe_handler.handler({"runner": "arn:one"}, None)))
    assert (seen.runner, seen.home) == ("arn:one", HOME)
    assert seen.state == State(active=HOME, serial=1)
    assert {sight.sql.answer for sight in seen.sites.values()} == {Answer.ANSWERED}


def test_it_performs_and_says_what_went_wrong(environment: Cloud) -> None:
    state = State(active=HOME, serial=1)
    table.write_state(environment.table(CONTROL), State(active=HOME), state)
    event = {"action": encode(Action(Verb.SUSPECT, "it is silent", HOME, state, succeed(state, epoch=9)))}
    assert perform_handler.handler(as_json(event), None) == {"trouble": ""}
    event["then"] = encode(Action(Verb.SUSPECT, "nor is this done", HOME, succeed(state, epoch=9), succeed(state)))
    assert "somebody else was faster" in perform_handler.handler(as_json(event), None)["trouble"]
    kept = table.read_state(environment.table(CONTROL))
    assert kept is not None
    assert kept.epoch == 9


def test_what_follows_at_once_is_performed_with_it_and_a_short_wait_waited_out(environment: Cloud) -> None:
    first = State(active=HOME, serial=1)
    table.write_state(environment.table(CONTROL), State(active=HOME), first)
    second = succeed(first, epoch=2)
    third = succeed(second, epoch=3)
    event = {
        "action": encode(Action(Verb.SUSPECT, "one", HOME, first, second)),
        "then": encode(Action(Verb.TRUST, "two", HOME, second, third)),
        "until": time.time() + 0.3,
    }
    assert perform_handler.handler(as_json(event), None) == {"trouble": ""}
    assert time.time() >= event["until"]
    assert table.read_state(environment.table(CONTROL)) == third


@pytest.mark.usefixtures("environment")
def test_a_tick_waits_no_longer_than_the_patience_lasts(healthy: Observation) -> None:
    seen = silent(healthy)
    assert seen.state is not None
    seen = replace(seen, state=replace(seen.state, suspicion=Suspicion("dead", NOW - 237.5, NOW - 10)))
    told = decided(seen, since=50.0)
    assert (decode(Action, told["action"]).verb, told["last"]) == (Verb.WAIT, False)
    assert (told["until"], told["seconds"]) == (NOW + 2.5, 0)


@pytest.mark.usefixtures("environment")
def test_a_seal_comes_with_its_promotion(healthy: Observation) -> None:
    shut = frozenset({number(2)})
    home = healthy.sites[HOME]
    home = replace(home, sql=replace(home.sql, sessions=0), gate=Gate(shut, shut))
    move = Move(2, Kind.SWITCHOVER, HOME, STANDBY, "arn:one", NOW + 60, NOW - 9, "ops", fenced=NOW - 4, turned=NOW - 5)
    state = State(HOME, serial=6, epoch=2, move=move)
    told = decided(
        replace(healthy, sites={**healthy.sites, HOME: home}, state=state), Want(Kind.SWITCHOVER, STANDBY, 2, "ops")
    )
    seal, promote = decode(Action, told["action"]), decode(Action, told["then"])
    assert (seal.verb, promote.verb, promote.site) == (Verb.SEAL, Verb.PROMOTE, STANDBY)
    assert promote.before == seal.after


@pytest.mark.usefixtures("environment")
def test_a_quiet_tick_is_over_at_once(healthy: Observation) -> None:
    told = decided(healthy)
    assert (decode(Action, told["action"]).verb, told["last"], told["seconds"]) == (Verb.KEEP, True, 0)


@pytest.mark.usefixtures("environment")
def test_a_move_that_is_asked_for_goes_on(healthy: Observation) -> None:
    told = decided(healthy, Want(Kind.SWITCHOVER, STANDBY, 2, "ops"), since=9000)
    assert (decode(Action, told["action"]).verb, told["last"]) == (Verb.LOCK, False)


def silent(healthy: Observation) -> Observation:
    """Give a pair whose primary is silent, which has been suspected of it for a while."""
    home = healthy.sites[HOME]
    home = replace(home, sql=Sql(Answer.SILENT), instance=replace(home.instance, failing_over=False))
    other = healthy.sites[STANDBY]
    sites = {HOME: home, STANDBY: replace(other, sql=replace(other.sql, streaming=False))}
    state = State(HOME, serial=5, epoch=1, suspicion=Suspicion("dead", NOW - 50, NOW - 10))
    return replace(healthy, sites=sites, state=state, pulse=Pulse(HOME, NOW - 60, 100, fed=NOW - 60))


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(("since", "last"), [(5.0, False), (47.0, False), (49.0, True)])
def test_a_tick_that_only_watches_leaves_off_before_the_next_one(
    healthy: Observation, since: float, last: bool
) -> None:
    told = decided(silent(healthy), since=since)
    assert (decode(Action, told["action"]).verb, told["last"], told["seconds"]) == (Verb.WAIT, last, 10)


@pytest.mark.usefixtures("environment")
def test_a_tick_that_holds_the_lock_of_a_move_stays_with_it(healthy: Observation) -> None:
    move = Move(2, Kind.SWITCHOVER, HOME, STANDBY, "arn:one", NOW + 60, NOW - 1, "ops")
    told = decided(replace(healthy, state=State(HOME, serial=6, epoch=2, move=move)), since=500.0)
    assert told["last"] is False
    gone = replace(move, holder="arn:two", until=NOW - 1)
    told = decided(replace(healthy, state=State(HOME, serial=6, epoch=2, move=gone)), since=500.0)
    assert (decode(Action, told["action"]).verb, told["last"]) == (Verb.TAKE, False)


class Read(UserDict[str, str]):
    """An environment that notes what is read of it."""

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return super().__getitem__(key)


def test_settings_read_what_they_say_and_nothing_else() -> None:
    environ = Read({**ENVIRONMENT, **LIMITS, "BACKUP_WINDOW": "03:00-04:00", "ROTATION_DAYS": "30", "SITE": HOME})
    names = settings.names(environ)
    assert environ.read == ENVIRONMENT.keys()
    assert [names.region(place) for place in TOPOLOGY.places] == [TOPOLOGY.region(place) for place in TOPOLOGY.places]
    assert (names.environment, names.sites, names.peer(HOME)) == ("orders-test", (HOME, STANDBY), STANDBY)
    environ.read.clear()
    assert settings.policy(environ) == Policy(
        Mode.AUTOMATIC, patience=240, lease=45, margin=20, drain=30, rpo=90, cooldown=600, backup_days=7
    )
    assert environ.read == LIMITS.keys()
    assert settings.upkeep(environ) == replace(UPKEEP, backup_days=7)
    assert (settings.site(environ), settings.lease(environ)) == (HOME, 45)


def test_everything_is_called_as_the_templates_call_it(cloud: Cloud) -> None:
    names = replace(cloud.names, suffix="prod")
    assert names.table(CONTROL) == "orders-prod-control-state"
    assert names.table(HOME) == "orders-prod-dublin-watch"
    assert (names.instance(HOME), names.acl(HOME)) == ("orders-prod-dublin", "orders-prod-dublin-database")
    assert names.probe(STANDBY) == "orders-prod-virginia-probe"
    assert names.rotation_arn(STANDBY) == (
        "arn:aws:lambda:us-east-1:123456789012:function:orders-prod-virginia-rotation"
    )
    assert names.secret == "orders-prod/database"  # noqa: S105 - its name
    assert names.machine_arn == "arn:aws:states:eu-central-1:123456789012:stateMachine:orders-prod-control-moves"
    assert names.execution_arn("epoch-4") == (
        "arn:aws:states:eu-central-1:123456789012:execution:orders-prod-control-moves:epoch-4"
    )
    assert names.topic_arn == "arn:aws:sns:eu-central-1:123456789012:orders-prod-control"


BOTO3 = {
    **{name: name for name in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3")},
    "dateutil": "python-dateutil",
    "six.py": "six",
}
"""boto3 and what it needs, by file and distribution."""


@pytest.mark.parametrize(
    ("handler", "brings"),
    [
        ("decide_handler", {}),
        ("observe_handler", BOTO3),
        ("perform_handler", BOTO3),
    ],
)
def test_a_function_needs_no_more_than_lambda_brings(
    checkout: Path, tmp_path: Path, handler: str, brings: Mapping[str, str]
) -> None:
    for name, package in brings.items():
        (tmp_path / name).symlink_to(str(distribution(package).locate_file(name)))
    path = [str(checkout / "lambda"), str(checkout / "src"), str(tmp_path)]
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {path}; import {handler}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
