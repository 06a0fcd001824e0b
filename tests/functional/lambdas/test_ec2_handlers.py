"""The custom resources that do to a VPC what CloudFormation cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

import default_security_group_handler
import peering_dns_handler
import prefix_list_handler
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ec2 import EC2Client
    from tests.functional.lambdas.conftest import Clients, CloudFormation, Context


GROUP = "sg-0123456789abcdef0"
PEERING = "pcx-0123456789abcdef0"


@pytest.fixture
def ec2() -> EC2Client:
    return boto3.client("ec2", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")  # noqa: S106 - no key


@pytest.fixture
def stubbed(ec2: EC2Client) -> Iterator[Stubber]:
    with Stubber(ec2) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def properties(**values: str) -> dict[str, dict[str, str]]:
    return {"ResourceProperties": values}


def test_a_default_group_is_emptied_and_stays_so(
    aws: Clients, cloudformation: CloudFormation, context: Context
) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    rules = [{"Name": "group-id", "Values": [group]}]
    assert ec2.describe_security_group_rules(Filters=rules)["SecurityGroupRules"]
    for kind in ("Create", "Update"):
        default_security_group_handler.handler(cloudformation.event(kind, SecurityGroupId=group), context)
    assert [sent["Status"] for sent in cloudformation.answers] == ["SUCCESS", "SUCCESS"]
    assert [sent["PhysicalResourceId"] for sent in cloudformation.answers] == [group, group]
    assert ec2.describe_security_group_rules(Filters=rules)["SecurityGroupRules"] == []


@pytest.mark.usefixtures("aws")
def test_a_group_that_is_gone_fails_with_awss_words(cloudformation: CloudFormation, context: Context) -> None:
    default_security_group_handler.handler(cloudformation.event("Create", SecurityGroupId=GROUP), context)
    [sent] = cloudformation.answers
    assert sent["Status"] == "FAILED"
    assert sent["Reason"].startswith(f"Emptying {GROUP} failed: ")
    assert "InvalidGroup.NotFound" in sent["Reason"]


def group_with_rules(stubbed: Stubber) -> None:
    stubbed.add_response(
        "describe_security_groups",
        {"SecurityGroups": [{"GroupId": GROUP, "GroupName": "default"}]},
        {"GroupIds": [GROUP]},
    )
    stubbed.add_response(
        "describe_security_group_rules",
        {
            "SecurityGroupRules": [
                {"SecurityGroupRuleId": "sgr-in", "IsEgress": False},
                {"SecurityGroupRuleId": "sgr-out", "IsEgress": True},
            ]
        },
        {"Filters": [{"Name": "group-id", "Values": [GROUP]}]},
    )


def test_rules_somebody_else_revoked_meanwhile_are_no_error(ec2: EC2Client, stubbed: Stubber) -> None:
    group_with_rules(stubbed)
    stubbed.add_client_error("revoke_security_group_ingress", "InvalidSecurityGroupRuleId.NotFound")
    stubbed.add_response(
        "revoke_security_group_egress", {"Return": True}, {"GroupId": GROUP, "SecurityGroupRuleIds": ["sgr-out"]}
    )
    assert default_security_group_handler.empty(ec2, properties(SecurityGroupId=GROUP)) == (GROUP, {"Revoked": "2"})


def test_a_refused_revocation_is_an_error(ec2: EC2Client, stubbed: Stubber) -> None:
    group_with_rules(stubbed)
    stubbed.add_client_error("revoke_security_group_ingress", "UnauthorizedOperation", "no")
    with pytest.raises(WorkError, match="UnauthorizedOperation"):
        default_security_group_handler.empty(ec2, properties(SecurityGroupId=GROUP))


def test_a_group_that_is_not_the_default_is_left_alone(ec2: EC2Client, stubbed: Stubber) -> None:
    stubbed.add_response("describe_security_groups", {"SecurityGroups": [{"GroupId": GROUP, "GroupName": "database"}]})
    with pytest.raises(WorkError, match="named database"):
        default_security_group_handler.empty(ec2, properties(SecurityGroupId=GROUP))


@pytest.mark.usefixtures("aws")
def test_a_prefix_list_is_found_by_its_name(cloudformation: CloudFormation, context: Context) -> None:
    prefix_list_handler.handler(cloudformation.event("Create", PrefixListName="com.amazonaws.eu-west-1.s3"), context)
    [sent] = cloudformation.answers
    assert sent["Status"] == "SUCCESS"
    assert sent["Data"]["PrefixListId"].startswith("pl-")
    assert sent["PhysicalResourceId"] == sent["Data"]["PrefixListId"]


@pytest.mark.usefixtures("aws")
def test_a_prefix_list_that_is_not_there_is_a_clear_reason(cloudformation: CloudFormation, context: Context) -> None:
    prefix_list_handler.handler(cloudformation.event("Create", PrefixListName="com.amazonaws.mars-1.s3"), context)
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["Reason"]) == (
        "FAILED",
        "This region has no prefix list named com.amazonaws.mars-1.s3",
    )


def status(code: str) -> dict[str, list[dict[str, dict[str, str]]]]:
    return {"VpcPeeringConnections": [{"Status": {"Code": code}}]}


@pytest.mark.parametrize("side", ["Requester", "Accepter"])
def test_dns_is_allowed_for_one_side_once_the_peering_is_active(ec2: EC2Client, stubbed: Stubber, side: str) -> None:
    for code in ("pending-acceptance", "provisioning", "active"):
        stubbed.add_response("describe_vpc_peering_connections", status(code), {"VpcPeeringConnectionIds": [PEERING]})
    stubbed.add_response(
        "modify_vpc_peering_connection_options",
        {},
        {
            "VpcPeeringConnectionId": PEERING,
            f"{side}PeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": True},
        },
    )
    pauses: list[float] = []
    wait = peering_dns_handler.Wait(2, pauses.append)
    done = peering_dns_handler.allow(ec2, wait, properties(PeeringConnectionId=PEERING, Side=side))
    assert done == (f"{PEERING}/{side}", {})
    assert pauses == [5.0, 5.0]


def test_a_peering_this_region_has_not_heard_of_yet_is_waited_for(ec2: EC2Client, stubbed: Stubber) -> None:
    stubbed.add_client_error("describe_vpc_peering_connections", "InvalidVpcPeeringConnectionID.NotFound")
    stubbed.add_response("describe_vpc_peering_connections", {"VpcPeeringConnections": []})
    stubbed.add_client_error("describe_vpc_peering_connections", "InvalidVpcPeeringConnectionID.NotFound")
    made: list[float] = []
    with pytest.raises(WorkError, match=f"{PEERING} is not there, not active"):
        peering_dns_handler.allow(
            ec2, peering_dns_handler.Wait(2, made.append), properties(PeeringConnectionId=PEERING, Side="Accepter")
        )
    assert len(made) == 2


def test_a_refusal_to_describe_is_not_taken_for_a_peering_to_come(ec2: EC2Client, stubbed: Stubber) -> None:
    stubbed.add_client_error("describe_vpc_peering_connections", "UnauthorizedOperation")
    with pytest.raises(WorkError, match="UnauthorizedOperation"):
        peering_dns_handler.allow(
            ec2, peering_dns_handler.Wait(2, [].append), properties(PeeringConnectionId=PEERING, Side="Accepter")
        )


@pytest.mark.parametrize(("code", "pauses"), [("rejected", 0), ("provisioning", 3)])
def test_a_peering_that_does_not_become_active_ends_the_wait(
    ec2: EC2Client, stubbed: Stubber, code: str, pauses: int
) -> None:
    for _ in range(pauses + 1):
        stubbed.add_response("describe_vpc_peering_connections", status(code))
    made: list[float] = []
    with pytest.raises(WorkError, match=f"{PEERING} is {code}"):
        peering_dns_handler.allow(
            ec2, peering_dns_handler.Wait(3, made.append), properties(PeeringConnectionId=PEERING, Side="Requester")
        )
    assert len(made) == pauses


def test_a_side_that_is_none_is_refused(ec2: EC2Client, stubbed: Stubber) -> None:
    stubbed.add_response("describe_vpc_peering_connections", status("active"))
    with pytest.raises(WorkError, match="Side is Left"):
        peering_dns_handler.allow(
            ec2, peering_dns_handler.Wait(0, [].append), properties(PeeringConnectionId=PEERING, Side="Left")
        )


def test_the_peering_function_end_to_end(aws: Clients, cloudformation: CloudFormation, context: Context) -> None:
    ec2 = aws("ec2")
    left, right = (ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"] for block in ("10.7.0.0/16", "10.8.0.0/16"))
    peering = ec2.create_vpc_peering_connection(VpcId=left, PeerVpcId=right)["VpcPeeringConnection"]
    identifier = peering["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=identifier)
    event = cloudformation.event("Create", PeeringConnectionId=identifier, Side="Accepter")
    peering_dns_handler.handler(event, context)
    assert [sent["Status"] for sent in cloudformation.answers] == ["SUCCESS"]
    [found] = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[identifier])["VpcPeeringConnections"]
    assert found["AccepterVpcInfo"]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"] is True
