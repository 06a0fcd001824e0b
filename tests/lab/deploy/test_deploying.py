"""The life of an environment: made, left alone, changed, taken down."""

import pytest

from dr_templates.config import Config
from dr_templates.deploy import applying, following, planning, roots, shipping
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look
from dr_templates.deploy.plan import StackPlan
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Done, Happened, Step
from dr_templates.errors import DrError, Exit
from dr_templates.lab.emulator import Emulator
from plans import drive, lab, small

ORDER = ["virginia foundation", "ireland foundation", "virginia primary", "ireland standby", "control"]


def begun(steps: list[Step]) -> list[str]:
    return [str(step.root) for step in steps if isinstance(step, Begun)]


def ended(steps: list[Step]) -> dict[str, str]:
    return {str(step.root): step.status for step in steps if isinstance(step, Done)}


def other(config: Config, section: str, **values: object) -> Config:
    return config.model_copy(update={section: getattr(config, section).model_copy(update=values)})


def test_every_root_is_made_in_order_and_the_foundations_side_by_side(on: Deployment, config: Config) -> None:
    steps = drive.deploy(on, small.source(config))
    assert begun(steps) == ORDER
    assert ended(steps) == dict.fromkeys(ORDER, "CREATE_COMPLETE")
    kinds = [(type(step), str(step.root)) for step in steps if isinstance(step, Begun | Done)]
    assert {kind for kind, _ in kinds[:2]} == {Begun}


def test_outputs_of_a_stack_reach_the_parameters_of_the_next(on: Deployment, config: Config) -> None:
    steps = drive.deploy(on, small.source(config))
    outputs = {str(step.root): step.outputs for step in steps if isinstance(step, Done)}
    assert outputs["virginia primary"]["PeerKey"] == outputs["ireland foundation"]["KeyArn"]
    queues = [outputs[root]["QueueArn"] for root in ("virginia primary", "ireland standby")]
    assert outputs["control"]["Seen"] == " ".join(queues)


def test_events_come_from_nested_stacks_each_once(on: Deployment, config: Config) -> None:
    happened = [step for step in drive.deploy(on, small.source(config)) if isinstance(step, Happened)]
    seen = [step.event.id for step in happened]
    assert len(seen) == len(set(seen))
    made = {(str(step.root), step.path, step.event.logical_id) for step in happened if "COMPLETE" in step.event.status}
    assert ("virginia foundation", ("Keys",), "Key") in made
    assert ("virginia primary", ("Data",), "Cpu") in made


def test_a_second_plan_is_empty_and_executes_nothing(on: Deployment, config: Config, emulator: Emulator) -> None:
    source = small.source(config)
    drive.deploy(on, source)
    lab.unharmed(emulator)
    again = drive.plan(on, source)
    assert again.empty
    assert drive.apply(on, source, again) == []
    assert lab.calls(emulator, "ExecuteChangeSet") == []
    assert lab.calls(emulator, "PutObject") == []
    assert lab.calls(emulator, "CreateBucket") == []


def test_a_changed_parameter_is_in_the_plans_of_the_stacks_that_use_it_alone(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    changed = drive.deployment(emulator, other(config, "alarms", cpu_percent=55))
    plan = drive.plan(changed, small.source(changed.config))
    (planned,) = plan.work
    assert str(planned.root) == "virginia primary"
    (data,) = planned.changes
    (cpu,) = data.nested
    assert (data.logical_id, cpu.logical_id) == ("Data", "Cpu")
    assert [touch.name for touch in cpu.touches] == ["Threshold"]
    assert begun(drive.apply(changed, small.source(changed.config), plan)) == ["virginia primary"]
    assert drive.plan(changed, small.source(changed.config)).empty


def test_a_plan_that_is_thrown_away_leaves_no_stack(on: Deployment, config: Config) -> None:
    planning.discard(on, drive.plan(on, small.source(config)))
    assert set(look(on).values()) == {None}


def test_a_plan_that_is_interrupted_leaves_no_stack(on: Deployment, config: Config) -> None:
    shipping.ship_all(on, small.source(config), lambda _: None)

    def interrupted(words: str) -> None:
        if words.startswith("control"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        planning.make(on, small.source(config), interrupted)
    assert set(look(on).values()) == {None}


def test_a_stack_that_cannot_be_planned_half_way_does_not_say_that_nothing_was_changed(
    on: Deployment, config: Config
) -> None:
    bodies = small.templates()
    bodies["data"]["Resources"]["Queue"]["Type"] = "AWS::SQS::Nothing"
    source = small.source(config, bodies)
    plan = drive.plan(on, source)
    with pytest.raises(DrError, match="AWS::SQS::Nothing") as half_way:
        drive.apply(on, source, plan)
    assert "Nothing has been changed" not in half_way.value.hint
    with pytest.raises(DrError, match="AWS::SQS::Nothing") as before:
        drive.plan(on, source)
    assert before.value.hint.startswith("Nothing has been changed.")


def test_a_stack_that_stands_and_waits_for_what_nothing_gives_is_not_nothing_to_do(
    on: Deployment, config: Config
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    bodies["primary"]["Parameters"]["UnheardOf"] = {"Type": "String"}
    with pytest.raises(DrError, match="virginia primary: UnheardOf: no value"):
        drive.plan(on, small.source(config, bodies))


def test_destroy_takes_everything_down_in_reverse(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    steps = drive.destroy(on)
    assert [root.split(" ")[-1] for root in begun(steps)] == [
        "control",
        "standby",
        "primary",
        "foundation",
        "foundation",
    ]
    assert set(ended(steps).values()) == {"DELETE_COMPLETE"}
    assert set(look(on).values()) == {None}
    names = {bucket["Name"] for bucket in on.clients.s3("us-east-1").list_buckets()["Buckets"]}
    assert not names & {config.bucket(region) for region in config.topology.regions}


def test_destroying_what_is_not_there_does_nothing(on: Deployment) -> None:
    assert drive.destroy(on) == []


def test_new_outputs_of_an_earlier_stack_are_agreed_to_before_the_later_one_changes(
    on: Deployment, config: Config
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    bodies["foundation"]["Outputs"]["KeyArn"]["Value"] = {"Fn::Join": ["", ["arn:other:", {"Ref": "SiteName"}]]}
    source = small.source(config, bodies)
    plan = drive.plan(on, source)
    assert {str(planned.root) for planned in plan.work} <= {"virginia foundation", "ireland foundation"}
    asked: list[StackPlan] = []

    def agreed(found: StackPlan) -> bool:
        asked.append(found)
        return True

    drive.apply(on, source, plan, agreed=agreed)
    assert [str(found.root) for found in asked] == ["virginia primary"]


def test_new_outputs_that_nobody_agrees_to_stop_the_deployment(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    bodies["foundation"]["Outputs"]["KeyArn"]["Value"] = {"Fn::Join": ["", ["arn:other:", {"Ref": "SiteName"}]]}
    source = small.source(config, bodies)
    plan = drive.plan(on, source)
    with pytest.raises(DrError, match="virginia primary would change in a way that was not seen") as caught:
        drive.apply(on, source, plan)
    assert caught.value.code is Exit.PENDING


def test_a_change_set_that_no_longer_fits_its_stack_is_not_executed(on: Deployment, config: Config) -> None:
    source = small.source(config)
    drive.deploy(on, source)
    changed = small.templates()
    changed["notes"]["Resources"]["Topic"]["Properties"]["DisplayName"] = "one"
    seen = drive.plan(on, small.source(config, changed))
    drive.deploy(on, small.source(config, changed))
    with pytest.raises(DrError, match="no longer") as caught:
        drive.apply(on, small.source(config, changed), seen)
    assert caught.value.code is Exit.PENDING


def test_left_in_the_middle_a_later_run_follows_and_does_the_rest(on: Deployment, config: Config) -> None:
    source = small.source(config)
    plan = drive.plan(on, source)
    steps = applying.apply(on, source, plan, Terms((), lambda _: False, lambda _: None))
    for step in steps:
        if isinstance(step, Begun) and str(step.root) == "virginia primary":
            break
    steps.close()
    again = drive.deploy_on(on, source)
    assert "virginia foundation" not in begun(again)
    assert drive.plan(on, source).empty


def test_a_stack_that_somebody_deletes_meanwhile_is_no_success(on: Deployment, config: Config) -> None:
    source = small.source(config)
    control = Root("control", "control")
    steps = applying.apply(on, source, drive.plan(on, source), Terms((), lambda _: False, lambda _: None))

    def deleted() -> None:
        on.client(control).delete_stack(StackName=on.stack(control))
        list(following.resume(on, look(on)))

    with pytest.raises(DrError, match="control is gone"):
        drive.meddle(steps, lambda step: isinstance(step, Done) and step.root == control, deleted)


def test_a_move_that_begins_meanwhile_stops_the_deployment_before_the_next_stage(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    source = small.source(config)
    plan = drive.plan(on, source)
    says = iter([None, "epoch 2 is open"])
    steps: list[Step] = []
    with pytest.raises(DrError, match="epoch 2 is open") as caught:
        steps.extend(applying.apply(on, source, plan, Terms((), lambda _: False, lambda _: None, lambda: next(says))))
    assert caught.value.code is Exit.HELD
    standing = [str(one) for one, stack in look(on).items() if stack is not None and stack.whole]
    assert standing == ["virginia foundation", "ireland foundation"]
    drive.deploy(on, source)
    lab.unharmed(emulator)
    again = applying.apply(
        on, source, drive.plan(on, source), Terms((), lambda _: False, lambda _: None, says.__next__)
    )
    assert list(again) == []


def test_the_stacks_bear_the_name_of_the_environment(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    for one in roots.every(config.topology):
        (stack,) = on.client(one).describe_stacks(StackName=on.stack(one))["Stacks"]
        assert {"Key": "dr-templates:environment", "Value": f"orders-{config.suffix}"} in stack["Tags"]


def test_a_plan_that_is_thrown_away_leaves_no_nested_stack_either(on: Deployment, config: Config) -> None:
    planning.discard(on, drive.plan(on, small.source(config)))
    for region in config.topology.regions:
        pages = on.clients.cloudformation(region).get_paginator("describe_stacks").paginate()
        assert not [one for page in pages for one in page["Stacks"] if one["StackName"].startswith(on.environment)]
