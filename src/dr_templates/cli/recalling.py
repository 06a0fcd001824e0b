"""``drctl history``: the last moves, every step with its time, its reason and its trouble, and how each ended."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from dr_templates.aws import journal, operator
from dr_templates.cli import desk, view
from dr_templates.cli.portrait import when
from dr_templates.failover.codec import encode
from dr_templates.failover.state import Proof

STEPS = 100
"""More than a move takes; of one with more, the earliest steps are left out."""


def run(config: Path, output: str, *, limit: int) -> None:
    """Show the last ``limit`` moves, the newest first. Raises ``DrError`` when the journal cannot be read."""
    with view.progress("reading the journal"):
        here = desk.take(config)
        with operator.explained(here.where()):
            entries = journal.read(here.table(), limit * STEPS)
    moves = group(entries)[:limit]
    if output == "json":
        view.data([_plain(move) for move in moves])
        return
    for move in moves:
        view.line(f"epoch {move[0].epoch}, begun {when(move[0].at)}: {_result(move) or 'not ended'}")
        for entry in move:
            view.line(f"  {step(entry)}")
        if proof := _proof(move):
            view.line(f"  proof: {_words(proof)}")
    view.say(f"{len(moves)} moves" if moves else "nothing has moved yet")


def group(entries: Sequence[journal.Entry]) -> list[tuple[journal.Entry, ...]]:
    """Gather entries, newest first as the journal gives them, by move; each move's steps in the order taken."""
    moves = groupby(entries, key=lambda entry: entry.epoch)
    return [tuple(sorted(steps, key=lambda entry: entry.at)) for _, steps in moves]


def step(entry: journal.Entry) -> str:
    """Say what one step was."""
    place = f" {entry.site}" if entry.site else ""
    trouble = f" [not done: {entry.trouble}]" if entry.trouble else ""
    return f"{when(entry.at)}  {entry.verb}{place}: {entry.reason}{trouble}"


def _result(move: Sequence[journal.Entry]) -> str:
    return next((entry.result for entry in reversed(move) if entry.result), "")


def _proof(move: Sequence[journal.Entry]) -> Proof | None:
    return next((entry.proof for entry in reversed(move) if entry.proof and not entry.trouble), None)


def _words(proof: Proof) -> str:
    loss = "loss not known" if proof.loss_seconds is None else f"at most {proof.loss_seconds:.0f} s missing"
    missing = "" if proof.loss_bytes is None else f", {proof.loss_bytes} bytes known to be"
    return (
        f"{proof.shut}; cluster {proof.system}, timeline {proof.timeline}, written {proof.written}, "
        f"replayed {proof.replayed}; {loss}{missing}"
    )


def _plain(move: Sequence[journal.Entry]) -> dict[str, Any]:
    return {
        "epoch": move[0].epoch,
        "begun": move[0].at,
        "result": _result(move),
        "proof": encode(_proof(move)),
        "steps": [encode(entry) for entry in move],
    }
