"""Resources with a name of their own: a second one of the same name is refused, as CloudFormation refuses it.

The emulator would write over the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types import lambdas
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, arn, client, stock, true
from dr_templates.lab.emulator.types.wire import RefusedError

Look = Callable[[str, Properties], Any]
MISSING = (
    *("ResourceNotFoundException", "NotFound", "NotFoundException", "NoSuchEntity", "StateMachineDoesNotExist"),
    "InvalidGroup.NotFound",
)


def _group(name: str, properties: Properties) -> Any:  # noqa: ANN401 - whatever is found
    limits = {"group-name": name, "vpc-id": properties["VpcId"]}
    filters = [{"Name": one, "Values": [value]} for one, value in limits.items()]
    return client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]


def _logs(name: str, _properties: Properties) -> bool:
    found = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(one["logGroupName"] == name for one in found)


NAMED: Mapping[str, tuple[str, Look]] = {
    "AWS::Logs::LogGroup": ("LogGroupName", _logs),
    "AWS::Lambda::Function": ("FunctionName", lambda name, _: client("lambda").get_function(FunctionName=name)),
    "AWS::SNS::Topic": ("TopicName", lambda name, _: client("sns").get_topic_attributes(TopicArn=arn("sns", name))),
    "AWS::DynamoDB::Table": ("TableName", lambda name, _: client("dynamodb").describe_table(TableName=name)),
    "AWS::IAM::Role": ("RoleName", lambda name, _: client("iam").get_role(RoleName=name)),
    "AWS::Events::Rule": ("Name", lambda name, _: client("events").describe_rule(Name=name)),
    "AWS::EC2::SecurityGroup": ("GroupName", _group),
    "AWS::KMS::Alias": ("AliasName", lambda name, _: client("kms").describe_key(KeyId=name)),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        lambda name, _: client("stepfunctions").describe_state_machine(
            stateMachineArn=arn("states", f"stateMachine:{name}")
        ),
    ),
}
"""Which property names a resource, and how to see whether there is one of that name."""


def _handler(resource: str, known: Handler) -> Handler:
    prop, look = NAMED[resource]

    def make(logical_id: str, properties: Properties, stack: str) -> Made:
        if prop in properties:
            _refuse_taken(resource, properties, look)
        return known.create(logical_id, properties, stack)

    def change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        if prop in new and old.get(prop) != new[prop]:
            _refuse_taken(resource, new, look)
        return known.update(identifier, old, new, stack, logical_id)

    return Handler(make, change, known.delete, known.snapshot)


def _refuse_taken(resource: str, properties: Properties, look: Look) -> None:
    name = properties[NAMED[resource][0]]
    found = None
    with forgiven(*MISSING):
        found = look(name, properties)
    if found:
        words = f"Resource of type '{resource}' with identifier '{name}' already exists."
        raise RefusedError("AlreadyExists", words)


def _encrypt(topic: str, properties: Properties) -> None:
    """Add the key to what the emulator keeps of a topic."""
    key = str(properties.get("KmsMasterKeyId", ""))
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)


def _back_up(table: str, properties: Properties) -> None:
    """Switch a table's point-in-time recovery, which the emulator's own handler passes over."""
    wanted = properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
    order = {"PointInTimeRecoveryEnabled": true(wanted)}
    client("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=order)


def _completed(resource: str, complete: Callable[[str, Properties], None]) -> Handler:
    """Give the emulator's own handler of a type, with ``complete`` after each creation and update."""
    known = stock(resource)

    def make(logical_id: str, properties: Properties, stack: str) -> Made:
        made = known.create(logical_id, properties, stack)
        complete(made[0], properties)
        return made

    def change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        changed = known.update(identifier, old, new, stack, logical_id)
        complete(changed[0], new)
        return changed

    return Handler(make, change, known.delete)


COMPLETED = {"AWS::SNS::Topic": _encrypt, "AWS::DynamoDB::Table": _back_up}


def _known(resource: str) -> Handler:
    own = {**lambdas.TYPES, **{one: _completed(one, complete) for one, complete in COMPLETED.items()}}
    return own.get(resource) or stock(resource)


TYPES: Mapping[str, Handler] = {resource: _handler(resource, _known(resource)) for resource in NAMED}
