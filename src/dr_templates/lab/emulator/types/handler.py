"""What a resource type is to the emulator's CloudFormation: three functions, and how they call the services.

A handler speaks to the emulator by its own endpoint, as a user of AWS would, and so may fail as AWS does.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from dr_templates.aws import clients

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]
"""What ``Ref`` gives, and what ``Fn::GetAtt`` gives by name."""

PATIENT = clients.CONFIG.merge(type(clients.CONFIG)(read_timeout=600, max_pool_connections=50))
"""Handlers wait as long as CloudFormation does, and many are at work at once."""
_making = threading.Lock()


@dataclass(frozen=True)
class Handler:
    """Makes, changes and removes one type of resource; ``snapshot`` saves it first, where the type can be saved."""

    create: Callable[[str, Properties, str], Made]
    update: Callable[[str, Properties, Properties, str, str], Made]
    delete: Callable[[str, Properties], None]
    snapshot: Callable[[str, Properties], None] | None = None

    def entry(self) -> dict[str, Any]:
        """Give the handler in the shape of the emulator's own."""
        entry = {"create": self.create, "update": self.update, "delete": self.delete, "update_with_logical_id": True}
        return entry | ({"snapshot": self.snapshot} if self.snapshot else {})


def stock(resource: str) -> Handler:
    """Give the emulator's own handler of a type, for one that only adds to it; to be asked before any is replaced."""
    entry = provisioners._RESOURCE_HANDLERS[resource]
    return Handler(entry["create"], entry["update"], entry["delete"], entry.get("snapshot"))


def client(service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 types clients by literals
    """Give a client for the emulator itself, in the region of the stack at work unless told another."""
    with _making:
        return _client(service, region or get_region())


@functools.cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - as ``client``
    return clients.boto(service, region, PATIENT)


def arn(service: str, resource: str) -> str:
    """Name a resource of the account and region of the stack at work."""
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"


def name(stack: str, logical_id: str, *, lowercase: bool = False, longest: int = 128) -> str:
    """Invent a physical name as CloudFormation does, the same each time it is asked for."""
    given = provisioners._physical_name
    return str(given(stack, logical_id, lowercase=lowercase, max_len=longest))


def true(value: object) -> bool:
    """Read a template's boolean, which may be text."""
    return str(value).lower() == "true"


def tags(kind: str, properties: Properties, *extra: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a template's tags as EC2 takes them with what it makes; an empty list when there are none."""
    given = [*properties.get("Tags", ()), *extra]
    return [{"ResourceType": kind, "Tags": given}] if given else []
