"""Clients for AWS: the one place that imports boto3, and decides how long to wait for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
)


def ec2(region: str) -> EC2Client:
    """Give a client for EC2."""
    return boto3.client("ec2", region_name=region, config=CONFIG)


def rds(region: str) -> RDSClient:
    """Give a client for RDS."""
    return boto3.client("rds", region_name=region, config=CONFIG)


def secretsmanager(region: str) -> SecretsManagerClient:
    """Give a client for Secrets Manager."""
    return boto3.client("secretsmanager", region_name=region, config=CONFIG)


def rds_token(host: str, port: int, user: str, region: str) -> str:
    """Sign a 15-minute IAM login for the database, with the credentials at hand and no call to AWS (C3, A43)."""
    return rds(region).generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user, Region=region)


@contextlib.contextmanager
def aws_errors_explained(doing: str) -> Iterator[None]:
    """Turn what AWS refuses while ``doing`` something into a WorkError with AWS's own words, which name no secret."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise WorkError(reason=f"{doing} failed: {error}") from error


@contextlib.contextmanager
def forgiven(*codes: str) -> Iterator[None]:
    """Let an AWS error with one of these codes pass: what should go is gone already."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
