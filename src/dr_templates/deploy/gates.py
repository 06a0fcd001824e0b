"""What a plan may not do: each refusal is a reason in words. Pure.

CloudFormation would do most of it without asking; some of it would fail half way, with a database in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dr_templates.aws.stacks.model import Change, Effect, Touch, leaves, nests
from dr_templates.deploy.blueprint import NAMED
from dr_templates.deploy.guards import KEPT
from dr_templates.deploy.plan import Plan, StackPlan
from dr_templates.deploy.roots import Root
from dr_templates.failover.state import State

DATABASE = "AWS::RDS::DBInstance"
SOURCE = "SourceDBInstanceIdentifier"
HARMLESS = frozenset(
    {
        "AutoMinorVersionUpgrade",
        "BackupRetentionPeriod",
        "DBParameterGroupName",
        "MultiAZ",
        "PreferredMaintenanceWindow",
    }
)
"""Properties for which CloudFormation leaves a replacement open, and RDS changes the instance in place (fact A13)."""


def refusals(planned: StackPlan, allowed: Collection[str]) -> Iterator[str]:
    """Say what a root's plan may not do; ``allowed`` names what may be replaced or deleted, by logical id or path."""
    for path, change in leaves(planned.changes):
        name = f"{planned.root}: {'/'.join((*path, change.logical_id))}"
        if change.type == DATABASE and change.effect is not Effect.ADD and _source(change):
            yield (
                f"{name}: {SOURCE} would change; of a living instance it never may: CloudFormation would promote "
                "it, or try to replace it (facts A15 and A16)"
            )
        elif change.effect is Effect.REPLACE and _bound(planned, path, change):
            yield (
                f"{name} ({change.type}) {_fate(change)}, and CloudFormation replaces nothing that has a name of its "
                "own (fact A17): take the change back, or have it made anew under another name"
            )
        elif change.type in KEPT and (fate := _fate(change)) and not named(planned, path, change, allowed):
            yield f"{name} ({change.type}) {fate}"
        elif planned.broken and change.effect is Effect.REPLACE and change.touches:
            yield f"{name} would be replaced, which CloudFormation does not do on a stack that a failure left standing"
    for path, change in nests(planned.changes):
        if _blind(change) and not named(planned, path, change, allowed):
            name, goes = "/".join((*path, change.logical_id)), "may" if change.effect is Effect.PERHAPS else "would"
            yield f"{planned.root}: {name} is a nested stack that {goes} go, with all that it holds"


def named(planned: StackPlan, path: tuple[str, ...], change: Change, allowed: Collection[str]) -> bool:
    """Tell whether what changes is among the ``allowed``: its logical id, or with the stacks it is in before that.

    ``Database``, ``DatabaseReplica/Database`` and ``ireland/DatabaseReplica/Database`` can all mean the same.
    """
    full = (planned.root.place, *path, change.logical_id)
    return any(full[-len(parts) :] == parts for parts in (tuple(name.split("/")) for name in allowed))


def everything(planned: StackPlan) -> tuple[str, ...]:
    """Name all that changes in a root: what is refused even so, nobody can allow."""
    return tuple(change.logical_id for _, change in (*leaves(planned.changes), *nests(planned.changes)))


def _source(change: Change) -> bool:
    return any(touch.name == SOURCE for touch in change.touches)


def _bound(planned: StackPlan, path: tuple[str, ...], change: Change) -> bool:
    """Tell that what is to be replaced has a name of its own, and keeps it."""
    renamed = NAMED.get(change.type) in {touch.name for touch in change.touches}
    return bool(change.touches) and not renamed and "/".join((*path, change.logical_id)) in planned.named


def _blind(change: Change) -> bool:
    """Tell that a nested stack goes, or may go, and that what is told of it does not say with what in it."""
    return change.effect in (Effect.REPLACE, Effect.PERHAPS) or (change.effect is Effect.REMOVE and not change.nested)


def _fate(change: Change) -> str:
    """Say how a thing that is kept would be lost, empty when it would not be."""
    blamed = tuple(touch for touch in change.touches if _recreates(change, touch))
    because = f" ({', '.join(sorted({touch.name for touch in blamed}))})" if blamed else ""
    match change.effect:
        case Effect.REMOVE:
            return "would be deleted"
        case Effect.REPLACE:
            return f"would be replaced{because}"
        case Effect.PERHAPS if blamed or not any(touch.recreation != "Never" for touch in change.touches):
            return f"may be replaced{because}"
    return ""


def _recreates(change: Change, touch: Touch) -> bool:
    match touch.recreation:
        case "Always":
            return True
        case "Conditionally":
            return change.type != DATABASE or touch.name not in HARMLESS
    return False


def strangers(plan: Plan, allowed: Collection[str]) -> Iterator[str]:
    """Refuse names among the ``allowed`` that mean nothing that changes, or more than one thing that would be lost.

    A typing error must not go unseen.
    """
    for name in allowed:
        if not any(True for _ in _meant(plan, name)):
            yield f"--allow-replace {name}: nothing of that name changes; leave it out if that is done already"
    yield from ambiguous(plan, allowed)


def ambiguous(plan: Plan, allowed: Collection[str], one: Root | None = None) -> Iterator[str]:
    """Refuse names that mean more than one thing that would be lost: leave for one database is none for the other.

    With ``one``, only those are told that cost something in that root.
    """
    for name in allowed:
        lost = [(root, place) for root, place, change in _meant(plan, name) if _lost(change)]
        if len(lost) > 1 and (one is None or one in {root for root, _ in lost}):
            places = ", ".join(place for _, place in lost)
            yield f"--allow-replace {name} means more than one thing, say which: {places}"


def _meant(plan: Plan, name: str) -> Iterator[tuple[Root, str, Change]]:
    """Give what changes by that name, and where it is."""
    for planned in plan.work:
        for path, change in (*leaves(planned.changes), *nests(planned.changes)):
            if named(planned, path, change, (name,)):
                yield planned.root, "/".join((planned.root.place, *path, change.logical_id)), change


def _lost(change: Change) -> bool:
    return _blind(change) if change.is_stack else change.type in KEPT and bool(_fate(change))


def unfinished(state: State | None) -> str | None:
    """Say that a move is under way, None when there is none."""
    if state is None or state.move is None:
        return None
    move = state.move
    return (
        f"epoch {move.epoch} is {move.phase}: a move to {move.towards} is unfinished, held by {move.holder}; "
        "nothing is deployed beneath it; drctl status -w follows it"
    )
