"""The single questions to AWS of which an observation is made. Each raises what boto3 raises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from dr_templates.aws import sights
from dr_templates.aws.clients import AWS_ERRORS, code, parsed
from dr_templates.aws.nacl import NoGateError
from dr_templates.aws.table import GarbledError
from dr_templates.failover.model import Instance

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

NO_INSTANCE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
LATELY_MINUTES = 10
FAILOVER = "failover"
END_SESSIONS = json.dumps({"end_sessions": True})


class ProbeError(Exception):
    """The probe function failed, or answered what is no answer: nothing is known of the database."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REFUSALS = (*AWS_ERRORS, GarbledError, NoGateError, ProbeError)
"""Everything that a question or a step may end with instead of an answer, and that is nobody's mistake here."""


def invoke(probe: LambdaClient, function: str, *, beat: bool = False, end_sessions: bool = False) -> object:
    """Ask a site's probe, and give what it answers. With ``beat`` a primary is written to as well.

    Raises ``ProbeError`` besides.
    """
    wish = END_SESSIONS if end_sessions else json.dumps({"beat": beat})
    answer = probe.invoke(FunctionName=function, Payload=wish.encode())
    told = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise ProbeError(reason=f"{function} failed: {told[:300].decode(errors='replace')}")
    try:
        return json.loads(told)
    except ValueError as error:
        raise ProbeError(reason=f"{function} did not answer in JSON") from error


def dismiss(probe: LambdaClient, function: str) -> None:
    """Have a site's probe end the sessions of clients, without waiting until it has."""
    probe.invoke(FunctionName=function, InvocationType="Event", Payload=END_SESSIONS.encode())


def instance(rds: RDSClient, name: str) -> Instance:
    """Give what RDS says of an instance, without its events."""
    try:
        with parsed():
            found = rds.describe_db_instances(DBInstanceIdentifier=name).get("DBInstances", [])
    except ClientError as error:
        if code(error) in NO_INSTANCE:
            return sights.ABSENT
        raise
    return sights.instance(found[0]) if found else sights.ABSENT


def failing_over(rds: RDSClient, name: str) -> bool:
    """Tell whether RDS has announced a Multi-AZ failover in the last ten minutes (fact A36).

    DescribeEvents tells no event numbers, but the category that all of them belong to.
    """
    with parsed():
        events = rds.describe_events(
            SourceIdentifier=name, SourceType="db-instance", EventCategories=[FAILOVER], Duration=LATELY_MINUTES
        ).get("Events", [])
    return any(FAILOVER in event.get("EventCategories", ()) for event in events)


def secret_copied(secrets: SecretsManagerClient, name: str, region: str) -> bool:
    """Tell whether the secret of a region follows another region's (fact A40)."""
    with parsed():
        found = secrets.describe_secret(SecretId=name)
    return sights.copied(found, region)
