"""Calls to AWS in the lab: refused, and counted."""

from __future__ import annotations

from dr_templates.drill.act import EVERYTHING, OUTSIDE, Act
from dr_templates.drill.stage import Stage


def refuse(act: Act, service: str) -> None:
    """Have every call to a service refused from now on."""
    act.touch()
    act.stage.order("faults", [{"service": service, "action": EVERYTHING, "code": "ServiceUnavailable", "status": 503}])


def called(stage: Stage, service: str) -> int:
    """Say how often functions have called a service."""
    return sum(one["service"] == service and one["place"] != OUTSIDE for one in stage.ask("calls"))


def promotions(stage: Stage) -> int:
    """Say how often RDS has been asked to promote, by whomever."""
    return sum(one["action"] == "PromoteReadReplica" for one in stage.ask("calls"))
