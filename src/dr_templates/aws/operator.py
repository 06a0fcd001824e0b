"""For a person at a terminal: who they are to AWS, and what AWS refused, in words they can act on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from dr_templates.aws.clients import AWS_ERRORS, IMPATIENT, boto, code
from dr_templates.aws.table import MISSING, GarbledError
from dr_templates.errors import DrError

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

CLOCK_SECONDS = 2.0
LOCKED_OUT = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
EXPIRED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""What AWS's services answer to credentials that are wrong or have run out, each in its own word."""
LOG_IN = (
    "Log in (aws sso login), or name working credentials with AWS_PROFILE; `aws sts get-caller-identity` tests them."
)


def _sts(region: str) -> STSClient:
    """Give a client for STS in a region, so that who we are does not hang on another one."""
    client: STSClient = boto("sts", region, IMPATIENT)
    return client


@dataclass(frozen=True)
class Caller:
    """Who we are to AWS, None when nobody answers; and how many seconds our clock is ahead of AWS's."""

    arn: str | None
    ahead: float = 0.0


def caller(region: str, clock: Callable[[], float]) -> Caller:
    """Ask a region who we are, and what time it is there. Raises ``DrError`` for credentials that do not work.

    A move judges marks by their age, so a laptop whose clock is wrong must not carry its own time into it.
    """
    try:
        answer = _sts(region).get_caller_identity()
    except AWS_ERRORS as error:
        if _locked_out(error):
            raise _fault(error, "AWS credentials") from error
        return Caller(None)
    return Caller(answer["Arn"], _ahead(answer["ResponseMetadata"].get("HTTPHeaders", {}), clock()))


def _ahead(headers: Mapping[str, str], now: float) -> float:
    """Compare with the answer's date, which is in whole seconds: less than two is no difference."""
    try:
        there = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return 0.0
    return now - there if abs(now - there) > CLOCK_SECONDS else 0.0


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn what AWS refuses at a place (``where``) into a ``DrError`` with AWS's own words."""
    try:
        yield
    except GarbledError as error:
        hint = "Somebody else has written into it; compare with the copies in the sites' tables."
        raise DrError(what=error.reason, where=where, hint=hint) from error
    except AWS_ERRORS as error:
        raise _fault(error, where) from error


def _locked_out(error: Exception) -> bool:
    return isinstance(error, LOCKED_OUT) or (isinstance(error, ClientError) and code(error) in EXPIRED)


def _fault(error: Exception, where: str) -> DrError:
    if _locked_out(error):
        return DrError(what=f"AWS does not know who you are: {error}", where=where, hint=LOG_IN)
    if isinstance(error, ClientError) and code(error) in (MISSING, "StateMachineDoesNotExist"):
        hint = "Deploy the stack that makes it; `aws sts get-caller-identity` tells whether this is the right account."
        return DrError(what=f"it is not there: {error}", where=where, hint=hint)
    if isinstance(error, ClientError) and code(error) == "ValidationError":
        hint = "CloudFormation does not take it as it is: mend what it names, then run the same command again."
        return DrError(what=str(error), where=where, hint=hint)
    if isinstance(error, ClientError):
        return DrError(what=str(error), where=where, hint="Ask for this right, or try again if AWS was only busy.")
    hint = "Try again; when a region does not answer, docs/moving.md says how to go on without it."
    return DrError(what=str(error), where=where, hint=hint)
