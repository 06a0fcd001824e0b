"""What crosses the network's edge: the S3 gateway, open for one thing, and the Secrets Manager endpoint."""

import awacs.ec2
import awacs.s3
import awacs.secretsmanager
from awacs.aws import Allow, Condition, Principal, Statement, StringEquals
from troposphere import AccountId, GetAtt, If, Join, NoValue, Ref, Region, Split, Sub, Template, ec2

from dr_templates.tiers import groups, policy, sheet
from dr_templates.tiers.function import TAKES as FUNCTION_TAKES
from dr_templates.tiers.function import Code, ask, function

TAKES = (*FUNCTION_TAKES, "NetworkArchiveKey", "SecretsManagerEndpoint")


def add(template: Template, vpc: ec2.VPC) -> None:
    """Add the two endpoints."""
    _s3(template, vpc)
    _secrets_manager(template, vpc)


def _s3(template: Template, vpc: ec2.VPC) -> None:
    """Add the gateway endpoint, open for one thing: the answer of a custom resource that runs in the VPC.

    CloudFormation names the bucket of its answers after the region without hyphens; the other form is let through too,
    in case a newer region differs.
    """
    bare = Join("", Split("-", Region))
    buckets = [
        Sub("arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${Bare}/*", Bare=bare),
        Sub("arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${AWS::Region}/*"),
    ]
    answers = Statement(
        Sid="AnswersOfCustomResources",
        Effect=Allow,
        Principal=Principal("*"),
        Action=[awacs.s3.PutObject],
        Resource=buckets,
    )
    template.add_resource(
        ec2.VPCEndpoint(
            "S3Endpoint",
            VpcId=Ref(vpc),
            VpcEndpointType="Gateway",
            ServiceName=Sub("com.amazonaws.${AWS::Region}.s3"),
            RouteTableIds=[Ref("FunctionRouteTable")],
            PolicyDocument=policy.document(answers),
        )
    )
    look = policy.allow("LookUpPrefixLists", [awacs.ec2.DescribeManagedPrefixLists], ["*"])
    finder = function(
        template,
        "prefix-list",
        Code("prefix_list_handler", "NetworkArchiveKey"),
        [look],
        description="Finds the id of the S3 prefix list of this region",
        environment={},
        in_vpc=False,
        timeout=30,
    )
    prefixes = ask(template, "S3PrefixList", finder, PrefixListName=Sub("com.amazonaws.${AWS::Region}.s3"))
    sheet.give(template, "S3PrefixListId", GetAtt(prefixes, "PrefixListId"), "Addresses of S3 in this region.")


def _secrets_manager(template: Template, vpc: ec2.VPC) -> None:
    """Add the interface endpoint, for callers of this account only (fact C1)."""
    wanted = sheet.switch(template, "HasSecretsManagerEndpoint", "SecretsManagerEndpoint")
    group = template.add_resource(
        ec2.SecurityGroup(
            "EndpointSecurityGroup",
            GroupDescription="Secrets Manager endpoint: HTTPS from the functions of this site",
            VpcId=Ref(vpc),
            SecurityGroupEgress=[groups.nowhere()],
            Tags=sheet.tags("endpoint"),
        )
    )
    callers = Condition(StringEquals("aws:PrincipalAccount", AccountId))
    ours = Statement(
        Sid="SecretsOfThisAccount",
        Effect=Allow,
        Principal=Principal("*"),
        Action=[
            awacs.secretsmanager.DescribeSecret,
            awacs.secretsmanager.GetSecretValue,
            awacs.secretsmanager.PutSecretValue,
            awacs.secretsmanager.UpdateSecretVersionStage,
        ],
        Resource=[Sub("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*")],
        Condition=callers,
    )
    passwords = Statement(
        Sid="NewPasswords",
        Effect=Allow,
        Principal=Principal("*"),
        Action=[awacs.secretsmanager.GetRandomPassword],
        Resource=["*"],
        Condition=callers,
    )
    template.add_resource(
        ec2.VPCEndpoint(
            "InterfaceEndpoint",
            Condition=wanted,
            VpcId=Ref(vpc),
            VpcEndpointType="Interface",
            ServiceName=Sub("com.amazonaws.${AWS::Region}.secretsmanager"),
            PrivateDnsEnabled=True,
            SubnetIds=[Ref("FunctionSubnetA"), Ref("FunctionSubnetB"), If("HasZoneC", Ref("FunctionSubnetC"), NoValue)],
            SecurityGroupIds=[Ref(group)],
            PolicyDocument=policy.document(ours, passwords),
        )
    )
    sheet.give(template, "EndpointSecurityGroupId", Ref(group), "Guards the interface endpoint.")
