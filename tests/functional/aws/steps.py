"""Steps as the brain gives them, and what the tables and the record hold after them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.functional.aws.cloud import HOME, STANDBY
from tests.functional.aws.probes import NOW

from dr_templates.aws import table
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.state import Kind, Move, Phase, State, succeed
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from tests.functional.aws.cloud import Cloud

MOVE = Move(3, Kind.SWITCHOVER, HOME, STANDBY, "one", NOW + 5, NOW, "ops@example.com")
SEALED = replace(MOVE, phase=Phase.SEALED, named=True)
BEFORE = State(active=HOME, serial=8, epoch=3, move=MOVE)
DENIES = frozenset({106})


def put(cloud: Cloud, state: State) -> State:
    """Leave a document as if it had been written before."""
    table.put(cloud.table(CONTROL), "state", "current", state, Serial=state.serial)
    return state


def kept(cloud: Cloud, place: str = CONTROL) -> State:
    state = table.read_state(cloud.table(place))
    assert state is not None
    return state


def step(verb: Verb, before: State, site: str | None = STANDBY, **changes: Any) -> Action:  # noqa: ANN401 - as the caller likes
    """Give a step of a move as the brain does: the lock renewed, the changes noted."""
    assert before.move is not None
    after = succeed(before, move=replace(before.move, until=NOW + 120, **changes))
    return Action(verb, f"it is time to {verb}", site, before, after, DENIES)


def operations(cloud: Cloud, service: str) -> list[str]:
    return [call.operation for call in cloud.calls if call.service == service]
