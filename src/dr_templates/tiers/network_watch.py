"""What keeps an eye on the network: flow logs, and the default security group emptied for good."""

import awacs.ec2
import awacs.logs
from troposphere import GetAtt, Ref, Sub, Template, ec2, iam, logs

from dr_templates.tiers import policy, sheet
from dr_templates.tiers.function import Code, ask, function


def add(template: Template, vpc: ec2.VPC) -> None:
    """Add flow logs and the custom resource that empties the default security group."""
    _flow_logs(template, vpc)
    _default_security_group(template, vpc)


def _flow_logs(template: Template, vpc: ec2.VPC) -> None:
    path = "/aws/vpc/${Name}-${EnvironmentSuffix}-${SiteName}"
    group = template.add_resource(
        logs.LogGroup(
            "FlowLogGroup",
            LogGroupName=Sub(path),
            RetentionInDays=Ref("LogRetentionDays"),
            KmsKeyId=Ref("LogKeyArn"),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    write = policy.allow(
        "WriteFlowLogs",
        [
            awacs.logs.CreateLogStream,
            awacs.logs.PutLogEvents,
            awacs.logs.DescribeLogGroups,
            awacs.logs.DescribeLogStreams,
        ],
        [
            Sub(f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{path}{end}")
            for end in ("", ":*")
        ],
    )
    role = template.add_resource(
        iam.Role(
            "FlowLogRole",
            Description="Lets VPC flow logs write to their log group",
            AssumeRolePolicyDocument=policy.trust("vpc-flow-logs"),
            Policies=[iam.Policy(PolicyName=sheet.physical("flow-logs"), PolicyDocument=policy.document(write))],
        )
    )
    template.add_resource(
        ec2.FlowLog(
            "FlowLog",
            ResourceId=Ref(vpc),
            ResourceType="VPC",
            TrafficType="ALL",
            LogGroupName=Ref(group),
            DeliverLogsPermissionArn=GetAtt(role, "Arn"),
            Tags=sheet.tags(),
        )
    )


def _default_security_group(template: Template, vpc: ec2.VPC) -> None:
    """Empty the group that every new interface would otherwise get; no CloudFormation type can (fact E1)."""
    group = Sub(
        "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/${Group}",
        Group=GetAtt(vpc, "DefaultSecurityGroup"),
    )
    rules = Sub("arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group-rule/*")
    statements = [
        policy.allow(
            "LookAtSecurityGroups", [awacs.ec2.DescribeSecurityGroups, awacs.ec2.DescribeSecurityGroupRules], ["*"]
        ),
        policy.allow(
            "EmptyTheDefaultGroup",
            [awacs.ec2.RevokeSecurityGroupEgress, awacs.ec2.RevokeSecurityGroupIngress],
            [group, rules],
        ),
    ]
    emptier = function(
        template,
        "default-security-group",
        Code("default_security_group_handler", "NetworkArchiveKey"),
        statements,
        description="Empties the default security group of the VPC",
        environment={},
        in_vpc=False,
        timeout=60,
    )
    ask(template, "EmptiedDefaultSecurityGroup", emptier, SecurityGroupId=GetAtt(vpc, "DefaultSecurityGroup"))
