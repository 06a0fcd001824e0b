"""What was seen is what is done: saved plans, plans of others, gates on the way, homes exchanged."""

import json
from dataclasses import replace

import pytest

from dr_templates.aws.stacks.model import NESTED, Change, Effect, leaves
from dr_templates.cli import permitting
from dr_templates.config import Config
from dr_templates.deploy import applying, destroying, following, gates, guards, planning, stuck, verifying
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun
from dr_templates.errors import DrError, Exit
from dr_templates.lab.emulator import Emulator
from plans import drive, lab, small
from plans.build import KEY

FOUNDATION = Root("virginia", "foundation")
PRIMARY = Root("virginia", "primary")


def hotter(config: Config, percent: int = 55) -> Config:
    return config.model_copy(update={"alarms": config.alarms.model_copy(update={"cpu_percent": percent})})


def renamed_key(config: Config) -> Source:
    bodies = small.templates()
    resources = bodies["keys"]["Resources"]
    resources["Other"] = resources.pop("Key")
    bodies["keys"]["Outputs"]["KeyArn"]["Value"] = {"Fn::GetAtt": ["Other", "Arn"]}
    return small.source(config, bodies)


def waiting(on: Deployment, one: Root) -> list[str]:
    """Name the change sets of a root that somebody could still execute."""
    found = on.client(one).list_change_sets(StackName=on.stack(one))["Summaries"]
    return [each["ChangeSetName"] for each in found if each["ExecutionStatus"] == "AVAILABLE"]


def by_hand(on: Deployment, one: Root, **changed: str) -> None:
    """Update a stack as somebody does who does not use this program."""
    stack = look(on)[one]
    assert stack is not None
    given = {**(stack.parameters or {}), **changed}
    on.client(one).update_stack(
        StackName=stack.name,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    list(following.resume(on, look(on)))


def test_throwing_a_plan_away_leaves_stacks_that_stand(on: Deployment, config: Config, emulator: Emulator) -> None:
    drive.deploy(on, small.source(config))
    changed = drive.deployment(emulator, hotter(config))
    planning.discard(changed, drive.plan(changed, small.source(changed.config)))
    assert all(stack is not None and stack.whole for stack in look(on).values())
    assert waiting(on, PRIMARY) == []


def test_the_plan_of_one_survives_that_another_looks_and_says_no(on: Deployment, config: Config) -> None:
    source = small.source(config)
    kept = drive.plan(on, source)
    planning.discard(on, drive.plan(on, source))
    drive.apply(on, source, verifying.verified(on, source, kept))
    assert all(stack is not None and stack.whole for stack in look(on).values())


def test_a_saved_plan_that_was_edited_is_not_carried_out(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    source = renamed_key(config)
    plan = drive.plan(on, source)
    harmless = (Change(Effect.CHANGE, "Keys", NESTED),)
    edited = replace(
        plan,
        stacks=tuple(replace(one, changes=harmless) if one.root == FOUNDATION else one for one in plan.stacks),
    )
    with pytest.raises(DrError, match="not what was saved") as caught:
        verifying.verified(on, source, edited)
    assert caught.value.code is Exit.PENDING


def test_a_saved_plan_is_not_carried_out_under_another_configuration(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    changed = drive.deployment(emulator, hotter(config))
    plan = drive.plan(changed, small.source(changed.config))
    assert verifying.verified(changed, small.source(changed.config), plan) == plan
    with pytest.raises(DrError, match="virginia primary no longer holds") as caught:
        verifying.verified(on, small.source(config), plan)
    assert caught.value.code is Exit.PENDING


def test_a_saved_plan_one_part_of_which_no_longer_fits_is_not_begun(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    bodies["notes"]["Resources"]["Topic"]["Properties"]["DisplayName"] = "one"
    changed = drive.deployment(emulator, hotter(config))
    source = small.source(changed.config, bodies)
    plan = drive.plan(changed, source)
    assert [str(one.root) for one in plan.work] == ["virginia foundation", "ireland foundation", "virginia primary"]
    primary = plan.of(PRIMARY)
    swapped = replace(plan.of(FOUNDATION), change_set=primary.change_set, changes=primary.changes)
    with pytest.raises(DrError, match="virginia foundation no longer holds"):
        verifying.verified(changed, source, replace(plan, stacks=(swapped, *plan.stacks[1:])))
    by_hand(on, PRIMARY, CpuAlarmPercent="66")
    with pytest.raises(DrError, match="virginia primary no longer holds: its change set can no longer be executed"):
        verifying.verified(changed, source, plan)


def test_a_saved_plan_of_a_stack_that_got_stuck_says_that(on: Deployment, config: Config, emulator: Emulator) -> None:
    drive.deploy(on, small.source(config))
    changed = drive.deployment(emulator, hotter(config))
    plan = drive.plan(changed, small.source(changed.config))
    lab.arm(emulator, {"stack": on.stack(PRIMARY), "region": "us-east-1", "status": "UPDATE_ROLLBACK_FAILED"})
    with pytest.raises(DrError, match="is UPDATE_ROLLBACK_FAILED") as caught:
        verifying.verified(changed, small.source(changed.config), plan)
    assert caught.value.code is Exit.HELD


def test_a_saved_plan_that_says_less_of_its_stacks_is_not_carried_out(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    lab.arm(emulator, {"resource": "AWS::SQS::Queue", "logical_id": "Queue", "reason": "not now", "times": 1})
    with pytest.raises(DrError, match="not now"):
        drive.deploy(on, small.source(config))
    source = small.source(config)
    plan = drive.plan(on, source)
    assert plan.of(PRIMARY).broken
    assert verifying.verified(on, source, plan) == plan
    for lie in ({"broken": False}, {"region": "eu-west-1"}, {"stack": "orders-other-virginia-primary"}):
        edited = tuple(replace(one, **lie) if one.root == PRIMARY else one for one in plan.stacks)
        with pytest.raises(DrError, match="not what was saved"):
            verifying.verified(on, source, replace(plan, stacks=edited))


def test_a_saved_plan_binds_stacks_that_wait_as_well(on: Deployment, config: Config, emulator: Emulator) -> None:
    plan = drive.plan(on, small.source(config))
    assert verifying.verified(on, small.source(config), plan) == plan
    silent = replace(
        plan, stacks=tuple(replace(one, changes=()) if one.root == PRIMARY else one for one in plan.stacks)
    )
    with pytest.raises(DrError, match="virginia primary no longer holds"):
        verifying.verified(on, small.source(config), silent)
    changed = drive.deployment(emulator, hotter(config))
    with pytest.raises(DrError, match="virginia primary no longer holds"):
        verifying.verified(changed, small.source(changed.config), plan)


def test_a_waiting_stack_that_became_another_has_to_be_agreed_to(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    plan = drive.plan(on, small.source(config))
    changed = drive.deployment(emulator, hotter(config))
    asked: list[str] = []
    drive.apply(changed, small.source(changed.config), plan, agreed=lambda one: not asked.append(str(one.root)))
    assert asked == ["virginia primary"]


def test_a_waiting_stack_that_became_another_is_not_made_when_nobody_agrees(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    plan = drive.plan(on, small.source(config))
    changed = drive.deployment(emulator, hotter(config))
    with pytest.raises(DrError, match="virginia primary would change in a way that was not seen"):
        drive.apply(changed, small.source(changed.config), plan)
    assert look(on)[PRIMARY] is None


def test_a_plan_that_was_carried_out_is_not_carried_out_again(on: Deployment, config: Config) -> None:
    source = small.source(config)
    plan = drive.plan(on, source)
    drive.apply(on, source, plan)
    with pytest.raises(DrError, match="no longer") as caught:
        drive.apply(on, source, plan)
    assert caught.value.code is Exit.PENDING
    assert verifying.verified(on, source, plan).empty


def test_a_saved_plan_that_was_interrupted_goes_on_where_it_was(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    source = small.source(config)
    plan = drive.plan(on, source)
    steps = applying.apply(on, source, plan, Terms((), lambda _: False, lambda _: None))
    for step in steps:
        if isinstance(step, Begun) and step.root == PRIMARY:
            break
    steps.close()
    list(following.resume(on, look(on)))
    lab.unharmed(emulator)
    rest = verifying.verified(on, source, plan)
    assert [str(planned.root) for planned in rest.work] == ["ireland standby", "control"]
    drive.apply(on, source, rest)
    assert all(stack is not None and stack.whole for stack in look(on).values())
    assert len(lab.calls(emulator, "ExecuteChangeSet")) == 2
    assert drive.plan(on, source).empty


def test_what_a_saved_plan_has_made_is_protected_when_it_goes_on(on: Deployment, config: Config) -> None:
    source = small.source(config)
    plan = drive.plan(on, source)
    drive.apply(on, source, plan)
    on.client(FOUNDATION).set_stack_policy(StackName=on.stack(FOUNDATION), StackPolicyBody=json.dumps(guards.OPEN))
    rest = verifying.verified(on, source, plan)
    assert [planned.root for planned in rest.work] == [FOUNDATION]
    drive.apply(on, source, rest)
    assert drive.plan(on, source).empty


def test_a_change_that_comes_to_light_on_the_way_and_costs_a_key_is_refused_whoever_agrees(
    on: Deployment, config: Config
) -> None:
    drive.deploy(on, small.source(config))
    empty = drive.plan(on, small.source(config))
    source = renamed_key(config)
    planning.discard(on, drive.plan(on, source))
    seen = replace(
        empty,
        stacks=tuple(replace(one, guards=("something",)) if one.root == FOUNDATION else one for one in empty.stacks),
    )
    with pytest.raises(DrError, match="would be deleted") as caught:
        drive.apply(on, source, seen, agreed=lambda _: True)
    assert caught.value.code is Exit.HELD
    assert waiting(on, FOUNDATION) == []


def test_leave_to_lose_one_thing_is_none_for_another_of_its_name_that_comes_to_light_on_the_way(
    on: Deployment, config: Config
) -> None:
    drive.deploy(on, small.source(config))
    source = renamed_key(config)
    plan = drive.plan(on, source)
    other = Root("ireland", "foundation")
    unseen = replace(plan.of(other), change_set="", changes=(), inputs="", guards=("something",))
    seen = replace(plan, stacks=tuple(unseen if one.root == other else one for one in plan.stacks))
    with pytest.raises(DrError, match="Key means more than one thing") as caught:
        drive.apply(on, source, seen, allowed=("Key",), agreed=lambda _: True)
    assert caught.value.code is Exit.HELD


def test_a_plan_that_fails_once_its_change_set_is_made_leaves_none(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    refusal = {"service": "cloudformation", "action": "GetStackPolicy", "code": "AccessDenied", "status": 403}
    lab.arm(emulator, {**refusal, "message": "not authorized to look", "times": 1000})
    with pytest.raises(DrError, match="not authorized to look"):
        drive.plan(on, renamed_key(config))
    assert waiting(on, FOUNDATION) == []


def test_what_cannot_be_thrown_away_does_not_hide_why_it_should_be(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    refusal = {"service": "cloudformation", "action": "DeleteChangeSet", "code": "AccessDenied", "status": 403}
    lab.arm(emulator, {**refusal, "message": "not authorized to throw away", "times": 1000})
    bodies = small.templates()
    bodies["notes"]["Resources"]["Topic"]["Properties"]["Nonsense"] = "yes"
    bodies["keys"]["Resources"]["Key"]["Type"] = "AWS::KMS::Nothing"
    with pytest.raises(DrError) as caught:
        drive.plan(on, small.source(config, bodies))
    assert "AWS::KMS::Nothing" in caught.value.what
    assert caught.value.code is Exit.FAILED
    (left, *_) = planning.discard(on, drive.plan(on, small.source(config)))
    assert "not authorized to throw away" in left


@pytest.mark.parametrize(
    ("gone", "output", "held"), [("Notes", "TopicArn", {"Log", "Topic"}), ("Keys", "KeyArn", {"Key"})]
)
def test_a_nested_stack_that_is_taken_out_says_what_goes_with_it(
    on: Deployment, config: Config, gone: str, output: str, held: set[str]
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    del bodies["foundation"]["Resources"][gone]
    del bodies["foundation"]["Outputs"][output]
    planned = drive.plan(on, small.source(config, bodies)).of(FOUNDATION)
    assert {change.logical_id for path, change in leaves(planned.changes) if path == (gone,)} == held
    lost = [f"virginia foundation: Keys/Key ({KEY}) would be deleted"] if gone == "Keys" else []
    assert list(gates.refusals(planned, ())) == lost


def test_sites_that_have_exchanged_home_in_the_configuration_are_refused(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    exchanged = drive.deployment(emulator, config.model_copy(update={"home": "ireland"}))
    with pytest.raises(DrError, match=f"{on.environment}-ireland-standby stands") as caught:
        stuck.refuse(exchanged, {})
    assert caught.value.code is Exit.HELD
    with pytest.raises(DrError, match=f"{on.environment}-ireland-standby stands"):
        list(destroying.obstacles(exchanged, look(exchanged)))


def test_a_stack_that_failed_twice_still_goes_on(on: Deployment, config: Config, emulator: Emulator) -> None:
    source = small.source(config)
    lab.arm(emulator, {"resource": "AWS::SQS::Queue", "logical_id": "Queue", "reason": "not now", "times": 2})
    for _ in range(2):
        with pytest.raises(DrError, match="not now"):
            drive.deploy(on, source)
    drive.deploy(on, source)
    assert all(stack is not None and stack.whole for stack in look(on).values())


def test_what_an_undoing_failed_of_is_told_rather_than_what_was_undone(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    data = bodies["data"]["Resources"]
    data["Queue"]["Properties"]["VisibilityTimeout"] = 50
    data["Cpu"]["Properties"]["Threshold"] = 77
    data["Cpu"]["DependsOn"] = "Queue"
    lab.arm(
        emulator,
        {"resource": "AWS::CloudWatch::Alarm", "logical_id": "Cpu", "operation": "UPDATE", "reason": "no alarm"},
        {"resource": "AWS::SQS::Queue", "logical_id": "Queue", "operation": "ROLLBACK", "reason": "no way back"},
    )
    with pytest.raises(DrError, match="no alarm"):
        drive.deploy(on, small.source(config, bodies))
    stack = look(on)[PRIMARY]
    assert stack is not None
    assert stack.status == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(DrError, match="no way back"):
        stuck.refuse(on, look(on))


def test_before_anything_stands_a_persons_word_is_taken_that_nothing_moves(on: Deployment) -> None:
    assert "--first-deploy" in (permitting.moving(on, first=False) or "")
    assert permitting.moving(on, first=True) is None


def test_a_state_that_cannot_be_read_holds_everything_once_control_stands(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    refusal = {"service": "dynamodb", "action": "GetItem", "code": "AccessDeniedException", "message": "not authorized"}
    lab.arm(emulator, {**refusal, "status": 400, "times": 1000})
    assert permitting.moving(on, first=True) is None
    drive.deploy(on, small.source(config))
    assert "not authorized" in (permitting.moving(on, first=True) or "")
