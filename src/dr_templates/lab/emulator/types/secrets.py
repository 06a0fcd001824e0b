"""Secrets as resources: referred to by their ARN, their password made by the service, their rotation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, name, true

BOOLEANS = (
    *("ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "ExcludeLowercase"),
    *("IncludeSpace", "RequireEachIncludedType"),
)
MADE_OF = ("PasswordLength", "ExcludeCharacters", *BOOLEANS)
GONE = "ResourceNotFoundException"


def _make(logical_id: str, properties: Properties, stack: str) -> Made:
    request = {name: properties[name] for name in ("Description", "KmsKeyId", "Tags") if name in properties}
    calls = client("secretsmanager")
    made = calls.create_secret(
        Name=properties.get("Name") or name(stack, logical_id), SecretString=_value(properties), **request
    )
    if regions := properties.get("ReplicaRegions"):
        calls.replicate_secret_to_regions(SecretId=made["ARN"], AddReplicaRegions=list(regions))
    return made["ARN"], {"Id": made["ARN"]}


def _change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if old.get("Name") != new.get("Name"):
        return _make(logical_id, new, stack)
    calls = client("secretsmanager")
    request = {name: new[name] for name in ("Description", "KmsKeyId") if name in new}
    if any(old.get(part) != new.get(part) for part in ("SecretString", "GenerateSecretString")):
        request["SecretString"] = _value(new)
    calls.update_secret(SecretId=identifier, **request)
    before, after = ({tag["Key"]: tag for tag in one.get("Tags", ())} for one in (old, new))
    if dropped := sorted(before.keys() - after.keys()):
        calls.untag_resource(SecretId=identifier, TagKeys=dropped)
    if after != before:
        calls.tag_resource(SecretId=identifier, Tags=list(after.values()))
    _move_copies(identifier, old.get("ReplicaRegions", []), new.get("ReplicaRegions", []))
    return identifier, {"Id": identifier}


def _move_copies(identifier: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    calls = client("secretsmanager")
    kept = {one["Region"] for one in new}
    if gone := [one["Region"] for one in old if one["Region"] not in kept]:
        calls.remove_regions_from_replication(SecretId=identifier, RemoveReplicaRegions=gone)
    if added := [one for one in new if one not in old]:
        calls.replicate_secret_to_regions(
            SecretId=identifier, AddReplicaRegions=added, ForceOverwriteReplicaSecret=True
        )


def _remove(identifier: str, _properties: Properties) -> None:
    with forgiven(GONE):
        client("secretsmanager").delete_secret(SecretId=identifier, ForceDeleteWithoutRecovery=True)


def _value(properties: Properties) -> str:
    """Give the value a template asks for: as it stands, or with a password made by GetRandomPassword."""
    order = properties.get("GenerateSecretString")
    if order is None:
        return str(properties.get("SecretString", ""))
    request: dict[str, Any] = {part: order[part] for part in MADE_OF if part in order}
    request |= {part: true(request[part]) for part in BOOLEANS if part in request}
    if "PasswordLength" in request:
        request["PasswordLength"] = int(request["PasswordLength"])
    password = client("secretsmanager").get_random_password(**request)["RandomPassword"]
    if "SecretStringTemplate" not in order:
        return str(password)
    return json.dumps({**json.loads(order["SecretStringTemplate"]), order["GenerateStringKey"]: password})


def _make_schedule(_logical_id: str, properties: Properties, _stack: str) -> Made:
    rules = dict(properties.get("RotationRules", {}))
    if "AutomaticallyAfterDays" in rules:
        rules["AutomaticallyAfterDays"] = int(rules["AutomaticallyAfterDays"])
    client("secretsmanager").rotate_secret(
        SecretId=properties["SecretId"],
        RotationLambdaARN=properties["RotationLambdaARN"],
        RotationRules=rules,
        RotateImmediately=true(properties.get("RotateImmediatelyOnUpdate", True)),
    )
    return properties["SecretId"], {"Id": properties["SecretId"]}


def _change_schedule(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if old["SecretId"] != new["SecretId"]:
        _remove_schedule(identifier, old)
    return _make_schedule(logical_id, new, stack)


def _remove_schedule(identifier: str, _properties: Properties) -> None:
    with forgiven(GONE):
        client("secretsmanager").cancel_rotate_secret(SecretId=identifier)


TYPES: Mapping[str, Handler] = {
    "AWS::SecretsManager::Secret": Handler(_make, _change, _remove),
    "AWS::SecretsManager::RotationSchedule": Handler(_make_schedule, _change_schedule, _remove_schedule),
}
