"""Whose the name of an artifact bucket is: the names of S3 are one space for all accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "x-amz-bucket-region"
MOVED = ("301", "PermanentRedirect")
FREE = ("404", "NoSuchBucket", "NotFound")
CLOSED = ("403", "AccessDenied", "Forbidden")


@dataclass(frozen=True)
class Bucket:
    """A bucket's name: whether there is one (``exists``), whether it is ours, and the region it is in, if told."""

    name: str
    exists: bool
    ours: bool = False
    readable: bool = False
    region: str = ""


def bucket(s3: S3Client, name: str, account: str) -> Bucket:
    """Tell of a bucket. One that refuses us is ours only if it is in the account's own list.

    Raises what boto3 raises where that list may not be read: then nobody knows whose it is.
    """
    try:
        told = s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        region = error.response["ResponseMetadata"].get("HTTPHeaders", {}).get(REGION, "")
        if code(error) in FREE:
            return Bucket(name, exists=False)
        if code(error) not in (*CLOSED, *MOVED):
            raise
        return Bucket(name, exists=True, ours=_listed(s3, name), region=region)
    return Bucket(name, exists=True, ours=True, readable=True, region=told.get("BucketRegion", ""))


def _listed(s3: S3Client, name: str) -> bool:
    pages = s3.get_paginator("list_buckets").paginate(Prefix=name)
    return any(found["Name"] == name for page in pages for found in page.get("Buckets", ()))
