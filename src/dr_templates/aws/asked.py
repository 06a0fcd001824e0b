"""The single questions to AWS of which an observation is made. Each raises what boto3 raises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from dr_templates.aws import sights
from dr_templates.aws.clients import AWS_ERRORS, code
from dr_templates.aws.nacl import NoGateError
from dr_templates.aws.table import GarbledError
from dr_templates.failover.model import Instance

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef
    from mypy_boto3_secretsmanager import SecretsManagerClient

NO_INSTANCE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
LATELY_MINUTES = 10
FAILOVER = "failover"


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
    wish = {"end_sessions": True} if end_sessions else {"beat": beat}
    answer = probe.invoke(FunctionName=function, Payload=json.dumps(wish).encode())
    told = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise ProbeError(reason=f"{function} failed: {told[:300].decode(errors='replace')}")
    try:
        return json.loads(told)
    except ValueError as error:
        raise ProbeError(reason=f"{function} did not answer in JSON") from error


def describe(rds: RDSClient, name: str) -> DBInstanceTypeDef | None:
    """Give an instance as RDS describes it; None when there is none of that name."""
    try:
        found = rds.describe_db_instances(DBInstanceIdentifier=name).get("DBInstances", [])
    except ClientError as error:
        if code(error) in NO_INSTANCE:
            return None
        raise
    return found[0] if found else None


def instance(rds: RDSClient, name: str) -> Instance:
    """Give what RDS says of an instance, without its events."""
    found = describe(rds, name)
    return sights.ABSENT if found is None else sights.instance(found)


def failing_over(rds: RDSClient, name: str) -> bool:
    """Tell whether RDS has announced a Multi-AZ failover in the last ten minutes (fact A36).

    DescribeEvents tells no event numbers, but the category that all of them belong to.
    """
    events = rds.describe_events(
        SourceIdentifier=name, SourceType="db-instance", EventCategories=[FAILOVER], Duration=LATELY_MINUTES
    ).get("Events", [])
    return any(FAILOVER in event.get("EventCategories", ()) for event in events)


def secret_copied(secrets: SecretsManagerClient, name: str, region: str) -> bool:
    """Tell whether the secret of a region follows another region's (fact A40)."""
    return sights.copied(secrets.describe_secret(SecretId=name), region)
