"""A drill is reckoned up from what was written down: small books, journals and samples made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dr_templates.aws.clients import Clients
from dr_templates.aws.journal import Entry as Step
from dr_templates.aws.names import Names
from dr_templates.aws.settings import Upkeep
from dr_templates.config import load
from dr_templates.drill import reckoning
from dr_templates.drill.ledger.book import Entry, Kind
from dr_templates.drill.ledger.outage import Outage
from dr_templates.drill.ledger.table import Row
from dr_templates.drill.ledger.turns import Acceptance
from dr_templates.drill.phases import Course
from dr_templates.drill.reckoning import Ended, lost_seconds
from dr_templates.drill.report.model import Checked, Counted, Measured, Objectives, Phases, Projected, Started
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.sampler import Sample
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.stage import Stage
from dr_templates.drill.watching import Watching
from dr_templates.failover.model import Verb
from dr_templates.failover.state import Proof, Suspicion
from dr_templates.lab.emulator import Emulator

START, RATE = 1_795_670_000.0, 10.0
HOME, AWAY = "virginia", "ireland"
FAILED_OVER = Scenario("killed", "It dies", "it", "the other one is primary", lambda _: None, moves=True, lost=None)
SWITCHED = replace(FAILED_OVER, lost=0, planned=True)
STAYED = replace(FAILED_OVER, moves=False, lost=0)
PROOF = Proof(START, "seen shut", "7391827364519283746", 1, written=4096, replayed=4096)


def lab(seconds: float) -> float:
    """Give the lab's time so many seconds of this machine after the start."""
    return START + seconds * RATE


def acknowledged(number: int, at: float, address: str = "127.1.0.10", worker: str = f"{HOME}/0") -> Entry:
    return Entry(Kind.ACKNOWLEDGED, START + at, worker, number, START + at - 0.01, address)


def row(number: int, worker: str = f"{HOME}/0") -> Row:
    return Row(worker, number, "127.1.0.10")


def step(verb: str, at: float, epoch: int = 2, *, trouble: str = "", proof: Proof | None = None) -> Step:
    return Step(epoch, lab(at), "arn:runner", verb, AWAY, "it has to be", trouble=trouble, proof=proof)


def sample(at: float, name: str | None, *accepted: Acceptance) -> Sample:
    return Sample(START + at, {}, {HOME: name, AWAY: name}, {HOME: None, AWAY: None}, accepted)


def accepted(database: str, at: float) -> Acceptance:
    return Acceptance(database, START + at - 0.01, START + at)


MOVE = [
    step(Verb.LOCK, 20.5),
    step(Verb.FENCE, 21.0),
    step(Verb.SEAL, 22.0, proof=PROOF),
    step(Verb.PROMOTE, 22.5),
    step(Verb.NAME, 35.0),
    step(Verb.VERIFY, 35.5),
]
SEEN = [
    sample(1.0, HOME, accepted(HOME, 0.9)),
    sample(22.0, HOME),
    sample(34.0, HOME, accepted(AWAY, 33.5)),
    sample(38.0, AWAY, accepted(AWAY, 37.9)),
    sample(38.1, AWAY, accepted(AWAY, 38.0)),
]


@pytest.fixture
def stage(checkout: Path, tmp_path: Path) -> Stage:
    """Give a stage on which nothing stands: whoever would ask something of it gets no answer."""
    config = load(checkout / "config/demo.yaml")
    return Stage(
        emulator=Emulator("http://127.0.0.1:9", tmp_path, 0, start=START, rate=RATE),
        config=config,
        names=Names(config.name, config.suffix, config.account, config.topology),
        clients=Clients(),
        upkeep=Upkeep(14, "03:00-04:00", 30),
    )


class Made:
    """Makes what a drill leaves."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def __call__(
        self,
        scenario: Scenario = FAILED_OVER,
        *,
        book: Sequence[Entry] = (),
        rows: Sequence[Row] = (),
        steps: Sequence[Step] = MOVE,
        samples: Sequence[Sample] = SEEN,
        active: str = AWAY,
        causes: Sequence[str] = (),
    ) -> Ended:
        started = Started("killed", "t", "b", "e", Objectives(900, 600), RATE, START, {}, {})
        watched = Watching(self.stage, Recorder(started), [*samples], [*steps], causes={*causes})
        return Ended(scenario, book, rows, watched, START + 2.0, active)


@pytest.fixture
def made(stage: Stage) -> Made:
    return Made(stage)


def checked(ended: Ended) -> dict[str, Checked]:
    found, _ = reckoning.counted(ended)
    return {one.name: one for one in reckoning.checks(ended, found, reckoning.outage(ended))}


def failing(ended: Ended) -> list[str]:
    return [name for name, one in checked(ended).items() if not one.passed]


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
    ended = made(book=book)
    assert reckoning.outage(ended) == Outage(START + 1.5, START + 30.0, over=False)
    assert "clients write again" in failing(ended)


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


def test_witnesses_that_agree_until_after_the_outage_have_agreed_by_its_end(made: Made) -> None:
    ended = made()
    ended.watched.suspicions[2] = Suspicion("dead", lab(2.5), lab(20.0))
    assert reckoning.course(ended, Outage(START + 2, START + 9, over=True)).agreed == START + 9


def test_a_switchover_has_no_time_at_which_witnesses_agreed(made: Made) -> None:
    assert reckoning.course(made(SWITCHED), Outage(START, START + 39, over=True)).agreed is None


@pytest.mark.parametrize("active", [HOME, AWAY])
def test_where_nothing_was_promoted_nothing_has_a_course(made: Made, active: str) -> None:
    steps = [step(Verb.LOCK, 20.5), step(Verb.PROMOTE, 22.5, trouble="RDS refuses")]
    ended = made(steps=steps if active == AWAY else MOVE, active=active)
    assert reckoning.course(ended, Outage(START, START + 39, over=True)) == Course(START + 2.0)


def test_a_lock_that_was_taken_over_counts_from_when_it_was_and_a_step_in_vain_does_not(made: Made) -> None:
    steps = [*MOVE, step(Verb.TAKE, 20.8), step(Verb.TAKE, 40.0), step(Verb.SEAL, 22.4, trouble="late")]
    course = reckoning.course(made(steps=steps), Outage(START, START + 39, over=True))
    assert (course.locked, course.sealed) == (START + 20.8, START + 22.0)


def test_a_move_that_was_sealed_begins_with_its_first_step(made: Made) -> None:
    steps = [*reversed(MOVE), step(Verb.LOCK, 1.0, epoch=1), step(Verb.CALL_OFF, 3.0, epoch=1)]
    assert reckoning.moves(made(steps=steps)) == (START + 20.5,)


def test_samples_and_writes_are_counted(made: Made) -> None:
    both = sample(50.0, HOME, accepted(HOME, 50.0), accepted(AWAY, 50.01))
    told = reckoning.sampled(made(samples=[*SEEN, both]))
    assert (told.samples, told.double_writable) == (6, 1)
    book = [acknowledged(1, 0.1), acknowledged(2, 0.2), acknowledged(3, 0.6)]
    rated = reckoning.rated(made(book=book))
    assert rated is not None
    assert (rated.began, rated.seconds, rated.writes) == (START, 0.25, (2, 0, 1))
    assert reckoning.rated(made()) is None


WRITTEN = [acknowledged(1, 1.5), acknowledged(2, 39.0, "127.2.0.10")]
KEPT = [row(1), row(2)]


@pytest.mark.parametrize("scenario", [FAILED_OVER, SWITCHED])
def test_a_drill_in_which_all_held_that_had_to_passes_every_check(made: Made, scenario: Scenario) -> None:
    assert failing(made(scenario, book=WRITTEN, rows=KEPT)) == []


def test_a_drill_in_which_nothing_had_to_move_and_nothing_did_passes_every_check(made: Made) -> None:
    assert failing(made(STAYED, book=WRITTEN, rows=KEPT, steps=[], active=HOME)) == []


def test_who_is_primary_and_whether_it_was_promoted_is_checked_both_ways(made: Made) -> None:
    stuck = made(book=WRITTEN, rows=KEPT, steps=[step(Verb.PROMOTE, 22.5, trouble="RDS refuses")], active=HOME)
    assert failing(stuck) == ["who is primary", "promotions"]
    assert failing(made(STAYED, book=WRITTEN, rows=KEPT)) == ["who is primary", "promotions"]
    assert checked(stuck)["who is primary"].words == "virginia is, ireland had to be"


@pytest.mark.parametrize("lost", [0, 137])
def test_another_number_of_lost_writes_than_the_known_one_does_not_hold(made: Made, lost: int) -> None:
    told = checked(made(replace(FAILED_OVER, lost=lost), book=WRITTEN, rows=KEPT[1:]))["writes lost"]
    assert (told.passed, told.words) == (False, f"1, expected {lost}")


def test_an_unknown_loss_is_for_the_drill_to_find_out(made: Made) -> None:
    assert "writes lost" not in checked(made(book=WRITTEN, rows=[]))


def test_rows_that_nobody_wrote_and_refused_ones_that_are_there_do_not_hold(made: Made) -> None:
    refused = Entry(Kind.REFUSED, START + 5, f"{HOME}/0", 3)
    for rows in ([*KEPT, row(9)], [*KEPT, row(3)]):
        ended = made(book=[*WRITTEN, refused], rows=rows)
        assert failing(ended) == ["nothing is there that was not written"]


def test_a_database_that_answers_clients_again_without_a_move_does_not_hold(made: Made) -> None:
    book = [*WRITTEN, acknowledged(3, 40.0), acknowledged(4, 41.0, "127.2.0.10")]
    assert failing(made(book=book, rows=[*KEPT, row(3), row(4)])) == ["clients were answered by one database at a time"]


def test_a_cause_that_the_controller_never_named_does_not_hold(made: Made) -> None:
    scenario = replace(FAILED_OVER, cause="dead")
    assert failing(made(scenario, book=WRITTEN, rows=KEPT, causes=["dead", "unclear", ""])) == []
    told = checked(made(scenario, book=WRITTEN, rows=KEPT, causes=["unclear", ""]))["the controller names the cause"]
    assert (told.passed, told.words) == (False, "unclear; expected dead")


@pytest.mark.parametrize(
    "proof", [None, replace(PROOF, replayed=4095), replace(PROOF, written=None), replace(PROOF, replayed=None)]
)
def test_a_planned_move_without_a_proof_that_nothing_was_missing_does_not_hold(made: Made, proof: Proof | None) -> None:
    steps = [replace(one, proof=proof) if one.verb == Verb.SEAL else one for one in MOVE]
    assert failing(made(SWITCHED, book=WRITTEN, rows=KEPT, steps=steps)) == [
        "the replica had replayed all before it was promoted"
    ]


def measured(there: float) -> Measured:
    phases = Phases(promote=there)
    return Measured(START, there, there, 0.0, phases, Projected(there, phases))


@pytest.mark.parametrize(
    ("there", "lost", "missed"), [(900.0, 600.0, []), (900.5, 0.0, ["RTO"]), (1.0, 601.0, ["RPO"])]
)
def test_objectives_are_held_against_awss_clocks(made: Made, there: float, lost: float, missed: list[str]) -> None:
    counted = Counted(acknowledged=10, lost=3, in_doubt=0, lost_seconds=lost)
    told = reckoning.objectives(made(), 900.0, measured(there), counted)
    assert [one.name for one in told] == ["RTO", "RPO"]
    assert [one.name for one in told if not one.passed] == missed


def test_a_loss_that_a_person_said_yes_to_is_not_held_against_the_objective(made: Made) -> None:
    counted = Counted(acknowledged=10, lost=3, in_doubt=0, lost_seconds=9000.0)
    told = reckoning.objectives(made(replace(FAILED_OVER, over_rpo=True)), 900.0, measured(1.0), counted)
    assert [one.name for one in told] == ["RTO"]


def test_without_an_outage_there_is_no_recovery_time_to_hold(made: Made) -> None:
    counted = Counted(acknowledged=0, lost=0, in_doubt=0)
    assert [one.name for one in reckoning.objectives(made(), 900.0, None, counted)] == ["RPO"]
