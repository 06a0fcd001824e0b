"""What keeps stacks from harm is set as configured, holds against everybody, and gives way to what is allowed."""

import pytest

from dr_templates.aws.stacks import guarding, read
from dr_templates.config import Config
from dr_templates.deploy import applying, destroying, gates, guards
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.looking import look
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Happened
from dr_templates.errors import DrError
from dr_templates.lab.emulator import Emulator
from plans import drive, lab, small

FOUNDATION = Root("virginia", "foundation")


def protecting(config: Config, **values: object) -> Config:
    return config.model_copy(update={"protection": config.protection.model_copy(update=values)})


def keyless(config: Config) -> Source:
    """Give the small environment with its key under another name, so that the old one goes."""
    bodies = small.templates()
    resources = bodies["keys"]["Resources"]
    resources["Other"] = resources.pop("Key")
    bodies["keys"]["Outputs"]["KeyArn"]["Value"] = {"Fn::GetAtt": ["Other", "Arn"]}
    return small.source(config, bodies)


def policies(on: Deployment) -> dict[str, object]:
    client = on.client(FOUNDATION)
    stacks = {"root": on.stack(FOUNDATION), **read.nested(client, on.stack(FOUNDATION))}
    return {name: guarding.policy(client, stack) for name, stack in stacks.items()}


def test_nested_stacks_with_data_and_what_is_in_them_are_kept(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    found = policies(on)
    assert found["Keys"] == guards.policy(guards.KEPT)
    assert found["Notes"] is None
    assert "LogicalResourceId/Keys" in str(found["root"])


def test_protection_is_part_of_the_plan_and_follows_the_configuration(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    source = small.source(config)
    drive.deploy(on, source)
    asked = drive.deployment(emulator, protecting(config, termination_protection=True))
    plan = drive.plan(asked, source)
    assert {planned.guards for planned in plan.work} == {("termination protection on",)}
    assert not any(planned.change_set for planned in plan.work)
    drive.apply(asked, source, plan)
    assert all(stack is not None and stack.protected for stack in look(on).values())
    assert drive.plan(asked, source).empty
    assert sum("termination protection" in words for words in destroying.obstacles(asked, look(asked))) == 5
    drive.deploy(on, source)
    assert not any(stack is not None and stack.protected for stack in look(on).values())
    assert list(destroying.obstacles(on, look(on))) == []


def test_protection_goes_only_once_the_update_beside_it_is_done(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    kept = drive.deployment(emulator, protecting(config, termination_protection=True))
    drive.deploy(kept, small.source(config))
    source = keyless(config)
    lab.arm(emulator, {"resource": "AWS::KMS::Key", "logical_id": "Other", "reason": "no key", "times": 1})
    with pytest.raises(DrError, match="no key"):
        drive.apply(on, source, drive.plan(on, source), allowed=("Key",))
    foundation = look(on)[FOUNDATION]
    assert foundation is not None
    assert foundation.protected


def test_without_stack_policies_everything_is_allowed(on: Deployment, config: Config, emulator: Emulator) -> None:
    source = small.source(config)
    drive.deploy(on, source)
    off = drive.deployment(emulator, protecting(config, stack_policy=False))
    drive.deploy(off, source)
    assert policies(off)["Keys"] == guards.OPEN
    assert drive.plan(off, source).empty


def test_what_is_kept_is_not_deleted_by_whoever_does_not_ask_this_program(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    plan = drive.plan(on, keyless(config))
    assert any("Key (AWS::KMS::Key) would be deleted" in words for words in gates.refusals(plan.of(FOUNDATION), ()))
    with pytest.raises(DrError, match="denied by stack policy"):
        drive.apply(on, keyless(config), plan)


@pytest.mark.parametrize(("allowed", "told"), [((), "denied by stack policy"), (("Key",), "KeyArn: no value")])
def test_a_nested_stack_with_data_goes_only_once_what_is_in_it_is_allowed_by_name(
    on: Deployment, config: Config, allowed: tuple[str, ...], told: str
) -> None:
    drive.deploy(on, small.source(config))
    bodies = small.templates()
    del bodies["foundation"]["Resources"]["Keys"]
    del bodies["foundation"]["Outputs"]["KeyArn"]
    source = small.source(config, bodies)
    with pytest.raises(DrError, match=told):
        drive.apply(on, source, drive.plan(on, source), allowed=allowed)
    assert ("Keys" in read.nested(on.client(FOUNDATION), on.stack(FOUNDATION))) is not bool(allowed)


def test_a_policy_that_gave_way_for_a_nested_stack_stands_again_when_the_update_failed(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    before = policies(on)
    bodies = small.templates()
    del bodies["foundation"]["Resources"]["Keys"]
    del bodies["foundation"]["Outputs"]["KeyArn"]
    bodies["notes"]["Resources"]["Topic"]["Properties"]["DisplayName"] = "one"
    source = small.source(config, bodies)
    lab.arm(emulator, {"resource": "AWS::SNS::Topic", "logical_id": "Topic", "reason": "no topic", "times": 1})
    with pytest.raises(DrError, match="no topic"):
        drive.apply(on, source, drive.plan(on, source), allowed=("Key",))
    assert policies(on) == before


def test_what_is_allowed_by_name_goes_and_the_policy_stands_again(on: Deployment, config: Config) -> None:
    drive.deploy(on, small.source(config))
    before = policies(on)
    source = keyless(config)
    plan = drive.plan(on, source)
    assert list(gates.refusals(plan.of(FOUNDATION), ("Key",))) == []
    drive.apply(on, source, plan, allowed=("Key",), agreed=lambda _: True)
    assert policies(on) == before
    assert drive.plan(on, source).empty


def test_a_policy_that_does_not_stand_again_is_told_after_what_failed(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    source = keyless(config)
    lab.arm(emulator, {"resource": "AWS::KMS::Key", "logical_id": "Other", "reason": "no key", "times": 1})
    refusal = {"service": "cloudformation", "action": "SetStackPolicy", "code": "AccessDenied", "status": 403}
    steps = applying.apply(on, source, drive.plan(on, source), Terms(("Key",), lambda _: False, lambda _: None))
    armed = {**refusal, "message": "no policy today", "times": 1000}
    with pytest.raises(DrError) as caught:
        drive.meddle(steps, lambda step: isinstance(step, Happened), lambda: lab.arm(emulator, armed))
    first, *others = caught.value.what.splitlines()
    assert "no key" in first
    assert any("may still allow what was allowed" in line and "no policy today" in line for line in others)


def test_a_policy_that_gave_way_stands_again_when_the_update_failed(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    before = policies(on)
    source = keyless(config)
    lab.arm(emulator, {"resource": "AWS::KMS::Key", "logical_id": "Other", "reason": "no key", "times": 1})
    with pytest.raises(DrError, match="no key"):
        drive.apply(on, source, drive.plan(on, source), allowed=("Key",))
    assert policies(on) == before
