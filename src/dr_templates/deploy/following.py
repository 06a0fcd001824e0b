"""Root stacks at work, followed side by side until each is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import read
from dr_templates.aws.stacks.model import failed
from dr_templates.deploy.advice import advice
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.plan import Stacks
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Done, Happened, Idle, Step
from dr_templates.deploy.tracing import Trace, Traced, first_failure
from dr_templates.errors import DrError

RECHECK = 10
"""After how many looks without news the stack itself is asked."""
UNDONE = "UPDATE_ROLLBACK_COMPLETE"
GONE = "DELETE_COMPLETE"


def follow(on: Deployment, traces: Mapping[Root, Trace], *, undoing: bool = False) -> Iterator[Step]:
    """Tell what happens until every root is done. Raises ``DrError`` with the true cause of each that failed.

    A root beside one that failed is followed to its end before that is raised. When ``undoing``, a rollback that is
    complete is no failure.
    """
    told: dict[Root, list[Traced]] = {one: [] for one in traces}
    going = dict(traces)
    idle = 0
    while going:
        idle += 1
        for one, trace in tuple(going.items()):
            with explained(on.where(one)):
                news = trace.read()
                if not idle % RECHECK:
                    _recheck(on, one, trace)
            told[one] += news
            idle = 0 if news else idle
            yield from (Happened(one, traced.path, traced.event) for traced in news)
            if trace.ended:
                del going[one]
                yield Done(one, on.stack(one), trace.status, _outputs(on, one))
        if going:
            yield Idle()
            on.wait(idle)
    good = (UNDONE,) if undoing else ()
    bad = [one for one, trace in traces.items() if failed(trace.status) and trace.status not in good]
    faults = [_fault(on, one, told[one], traces[one].status) for one in bad]
    if faults:
        raise DrError(
            what="\n".join(fault.what for fault in faults),
            where="; ".join(fault.where for fault in faults),
            hint=" ".join(dict.fromkeys(fault.hint for fault in faults)),
        )


def _recheck(on: Deployment, one: Root, trace: Trace) -> None:
    """Take the stack's own status for its end, where no event tells of one.

    Raises ``DrError`` where no event tells of a beginning either: then the status is the one it had before.
    """
    stack = read.stack(on.client(one), trace.root)
    if stack is None or stack.running or trace.ended:
        return
    if trace.since is None and stack.status != GONE:
        raise DrError(
            what=f"CloudFormation has agreed to begin, and has not: {one} is {stack.status} as before",
            where=on.where(one),
            hint="Look at its change sets and events in the console; the same command goes on from what stands.",
        )
    trace.status = stack.status


def resume(on: Deployment, stacks: Stacks) -> Iterator[Step]:
    """Follow what an interrupted run, or anybody, has left at work. How it ends is told, and raises nothing."""
    traces = {}
    for one, stack in stacks.items():
        if stack is not None and stack.running:
            traces[one] = Trace(on.client(one), stack.id)
            yield Begun(one, on.region(one), stack.name, "was under way")
    if not traces:
        return
    try:
        yield from follow(on, traces)
    except DrError:
        return  # the plan that follows says what has become of it, and why


def _outputs(on: Deployment, one: Root) -> dict[str, str]:
    with explained(on.where(one)):
        stack = read.stack(on.client(one), on.stack(one))
    return dict(stack.outputs or {}) if stack else {}


def _fault(on: Deployment, one: Root, traced: list[Traced], status: str) -> DrError:
    first = first_failure(traced)
    if first is None:
        return DrError(
            what=f"{one} ended as {status}, and CloudFormation gives no reason", where=on.where(one), hint=advice("")
        )
    path = "/".join((*first.path, first.event.logical_id))
    kind = f" ({first.event.type})" if first.event.type else ""
    return DrError(
        what=f"{one}: {path}{kind}: {first.event.reason or first.event.status}",
        where=f"{on.region(one)} / {on.stack(one)} / {path}",
        hint=advice(first.event.reason),
    )
