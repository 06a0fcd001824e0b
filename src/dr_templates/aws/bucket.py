"""The artifact bucket of a region: made when first needed, filled, and emptied with all its versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code
from dr_templates.errors import DrError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OWNER = "dr-templates:environment"
"""The tag that says whose bucket it is. It is set last, so one without it is not finished."""
_DEFAULT_REGION = "us-east-1"
_BATCH = 1000


class ForeignError(Exception):
    """The bucket is there, and not ours to use."""


@dataclass(frozen=True)
class Bucket:
    """One bucket, of one environment, in an account that must be its owner."""

    s3: S3Client
    name: str
    region: str
    account: str
    environment: str


def owner(bucket: Bucket) -> str | None:
    """Tell which environment's bucket it is, empty when it is nobody's; None when there is no such bucket.

    Raises ``ForeignError`` for a bucket of another account, or one that we may not look at.
    """
    try:
        bucket.s3.head_bucket(Bucket=bucket.name, ExpectedBucketOwner=bucket.account)
        tags = bucket.s3.get_bucket_tagging(Bucket=bucket.name, ExpectedBucketOwner=bucket.account)["TagSet"]
    except ClientError as error:
        match code(error):
            case "404" | "NoSuchBucket":
                return None
            case "NoSuchTagSet":
                return ""
            case "403" | "AccessDenied":
                raise ForeignError(str(error)) from error
        raise
    return next((tag["Value"] for tag in tags if tag["Key"] == OWNER), "")


def make(bucket: Bucket) -> None:
    """Make the bucket: encrypted, versioned, private, TLS only. One begun before and not finished is finished."""
    where: dict[str, Any] = {}
    if bucket.region != _DEFAULT_REGION:
        where = {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
    try:
        bucket.s3.create_bucket(Bucket=bucket.name, ObjectOwnership="BucketOwnerEnforced", **where)
    except ClientError as error:
        if code(error) != "BucketAlreadyOwnedByYou":
            raise
    mine: dict[str, Any] = {"Bucket": bucket.name, "ExpectedBucketOwner": bucket.account}
    bucket.s3.put_public_access_block(
        **mine,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    bucket.s3.put_bucket_encryption(
        **mine,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    bucket.s3.put_bucket_versioning(**mine, VersioningConfiguration={"Status": "Enabled"})
    bucket.s3.put_bucket_policy(**mine, Policy=json.dumps(_tls_only(bucket.name)))
    bucket.s3.put_bucket_tagging(**mine, Tagging={"TagSet": [{"Key": OWNER, "Value": bucket.environment}]})


def _tls_only(name: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def keys(bucket: Bucket, prefix: str = "") -> frozenset[str]:
    """Name what lies in the bucket, by default everything: others may have put a great deal beside what is ours."""
    pages = bucket.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket.name, Prefix=prefix, ExpectedBucketOwner=bucket.account
    )
    return frozenset(held["Key"] for page in pages for held in page.get("Contents", ()))


def holds(bucket: Bucket) -> bool:
    """Tell whether anything lies in the bucket."""
    found = bucket.s3.list_objects_v2(Bucket=bucket.name, MaxKeys=1, ExpectedBucketOwner=bucket.account)
    return bool(found.get("Contents"))


def put(bucket: Bucket, key: str, body: bytes) -> None:
    """Put one object."""
    bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=body, ExpectedBucketOwner=bucket.account)


def remove(bucket: Bucket) -> None:
    """Remove the bucket with every version of everything in it. Raises ``DrError`` for what S3 does not let go."""
    for batch in _versions(bucket):
        answer = bucket.s3.delete_objects(
            Bucket=bucket.name, Delete={"Objects": batch, "Quiet": True}, ExpectedBucketOwner=bucket.account
        )
        for refused in answer.get("Errors", ()):
            raise DrError(
                what=f"{refused.get('Key')} stays: {refused.get('Code')}: {refused.get('Message')}",
                where=f"bucket {bucket.name} in {bucket.region}",
                hint="Ask for the right s3:DeleteObjectVersion, or remove the bucket by hand.",
            )
    bucket.s3.delete_bucket(Bucket=bucket.name, ExpectedBucketOwner=bucket.account)


def _versions(bucket: Bucket) -> Iterator[list[Any]]:
    pages = bucket.s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket.name, ExpectedBucketOwner=bucket.account, PaginationConfig={"PageSize": _BATCH}
    )
    for page in pages:
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            yield [{"Key": held["Key"], "VersionId": held["VersionId"]} for held in found]
