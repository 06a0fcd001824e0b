"""Changes as a change set tells them, in few words, for the tests of what is made of them."""

from datetime import UTC, datetime, timedelta

from dr_templates.aws.stacks.model import NESTED, Change, Effect, Event, Touch
from dr_templates.deploy.plan import Plan, StackPlan
from dr_templates.deploy.roots import Root

DATABASE = "AWS::RDS::DBInstance"
KEY = "AWS::KMS::Key"
PRIMARY = Root("virginia", "primary")


def nested(logical_id: str, *changes: Change, effect: Effect = Effect.CHANGE) -> Change:
    return Change(effect, logical_id, NESTED, nested=changes)


def change(logical_id: str, kind: str, effect: Effect = Effect.CHANGE, **recreations: str) -> Change:
    touches = tuple(Touch(name, recreation) for name, recreation in recreations.items())
    return Change(effect, logical_id, kind, touches=touches)


def planned(*changes: Change, root: Root = PRIMARY, **more: object) -> StackPlan:
    given = {"new": False, "change_set": "arn:set", "inputs": "1", **more}
    return StackPlan(root, f"orders-prod-{root.place}-{root.template}", "us-east-1", changes=changes, **given)


def plan(*stacks: StackPlan) -> Plan:
    return Plan("orders-prod", "111122223333", stacks)


def event(
    logical_id: str,
    status: str,
    *,
    stack: str = "arn:root",
    physical: str = "",
    kind: str = "AWS::SNS::Topic",
    reason: str = "",
    second: int = 0,
) -> Event:
    at = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(seconds=second)
    return Event(f"{stack}/{logical_id}/{status}/{second}", at, stack, logical_id, physical, kind, status, reason)
