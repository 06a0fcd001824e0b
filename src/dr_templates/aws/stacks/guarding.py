"""What keeps stacks and databases from harm: termination protection, the stack policy, deletion protection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_rds import RDSClient

NO_INSTANCE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
Policy = Mapping[str, Any]


def protect(client: CloudFormationClient, name: str, *, on: bool) -> None:
    """Turn termination protection of a root stack on or off; nested stacks follow it."""
    client.update_termination_protection(StackName=name, EnableTerminationProtection=on)


def policy(client: CloudFormationClient, name: str) -> Policy | None:
    """Give a stack's policy, None when it has none."""
    body = client.get_stack_policy(StackName=name).get("StackPolicyBody")
    found: Policy | None = json.loads(body) if body else None
    return found


def set_policy(client: CloudFormationClient, name: str, wanted: Policy) -> None:
    """Give a stack a policy; there is no way to take one away, only to give it another."""
    client.set_stack_policy(StackName=name, StackPolicyBody=json.dumps(wanted))


def database_protected(client: RDSClient, identifier: str) -> bool:
    """Tell whether RDS refuses to delete an instance; one that is not there it does not protect."""
    try:
        (found,) = client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    except ClientError as error:
        if code(error) in NO_INSTANCE:
            return False
        raise
    return bool(found.get("DeletionProtection"))
