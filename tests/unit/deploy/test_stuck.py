import pytest

from dr_templates.aws.stacks.model import Stack
from dr_templates.deploy import recovering, stuck
from dr_templates.deploy.roots import Root
from dr_templates.deploy.stuck import Cure

CURES = {
    "CREATE_COMPLETE": Cure.GO_ON,
    "CREATE_FAILED": Cure.GO_ON,
    "CREATE_IN_PROGRESS": Cure.FOLLOW,
    "DELETE_FAILED": Cure.BY_HAND,
    "DELETE_IN_PROGRESS": Cure.FOLLOW,
    "REVIEW_IN_PROGRESS": Cure.GO_ON,
    "ROLLBACK_COMPLETE": Cure.REMOVE,
    "ROLLBACK_FAILED": Cure.BY_HAND,
    "ROLLBACK_IN_PROGRESS": Cure.FOLLOW,
    "UPDATE_COMPLETE": Cure.GO_ON,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Cure.FOLLOW,
    "UPDATE_FAILED": Cure.GO_ON,
    "UPDATE_IN_PROGRESS": Cure.FOLLOW,
    "UPDATE_ROLLBACK_COMPLETE": Cure.GO_ON,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Cure.FOLLOW,
    "UPDATE_ROLLBACK_FAILED": Cure.ROLL_BACK,
    "UPDATE_ROLLBACK_IN_PROGRESS": Cure.FOLLOW,
}
ONE = Root("virginia", "primary")


def standing(status: str) -> dict[Root, Stack | None]:
    return {ONE: Stack("orders-prod-virginia-primary", "arn:stack", status), Root("ireland", "standby"): None}


@pytest.mark.parametrize(("status", "cure"), CURES.items())
def test_every_status_has_its_cure_and_holds_a_plan_unless_an_update_can_start(status: str, cure: Cure) -> None:
    held = [(one, state.cure) for one, _, state in stuck.held(standing(status))]
    assert held == ([] if cure is Cure.GO_ON else [(ONE, cure)])


@pytest.mark.parametrize(("status", "cure"), CURES.items())
def test_only_what_costs_nothing_is_cured_without_a_person(status: str, cure: Cure) -> None:
    curable = [one for one, _, _ in recovering.curable(standing(status))]
    assert curable == ([ONE] if cure in (Cure.REMOVE, Cure.ROLL_BACK) else [])


@pytest.mark.parametrize("status", [status for status, cure in CURES.items() if cure is not Cure.GO_ON])
def test_what_holds_a_plan_says_what_it_is_and_what_to_do(status: str) -> None:
    ((_, _, state),) = stuck.held(standing(status))
    assert state.words
    assert state.hint


def test_one_stack_that_would_not_go_is_no_reason_to_take_all_of_them_down() -> None:
    ((_, _, state),) = stuck.held(standing("DELETE_FAILED"))
    assert "aws cloudformation delete-stack" in state.hint
