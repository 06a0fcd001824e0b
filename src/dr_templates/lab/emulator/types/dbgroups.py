"""What an RDS instance stands on: its subnet group, and who is told of its events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, arn, client, name, true

SUBSCRIPTION = {"SnsTopicArn": "SnsTopicArn", "SourceType": "SourceType", "EventCategories": "EventCategories"}


def _make_group(logical_id: str, properties: Properties, stack: str) -> Made:
    identifier = properties.get("DBSubnetGroupName") or name(stack, logical_id, lowercase=True, longest=255)
    made = client("rds").create_db_subnet_group(
        DBSubnetGroupName=identifier,
        DBSubnetGroupDescription=properties["DBSubnetGroupDescription"],
        SubnetIds=list(properties["SubnetIds"]),
        Tags=list(properties.get("Tags", ())),
    )["DBSubnetGroup"]
    return made["DBSubnetGroupName"], {"DBSubnetGroupArn": made["DBSubnetGroupArn"]}


def _change_group(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if old.get("DBSubnetGroupName") != new.get("DBSubnetGroupName"):
        return _make_group(logical_id, new, stack)
    changed = client("rds").modify_db_subnet_group(
        DBSubnetGroupName=identifier,
        DBSubnetGroupDescription=new["DBSubnetGroupDescription"],
        SubnetIds=list(new["SubnetIds"]),
    )["DBSubnetGroup"]
    return identifier, {"DBSubnetGroupArn": changed["DBSubnetGroupArn"]}


def _remove_group(identifier: str, _properties: Properties) -> None:
    with forgiven("DBSubnetGroupNotFoundFault"):
        client("rds").delete_db_subnet_group(DBSubnetGroupName=identifier)


def _make_parameters(logical_id: str, properties: Properties, stack: str) -> Made:
    identifier = properties.get("DBParameterGroupName") or name(stack, logical_id, lowercase=True, longest=255)
    calls = client("rds")
    calls.create_db_parameter_group(
        DBParameterGroupName=identifier,
        DBParameterGroupFamily=properties["Family"],
        Description=properties["Description"],
        Tags=list(properties.get("Tags", ())),
    )
    _set(identifier, properties.get("Parameters", {}))
    return identifier, {"DBParameterGroupName": identifier}


def _change_parameters(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if any(old.get(one) != new.get(one) for one in ("DBParameterGroupName", "Family", "Description")):
        return _make_parameters(logical_id, new, stack)
    before, after = old.get("Parameters", {}), new.get("Parameters", {})
    if gone := sorted(set(before) - set(after)):
        back = [{"ParameterName": one, "ApplyMethod": "pending-reboot"} for one in gone]
        client("rds").reset_db_parameter_group(DBParameterGroupName=identifier, Parameters=back)
    _set(identifier, {one: value for one, value in after.items() if before.get(one) != value})
    if old.get("Tags") != new.get("Tags"):
        named = arn("rds", f"pg:{identifier}")
        client("rds").add_tags_to_resource(ResourceName=named, Tags=list(new.get("Tags", ())))
    return identifier, {"DBParameterGroupName": identifier}


def _remove_parameters(identifier: str, _properties: Properties) -> None:
    with forgiven("DBParameterGroupNotFound"):
        client("rds").delete_db_parameter_group(DBParameterGroupName=identifier)


def _set(identifier: str, values: Mapping[str, Any]) -> None:
    """Set parameters, twenty at a time as the API takes them; static ones wait for a reboot."""
    parameters = [
        {"ParameterName": one, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
        for one, value in values.items()
    ]
    for first in range(0, len(parameters), 20):
        some = parameters[first : first + 20]
        client("rds").modify_db_parameter_group(DBParameterGroupName=identifier, Parameters=some)


def _make_subscription(logical_id: str, properties: Properties, stack: str) -> Made:
    identifier = properties.get("SubscriptionName") or name(stack, logical_id, longest=255)
    request = {there: properties[here] for here, there in SUBSCRIPTION.items() if here in properties}
    if "SourceIds" in properties:
        request["SourceIds"] = list(properties["SourceIds"])
    client("rds").create_event_subscription(
        SubscriptionName=identifier, Enabled=true(properties.get("Enabled", True)), **request
    )
    return identifier, {}


def _change_subscription(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if any(old.get(one) != new.get(one) for one in ("SubscriptionName", "SnsTopicArn")):
        return _make_subscription(logical_id, new, stack)
    calls = client("rds")
    request = {there: new[here] for here, there in SUBSCRIPTION.items() if here in new}
    calls.modify_event_subscription(SubscriptionName=identifier, Enabled=true(new.get("Enabled", True)), **request)
    before, after = set(old.get("SourceIds", ())), set(new.get("SourceIds", ()))
    for one in sorted(after - before):
        calls.add_source_identifier_to_subscription(SubscriptionName=identifier, SourceIdentifier=one)
    for one in sorted(before - after):
        calls.remove_source_identifier_from_subscription(SubscriptionName=identifier, SourceIdentifier=one)
    return identifier, {}


def _remove_subscription(identifier: str, _properties: Properties) -> None:
    with forgiven("SubscriptionNotFound"):
        client("rds").delete_event_subscription(SubscriptionName=identifier)


TYPES: Mapping[str, Handler] = {
    "AWS::RDS::DBSubnetGroup": Handler(_make_group, _change_group, _remove_group),
    "AWS::RDS::DBParameterGroup": Handler(_make_parameters, _change_parameters, _remove_parameters),
    "AWS::RDS::EventSubscription": Handler(_make_subscription, _change_subscription, _remove_subscription),
}
