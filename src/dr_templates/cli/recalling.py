"""``drctl history``: the last moves, every step with its time, its reason and its trouble, and how each ended.

Steps stand in the table of the place that held the state: control's, or a site's for what was done without control. So
all three are read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from dr_templates.aws import journal, operator
from dr_templates.aws.asking import ask_all
from dr_templates.aws.journal import Order
from dr_templates.cli import desk, view
from dr_templates.cli.portrait import when
from dr_templates.errors import DrError
from dr_templates.failover.codec import encode
from dr_templates.failover.state import Proof
from dr_templates.topology import CONTROL

STEPS = 100
"""More than a move takes; of one with more, the earliest steps are left out."""
READ_SECONDS = 20.0
AGAIN = "Try again; when a region does not answer, docs/moving.md says how to go on without it."
APART = frozenset({Order.PAUSE, Order.RESUME})
"""Orders that belong to no move."""


@dataclass(frozen=True)
class Noted:
    """An entry, and the place in whose table it stands."""

    place: str
    entry: journal.Entry

    @property
    def at(self) -> float:
        """When it was written, in seconds since 1970."""
        return self.entry.at


Steps = tuple[Noted, ...]


def run(config: Path, output: str, *, limit: int) -> None:
    """Show the last ``limit`` moves and the orders since, the newest first.

    Raises ``DrError`` when no journal can be read; one of several that cannot is only told.
    """
    with view.progress("asking AWS who you are"):
        here = desk.take(config)
    with view.progress("reading the journals of all three places"):
        noted, unread = _read(here, limit * STEPS)
    for place, error in unread.items():
        view.warn(f"the journal at {place} could not be read: {error.what}")
    moves = group(noted)
    since = moves[limit - 1][0].at if len(moves) >= limit else 0.0
    moves, orders = moves[:limit], apart(noted, since)
    if output == "json":
        view.data(
            {
                "moves": [_plain(move) for move in moves],
                "orders": [_entry(order) for order in orders],
                "unread": {place: error.what for place, error in unread.items()},
            }
        )
        return
    for shown in sorted((*moves, *((order,) for order in orders)), key=lambda steps: steps[0].at, reverse=True):
        for line in _lines(shown):
            view.line(line)
    view.say(f"{len(moves)} move{'s' * (len(moves) > 1)}" if moves else "nothing has moved yet")


def group(noted: Sequence[Noted]) -> list[Steps]:
    """Gather entries by move: each move's steps in the order taken, the moves newest first."""
    steps = sorted((one for one in noted if one.entry.verb not in APART), key=lambda one: (one.entry.epoch, one.at))
    moves = (tuple(move) for _, move in groupby(steps, key=lambda one: one.entry.epoch))
    return sorted(moves, key=lambda move: move[0].at, reverse=True)


def apart(noted: Sequence[Noted], since: float) -> list[Noted]:
    """Give the orders that belong to no move, from a time on, the newest first."""
    orders = (one for one in noted if one.entry.verb in APART and one.at >= since)
    return sorted(orders, key=lambda one: one.at, reverse=True)


def step(entry: journal.Entry, place: str = CONTROL) -> str:
    """Say what one step was, or one order; ``place`` is where it is written down."""
    who = f" by {entry.runner}" if entry.verb in set(Order) else ""
    site = f" {entry.site}" if entry.site else ""
    trouble = f" [not done: {entry.trouble}]" if entry.trouble else ""
    written = "" if place == CONTROL else f" [written at {place}]"
    return f"{when(entry.at)}  {entry.verb}{site}{who}: {entry.reason}{trouble}{written}"


def _read(here: desk.Desk, limit: int) -> tuple[list[Noted], Mapping[str, DrError]]:
    """Read all three journals at once; give what they hold, and why one could not be read."""
    places = (CONTROL, *here.names.sites)
    answers, late = ask_all({place: partial(_journal, here, place, limit) for place in places}, READ_SECONDS)
    unread = {place: answer for place, answer in answers.items() if isinstance(answer, DrError)}
    unread |= {place: DrError(trouble, where=here.where(place), hint=AGAIN) for place, trouble in late.items()}
    if len(unread) == len(places):
        raise unread[CONTROL]
    return [Noted(place, entry) for place in places if place not in unread for entry in answers[place]], unread


def _journal(here: desk.Desk, place: str, limit: int) -> list[journal.Entry] | DrError:
    try:
        with operator.explained(here.where(place)):
            return journal.read(here.table(place), limit)
    except DrError as error:
        return error


def _lines(shown: Steps) -> Iterator[str]:
    first = shown[0].entry
    if first.verb in APART:
        yield step(first, shown[0].place)
        return
    yield f"epoch {first.epoch}, begun {when(first.at)}: {_result(shown) or 'not ended'}"
    for one in shown:
        yield f"  {step(one.entry, one.place)}"
    if proof := _proof(shown):
        yield f"  proof: {_words(proof)}"


def _result(move: Steps) -> str:
    """Give how a move ended: with a result, or by an order that made it the next one's."""
    ends = (one.entry.result or (one.entry.verb == Order.TURN_BACK and one.entry.reason) for one in reversed(move))
    return next((end for end in ends if end), "")


def _proof(move: Steps) -> Proof | None:
    return next((one.entry.proof for one in reversed(move) if one.entry.proof and not one.entry.trouble), None)


def _words(proof: Proof) -> str:
    loss = "loss not known" if proof.loss_seconds is None else f"at most {proof.loss_seconds:.0f} s missing"
    missing = "" if proof.loss_bytes is None else f", {proof.loss_bytes} bytes known to be"
    return (
        f"{proof.shut}; cluster {proof.system}, timeline {proof.timeline}, written {proof.written}, "
        f"replayed {proof.replayed}; {loss}{missing}"
    )


def _plain(move: Steps) -> dict[str, Any]:
    return {
        "epoch": move[0].entry.epoch,
        "begun": move[0].at,
        "result": _result(move),
        "proof": encode(_proof(move)),
        "steps": [_entry(one) for one in move],
    }


def _entry(one: Noted) -> dict[str, Any]:
    return {**encode(one.entry), "place": one.place}
