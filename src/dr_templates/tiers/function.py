"""A Lambda function with all that belongs to it: log group, role, least rights."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from awacs.aws import Statement
from troposphere import GetAtt, Ref, Sub, Template, awslambda, iam, logs
from troposphere.cloudformation import CustomResource

from dr_templates.tiers import policy, sheet

RUNTIME = "python3.14"
"""The newest runtime botocore and cfn-lint both know; supported until 2029-06-30 (fact C4)."""

TAKES = ("Name", "EnvironmentSuffix", "SiteName", "ArtifactBucket", "LogRetentionDays", "LogKeyArn")
ANSWER_SECONDS = 120
"""How long CloudFormation waits for a custom resource; its own default is an hour."""

VPC_TAKES = ("FunctionSubnetIds", "FunctionSecurityGroupId")


class Code(NamedTuple):
    """What a function runs: the handler's module, the parameter that names its archive, the entry in the module.

    ``memory`` is what it needs, in MiB.
    """

    module: str
    archive: str
    entry: str = "handler"
    memory: int = 256


def function(
    template: Template,
    purpose: str,
    code: Code,
    statements: Sequence[Statement],
    *,
    description: str,
    environment: Mapping[str, Any],
    in_vpc: bool,
    timeout: int,
) -> awslambda.Function:
    """Add a function, its log group and its role, all named after its purpose; ``timeout`` is in seconds.

    Lambda tries nothing twice: a custom resource has answered by then, a missed probe is a fact of its own.
    Concurrency is not reserved: in an account with the default quota of a new one that alone fails the stack. The log
    group is made first and named to the function, or Lambda makes one that keeps its events for ever.
    """
    logical = "".join(word.capitalize() for word in purpose.split("-"))
    name = sheet.physical(purpose)
    path = f"/aws/lambda/{name.data['Fn::Sub']}"
    log_group = template.add_resource(
        logs.LogGroup(
            f"{logical}LogGroup",
            LogGroupName=Sub(path),
            RetentionInDays=Ref("LogRetentionDays"),
            KmsKeyId=Ref("LogKeyArn"),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    rights = [policy.write_logs(path), *(policy.network_interfaces(name) if in_vpc else ()), *statements]
    role = template.add_resource(
        iam.Role(
            f"{logical}Role",
            Description=description,
            AssumeRolePolicyDocument=policy.lambda_trust(),
            Policies=[iam.Policy(PolicyName=sheet.physical(purpose), PolicyDocument=policy.document(*rights))],
        )
    )
    place: dict[str, Any] = {}
    if in_vpc:
        place["VpcConfig"] = awslambda.VPCConfig(
            SubnetIds=Ref("FunctionSubnetIds"), SecurityGroupIds=[Ref("FunctionSecurityGroupId")]
        )
    if environment:
        place["Environment"] = awslambda.Environment(Variables=dict(environment))
    made = template.add_resource(
        awslambda.Function(
            f"{logical}Function",
            FunctionName=name,
            Description=description,
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Handler=f"{code.module}.{code.entry}",
            Code=awslambda.Code(S3Bucket=Ref("ArtifactBucket"), S3Key=Ref(code.archive)),
            Role=GetAtt(role, "Arn"),
            MemorySize=code.memory,
            Timeout=timeout,
            LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(log_group)),
            **place,
        )
    )
    template.add_resource(
        awslambda.EventInvokeConfig(
            f"{logical}Once",
            FunctionName=Ref(made),
            Qualifier="$LATEST",
            MaximumRetryAttempts=0,
            MaximumEventAgeInSeconds=ANSWER_SECONDS,
        )
    )
    return made


def ask(
    template: Template, logical: str, answerer: awslambda.Function, *, when: str | None = None, **properties: object
) -> CustomResource:
    """Add a custom resource that the function answers, in two minutes or not at all, once it is set up for that."""
    return template.add_resource(
        CustomResource(
            logical,
            ServiceToken=GetAtt(answerer, "Arn"),
            ServiceTimeout=ANSWER_SECONDS,
            DependsOn=answerer.title.removesuffix("Function") + "Once",
            **({"Condition": when} if when else {}),
            **properties,
        )
    )
