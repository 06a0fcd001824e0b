"""What a region's stacks are made from: templates that name each other by address, and the Lambda archives. Pure.

Every key carries the hash of its content, so what lies in the bucket under a key never changes and is sent only once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dr_templates.artifact import Archive

_NESTED = re.compile(r"^(\s+TemplateURL: )\./([a-z-]+)\.yaml$", re.MULTILINE)
"""How a root names a tier: see ``tiers/root.py``."""


@dataclass(frozen=True)
class Package:
    """What has to lie in one bucket, by key; and the address of each root's template there, by its name."""

    region: str
    bucket: str
    objects: Mapping[str, bytes]
    roots: Mapping[str, str]

    def text(self, root: str) -> str:
        """Give the text of a root's template."""
        return self.objects[self.roots[root].partition(f"/{self.bucket}/")[2]].decode()


def pack(
    texts: Mapping[str, str], archives: Iterable[Archive], *, region: str, bucket: str, roots: Iterable[str]
) -> Package:
    """Pack some roots of a region: ``texts`` are all templates by name, roots and tiers alike.

    Raises ``KeyError`` for a root, or a tier in it, that is not among them.
    """
    objects: dict[str, bytes] = {}

    def place(name: str) -> str:
        """Put a template and those nested in it into the package, and give its address (fact D9)."""
        body = _NESTED.sub(lambda found: found[1] + place(found[2]), texts[name]).encode()
        key = f"templates/{name}-{hashlib.sha256(body).hexdigest()[:16]}.yaml"
        objects[key] = body
        return f"https://s3.{region}.amazonaws.com/{bucket}/{key}"

    addresses = {name: place(name) for name in roots}
    wanted = "".join(body.decode() for body in objects.values())
    objects |= {archive.key: archive.body for archive in archives if f"  {archive.parameter}:" in wanted}
    return Package(region, bucket, objects, addresses)
