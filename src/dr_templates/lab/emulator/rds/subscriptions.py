"""Event subscriptions: who is told of what, by which topic."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import rds, sns

from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.types.wire import Function, RefusedError, Request

_subscriptions = AccountRegionScopedDict()
Subscription = dict[str, Any]


def create(request: Request) -> dict[str, Any]:
    """CreateEventSubscription: refused for a name that is taken, a topic or a source that is not there."""
    name = request["SubscriptionName"]
    if name in _subscriptions:
        words = f"Event Subscription already exists: {name}"
        raise RefusedError("SubscriptionAlreadyExist", words)
    sources = request.get("SourceIds", [])
    if sources and "SourceType" not in request:
        words = "If SourceIds are supplied, SourceType must also be provided."
        raise RefusedError("InvalidParameterCombination", words)
    _check(request["SnsTopicArn"], sources)
    _subscriptions[name] = {
        "CustomerAwsId": get_account_id(),
        "CustSubscriptionId": name,
        "SnsTopicArn": request["SnsTopicArn"],
        "Status": "active",
        "SubscriptionCreationTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(clock().now())),
        "SourceType": request.get("SourceType"),
        "SourceIdsList": sources,
        "EventCategoriesList": request.get("EventCategories", []),
        "Enabled": request.get("Enabled", True),
        "EventSubscriptionArn": f"arn:aws:rds:{get_region()}:{get_account_id()}:es:{name}",
    }
    return {"EventSubscription": _subscriptions[name]}


def modify(request: Request) -> dict[str, Any]:
    """ModifyEventSubscription."""
    subscription = _find(request["SubscriptionName"])
    names = {"SnsTopicArn": "SnsTopicArn", "SourceType": "SourceType", "EventCategories": "EventCategoriesList"}
    names["Enabled"] = "Enabled"
    subscription |= {known: request[given] for given, known in names.items() if given in request}
    _check(subscription["SnsTopicArn"], [])
    return {"EventSubscription": subscription}


def add_source(request: Request) -> dict[str, Any]:
    """AddSourceIdentifierToSubscription."""
    subscription = _find(request["SubscriptionName"])
    _check(subscription["SnsTopicArn"], [request["SourceIdentifier"]])
    subscription["SourceIdsList"] = sorted({*subscription["SourceIdsList"], request["SourceIdentifier"]})
    return {"EventSubscription": subscription}


def remove_source(request: Request) -> dict[str, Any]:
    """RemoveSourceIdentifierFromSubscription."""
    subscription = _find(request["SubscriptionName"])
    subscription["SourceIdsList"] = [one for one in subscription["SourceIdsList"] if one != request["SourceIdentifier"]]
    return {"EventSubscription": subscription}


def describe(request: Request) -> dict[str, Any]:
    """DescribeEventSubscriptions: one by name, or all of the region."""
    name = request.get("SubscriptionName")
    return {"EventSubscriptionsList": [_find(name)] if name else list(_subscriptions.values())}


def delete(request: Request) -> dict[str, Any]:
    """DeleteEventSubscription."""
    return {"EventSubscription": {**_find(request["SubscriptionName"], pop=True), "Status": "deleting"}}


ACTIONS: Mapping[str, Function] = {
    "CreateEventSubscription": create,
    "ModifyEventSubscription": modify,
    "AddSourceIdentifierToSubscription": add_source,
    "RemoveSourceIdentifierFromSubscription": remove_source,
    "DescribeEventSubscriptions": describe,
    "DeleteEventSubscription": delete,
}


def count() -> int:
    """Tell how many there are in this region."""
    return len(_subscriptions.values())


def topics(source_type: str, identifier: str, category: str) -> list[str]:
    """Name the topics of this region that are to be told of an event."""
    return [
        one["SnsTopicArn"]
        for one in _subscriptions.values()
        if one["Enabled"]
        and one["SourceType"] in (None, source_type)
        and (not one["SourceIdsList"] or identifier in one["SourceIdsList"])
        and (not one["EventCategoriesList"] or category in one["EventCategoriesList"])
    ]


def _find(name: str, *, pop: bool = False) -> Subscription:
    if name not in _subscriptions:
        raise RefusedError("SubscriptionNotFound", f"Event Subscription not found: {name}", 404)
    found: Subscription = _subscriptions.pop(name) if pop else _subscriptions[name]
    return found


def _check(topic: str, sources: list[str]) -> None:
    if topic not in sns._topics:
        raise RefusedError("SNSTopicArnNotFound", f"SNS topic does not exist: {topic}", 404)
    for source in sources:
        if source not in rds._instances:
            raise RefusedError("SourceNotFound", f"DB instance {source} not found.", 404)
