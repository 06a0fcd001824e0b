"""A hand that uploads and deploys small templates in the emulator, and looks at what comes of it."""

import contextlib
import itertools
import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, WaiterError
from tests.lab.emulator.types.conftest import client

from dr_templates.lab.emulator import Emulator

REGION, BUCKET = "eu-west-1", "templates"
Said = dict[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Hand:
    emulator: Emulator
    region: str = REGION
    bucket: str = BUCKET
    number: int = field(default_factory=lambda: next(_numbers))

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types clients by literals
        return client(service, self.region)

    @property
    def cloud(self) -> Any:  # noqa: ANN401 - as above
        return self.client("cloudformation")

    def name(self, word: str) -> str:
        return f"{word}-{self.number}"

    def upload(self, name: str, template: dict[str, Any]) -> str:
        key = f"{self.number}/{name}.json"
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=json.dumps(template).encode())
        return f"https://s3.{self.region}.amazonaws.com/{self.bucket}/{key}"

    def plan(self, name: str, template: dict[str, Any], values: dict[str, str] | None = None, **more: object) -> Said:
        """Make a change set and give its description; ``kind`` and ``change_set`` may be given."""
        kind = more.pop("kind", None) or ("UPDATE" if self.exists(name) else "CREATE")
        made = self.cloud.create_change_set(
            StackName=name,
            ChangeSetName=more.pop("change_set", f"set-{next(_numbers)}"),
            ChangeSetType=kind,
            TemplateBody=json.dumps(template),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in (values or {}).items()],
            IncludeNestedStacks=more.pop("IncludeNestedStacks", True),
            Capabilities=more.pop("Capabilities", ["CAPABILITY_NAMED_IAM"]),
            **more,
        )
        return self.cloud.describe_change_set(ChangeSetName=made["Id"])

    def deploy(self, name: str, template: dict[str, Any], values: dict[str, str] | None = None, **more: object) -> Said:
        """Make a change set, execute it, wait until nothing more happens, and give the stack."""
        plan = self.plan(name, template, values)
        assert plan["Status"] == "CREATE_COMPLETE", plan["StatusReason"]
        self.cloud.execute_change_set(ChangeSetName=plan["ChangeSetId"], **more)
        return self.settled(plan["StackId"])

    def settled(self, name: str) -> Said:
        stack = self.stack(name)
        waiter = self.cloud.get_waiter(
            "stack_update_complete" if "UPDATE" in stack["StackStatus"] else "stack_create_complete"
        )
        while stack["StackStatus"].endswith("_IN_PROGRESS"):
            with contextlib.suppress(WaiterError):
                waiter.wait(StackName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 2000})
            stack = self.stack(name)
        return stack

    def delete(self, name: str) -> None:
        identity = self.stack(name)["StackId"]
        self.cloud.delete_stack(StackName=name)
        self.cloud.get_waiter("stack_delete_complete").wait(
            StackName=identity, WaiterConfig={"Delay": 0, "MaxAttempts": 2000}
        )

    def stack(self, name: str) -> Said:
        return self.cloud.describe_stacks(StackName=name)["Stacks"][0]

    def exists(self, name: str) -> bool:
        try:
            return bool(self.stack(name)["StackStatus"] not in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"))
        except ClientError:
            return False

    def changes(self, plan: Said) -> dict[str, Any]:
        """Give the changes of a change set by logical id."""
        return {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"] for one in plan["Changes"]}

    def nested(self, plan: Said, logical_id: str) -> Said:
        return self.cloud.describe_change_set(ChangeSetName=self.changes(plan)[logical_id]["ChangeSetId"])

    def resource(self, name: str, logical_id: str) -> Said:
        return self.cloud.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)["StackResourceDetail"]

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Give a stack's events, the oldest first: logical id, status, reason."""
        pages = self.cloud.get_paginator("describe_stack_events").paginate(StackName=name)
        told = [event for page in pages for event in page["StackEvents"]]
        keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return [tuple(event.get(key, "") for key in keys) for event in reversed(told)]

    def order(self, what: str, said: object = None, method: str = "POST") -> Any:  # noqa: ANN401 - any JSON
        """Give the emulator an order of the tests' own."""
        body = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(f"{self.emulator.endpoint}/_lab/{what}", body, method=method)  # noqa: S310 - http, ours
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
            return json.load(answer)


def topic(name: str, **more: object) -> dict[str, Any]:
    """Give a resource with a name of its own, cheap to make and to look at."""
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, **more}}


def stack(url: str, **values: object) -> dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": values}}
