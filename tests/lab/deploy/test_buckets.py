"""The artifact buckets: made as they should be, and nobody else's touched."""

import json

import pytest

from dr_templates.aws import bucket as buckets
from dr_templates.config import Config
from dr_templates.deploy import destroying
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look
from dr_templates.errors import DrError
from dr_templates.lab.emulator import Emulator
from plans import drive, lab, small

REGION = "eu-west-1"


def by_hand(on: Deployment, name: str, **objects: bytes) -> None:
    s3 = on.clients.s3(REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, body in objects.items():
        s3.put_object(Bucket=name, Key=key, Body=body)


def test_a_bucket_is_encrypted_versioned_private_and_for_tls_alone(on: Deployment, config: Config) -> None:
    drive.plan(on, small.source(config))
    s3, name = on.clients.s3(REGION), config.bucket(REGION)
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert statement["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


def test_a_bucket_made_by_hand_is_used_and_stays_its_makers(on: Deployment, config: Config) -> None:
    name = config.bucket(REGION)
    by_hand(on, name, theirs=b"data")
    drive.deploy(on, small.source(config))
    assert buckets.owner(on.bucket(REGION)) == ""
    drive.destroy(on)
    assert "theirs" in buckets.keys(on.bucket(REGION))


def test_a_bucket_whose_making_was_cut_short_is_finished(on: Deployment, config: Config) -> None:
    by_hand(on, config.bucket(REGION))
    drive.plan(on, small.source(config))
    assert buckets.owner(on.bucket(REGION)) == on.environment


def test_a_bucket_of_another_environment_is_refused(on: Deployment, config: Config) -> None:
    by_hand(on, config.bucket(REGION))
    tags = {"TagSet": [{"Key": buckets.OWNER, "Value": "other-prod"}]}
    on.clients.s3(REGION).put_bucket_tagging(Bucket=config.bucket(REGION), Tagging=tags)
    with pytest.raises(DrError, match="the bucket belongs to other-prod"):
        drive.plan(on, small.source(config))


def test_a_bucket_the_configuration_names_is_not_made(config: Config, emulator: Emulator) -> None:
    named = config.model_copy(update={"artifact_bucket": f"acme-{config.suffix}-{{region}}"})
    on = drive.deployment(emulator, named)
    with pytest.raises(DrError, match="there is no such bucket"):
        drive.plan(on, small.source(named))
    assert {buckets.owner(on.bucket(region)) for region in named.topology.regions} == {None}


def test_what_lies_beside_the_artifacts_is_not_looked_through(on: Deployment, config: Config) -> None:
    by_hand(on, config.bucket(REGION), theirs=b"data")
    bucket = on.bucket(REGION)
    drive.plan(on, small.source(config))
    assert buckets.holds(bucket)
    assert buckets.keys(bucket, "templates/") == buckets.keys(bucket) - {"theirs"}


def test_a_bucket_that_may_not_be_looked_at_any_more_is_left_when_the_stacks_go(
    on: Deployment, config: Config, emulator: Emulator
) -> None:
    drive.deploy(on, small.source(config))
    fault = {"service": "s3", "action": "HeadBucket", "code": "403", "message": "Forbidden", "status": 403}
    lab.arm(emulator, {**fault, "times": 1000})
    told: list[str] = []
    list(destroying.destroy(on, look(on), told.append))
    assert set(look(on).values()) == {None}
    assert [words for words in told if f"{config.bucket(REGION)} is left" in words]


def test_a_bucket_the_configuration_names_is_used_as_it_is(config: Config, emulator: Emulator) -> None:
    named = config.model_copy(update={"artifact_bucket": f"acme-{config.suffix}-{{region}}"})
    on = drive.deployment(emulator, named)
    for region in named.topology.regions:
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        on.clients.s3(region).create_bucket(Bucket=named.bucket(region), **place)
    drive.deploy(on, small.source(named))
    assert {buckets.owner(on.bucket(region)) for region in named.topology.regions} == {""}
    drive.destroy(on)
    assert {buckets.owner(on.bucket(region)) for region in named.topology.regions} == {""}
