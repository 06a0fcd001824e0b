from dr_templates.aws.stacks.model import NESTED, Effect
from dr_templates.cli.board import SILENCE_SECONDS, Board, sentence
from dr_templates.deploy.steps import Begun, Done, Happened, Idle, Step
from plans.build import PRIMARY, change, event, nested, plan, planned

BEGUN = Begun(PRIMARY, "us-east-1", "orders-prod-virginia-primary", "changes")
ROOT = "arn:root"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def of_stack(status: str, *path: str) -> Step:
    return Happened(PRIMARY, path, event("root", status, physical=ROOT, kind=NESTED))


def of_resource(name: str, status: str, *path: str, kind: str = "AWS::KMS::Key", reason: str = "") -> Step:
    return Happened(PRIMARY, path, event(name, status, physical=f"id-{name}", kind=kind, reason=reason))


def told(*steps: Step, clock: Clock | None = None) -> list[str]:
    board = Board(clock or Clock())
    inner = nested("Keys", change("Key", "AWS::KMS::Key", Effect.ADD), change("Other", "AWS::KMS::Key", Effect.ADD))
    board.expect(plan(planned(inner)))
    for step in steps:
        board.take(step)
    return ["  " * row.depth + row.words for row in board.rows()]


def test_a_root_that_has_not_begun_is_not_shown() -> None:
    assert told() == []


def test_resources_are_counted_in_the_stack_they_are_in() -> None:
    rows = told(
        BEGUN,
        of_stack("UPDATE_IN_PROGRESS"),
        of_resource("Keys", "UPDATE_IN_PROGRESS", kind=NESTED),
        of_resource("Key", "CREATE_COMPLETE", "Keys"),
        of_resource("Other", "CREATE_IN_PROGRESS", "Keys"),
    )
    assert any("1 of 2 done, 1 under way (Other)" in row for row in rows)


def test_the_root_stands_above_what_is_nested_in_it() -> None:
    rows = told(BEGUN, of_resource("Keys", "CREATE_IN_PROGRESS", kind=NESTED))
    assert rows[0].startswith("orders-prod-virginia-primary")
    assert rows[1].startswith("  Keys")


def test_elapsed_time_of_what_has_ended_is_cloudformations_own() -> None:
    clock = Clock()
    board = Board(clock)
    board.take(BEGUN)
    board.take(Happened(PRIMARY, (), event("root", "UPDATE_IN_PROGRESS", physical=ROOT, second=0)))
    board.take(Happened(PRIMARY, (), event("root", "UPDATE_COMPLETE", physical=ROOT, second=65)))
    board.take(Done(PRIMARY, "orders-prod-virginia-primary", "UPDATE_COMPLETE"))
    clock.now += 600
    (row,) = board.rows()
    assert row.words.endswith("UPDATE_COMPLETE, 1 min 5 s")
    assert row.style == "green"


def test_elapsed_time_of_what_goes_on_is_ours() -> None:
    clock = Clock()
    board = Board(clock)
    board.take(BEGUN)
    board.take(of_stack("UPDATE_IN_PROGRESS"))
    clock.now += 65
    (row,) = board.rows()
    assert row.words.endswith("UPDATE_IN_PROGRESS, 1 min 5 s")
    assert row.style == "yellow"


def test_a_failure_is_red_and_counted() -> None:
    board = Board(Clock())
    board.take(BEGUN)
    board.take(of_resource("Key", "CREATE_FAILED", reason="no"))
    (row,) = board.rows()
    assert "1 failed" in row.words
    assert row.style == "bold red"


def test_the_start_of_a_small_resource_is_not_worth_a_line_and_that_of_a_database_is() -> None:
    assert sentence(of_resource("Key", "CREATE_IN_PROGRESS", "Keys")) == ""
    assert sentence(of_resource("Database", "CREATE_IN_PROGRESS", "Db", kind="AWS::RDS::DBInstance")) == (
        "virginia primary: Db/Database CREATE_IN_PROGRESS"
    )


def test_what_comes_to_an_end_is_said_with_its_reason() -> None:
    failed = of_resource("Key", "CREATE_FAILED", "Keys", reason="no right")
    assert sentence(failed) == "virginia primary: Keys/Key CREATE_FAILED  no right"
    assert sentence(Done(PRIMARY, "x", "CREATE_COMPLETE")) == "virginia primary: CREATE_COMPLETE"
    assert sentence(Idle()) == ""


def test_long_silence_is_broken_by_what_is_under_way() -> None:
    clock = Clock()
    board = Board(clock, said=clock.now)
    board.take(BEGUN)
    board.take(of_resource("Database", "CREATE_IN_PROGRESS", "Db"))
    assert board.overdue() == ""
    clock.now += SILENCE_SECONDS
    assert board.overdue() == "still at work: virginia primary/Db/Database for 30 s"
