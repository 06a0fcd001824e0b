"""What RDS tells of: kept for DescribeEvents, sent to EventBridge, published to who has subscribed."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import eventbridge, rds

from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.rds import subscriptions
from dr_templates.lab.emulator.types.handler import client

_LOG = logging.getLogger(__name__)
SOURCE_TYPE = "db-instance"


def tell(record: Mapping[str, Any], message: str, category: str, number: int) -> None:
    """Tell of something that has happened to an instance, in its own account and region (fact A36)."""
    _arn, _aws, _rds, region, account, *_rest = record["DBInstanceArn"].split(":")
    identifier = record["DBInstanceIdentifier"]
    now = clock().now()
    with request_scope(account, region):
        rds._events[str(uuid.uuid4())] = {
            "SourceIdentifier": identifier,
            "SourceType": SOURCE_TYPE,
            "SourceArn": record["DBInstanceArn"],
            "Message": message,
            "Date": now,
            "EventCategories": [category],
        }
        told = {
            "EventCategories": [category],
            "SourceType": "DB_INSTANCE",
            "SourceArn": record["DBInstanceArn"],
            "SourceIdentifier": identifier,
            "Date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "Message": message,
            "EventID": f"RDS-EVENT-{number:04}",
        }
        entry = {
            "Source": "aws.rds",
            "DetailType": "RDS DB Instance Event",
            "Detail": json.dumps(told),
            "Resources": [record["DBInstanceArn"]],
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        for topic in subscriptions.topics(SOURCE_TYPE, identifier, category):
            _publish(topic, told)


def _publish(topic: str, told: Mapping[str, Any]) -> None:
    words = {"Event Source": SOURCE_TYPE, "Source ID": told["SourceIdentifier"], "Event Message": told["Message"]}
    try:
        client("sns").publish(TopicArn=topic, Subject="RDS Notification Message", Message=json.dumps(words))
    except AWS_ERRORS as error:  # as on RDS, nobody hears of a message that cannot be delivered
        _LOG.warning("%s: %s", topic, error)
