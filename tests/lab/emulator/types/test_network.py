"""What stands in a VPC: made by templates, seen by EC2's own API, gone with the stack."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.types.conftest import AWAY, HOME, Stacks, att, client, ref, resource

VPC = {"Vpc": resource("EC2::VPC", CidrBlock="10.1.0.0/16")}
SUBNET = {"Subnet": resource("EC2::Subnet", VpcId=ref("Vpc"), AvailabilityZoneId="use1-az4", CidrBlock="10.1.1.0/24")}


def entry(number: int, *, egress: bool = False, **more: object) -> dict[str, Any]:
    common = {"NetworkAclId": ref("Acl"), "RuleNumber": number, "RuleAction": "allow", "Egress": egress}
    return resource("EC2::NetworkAclEntry", **common, CidrBlock="10.1.0.0/16", **more)


ACL = {
    **VPC,
    **SUBNET,
    "Acl": resource("EC2::NetworkAcl", VpcId=ref("Vpc"), Tags=[{"Key": "Name", "Value": "gate"}]),
    "In": entry(100, Protocol=6, PortRange={"From": "5432", "To": "5432"}),
    "TooBig": entry(300, egress=True, Protocol=1, Icmp={"Type": 3, "Code": 4}),
    "Joined": resource("EC2::SubnetNetworkAclAssociation", SubnetId=ref("Subnet"), NetworkAclId=ref("Acl")),
}


def acl_of(name: str) -> dict[str, Any]:
    (acl,) = client("ec2").describe_network_acls(Filters=[{"Name": "tag:Name", "Values": [name]}])["NetworkAcls"]
    return acl


def test_a_vpc_and_a_subnet_tell_templates_all_that_aws_tells(stacks: Stacks) -> None:
    told = stacks.create(
        "told",
        {**VPC, **SUBNET},
        Cidr=att("Vpc.CidrBlock"),
        Group=att("Vpc.DefaultSecurityGroup"),
        Zone=att("Subnet.AvailabilityZone"),
        ZoneId=att("Subnet.AvailabilityZoneId"),
        SubnetCidr=att("Subnet.CidrBlock"),
    )
    groups = client("ec2").describe_security_groups(GroupIds=[told.pop("Group")])["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == ["default"]
    assert told == {
        "Cidr": "10.1.0.0/16",
        "Zone": f"{HOME}d",
        "ZoneId": "use1-az4",
        "SubnetCidr": "10.1.1.0/24",
    }


def test_a_zone_the_region_does_not_have_is_refused(stacks: Stacks) -> None:
    with pytest.raises(AssertionError, match=r"euw1-az1.*invalid"):
        stacks.create(
            "abroad", {**VPC, "Subnet": resource("EC2::Subnet", VpcId=ref("Vpc"), AvailabilityZoneId="euw1-az1")}
        )


def test_an_acl_shows_its_entries_and_its_subnet(stacks: Stacks) -> None:
    stacks.create("acl", ACL)
    acl = acl_of("gate")
    entries = {(one["RuleNumber"], one["Egress"]): one for one in acl["Entries"]}
    assert set(entries) == {(100, False), (300, True), (32767, False), (32767, True)}
    assert entries[100, False]["PortRange"] == {"From": 5432, "To": 5432}
    assert entries[300, True]["IcmpTypeCode"] == {"Type": 3, "Code": 4}
    assert len(acl["Associations"]) == 1


def test_a_changed_entry_replaces_the_old_one(stacks: Stacks) -> None:
    stacks.create("entry", ACL)
    stacks.update("entry", {**ACL, "In": entry(100, Protocol=6, PortRange={"From": "5433", "To": "5433"})})
    (changed,) = [one for one in acl_of("gate")["Entries"] if one["RuleNumber"] == 100]
    assert changed["PortRange"] == {"From": 5433, "To": 5433}


def test_a_subnet_goes_back_to_the_default_acl(stacks: Stacks) -> None:
    stacks.create("back", ACL)
    stacks.update("back", {**VPC, **SUBNET})
    acls = client("ec2").describe_network_acls()["NetworkAcls"]
    assert not [acl for acl in acls if not acl["IsDefault"]]
    ours = [one for acl in acls for one in acl["Associations"] if acl["VpcId"] != "vpc-00000001"]
    assert len(ours) == 1


def test_a_fence_meets_the_answers_of_aws(stacks: Stacks) -> None:
    stacks.create("fence", ACL)
    deny = {"RuleNumber": 1, "Protocol": "6", "RuleAction": "deny", "Egress": False, "CidrBlock": "0.0.0.0/0"}
    deny |= {"NetworkAclId": acl_of("gate")["NetworkAclId"], "PortRange": {"From": 5432, "To": 5432}}
    ec2 = client("ec2")
    with pytest.raises(ClientError, match="DryRunOperation"):
        ec2.create_network_acl_entry(**deny, DryRun=True)
    ec2.create_network_acl_entry(**deny)
    with pytest.raises(ClientError, match="NetworkAclEntryAlreadyExists"):
        ec2.create_network_acl_entry(**deny)
    key = {name: deny[name] for name in ("NetworkAclId", "RuleNumber", "Egress")}
    ec2.delete_network_acl_entry(**key)
    with pytest.raises(ClientError, match=r"InvalidNetworkAclEntry.NotFound"):
        ec2.delete_network_acl_entry(**key)


def test_group_rules_are_resources_of_their_own(stacks: Stacks) -> None:
    s3 = client("ec2").describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{HOME}.s3"]}]
    )["PrefixLists"][0]["PrefixListId"]
    port = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "Description": "To the database"}
    nowhere = [{"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}]
    template = {
        **VPC,
        "Group": resource("EC2::SecurityGroup", GroupDescription="g", VpcId=ref("Vpc"), SecurityGroupEgress=nowhere),
        "In": resource("EC2::SecurityGroupIngress", GroupId=ref("Group"), SourceSecurityGroupId=ref("Group"), **port),
        "Out": resource("EC2::SecurityGroupEgress", GroupId=ref("Group"), DestinationPrefixListId=s3, **port),
    }
    group = stacks.create("rules", template, Group=ref("Group"))["Group"]
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    told = {
        (rule["IsEgress"], rule.get("CidrIpv4"), rule.get("PrefixListId"), rule.get("Description")) for rule in rules
    }
    assert told == {
        (False, None, None, "To the database"),
        (True, None, s3, "To the database"),
        (True, "127.0.0.1/32", None, None),
    }
    stacks.update("rules", {name: template[name] for name in ("Vpc", "Group", "Out")})
    rules = client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert {rule["IsEgress"] for rule in rules} == {True}


def test_a_rule_that_is_there_already_is_refused(stacks: Stacks) -> None:
    rule = resource("EC2::SecurityGroupIngress", GroupId=ref("Group"), CidrIp="10.1.0.0/16", IpProtocol="-1")
    group = resource("EC2::SecurityGroup", GroupDescription="g", VpcId=ref("Vpc"))
    with pytest.raises(AssertionError, match=r"InvalidPermission.Duplicate"):
        stacks.create("twice", {**VPC, "Group": group, "One": rule, "Two": {**rule, "DependsOn": "One"}})


def test_a_gateway_endpoint_puts_its_route_and_takes_it_away(stacks: Stacks) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject"}]}
    template = {
        **VPC,
        "Table": resource("EC2::RouteTable", VpcId=ref("Vpc")),
        "S3": resource(
            "EC2::VPCEndpoint",
            VpcId=ref("Vpc"),
            ServiceName=f"com.amazonaws.{HOME}.s3",
            RouteTableIds=[ref("Table")],
            PolicyDocument=policy,
        ),
    }
    told = stacks.create("gateway", template, Table=ref("Table"), Endpoint=ref("S3"))
    ec2 = client("ec2")
    (endpoint,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[told["Endpoint"]])["VpcEndpoints"]
    assert "s3:PutObject" in endpoint["PolicyDocument"]
    routes = ec2.describe_route_tables(RouteTableIds=[told["Table"]])["RouteTables"][0]["Routes"]
    assert [one["DestinationPrefixListId"] for one in routes if one.get("GatewayId") == told["Endpoint"]]
    stacks.update("gateway", {name: template[name] for name in ("Vpc", "Table")})
    routes = ec2.describe_route_tables(RouteTableIds=[told["Table"]])["RouteTables"][0]["Routes"]
    assert [one["GatewayId"] for one in routes] == ["local"]


def test_an_interface_endpoint_has_an_address_in_its_subnet_until_it_goes(stacks: Stacks) -> None:
    template = {
        **VPC,
        **SUBNET,
        "Group": resource("EC2::SecurityGroup", GroupDescription="g", VpcId=ref("Vpc")),
        "Secrets": resource(
            "EC2::VPCEndpoint",
            VpcId=ref("Vpc"),
            VpcEndpointType="Interface",
            ServiceName=f"com.amazonaws.{HOME}.secretsmanager",
            PrivateDnsEnabled=True,
            SubnetIds=[ref("Subnet")],
            SecurityGroupIds=[ref("Group")],
        ),
    }
    group = stacks.create("interface", template, Group=ref("Group"))["Group"]
    ec2 = client("ec2")
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    (address,) = ec2.describe_network_interfaces(NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])[
        "NetworkInterfaces"
    ]
    assert [one["GroupId"] for one in endpoint["Groups"] + address["Groups"]] == [group, group]
    assert f"secretsmanager.{HOME}.amazonaws.com" in [one["DnsName"] for one in endpoint["DnsEntries"]]
    stacks.delete("interface")
    assert not ec2.describe_network_interfaces()["NetworkInterfaces"]


def test_a_flow_log_says_where_it_writes_and_is_gone_afterwards(stacks: Stacks) -> None:
    log = resource(
        "EC2::FlowLog",
        ResourceId=ref("Vpc"),
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/aws/vpc/flow",
        DeliverLogsPermissionArn="arn:aws:iam::111122223333:role/flow",
        Tags=[{"Key": "Name", "Value": "flow"}],
    )
    stacks.create("flow", {**VPC, "Log": log})
    (found,) = client("ec2").describe_flow_logs()["FlowLogs"]
    assert (found["LogGroupName"], found["TrafficType"]) == ("/aws/vpc/flow", "ALL")
    assert {"Key": "Name", "Value": "flow"} in found["Tags"]
    stacks.delete("flow")
    assert not client("ec2").describe_flow_logs()["FlowLogs"]


def test_peering_is_active_at_once_in_both_regions_and_each_side_has_its_options(stacks: Stacks) -> None:
    there = client("ec2", AWAY).create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    peering = resource("EC2::VPCPeeringConnection", VpcId=ref("Vpc"), PeerVpcId=there, PeerRegion=AWAY)
    name = stacks.create("peering", {**VPC, "Peering": peering}, Peering=ref("Peering"))["Peering"]
    option = {"AllowDnsResolutionFromRemoteVpc": True}
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        client("ec2", AWAY).modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=name, RequesterPeeringConnectionOptions=option
        )
    client("ec2", AWAY).modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=name, AccepterPeeringConnectionOptions=option
    )
    for region in (HOME, AWAY):
        (seen,) = client("ec2", region).describe_vpc_peering_connections()["VpcPeeringConnections"]
        assert seen["Status"]["Code"] == "active"
        allowed = [seen[side]["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"] for side in SIDES]
        assert allowed == [False, True]
    stacks.delete("peering")
    client("ec2", AWAY).delete_vpc(VpcId=there)
    assert not client("ec2", AWAY).describe_vpc_peering_connections()["VpcPeeringConnections"]


SIDES = ("RequesterVpcInfo", "AccepterVpcInfo")
