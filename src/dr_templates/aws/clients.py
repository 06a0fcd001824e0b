"""Clients for AWS: the one place that imports boto3, and decides how long to wait for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
)
IMPATIENT = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
"""For the way of a move: whoever does not answer is not known, and asked again by the next look, not by the client."""
HASTY = IMPATIENT.merge(Config(connect_timeout=1.5, read_timeout=2))
"""For the watchdog, whose ticks are five seconds apart."""
PROBING = IMPATIENT.merge(Config(read_timeout=15))
"""For a probe, which may itself wait for a database that does not answer."""

PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
)
"""For a deployment, which throttled calls must not break: nobody's writes wait for it."""

IDLE_SECONDS = 15.0
"""Steps of a move follow each other more quickly than this, looks of the schedule do not."""

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
"""Everything a call may end with that is AWS's or the network's doing."""

Make = Callable[[str, str, Config], Any]


def boto(service: str, region: str, config: Config) -> Any:  # noqa: ANN401 - boto3 types clients by literals
    """Make a client from boto3; AWS_ENDPOINT_URL leads it elsewhere, as in the lab."""
    make: Callable[..., Any] = boto3.client
    return make(service, region_name=region, config=config)


def marked(config: Config, mark: str) -> Config:
    """Have calls say in their User-Agent for what they are made."""
    return config.merge(Config(user_agent_appid=mark))  # type: ignore[call-arg]  # botocore has it, its stubs do not


def brisk(**more: str) -> Make:
    """Give a way to make clients that read times quickly, for thousands of events; ``more`` goes to boto3.

    botocore's own reading of a time is most of what a page of stack events costs.
    """
    session = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=moment)
    made = boto3.Session(botocore_session=session)

    def make(service: str, region: str, config: Config) -> Any:  # noqa: ANN401 - as ``boto``
        client: Callable[..., Any] = made.client
        return client(service, region_name=region, config=config, **more)

    return make


def moment(value: object) -> datetime:
    """Read a time as AWS writes it. Raises ``ValueError`` for what is none."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            read = datetime.fromisoformat(value)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
    read_slowly: Callable[[Any], datetime] = parse_timestamp
    return read_slowly(value)


@dataclass(frozen=True)
class Clients:
    """Clients by region, each made once, when first asked for; threads may share them.

    They try once and wait for seconds only: see ``IMPATIENT``. ``make`` is how one comes into being.
    """

    make: Make = boto
    config: Config = IMPATIENT
    _made: dict[tuple[str, str], Any] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def cloudformation(self, region: str) -> CloudFormationClient:
        """Give the client for stacks."""
        return cast("CloudFormationClient", self._give("cloudformation", region))

    def cloudwatch(self, region: str) -> CloudWatchClient:
        """Give the client for metrics."""
        return cast("CloudWatchClient", self._give("cloudwatch", region))

    def dynamodb(self, region: str) -> DynamoDBClient:
        """Give the client for tables."""
        return cast("DynamoDBClient", self._give("dynamodb", region))

    def ec2(self, region: str) -> EC2Client:
        """Give the client for network ACLs."""
        return cast("EC2Client", self._give("ec2", region))

    def lambda_(self, region: str) -> LambdaClient:
        """Give the client for probes; it waits longer than the others."""
        return cast("LambdaClient", self._give("lambda", region))

    def rds(self, region: str) -> RDSClient:
        """Give the client for instances."""
        return cast("RDSClient", self._give("rds", region))

    def s3(self, region: str) -> S3Client:
        """Give the client for buckets."""
        return cast("S3Client", self._give("s3", region))

    def secretsmanager(self, region: str) -> SecretsManagerClient:
        """Give the client for secrets."""
        return cast("SecretsManagerClient", self._give("secretsmanager", region))

    def sns(self, region: str) -> SNSClient:
        """Give the client for topics."""
        return cast("SNSClient", self._give("sns", region))

    def stepfunctions(self, region: str) -> SFNClient:
        """Give the client for the state machine."""
        return cast("SFNClient", self._give("stepfunctions", region))

    def _give(self, service: str, region: str) -> Any:  # noqa: ANN401 - as ``boto``
        with self._lock:
            if (service, region) not in self._made:
                config = PROBING if service == "lambda" else self.config
                self._made[service, region] = self.make(service, region, config)
            return self._made[service, region]


@dataclass
class Kept:
    """Clients that a function keeps between its invocations, as to make them takes longer than to look.

    A sandbox is frozen in between: a connection that the far end has given up meanwhile would fail its next call, which
    nobody tries again. So after ``IDLE_SECONDS`` there are new ones.
    """

    clients: Clients = field(default_factory=Clients)
    used: float = 0.0

    def at(self, now: float) -> Clients:
        """Give the clients to use now, in seconds of whatever clock it is asked by."""
        if not 0.0 <= now - self.used <= IDLE_SECONDS:
            self.clients = Clients()
        self.used = now
        return self.clients


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
        if code(error) not in codes:
            raise


@contextlib.contextmanager
def parsed() -> Iterator[None]:
    """Turn what botocore trips over in an answer that is none of the service's into its own ``ResponseParserError``.

    It raises that itself for XML that is not well-formed; what the service would say in it, it takes for granted.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        words = f"Unable to read the response ({error!r})"
        raise ResponseParserError(words) from error


def code(error: ClientError) -> str:
    """Give AWS's code of an error."""
    return error.response.get("Error", {}).get("Code", "")
