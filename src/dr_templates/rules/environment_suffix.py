"""E9106: a physical name that two environments of one account would both claim."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._names import HANDED_IN, NAMES, carries, is_parameter
from dr_templates.rules._values import fault, present, resources


class EnvironmentSuffix(CloudFormationLintRule):
    """Every physical name carries the suffix, so that environments live side by side in one account."""

    id = "E9106"
    shortdesc = "A physical name lacks the environment's suffix"
    description = (
        "A name written in the template must hold the parameter EnvironmentSuffix (another one by "
        "`-x E9106:suffix=Name`), by Ref, Sub or Join, in every branch of an If; otherwise the second environment in "
        "the account fails to deploy. Also good are the name of the stack, a reference to a resource of the template, "
        "a parameter that is the whole name, and, inside a longer name, a parameter whose name ends in "
        + ", ".join(HANDED_IN)
        + "."
    )
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html"
    tags: ClassVar[list[str]] = ["resources", "names"]

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {"suffix": {"default": "EnvironmentSuffix", "type": "string"}}
        self.configure()

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault for each value of a name property that does not carry the suffix."""
        suffix = self.config["suffix"]
        for resource in resources(cfn, *NAMES):
            name = NAMES[resource.type]
            for value in present(resource.properties, name):
                good = {suffix, "AWS::StackName", "AWS::StackId"}
                if not is_parameter(cfn, value.value) and not carries(cfn, value.value, good.__contains__):
                    yield fault(value.path, f"{name} must carry ${{{suffix}}}, or be left to CloudFormation")
