"""Stack policies: which updates of which resources a stack refuses."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

MODIFY, REPLACE, DELETE = "Update:Modify", "Update:Replace", "Update:Delete"


def denial(body: str, action: str, logical_id: str, kind: str) -> str | None:
    """Give AWS's words when the policy ``body`` does not let ``action`` be done to the resource, else None.

    An explicit Deny wins; what no statement allows is denied. No policy at all allows everything.
    """
    if not body:
        return None
    statements = json.loads(body).get("Statement") or []
    met = [
        (number, statement["Effect"])
        for number, statement in enumerate(_listed(statements), 1)
        if _meets(statement, action, logical_id, kind)
    ]
    denying = [number for number, effect in met if effect == "Deny"]
    if denying:
        return (
            f"Action denied by stack policy: Statement [#{denying[0]}] does not allow [{action}] "
            f"for resource [{logical_id}]"
        )
    if not met:
        return f"Action denied by stack policy: No statement allows [{action}] for resource [{logical_id}]"
    return None


def _meets(statement: Mapping[str, Any], action: str, logical_id: str, kind: str) -> bool:
    resource = f"LogicalResourceId/{logical_id}"
    kinds = _listed(((statement.get("Condition") or {}).get("StringEquals") or {}).get("ResourceType"))
    likes = _listed(((statement.get("Condition") or {}).get("StringLike") or {}).get("ResourceType"))
    return (
        _either(statement, "Action", action)
        and _either(statement, "Resource", resource)
        and (not kinds or kind in kinds)
        and (not likes or any(fnmatch.fnmatchcase(kind, like) for like in likes))
    )


def _either(statement: Mapping[str, Any], name: str, value: str) -> bool:
    """Match the element, or its negation ``Not...``."""
    if name in statement:
        return any(fnmatch.fnmatchcase(value, pattern) for pattern in _listed(statement[name]))
    return not any(fnmatch.fnmatchcase(value, pattern) for pattern in _listed(statement.get(f"Not{name}")))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - one item or a list of them
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
