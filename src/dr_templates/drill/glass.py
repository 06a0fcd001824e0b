"""Breaking the glass in the lab: the move that a person makes when the control region is lost."""

from __future__ import annotations

from dr_templates.aws import alone
from dr_templates.aws.observe import Eyes, observe
from dr_templates.aws.pair import AwsPair
from dr_templates.aws.table import table_at
from dr_templates.drill.act import PERSON, Act
from dr_templates.errors import DrError
from dr_templates.failover import loop
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind


def fail_over_alone(act: Act, to: str) -> None:
    """Move without the control region, from its copy at the site, as ``failover --here --control-is-gone`` does.

    Whoever does is in that site's region: what is dark for it is dark for them.
    Raises ``DrError`` when it is held.
    """
    at, clock, runner = act.stage, act.stage.clock, f"{PERSON} at a terminal"
    clients = at.clients_at(to)
    where = f"table {at.names.table(to)}"
    seen = observe(Eyes(at.names, clients, clock.now, runner, to, control_gone=True))
    broken, known = alone.taken(seen, to, by=PERSON, runner=runner, hold=at.policy.hold, where=where)
    state = broken.state or known
    alone.break_glass(table_at(to, at.names, at.clients), known, state, where=where)
    pair = AwsPair(
        names=at.names,
        clients=clients,
        clock=clock.now,
        pause=clock.pause,
        runner=runner,
        upkeep=at.upkeep,
        hold=at.policy.hold,
        state_place=to,
        control_gone=True,
    )
    want = Want(Kind.FAILOVER, to, state.epoch + 1, PERSON)
    for step in loop.run(pair, at.policy, want, clock.pause):
        if step.action.verb is Verb.HOLD:
            raise DrError(what=step.action.reason, where=where, hint="The drill cannot go on.")
