import pytest

from dr_templates.aws.stacks.model import Change, Effect, Touch
from dr_templates.cli.picture import Row, rows
from plans.build import DATABASE, KEY, PRIMARY, change, nested, plan, planned


def drawn(*changes: Change, full: bool = False, **more: object) -> list[Row]:
    return list(rows(plan(planned(*changes, **more)), full=full))


def words(*changes: Change, full: bool = False, **more: object) -> list[str]:
    return ["  " * row.depth + row.words for row in drawn(*changes, full=full, **more)]


def test_changes_are_a_tree_of_stacks() -> None:
    assert words(nested("Keys", change("Key", KEY, Description="Never"), change("Other", KEY, Effect.ADD))) == [
        "orders-prod-virginia-primary (us-east-1): 1 to add, 1 to change",
        "  ~ Keys",
        "    ~ Key  AWS::KMS::Key",
        "      Description",
        "    + Other  AWS::KMS::Key",
    ]


@pytest.mark.parametrize(("effect", "word"), [(Effect.REPLACE, "REPLACE"), (Effect.PERHAPS, "REPLACE PERHAPS")])
def test_a_replacement_is_bold_and_red_and_said(effect: Effect, word: str) -> None:
    row = drawn(change("Database", DATABASE, effect))[1]
    assert row.style == "bold red"
    assert row.words == f"! Database  {DATABASE}  {word}"


def test_what_is_removed_is_red() -> None:
    assert drawn(change("Topic", "AWS::SNS::Topic", Effect.REMOVE))[1] == Row(1, "- Topic  AWS::SNS::Topic", "red")


def test_a_property_shows_its_values_and_whether_it_recreates() -> None:
    touches = (Touch("KmsKeyId", "Always", "a", "b"), Touch("Engine", "Conditionally", None, "postgres"))
    shown = words(Change(Effect.REPLACE, "Database", DATABASE, touches=touches))
    assert shown[2:] == [
        "    KmsKeyId: a -> b  (recreates it)",
        "    Engine: (unset) -> postgres  (may recreate it)",
    ]


def test_a_long_value_is_cut() -> None:
    shown = words(Change(Effect.CHANGE, "Thing", "T", touches=(Touch("P", "Never", "a" * 100, "b"),)))
    assert len(shown[2]) < 90


def test_a_value_of_several_lines_is_shown_on_one() -> None:
    shown = words(Change(Effect.CHANGE, "Thing", "T", touches=(Touch("P", "Never", "a\n  b", "b"),)))
    assert shown[2:] == ["    P: a b -> b"]


@pytest.mark.parametrize(("effect", "word"), [(Effect.REPLACE, "REPLACE"), (Effect.PERHAPS, "REPLACE PERHAPS")])
def test_a_nested_stack_that_may_go_with_nobody_knows_what_is_counted_and_said(effect: Effect, word: str) -> None:
    head, row = drawn(nested("Keys", effect=effect))
    assert head.words == f"orders-prod-virginia-primary (us-east-1): 1 to {word.lower()}"
    assert row == Row(1, f"! Keys  {word}", "bold red")


def test_a_nested_stack_that_is_new_is_one_row_unless_all_is_asked_for() -> None:
    new = nested("Keys", change("Key", KEY, Effect.ADD), effect=Effect.ADD)
    assert words(new, new=True)[1:] == ["  + Keys  (1 resources)"]
    assert words(new, new=True, full=True)[1:] == ["  + Keys", "    + Key  AWS::KMS::Key"]


def test_a_stack_that_waits_for_others_says_so() -> None:
    shown = words(change("Key", KEY, Effect.ADD), new=True, waits=("VpcId", "Other"))
    assert shown[0] == "orders-prod-virginia-primary (us-east-1): new, 1 to add"
    assert shown[-1] == "  2 parameters come from the stacks before it"


def test_a_change_of_protection_alone_is_shown() -> None:
    assert words(guards=("termination protection on",), change_set="") == [
        "orders-prod-virginia-primary (us-east-1): nothing but its protection",
        "  * termination protection on",
    ]


def test_a_change_set_without_changes_is_for_the_outputs() -> None:
    assert words() == ["orders-prod-virginia-primary (us-east-1): its outputs"]


def test_a_stack_that_stays_is_not_drawn() -> None:
    assert list(rows(plan(planned(root=PRIMARY, change_set="")))) == []
