"""What is recorded comes to what the report says, and what must not be in it is refused."""

import threading
from collections.abc import Callable

import pytest

from dr_templates.drill.report.model import Acted, Counted, Event, Measured, Noted, Phases, Projected, Rated, Started
from dr_templates.drill.report.outcome import Entry, Report
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.report.telling import length, line, lsn
from dr_templates.errors import DrError


def test_the_summary_is_what_the_entries_come_to(report: Report) -> None:
    summary = report.summary
    assert (summary.verdict, summary.scenario) == ("passed", "primary-killed")
    assert (summary.acknowledged, summary.lost, summary.in_doubt) == (7234, 3, 12)
    assert (summary.rto_seconds, summary.write_outage_seconds) == (32.9, 32.8)
    assert (summary.samples, summary.double_writable_samples, summary.wrong_name_samples) == (400, 0, 0)
    assert (summary.objectives.rto_met, summary.objectives.rpo_met) == (True, True)
    assert summary.proof is not None
    assert summary.proof.epoch == 4
    assert [check.name for check in summary.checks] == ["moved once"]


def test_a_check_that_does_not_hold_fails_the_drill(
    record: Callable[..., Report], events: Callable[..., list[Event]]
) -> None:
    assert record(events(holds=False)).summary.verdict == "failed"


@pytest.mark.parametrize("wrong", [{"double": 1}, {"wrong": 1}])
def test_two_primaries_or_a_wrong_name_fail_the_drill_whatever_was_checked(
    record: Callable[..., Report], events: Callable[..., list[Event]], wrong: dict[str, int]
) -> None:
    assert record(events(**wrong)).summary.verdict == "failed"


@pytest.mark.parametrize("kind", ["Counted", "Measured", "Sampled", "Checked"])
def test_what_was_not_counted_measured_or_checked_has_not_passed(
    record: Callable[..., Report], events: Callable[..., list[Event]], kind: str
) -> None:
    report = record([event for event in events() if type(event).__name__ != kind])
    assert report.summary.verdict == "failed"


def test_a_drill_that_came_to_nothing_has_a_report_all_the_same(record: Callable[..., Report]) -> None:
    summary = record([]).summary
    assert (summary.verdict, summary.acknowledged, summary.write_outage_seconds) == ("failed", None, None)
    assert (summary.objectives.rto_met, summary.objectives.rpo_met) == (None, None)


def test_an_objective_is_held_against_aws_clocks_and_not_the_labs(record: Callable[..., Report]) -> None:
    here, there = Phases(detect=91.0), Phases(detect=901.0)
    met = record([Measured(1.0, 91.0, 91.0, 0.9, here, Projected(901.0, there, 910.0))]).summary.objectives
    assert met.rto_met is False


def test_samples_are_added_and_of_several_counts_the_last_holds(
    record: Callable[..., Report], events: Callable[..., list[Event]]
) -> None:
    summary = record([*events(double=1), *events(double=2), Counted(9, 0, 0)]).summary
    assert (summary.samples, summary.double_writable_samples, summary.acknowledged) == (800, 3, 9)


def test_phases_that_do_not_add_up_to_the_outage_are_refused() -> None:
    phases = Phases(detect=1.0, promote=2.0)
    with pytest.raises(ValueError, match=r"3\.000 s are no outage of 3\.100 s"):
        Measured(1.0, 3.0, 3.1, 0.9, phases, Projected(3.0, phases, 30.0))
    with pytest.raises(ValueError, match="no outage"):
        Measured(1.0, 3.0, 3.0, 0.9, phases, Projected(30.0, phases, 30.0))


@pytest.mark.parametrize("seconds", [-0.1, float("nan"), float("inf")])
def test_a_length_of_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="promote"):
        Phases(promote=seconds)


def test_more_lost_than_acknowledged_is_refused() -> None:
    with pytest.raises(ValueError, match="lost"):
        Counted(acknowledged=1, lost=2, in_doubt=0)


@pytest.mark.parametrize("name", ["", "../elsewhere", "Primary Killed"])
def test_a_scenario_whose_name_could_not_be_a_files_is_refused(started: Callable[..., Started], name: str) -> None:
    with pytest.raises(ValueError, match="scenario"):
        started(scenario=name)


@pytest.mark.parametrize(
    "configuration",
    [
        {"password": "x"},
        {"MasterUserPassword": "x"},
        {"session_token": "x"},
        {"aws_secret_access_key": "x"},
        {"dsn": "host=db password=hunter2"},
        {"url": "postgresql://app:hunter2@db/app"},
        {"answer": '{"username": "app", "password": "hunter2"}'},
        {"key": "-----BEGIN RSA PRIVATE KEY-----"},
        {"key": "AKIAIOSFODNN7EXAMPLE"},
    ],
)
def test_what_looks_like_a_secret_is_refused_and_not_told_again(
    started: Callable[..., Started], configuration: dict[str, str]
) -> None:
    with pytest.raises(DrError, match="secret") as refused:
        Recorder(started(configuration))
    assert "hunter2" not in str(refused.value)


def test_a_secret_that_is_known_is_refused_wherever_it_stands_and_leaves_no_entry(
    started: Callable[..., Started],
) -> None:
    recorder = Recorder(started(), secrets={"correct horse"})
    with pytest.raises(DrError, match="secret"):
        recorder.note(Acted("wait", 'the server said "correct horse"', "controller"))
    assert len(recorder.entries) == 1
    recorder.note(Noted("password authentication failed; the secret: not detached yet"))
    assert len(recorder.finish().entries) == 3


def test_nothing_is_recorded_after_the_end_which_stays_what_it_was(started: Callable[..., Started]) -> None:
    recorder = Recorder(started())
    report = recorder.finish()
    with pytest.raises(ValueError, match="after its end"):
        recorder.note(Noted("late"))
    assert recorder.finish() is report


def test_what_several_threads_record_is_one_chain_and_all_of_it_is_told(started: Callable[..., Started]) -> None:
    told: list[Entry] = []
    recorder = Recorder(started(), tell=told.append)
    threads = [threading.Thread(target=lambda: [recorder.note(Noted("here")) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = recorder.finish()
    assert [entry.number for entry in report.entries] == [*range(1, 203)]
    assert sorted(entry.number for entry in told) == [*range(1, 203)]


def test_an_entry_is_told_with_the_labs_time_beside_the_real_one(started: Callable[..., Started]) -> None:
    recorder = Recorder(started())
    entry = recorder.note(Noted("now"), at=started().clock + 7)
    assert entry.lab == started().clock + 70


def test_progress_is_a_line_for_every_kind_of_entry(report: Report) -> None:
    lines = [line(entry, report.began) for entry in report.entries]
    assert all("\n" not in one for one in lines)
    assert lines[4].split() == ["+4.00", "s", "broke", "the", "postmaster", "is", "killed"]
    assert lines[-1].endswith("passed")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (4.312, "4.31 s"), (48.24, "48.2 s"), (59.97, "1 min"), (125, "2 min 5 s"), (3720, "1 h 2 min")],
)
def test_lengths_are_told_as_closely_as_they_are_known(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_positions_are_told_as_postgresql_does() -> None:
    assert lsn(0x16_B374_D848) == "16/B374D848"


def test_a_bucket_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="bucket"):
        Rated(1.0, 0.0, (1,))


def test_a_time_or_a_count_that_is_none_is_refused_and_leaves_no_entry(started: Callable[..., Started]) -> None:
    recorder = Recorder(started())
    for at in (float("nan"), -1.0, 1e300):
        with pytest.raises(ValueError, match=r"no time|Out of range"):
            recorder.note(Noted("when?"), at=at)
    with pytest.raises(ValueError, match="no count"):
        Rated(1.0, 0.25, (3, -1))
    assert len(recorder.finish().entries) == 2
