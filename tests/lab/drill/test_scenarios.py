"""Every scenario, drilled as a person does: what must hold in all of them, and what is special to each."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dr_templates.config import load
from dr_templates.drill import run as drill
from dr_templates.drill.report.model import Acted, Broke, Named, Noted, Stood
from dr_templates.drill.report.outcome import Entry, Report
from dr_templates.drill.report.telling import line
from dr_templates.drill.scenarios import SCENARIOS
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import Verb

HOME, AWAY = "virginia", "ireland"
QUICK = ("switchover", "lost-link-then-region")
"""Those that are drilled with every run of the tests: a planned move, and an unplanned one with a known loss."""
CALM = 5.0
"""A rate at which a machine that is busy with other tests as well still keeps up."""


def acted(report: Report, verb: str) -> list[Entry]:
    return [one for one in report.entries if isinstance(one.word, Acted) and one.word.verb == verb]


def broke(report: Report, words: str) -> Entry:
    """Give the entry with which something was broken or mended, by a part of its words."""
    (found,) = [one for one in report.entries if isinstance(one.word, Broke) and words in one.word.words]
    return found


def noted(report: Report, words: str) -> list[Entry]:
    return [one for one in report.entries if isinstance(one.word, Noted) and words in one.word.words]


def stances(report: Report, site: str, since: float = 0.0) -> list[str]:
    return [one.word.stance for one in report.entries if _stood(one, site) and one.at >= since]


def _stood(one: Entry, site: str) -> bool:
    return isinstance(one.word, Stood) and one.word.site == site


def pointed(report: Report) -> dict[str, str | None]:
    """Give what the name meant at last, by place."""
    return {one.word.place: one.word.target for one in report.entries if isinstance(one.word, Named)}


def moved(report: Report) -> None:
    """See that home was promoted away from once, and that clients everywhere were told so."""
    (promoted,) = acted(report, Verb.PROMOTE)
    assert promoted.word.site == AWAY
    assert pointed(report) == {HOME: AWAY, AWAY: AWAY}
    assert stances(report, AWAY)[-1] == "primary"


def stayed(report: Report) -> None:
    """See that nothing was promoted, and that clients were never told of anything but home."""
    assert acted(report, Verb.PROMOTE) == []
    assert {one.word.target for one in report.entries if isinstance(one.word, Named)} <= {HOME, None}
    assert "primary" not in stances(report, AWAY)
    assert report.summary.lost == 0


def detected(report: Report, cause: Cause) -> None:
    """See that the controller had named the cause for as long as it is patient before it locked."""
    (named, *_) = noted(report, cause.words)
    (locked, *_) = acted(report, Verb.LOCK)
    assert report.summary.phases is not None
    assert report.summary.phases.detect > 0
    assert locked.lab - named.lab > 100  # patience is 180, and when it was named was only seen at the next look


def switchover(report: Report) -> None:
    moved(report)
    told = report.summary
    assert told.phases is not None
    assert (told.phases.detect, told.lost) == (0, 0)
    assert told.proof is not None
    assert told.proof.written is not None
    assert told.proof.replayed is not None
    assert told.proof.replayed >= told.proof.written > 0
    assert told.proof.epoch == acted(report, Verb.PROMOTE)[0].word.epoch
    assert acted(report, Verb.FENCE)[0].at < acted(report, Verb.SEAL)[0].at < acted(report, Verb.PROMOTE)[0].at


def primary_killed(report: Report) -> None:
    moved(report)
    detected(report, Cause.DEAD)
    assert report.summary.proof is not None
    assert report.summary.proof.written is None


def lost_region(report: Report) -> None:
    moved(report)
    detected(report, Cause.GONE)
    assert "primary" not in stances(report, HOME, since=broke(report, "is lost").at + 1)


def partition(report: Report) -> None:
    moved(report)
    detected(report, Cause.GONE)
    assert stances(report, HOME)[-1] != "primary"
    (promoted,) = acted(report, Verb.PROMOTE)
    shut = [one.at for one in report.entries if _stood(one, HOME) and one.word.stance != "primary"]
    assert shut[-1] < promoted.at


def lost_link_then_region(report: Report) -> None:
    moved(report)
    detected(report, Cause.GONE)
    assert report.summary.lost == 137
    assert report.summary.lost_seconds is not None
    assert report.summary.lost_seconds > 0


def slow_link(report: Report) -> None:
    moved(report)
    (approved,) = noted(report, "a person says yes to the loss")
    assert approved.at < acted(report, Verb.PROMOTE)[0].at
    assert report.summary.lost_seconds is not None
    assert report.summary.lost_seconds > 90
    assert report.summary.objectives.rpo_met is False


def multi_az(report: Report) -> None:
    stayed(report)
    assert noted(report, Cause.MULTI_AZ.words)


def connection_storm(report: Report) -> None:
    stayed(report)
    assert noted(report, Cause.OVERLOADED.words)
    assert int(broke(report, "idle sessions").word.words.split()[0]) > 10


def storage_full(report: Report) -> None:
    stayed(report)
    assert noted(report, Cause.STORAGE_FULL.words)
    assert broke(report, "more storage").lab - broke(report, "is full").lab >= 300


def one_way_partition(report: Report) -> None:
    stayed(report)
    assert noted(report, Cause.STREAMING.words)
    assert set(stances(report, HOME)) <= {"primary", "unknown"}


def route53_down(report: Report) -> None:
    moved(report)
    (checked,) = [check for check in report.summary.checks if check.name == "Route 53 is not called"]
    assert (checked.passed, checked.words) == (True, "0 calls")


def control_region_down(report: Report) -> None:
    moved(report)
    (promoted,) = acted(report, Verb.PROMOTE)
    assert "at a terminal" in promoted.word.runner
    assert promoted.at < broke(report, "the control region is back").at


def killed_mid_move(report: Report) -> None:
    assert pointed(report) == {HOME: AWAY, AWAY: AWAY}
    assert stances(report, AWAY)[-1] == "primary"
    assert len(acted(report, Verb.PROMOTE)) <= 1  # who was killed with the seal may have promoted without a word
    kills = [one.word for one in report.entries if isinstance(one.word, Broke) and "is killed after" in one.word.words]
    assert len(kills) >= 5
    (sealed,) = acted(report, Verb.SEAL)
    epoch = sealed.word.epoch
    steps = [one.word for one in report.entries if isinstance(one.word, Acted) and one.word.epoch == epoch]
    assert len({step.runner for step in steps}) > 3


def old_primary_returns(report: Report) -> None:
    moved(report)
    assert "primary" not in stances(report, HOME, since=broke(report, "has started the old primary").at)
    assert pointed(report) == {HOME: AWAY, AWAY: AWAY}


def stalled_switchover(report: Report) -> None:
    stayed(report)
    assert acted(report, Verb.FENCE)
    assert acted(report, Verb.CALL_OFF)
    assert acted(report, Verb.UNFENCE)
    assert stances(report, HOME)[-1] == "primary"


SPECIAL: Mapping[str, Callable[[Report], None]] = {
    "switchover": switchover,
    "primary-killed": primary_killed,
    "lost-region": lost_region,
    "partition": partition,
    "lost-link-then-region": lost_link_then_region,
    "slow-link": slow_link,
    "multi-az": multi_az,
    "connection-storm": connection_storm,
    "storage-full": storage_full,
    "one-way-partition": one_way_partition,
    "route53-down": route53_down,
    "control-region-down": control_region_down,
    "killed-mid-move": killed_mid_move,
    "old-primary-returns": old_primary_returns,
    "stalled-switchover": stalled_switchover,
}


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SCENARIOS]
)
def test_a_scenario_comes_to_what_it_has_to(checkout: Path, name: str) -> None:
    heard: list[Entry] = []
    order = drill.Order(SCENARIOS[name], load(checkout / "config" / "drill.yaml"), CALM)
    report = drill.run(order, lambda _: None, heard.append)
    told = report.summary
    story = "\n".join(line(one, report.began) for one in report.entries)
    assert [check for check in told.checks if not check.passed] == [], story
    assert (told.double_writable_samples, told.wrong_name_samples) == (0, 0), story
    assert told.verdict == "passed", story
    assert told.samples > 50
    assert told.acknowledged
    assert tuple(heard) == report.entries
    SPECIAL[name](report)


def test_every_scenario_has_its_own_test() -> None:
    assert SPECIAL.keys() == SCENARIOS.keys()
