"""A drill is reckoned up from what was written down: small books, journals and samples made by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.drill.conftest import (
    AWAY,
    FAILED_OVER,
    HOME,
    MOVE,
    MOVED,
    RATE,
    SEEN,
    START,
    Made,
    accepted,
    acknowledged,
    lab,
    row,
    sample,
    step,
)

from dr_templates.aws.journal import Entry as Step
from dr_templates.drill import reckoning
from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.outage import Outage
from dr_templates.drill.phases import Course
from dr_templates.drill.reckoning import Standing, lost_seconds
from dr_templates.drill.report.model import Counted
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Suspicion


def test_nothing_is_lost_when_everything_acknowledged_is_there() -> None:
    assert lost_seconds([], []) == 0.0
    assert lost_seconds([acknowledged(1, 1.0)], [row(1), row(2)]) == 0.0


@pytest.mark.parametrize(
    ("there", "seconds"),
    [
        ({1, 2}, 8.0),  # 2 was acknowledged at 2, and 6 at 10
        ({1, 2, 6}, 4.0),  # what was written to the new primary later is not what was kept
        ({1, 2, 4, 6}, 4.0),  # one that is there among those missing does not shorten it
        ({2, 3, 4, 5, 6}, 0.0),  # the very first is missing, and nothing is known of before
        (set(), 9.0),  # all of them
    ],
)
def test_what_is_lost_is_as_long_as_from_the_newest_kept_to_the_newest_missing(there: set[int], seconds: float) -> None:
    times = {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0, 5: 6.0, 6: 10.0}
    book = [acknowledged(number, at) for number, at in times.items()]
    assert lost_seconds(book, [row(number) for number in there]) == pytest.approx(seconds)


def test_what_was_never_acknowledged_is_not_lost() -> None:
    book = [acknowledged(1, 1.0), Entry(Kind.DOUBTFUL, START + 2, f"{HOME}/0", 2), Entry(Kind.REFUSED, START + 3)]
    assert lost_seconds(book, [row(1)]) == 0.0


def test_counts_are_told_with_the_loss_by_the_labs_clock(made: Made) -> None:
    book = [
        *(acknowledged(number, number / 10) for number in range(1, 6)),
        Entry(Kind.DOUBTFUL, START + 1, f"{HOME}/0", 6),
        Entry(Kind.DOUBTFUL, START + 1, f"{HOME}/0", 7),
        Entry(Kind.REFUSED, START + 1, f"{HOME}/0", 8),
    ]
    found, told = reckoning.counted(made(book=book, rows=[row(number) for number in (1, 2, 3, 6)]))
    assert found.lost_numbers == ((f"{HOME}/0", 4), (f"{HOME}/0", 5))
    assert told == Counted(5, 2, in_doubt=2, kept=1, refused=1, lost_seconds=told.lost_seconds)
    assert told.lost_seconds == pytest.approx(2.0, abs=1e-4)


def test_only_an_outage_from_the_break_on_counts(made: Made) -> None:
    begun = Entry(Kind.STARTED, START - 20)
    book = [begun, acknowledged(1, -9.0), acknowledged(2, 1.5), acknowledged(3, 4.0), acknowledged(4, 4.1)]
    assert reckoning.outage(made(book=book)) == Outage(START + 1.5, START + 4.0, over=True)


def test_writes_that_never_came_back_are_an_outage_that_is_not_over(made: Made) -> None:
    book = [acknowledged(1, 1.5), Entry(Kind.STOPPED, START + 30)]
    assert reckoning.outage(made(book=book)) == Outage(START + 1.5, START + 30.0, over=False)


def test_clients_that_are_stopped_between_two_writes_have_not_been_kept_from_the_next(made: Made) -> None:
    book = [acknowledged(1, 1.5), acknowledged(2, 1.7), Entry(Kind.STOPPED, START + 2.6)]
    assert reckoning.outage(made(book=book)) == Outage(START + 1.0, START + 1.5, over=True)
    book = [acknowledged(1, 1.5), acknowledged(2, 1.7), Entry(Kind.STOPPED, START + 3.8)]
    assert reckoning.outage(made(book=book)) == Outage(START + 1.7, START + 3.8, over=False)


def test_the_course_of_a_failover_is_read_from_journal_samples_and_state(made: Made) -> None:
    ended = made(samples=[sample(0.5, AWAY), *SEEN])  # once before it may have pointed there
    ended.watched.suspicions[2] = Suspicion("dead", lab(2.5), lab(20.0))
    ended.watched.shut[2] = lab(21.5)
    patience = ended.watched.stage.policy.patience / RATE
    assert reckoning.course(ended, Outage(START + 2, START + 39, over=True)) == Course(
        broke=START + 2.0,
        agreed=pytest.approx(START + 2.5 + patience),
        locked=START + 20.5,
        fenced=START + 21.5,
        sealed=START + 22.0,
        asked=START + 22.5,
        named=START + 35.0,
        open=START + 33.5,
        verified=START + 35.5,
        found=START + 38.0,
    )


def test_a_promotion_whose_runner_died_before_it_wrote_that_down_was_asked_for_with_the_seal(made: Made) -> None:
    ended = made(steps=[one for one in MOVE if one.verb != Verb.PROMOTE])
    found = reckoning.course(ended, Outage(START + 2, START + 39, over=True))
    assert (found.sealed, found.asked, found.open) == (START + 22.0, START + 22.0, START + 33.5)
    assert reckoning.split(ended, Outage(START + 2, START + 39, over=True)).own_seconds is not None


@pytest.mark.parametrize(("restarted", "opened"), [(None, 33.5), (30.0, 30.0), (36.0, 33.5), (10.0, 33.5)])
def test_the_new_primary_is_open_when_rds_says_so_or_a_client_knows_it(
    made: Made, restarted: float | None, opened: float
) -> None:
    now = replace(MOVED, restarted=None if restarted is None else START + restarted)
    assert reckoning.course(made(now=now), Outage(START + 2, START + 39, over=True)).open == START + opened


def test_witnesses_that_agree_until_after_the_outage_have_agreed_by_its_end(made: Made) -> None:
    ended = made()
    ended.watched.suspicions[2] = Suspicion("dead", lab(2.5), lab(20.0))
    assert reckoning.course(ended, Outage(START + 2, START + 9, over=True)).agreed == START + 9


def test_a_move_that_somebody_asked_for_has_no_time_at_which_witnesses_agreed(made: Made) -> None:
    assert reckoning.course(made(), Outage(START, START + 39, over=True)).agreed is None


@pytest.mark.parametrize(
    ("steps", "active"),
    [([step(Verb.LOCK, 20.5), step(Verb.PROMOTE, 22.5, trouble="RDS refuses")], AWAY), (MOVE, HOME)],
)
def test_where_nothing_was_promoted_nothing_has_a_course(made: Made, steps: Sequence[Step], active: str) -> None:
    ended = made(steps=steps, now=Standing(active))
    assert reckoning.course(ended, Outage(START, START + 39, over=True)) == Course(START + 2.0)


def test_a_lock_that_was_taken_over_counts_from_when_it_was_and_a_step_in_vain_does_not(made: Made) -> None:
    steps = [*MOVE, step(Verb.TAKE, 20.8), step(Verb.TAKE, 40.0), step(Verb.SEAL, 22.4, trouble="late")]
    course = reckoning.course(made(steps=steps), Outage(START, START + 39, over=True))
    assert (course.locked, course.sealed) == (START + 20.8, START + 22.0)


def test_a_move_that_was_sealed_begins_with_its_first_step(made: Made) -> None:
    steps = [*reversed(MOVE), step(Verb.LOCK, 1.0, epoch=1), step(Verb.CALL_OFF, 3.0, epoch=1)]
    assert reckoning.moves(made(steps=steps)) == (START + 20.5,)


def test_samples_and_writes_are_counted(made: Made) -> None:
    both = sample(50.0, AWAY, accepted(HOME, 50.0), accepted(AWAY, 50.01))
    told = reckoning.sampled(made(samples=[*SEEN, both]))
    assert (told.samples, told.double_writable) == (len(SEEN) + 1, 1)
    book = [acknowledged(1, 0.1), acknowledged(2, 0.2), acknowledged(3, 0.6)]
    rated = reckoning.rated(made(book=book))
    assert rated is not None
    assert (rated.began, rated.seconds, rated.writes) == (START, 0.25, (2, 0, 1))
    assert reckoning.rated(made(book=[])) is None


def test_a_drill_in_which_nobody_wrote_has_an_outage_of_which_nothing_is_known(made: Made) -> None:
    assert reckoning.outage(made(book=[])) is None


@pytest.mark.parametrize(
    ("cause", "seconds"), [(None, 240.0), (Cause.DEAD, 240.0), (Cause.GONE, 315.0), (Cause.ISOLATED, 315.0)]
)
def test_detection_may_take_a_look_and_the_patience_and_for_a_site_out_of_reach_its_lease_and_the_margin(
    made: Made, cause: Cause | None, seconds: float
) -> None:
    assert reckoning.detection(made(replace(FAILED_OVER, cause=cause))) == seconds


def test_the_outage_is_split_by_the_settings_of_the_environment(made: Made) -> None:
    ended = made()
    found = reckoning.outage(ended)
    assert found == Outage(START + 1.5, START + 38.5, over=True)
    told = reckoning.split(ended, found)
    assert told.phases.total == pytest.approx(37.0)
    assert told.phases.promote == pytest.approx(11.5)
    assert told.rto_seconds == pytest.approx(36.5)
