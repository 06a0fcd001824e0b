"""E9116: a policy attribute that the language extensions cannot resolve."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._transforms import has_language_extensions
from dr_templates.rules._values import fault, is_function, resources


class ConditionalPolicy(CloudFormationLintRule):
    """The transform resolves the policies of resources that always exist, and of no others."""

    id = "E9116"
    shortdesc = "A conditional resource has an intrinsic as DeletionPolicy or UpdateReplacePolicy"
    description = (
        "In a template with AWS::LanguageExtensions, a resource with a Condition must have a literal DeletionPolicy "
        "and UpdateReplacePolicy: the transform calls an intrinsic there an unsupported expression, and the change set "
        "fails."
    )
    source_url = "https://github.com/aws-cloudformation/cfn-language-discussion/issues/124"
    tags: ClassVar[list[str]] = ["resources", "deletionpolicy", "updatereplacepolicy", "transform"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield a fault at each such policy."""
        if not has_language_extensions(cfn.template.get("Transform")):
            return
        for resource in resources(cfn):
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if "Condition" in resource.body and is_function(resource.body.get(policy)):
                    yield fault(
                        ("Resources", resource.name, policy), f"{policy} of a conditional resource must be literal"
                    )
