"""Everything that must hold in a drill is checked, and each thing that does not hold is told by its name alone."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.drill.conftest import (
    AWAY,
    BOOK,
    BROKE,
    FAILED_OVER,
    HOME,
    MOVE,
    MOVED,
    PROOF,
    ROWS,
    SEEN,
    START,
    Made,
    accepted,
    acknowledged,
    row,
    sample,
    step,
)

from dr_templates.drill import checking, reckoning
from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.reckoning import Ended, Standing
from dr_templates.drill.report.model import Checked, Counted, Measured, Phases, Projected
from dr_templates.drill.sampler import Sample
from dr_templates.drill.scenario import Scenario
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Proof

SWITCHED = replace(FAILED_OVER, lost=0, planned=True)
STAYED = replace(FAILED_OVER, moves=False, lost=0)
AT_HOME = Standing(HOME, serving=HOME, reaching=frozenset({HOME, AWAY}))
QUIET = [sample(float(at), HOME, accepted(HOME, at - 0.5)) for at in range(41)]
"""Samples in which home takes writes all the time."""
WRITTEN = [
    Entry(Kind.STARTED, START),
    *(acknowledged(number, number / 2) for number in range(1, 80)),
    *(acknowledged(number, number / 2 + 0.1, worker=f"{AWAY}/0") for number in range(1, 80)),
    Entry(Kind.STOPPED, START + 40),
]
KEPT = [row(number, worker) for number in range(1, 80) for worker in (f"{HOME}/0", f"{AWAY}/0")]


def checked(ended: Ended) -> dict[str, Checked]:
    found, _ = reckoning.counted(ended)
    told = checking.checks(ended, found, reckoning.outage(ended))
    assert len({one.name for one in told}) == len(told)
    return {one.name: one for one in told}


def failing(ended: Ended) -> list[str]:
    return [name for name, one in checked(ended).items() if not one.passed]


def stayed(made: Made, scenario: Scenario = STAYED, steps: Sequence[object] = (), now: Standing = AT_HOME) -> Ended:
    """Give a drill in which nothing had to move and nothing did, but for what is named."""
    return made(scenario, book=WRITTEN, rows=KEPT, steps=steps, samples=QUIET, now=now)


@pytest.mark.parametrize("scenario", [FAILED_OVER, SWITCHED])
def test_a_move_in_which_all_held_that_had_to_passes_every_check(made: Made, scenario: Scenario) -> None:
    assert failing(made(scenario)) == []


def test_a_drill_in_which_nothing_had_to_move_and_nothing_did_passes_every_check(made: Made) -> None:
    assert failing(stayed(made)) == []


@pytest.mark.parametrize(
    ("now", "wrong"),
    [
        (replace(MOVED, active=HOME), {"who is active", "the sampler saw"}),
        (replace(MOVED, serving=HOME), {"whose database is primary"}),
        (replace(MOVED, serving=None), {"whose database is primary"}),
        (replace(MOVED, moving=True), {"no move is under way"}),
        (replace(MOVED, promotions=0), {"promotions"}),
        (replace(MOVED, promotions=2), {"promotions"}),
    ],
)
def test_a_move_that_has_come_to_something_else_does_not_hold(made: Made, now: Standing, wrong: set[str]) -> None:
    assert {*failing(made(now=now))} == wrong


def test_where_nothing_had_to_move_a_promotion_does_not_hold(made: Made) -> None:
    assert failing(stayed(made, now=replace(AT_HOME, promotions=1))) == ["promotions"]


@pytest.mark.parametrize("verb", [Verb.LOCK, Verb.FENCE, Verb.SEAL])
def test_where_nothing_had_to_move_not_even_a_beginning_holds_unless_it_was_asked_for(made: Made, verb: Verb) -> None:
    begun = [step(verb, 20.0)]
    assert failing(stayed(made, steps=begun)) == ["no move was begun"]
    assert failing(stayed(made, replace(STAYED, asked=True), begun)) == []


def test_a_write_of_before_the_break_must_not_be_lost(made: Made) -> None:
    book = [acknowledged(9, -5.0), *BOOK]
    assert failing(made(book=book)) == ["nothing is lost that had been replicated"]
    assert failing(made(book=book, unlinked=-10.0)) == []
    assert BROKE > 0


def test_a_write_that_the_new_primary_acknowledged_must_not_be_lost(made: Made) -> None:
    assert failing(made(rows=[row(1), row(2)])) == ["nothing is lost that the new primary took"]


def test_a_write_of_an_address_that_nobody_knows_must_not_be_lost(made: Made) -> None:
    stray = replace(acknowledged(3, 10.0), address="127.3.0.10")
    assert "nothing is lost that the new primary took" in failing(made(book=[*BOOK, stray]))


@pytest.mark.parametrize("lost", [0, 137])
def test_another_number_of_lost_writes_than_the_known_one_does_not_hold(made: Made, lost: int) -> None:
    told = checked(made(replace(FAILED_OVER, lost=lost), rows=ROWS[1:]))["writes lost"]
    assert (told.passed, told.words) == (False, f"1, expected {lost}")
    assert checked(made(replace(FAILED_OVER, lost=1), rows=ROWS[1:]))["writes lost"].passed


def test_an_unknown_loss_is_for_the_drill_to_find_out(made: Made) -> None:
    told = checked(made(rows=ROWS[1:]))
    assert "writes lost" not in told
    assert all(one.passed for one in told.values())


def test_rows_that_nobody_wrote_and_refused_ones_that_are_there_do_not_hold(made: Made) -> None:
    refused = Entry(Kind.REFUSED, START + 5, f"{HOME}/0", 3)
    for rows in ([*ROWS, row(9)], [*ROWS, row(3)]):
        assert failing(made(book=[*BOOK, refused], rows=rows)) == ["nothing is there that was not written"]


def test_a_database_that_answers_clients_again_without_a_move_does_not_hold(made: Made) -> None:
    back = [acknowledged(3, 39.2), acknowledged(4, 39.5, AWAY)]
    ended = made(book=[*BOOK, *back], rows=[*ROWS, row(3), row(4)])
    assert failing(ended) == ["clients were answered by one database at a time"]


def test_clients_that_could_and_do_not_write_again_do_not_hold(made: Made) -> None:
    book = [one for one in BOOK if one.worker != f"{AWAY}/0"]
    told = checked(made(book=book, rows=ROWS[:2]))["clients write again"]
    assert (told.passed, told.words) == (False, f"silent: {AWAY}")
    cut_off = replace(MOVED, reaching=frozenset({HOME}))
    assert failing(made(book=book, rows=ROWS[:2], now=cut_off)) == []


def test_writes_that_never_came_back_do_not_hold(made: Made) -> None:
    book = [BOOK[0], BOOK[1], BOOK[-1]]
    ended = made(book=book, rows=ROWS[:1], now=replace(MOVED, reaching=frozenset()))
    assert {*failing(ended)} == {"clients write again", "the outage is over"}


@pytest.mark.parametrize(("gap", "wrong"), [(400.0, []), (10.0, ["no gap"]), (None, [])])
def test_a_longer_gap_than_is_allowed_at_awss_clocks_does_not_hold(
    made: Made, gap: float | None, wrong: list[str]
) -> None:
    assert failing(made(replace(FAILED_OVER, gap=gap))) == wrong  # it is 37 s here, 370 there


def test_a_cause_that_the_controller_has_not_named_since_the_break_does_not_hold(made: Made) -> None:
    scenario = replace(FAILED_OVER, cause=Cause.DEAD)
    assert failing(made(scenario, causes=[("", 1.0), ("unclear", 3.0), ("dead", 4.0)])) == []
    for causes in ([], [("dead", 1.0), ("unclear", 3.0), ("", 4.0)]):
        told = checked(made(scenario, causes=causes))["the controller names the cause"]
        assert (told.passed, told.words) == (False, f"{'unclear' if causes else ''}; expected dead")


@pytest.mark.parametrize(
    "proof", [None, replace(PROOF, replayed=4095), replace(PROOF, written=None), replace(PROOF, replayed=None)]
)
def test_a_planned_move_without_a_proof_that_nothing_was_missing_does_not_hold(made: Made, proof: Proof | None) -> None:
    steps = [replace(one, proof=proof) if one.verb == Verb.SEAL else one for one in MOVE]
    assert failing(made(SWITCHED, steps=steps)) == ["the replica had replayed all before it was promoted"]


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [one for one in SEEN if not 10 < one.at - START < 13],  # blind for three seconds
        [replace(one, accepted=()) if one.at < START + 2 else one for one in SEEN],  # the old primary never seen
        [replace(one, accepted=()) if one.at > START + 37 else one for one in SEEN],  # the new one not at the end
    ],
)
def test_a_sampler_that_has_not_seen_what_there_was_does_not_hold(made: Made, samples: list[Sample]) -> None:
    assert failing(made(samples=samples)) == ["the sampler saw"]


def measured(at_most: float) -> Measured:
    phases = Phases(promote=0.5)
    return Measured(START, 0.5, 0.5, 0.0, phases, Projected(0.5, phases, at_most))


@pytest.mark.parametrize(
    ("at_most", "lost", "missed"), [(900.0, 600.0, []), (900.5, 0.0, ["RTO"]), (1.0, 601.0, ["RPO"])]
)
def test_objectives_are_held_against_the_most_it_may_be_at_awss_clocks(
    made: Made, at_most: float, lost: float, missed: list[str]
) -> None:
    counted = Counted(acknowledged=10, lost=3, in_doubt=0, lost_seconds=lost)
    told = checking.objectives(made(), 900.0, measured(at_most), counted)
    assert [one.name for one in told] == ["RTO", "RPO"]
    assert [one.name for one in told if not one.passed] == missed


def test_a_loss_that_a_person_said_yes_to_is_not_held_against_the_objective(made: Made) -> None:
    counted = Counted(acknowledged=10, lost=3, in_doubt=0, lost_seconds=9000.0)
    told = checking.objectives(made(replace(FAILED_OVER, over_rpo=True)), 900.0, measured(1.0), counted)
    assert [one.name for one in told] == ["RTO"]


def test_without_an_outage_there_is_no_recovery_time_to_hold(made: Made) -> None:
    counted = Counted(acknowledged=0, lost=0, in_doubt=0)
    assert [one.name for one in checking.objectives(made(), 900.0, None, counted)] == ["RPO"]
