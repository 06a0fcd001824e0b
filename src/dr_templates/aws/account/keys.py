"""The KMS keys behind an environment's aliases: whether they can be used, and what their policies say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dr_templates.aws.account.reading import read
from dr_templates.aws.asking import Heard

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ENABLED = "Enabled"
MISSING = "NotFoundException"
"""What KMS says of an alias that is not there."""

Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """A key: its id, its ARN, its state, such as ``Enabled`` or ``PendingDeletion``, and its policy as far as told."""

    id: str
    arn: str = ""
    state: str = ENABLED
    policy: Heard[Policy] = field(default_factory=Heard)


def key(kms: KMSClient, alias: str) -> Key:
    """Give the key that an alias leads to. Raises what boto3 raises, also where a key policy shuts us out.

    KMS takes an alias for a key everywhere but in a question for its policy.
    """
    told = kms.describe_key(KeyId=alias)["KeyMetadata"]
    known = told["KeyId"]
    policy = read("kms:GetKeyPolicy", lambda: _policy(kms, known))
    return Key(known, told.get("Arn", ""), told.get("KeyState", ENABLED), policy)


def _policy(kms: KMSClient, known: str) -> Policy:
    told: Policy = json.loads(kms.get_key_policy(KeyId=known, PolicyName="default")["Policy"])
    return told
