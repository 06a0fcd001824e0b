"""KMS keys: made, changed and scheduled for deletion as the service does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dr_templates.aws.clients import forgiven
from dr_templates.lab.emulator.types.handler import Handler, Made, Properties, client, true

FIXED = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")
LONGEST_WINDOW_DAYS = 30


def _make(_logical_id: str, properties: Properties, _stack: str) -> Made:
    request: dict[str, Any] = {
        name: properties[name] for name in ("KeySpec", "KeyUsage", "Origin") if name in properties
    }
    calls = client("kms")
    made = calls.create_key(
        Policy=_policy(properties),
        Description=properties.get("Description", ""),
        MultiRegion=true(properties.get("MultiRegion", False)),
        Tags=_tags(properties),
        **request,
    )["KeyMetadata"]
    if true(properties.get("EnableKeyRotation", False)):
        calls.enable_key_rotation(KeyId=made["KeyId"])
    if not true(properties.get("Enabled", True)):
        calls.disable_key(KeyId=made["KeyId"])
    return made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]}


def _change(identifier: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    if any(old.get(name) != new.get(name) for name in FIXED):
        return _make(logical_id, new, stack)
    calls = client("kms")
    calls.put_key_policy(KeyId=identifier, PolicyName="default", Policy=_policy(new))
    calls.update_key_description(KeyId=identifier, Description=new.get("Description", ""))
    before, after = (true(one.get("EnableKeyRotation", False)) for one in (old, new))
    if before != after:
        (calls.enable_key_rotation if after else calls.disable_key_rotation)(KeyId=identifier)
    before, after = (true(one.get("Enabled", True)) for one in (old, new))
    if before != after:
        (calls.enable_key if after else calls.disable_key)(KeyId=identifier)
    gone = {tag["TagKey"] for tag in _tags(old)} - {tag["TagKey"] for tag in _tags(new)}
    if gone:
        calls.untag_resource(KeyId=identifier, TagKeys=sorted(gone))
    if given := _tags(new):
        calls.tag_resource(KeyId=identifier, Tags=given)
    found = calls.describe_key(KeyId=identifier)["KeyMetadata"]
    return identifier, {"Arn": found["Arn"], "KeyId": identifier}


def _remove(identifier: str, properties: Properties) -> None:
    """Schedule it: a key is never gone at once."""
    days = int(properties.get("PendingWindowInDays", LONGEST_WINDOW_DAYS))
    with forgiven("NotFoundException", "KMSInvalidStateException"):
        client("kms").schedule_key_deletion(KeyId=identifier, PendingWindowInDays=days)


def _policy(properties: Properties) -> str:
    policy = properties["KeyPolicy"]
    return policy if isinstance(policy, str) else json.dumps(policy)


def _tags(properties: Properties) -> list[dict[str, str]]:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", ())]


TYPES: Mapping[str, Handler] = {"AWS::KMS::Key": Handler(_make, _change, _remove)}
