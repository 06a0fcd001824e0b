"""An environment in small: four roots of a few resources each, wired as the real ones are, that deploy in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dr_templates.config import Config, load
from dr_templates.deploy.blueprint import Blueprints
from dr_templates.deploy.deployment import Source, packages
from dr_templates.topology import CONTROL

CONFIG = Path(__file__).parents[2] / "config" / "demo.yaml"
STACK = "AWS::CloudFormation::Stack"
NAMED = ("Name", "EnvironmentSuffix", "SiteName")
Body = dict[str, Any]


def _name(purpose: str) -> Body:
    return {"Fn::Sub": "${Name}-${EnvironmentSuffix}-${SiteName}-" + purpose}


def _template(resources: Body, outputs: Body, *taken: str, site: bool = True) -> Body:
    names = {name: {"Type": "String"} for name in (*NAMED, *taken)}
    if not site:
        names["SiteName"] = {"Type": "String", "Default": CONTROL}
    given = {name: {"Value": value} for name, value in outputs.items()}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": names, "Resources": resources, "Outputs": given}


def _nested(tiers: Mapping[str, Body], *, site: bool = True) -> Body:
    """Nest tiers in a root: each parameter is given the output of its name from an earlier tier, or is the root's."""
    offered: Body = {}
    resources: Body = {}
    taken: dict[str, None] = {}
    for tier, body in tiers.items():
        logical_id = tier.title()
        values = {}
        for name in body["Parameters"]:
            values[name] = offered.get(name, {"Ref": name})
            if name not in offered:
                taken[name] = None
        resources[logical_id] = {
            "Type": STACK,
            "DeletionPolicy": "Delete",
            "Properties": {"TemplateURL": f"./{tier}.yaml", "Parameters": values},
        }
        offered |= {name: {"Fn::GetAtt": [logical_id, f"Outputs.{name}"]} for name in body["Outputs"]}
    return _template(resources, offered, *(name for name in taken if name not in NAMED), site=site)


def _alarm(purpose: str, threshold: str) -> Body:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": _name(purpose),
            "Namespace": "Small",
            "MetricName": purpose,
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": {"Ref": threshold},
        },
    }


def _topic() -> Body:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": _name("topic")}}


def templates() -> dict[str, Body]:
    """Give the templates: tiers keys, notes, data, copy, watch; and the four roots made of them."""
    key = {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Delete",
        "Properties": {
            "Description": _name("key"),
            "PendingWindowInDays": 7,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                        "Action": "kms:*",
                        "Resource": "*",
                    }
                ],
            },
        },
    }
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": _name("queue")}}
    group = {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "Properties": {"LogGroupName": _name("log"), "RetentionInDays": {"Ref": "LogRetentionDays"}},
    }
    tiers = {
        "keys": _template({"Key": key}, {"KeyArn": {"Fn::GetAtt": ["Key", "Arn"]}}),
        "notes": _template({"Topic": _topic(), "Log": group}, {"TopicArn": {"Ref": "Topic"}}, "LogRetentionDays"),
        "data": _template(
            {"Queue": queue, "Cpu": _alarm("cpu", "CpuAlarmPercent")},
            {"QueueArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "PeerKey": {"Ref": "PeerKeyArn"}},
            "KeyArn",
            "PeerKeyArn",
            "CpuAlarmPercent",
        ),
        "copy": _template({"Queue": queue}, {"QueueArn": {"Fn::GetAtt": ["Queue", "Arn"]}}, "PeerQueueArn"),
        "watch": _template(
            {"Watched": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "ZoneName"}}}},
            {"Seen": {"Fn::Join": [" ", [{"Ref": "HomeQueueArn"}, {"Ref": "StandbyQueueArn"}]]}},
            "HomeQueueArn",
            "StandbyQueueArn",
            "ZoneName",
            site=False,
        ),
    }
    roots = {
        "foundation": _nested({"keys": tiers["keys"], "notes": tiers["notes"]}),
        "primary": _nested({"data": tiers["data"]}),
        "standby": _nested({"copy": tiers["copy"]}),
        "control": _nested({"watch": tiers["watch"]}, site=False),
    }
    return {**tiers, **roots}


def source(config: Config | None = None, bodies: Mapping[str, Body] | None = None) -> Source:
    """Pack the small environment, or what a test has made of it."""
    made = bodies or templates()
    texts = {name: _text(body) for name, body in made.items()}
    return Source(Blueprints(made, {}), packages(config or load(CONFIG), texts, ()), {})


def _text(body: Body) -> str:
    """Write a template as this project's are written: a nested one by a relative path on a line of its own."""
    dumped: str = yaml.safe_dump(body, sort_keys=False, width=10**6)
    return dumped
