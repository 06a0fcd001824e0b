"""Killing who runs a move: the execution that holds it, and the functions it runs."""

from __future__ import annotations

from dr_templates.drill.act import Act
from dr_templates.lab.emulator.place import end_functions
from dr_templates.topology import CONTROL


def kill_runner(act: Act) -> str:
    """End the execution that holds the move under way, and what it runs: a function in flight would do its step.

    Gives its name; nothing is done, and it is empty, when the move is over.
    """
    holder, stage = runner(act), act.stage
    if not holder:
        return ""
    act.touch()
    stage.clients.stepfunctions(stage.region(CONTROL)).stop_execution(executionArn=holder)
    end_functions(stage.emulator.home, f"{stage.names.environment}-{CONTROL}-")
    return holder


def runner(act: Act) -> str:
    """Name who holds the move under way; nobody when there is none."""
    move = act.state().move
    return move.holder if move else ""


def taken_over(act: Act, before: str) -> bool:
    """Tell whether the move under way has another holder than before, or is over."""
    return runner(act) != before
