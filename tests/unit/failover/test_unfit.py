"""What speaks against a promotion and against a move that was asked for: each reason by a look that has it alone."""

from dataclasses import replace

import pytest

from dr_templates.failover.fitness import unfit, unwilling
from dr_templates.failover.model import Gate, Observation, Sql, Want
from dr_templates.failover.state import Kind
from simulation.looks import (
    AT,
    DARK,
    DEAD,
    DEAF,
    EPOCH,
    OLD,
    POLICY,
    SERVING,
    SILENT,
    WELL,
    by,
    look,
)
from simulation.net import HOME, STANDBY

FIT = {
    "available": WELL,
    "its source is silent": DEAD,
    "deaf": look(WELL, standby=DEAF),
    "the source does not tell of its cluster": look(WELL, {"system": None}),
    "it does not tell of its cluster": look(WELL, standby={"system": None}),
    "it is on another timeline": look(WELL, standby={"timeline": 2}),
}
UNFIT: dict[str, tuple[Observation, str]] = {
    "silent": (look(WELL, standby={**SILENT, "error": "timed out"}), "standby is unknown, not a replica (timed out)"),
    "silent, and nobody knows why": (look(WELL, standby=SILENT), "standby is unknown, not a replica"),
    "takes writes": (look(WELL, standby=SERVING), "standby is primary, not a replica"),
    "not there": (look(WELL, standby={**SILENT, "status": "absent"}), "standby is absent, not a replica"),
    "RDS does not tell": (look(WELL, standby={"status": None}), "RDS does not tell how standby is"),
    "RDS calls it none": (look(WELL, standby={"replica": False}), "RDS does not call standby a replica"),
    "RDS does not tell what it is": (look(WELL, standby={"replica": None}), "RDS does not call standby a replica"),
    "it is backed up": (
        look(WELL, standby={"status": "backing-up"}),
        "RDS says standby is backing-up; only an available replica can be promoted",
    ),
    "of another cluster": (look(WELL, standby={"system": "8"}), "standby does not belong to the cluster at home"),
}


@pytest.mark.parametrize("what", FIT)
def test_a_replica_can_be_promoted_when(what: str) -> None:
    assert unfit(FIT[what], STANDBY) is None


@pytest.mark.parametrize("what", UNFIT)
def test_a_site_cannot_be_promoted_when(what: str) -> None:
    seen, reason = UNFIT[what]
    assert unfit(seen, STANDBY) == reason


PLANNED = Want(Kind.SWITCHOVER, STANDBY, EPOCH + 1, "ann")
UNPLANNED = replace(PLANNED, kind=Kind.FAILOVER)
SHUT_OFF = look(DARK, {"heard": False})

WILLING: dict[str, tuple[Observation, Want]] = {
    "planned, and all is well": (WELL, PLANNED),
    "unplanned, and all is well": (WELL, UNPLANNED),
    "unplanned, and the gate can be reached": (DEAD, UNPLANNED),
    "unplanned, and nothing but the gate can be reached": (look(SHUT_OFF, {"gate": by()}), UNPLANNED),
    "unplanned, and the other site is gone": (DARK, UNPLANNED),
    "unplanned, and its watchdog will shut it": (
        look(SHUT_OFF, {"mark": replace(OLD, at=AT - POLICY.lease)}),
        UNPLANNED,
    ),
    "unplanned, and it is deaf and on a timeline of its own": (look(WELL, standby={**DEAF, "timeline": 2}), UNPLANNED),
}
UNWILLING: dict[str, tuple[Observation, Want, str]] = {
    "there is no such site": (WELL, replace(PLANNED, to="moon"), "there is no site moon"),
    "planned, and unfit": (look(WELL, standby={"status": "backing-up"}), PLANNED, "backing-up"),
    "unplanned, and unfit": (look(DEAD, standby={"status": "backing-up"}), UNPLANNED, "backing-up"),
    "planned to the primary": (WELL, replace(PLANNED, to=HOME), "home is primary, not a replica"),
    "planned from a silent primary": (
        look(WELL, SILENT),
        PLANNED,
        "home does not answer as primary; a move without it is a failover",
    ),
    "planned from a replica": (look(WELL, {"in_recovery": True}), PLANNED, "home does not answer as primary"),
    "the gate cannot be read": (look(WELL, {"gate": Gate()}), PLANNED, "the gate of home cannot be read"),
    "the way in cannot be read": (look(WELL, {"gate": Gate(None, frozenset())}), PLANNED, "the gate of home"),
    "the way out cannot be read": (look(WELL, {"gate": Gate(frozenset())}), PLANNED, "the gate of home"),
    "planned, and deaf": (look(WELL, standby=DEAF), PLANNED, "standby does not stream from home"),
    "planned, and it does not tell": (look(WELL, standby={"streaming": None}), PLANNED, "does not stream"),
    "planned, and on another timeline": (
        look(WELL, standby={"timeline": 2}),
        PLANNED,
        "standby is not known to be on the timeline of home",
    ),
    "planned, and its timeline is not known": (look(WELL, standby={"timeline": None}), PLANNED, "the timeline of home"),
    "unplanned, and the other site is nowhere": (
        SHUT_OFF,
        UNPLANNED,
        "home can be neither fenced nor counted as gone",
    ),
    "unplanned, and its mark is older than the lease": (
        look(SHUT_OFF, {"mark": replace(OLD, at=AT - POLICY.lease - 0.1)}),
        UNPLANNED,
        "home can be neither fenced nor counted as gone",
    ),
    "unplanned, and its replica hears it": (look(DARK, standby={"streaming": True}), UNPLANNED, "neither fenced nor"),
    "unplanned, and the way out cannot be read": (
        look(SHUT_OFF, {"gate": Gate(frozenset()), "sql": Sql()}),
        UNPLANNED,
        "neither fenced nor",
    ),
}


@pytest.mark.parametrize("what", WILLING)
def test_a_move_may_begin_when(what: str) -> None:
    seen, want = WILLING[what]
    assert unwilling(seen, POLICY, want) is None


@pytest.mark.parametrize("what", UNWILLING)
def test_a_move_must_not_begin_when(what: str) -> None:
    seen, want, reason = UNWILLING[what]
    assert reason in (unwilling(seen, POLICY, want) or "")
