"""The KMS keys behind an environment's aliases, and whether they can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dr_templates.aws.clients import forgiven

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ENABLED = "Enabled"


@dataclass(frozen=True)
class Key:
    """A key: its alias, its id, and its state, such as ``Enabled`` or ``PendingDeletion``."""

    alias: str
    id: str
    state: str = ENABLED


def keys(kms: KMSClient, aliases: tuple[str, ...]) -> tuple[Key, ...]:
    """Give the keys that these aliases lead to. A key policy that shuts us out refuses the question."""
    found = []
    for alias in aliases:
        with forgiven("NotFoundException"):
            told = kms.describe_key(KeyId=alias)["KeyMetadata"]
            found.append(Key(alias, told["KeyId"], told.get("KeyState", ENABLED)))
    return tuple(found)
