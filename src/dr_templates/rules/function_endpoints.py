"""W9111: a function in a VPC that may call a service it has no way to."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._intrinsics import spell
from dr_templates.rules._permissions import called
from dr_templates.rules._values import Resource, fault, present, resources

ENDPOINTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"cloudwatch": ("monitoring", "cloudwatch"), "states": ("states", "stepfunctions")}
)
"""Names of a service's endpoint where they are not the IAM prefix; all others are."""


class FunctionEndpoints(CloudFormationLintRule):
    """A function in a VPC has no public address and reaches only what an endpoint leads to (fact C1)."""

    id = "W9111"
    shortdesc = "A function in a VPC may call a service without an endpoint"
    description = (
        "The role of a function in a VPC allows calls to a service for which the template shows no way: no "
        "AWS::EC2::VPCEndpoint and no parameter whose name ends in the service's name and EndpointId, such as "
        "SecretsManagerEndpointId, by which another tier hands its endpoint in; SecretsManagerEndpoint does as well if "
        "it has AllowedValues, for then it is the switch of the endpoint. A call without a way does not fail, it hangs "
        "until the function times out. Not counted are logs, X-Ray and rds-db:connect, what Lambda itself does "
        "with the role (network interfaces, event sources, and dead letters where the function has them), and KMS "
        "under a kms:ViaService condition. A template with a NAT gateway is not judged."
    )
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html"
    tags: ClassVar[list[str]] = ["resources", "lambda", "ec2", "vpc", "iam"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a warning for each service a function may call and cannot reach."""
        if cfn.get_resources("AWS::EC2::NatGateway"):
            return
        shown = set(_endpoints(cfn))
        for function in resources(cfn, "AWS::Lambda::Function"):
            if not any(True for _ in present(function.properties, "VpcConfig", "SubnetIds")):
                continue
            for service in sorted(set(called(cfn, function)) - set(_dead_letters(function))):
                names = ENDPOINTS.get(service, (service.replace("-", ""),))
                if shown.isdisjoint(names) and not any(_handed_in(cfn, name) for name in names):
                    path = (*function.properties.path, "VpcConfig")
                    yield fault(path, f"{function.name} may call {service}, but no endpoint for it is shown")


def _endpoints(cfn: Template) -> Iterator[str]:
    for endpoint in resources(cfn, "AWS::EC2::VPCEndpoint"):
        for service in present(endpoint.properties, "ServiceName"):
            yield spell(service.value).rpartition(".")[2].replace("-", "")


def _handed_in(cfn: Template, endpoint: str) -> bool:
    """Whether a parameter ends in the endpoint's name, begun by a capital, so that Words is not taken for Rds."""
    ending = re.compile(rf".*(?=[A-Z0-9])(?i:{endpoint})Endpoint(Id)?")
    return any(
        match is not None and (match[1] == "Id" or "AllowedValues" in parameter)
        for name, parameter in cfn.get_parameters_valid().items()
        for match in [ending.fullmatch(name)]
    )


def _dead_letters(function: Resource) -> Iterator[str]:
    if any(True for _ in present(function.properties, "DeadLetterConfig", "TargetArn")):
        yield from ("sns", "sqs")
