"""E9107: an IAM name that the stacks of two regions would both claim."""

import re
from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._names import NAMES, carries, is_parameter
from dr_templates.rules._values import fault, present, resources

TYPES = ("AWS::IAM::Group", "AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::User")

_REGIONAL = re.compile(r"AWS::Region|AWS::StackId|.*(Region|Site)(Name)?")


class GlobalNames(CloudFormationLintRule):
    """IAM names are global in an account (fact E4)."""

    id = "E9107"
    shortdesc = "An IAM name does not tell the regions apart"
    description = (
        "IAM names are unique in an account over all regions, so the stack of the second region fails to deploy when a "
        "name holds neither AWS::Region nor a parameter whose name ends in Region or Site. "
        "Best leave the name to CloudFormation."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html"
    tags: ClassVar[list[str]] = ["resources", "iam", "names"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each value of an IAM name that is the same in every region."""
        for resource in resources(cfn, *TYPES):
            name = NAMES[resource.type]
            for value in present(resource.properties, name):
                if not is_parameter(cfn, value.value) and not carries(cfn, value.value, _regional):
                    yield fault(value.path, f"{name} must carry ${{AWS::Region}}, or be left to CloudFormation")


def _regional(name: str) -> bool:
    return _REGIONAL.fullmatch(name) is not None
