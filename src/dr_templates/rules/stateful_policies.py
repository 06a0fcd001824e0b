"""E9108: data that one edit of the template would delete."""

from collections.abc import Iterator
from typing import ClassVar

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from dr_templates.rules._values import fault, resources

TYPES = (
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)


class StatefulPolicies(CloudFormationLintRule):
    """Deletion and replacement are two policies, and one does not cover the other (fact A19)."""

    id = "E9108"
    shortdesc = "A resource that holds data lacks DeletionPolicy or UpdateReplacePolicy"
    description = (
        "DeletionPolicy does not cover a replacement, UpdateReplacePolicy does not cover a deletion. A resource that "
        "holds data, or keys to it, says both; any value will do, Delete included, as long as it is a choice. "
        "The types: " + ", ".join(TYPES) + "."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"
    )
    tags: ClassVar[list[str]] = ["resources", "deletionpolicy", "updatereplacepolicy"]

    def match(self, cfn: Template) -> Iterator[RuleMatch]:
        """Yield one fault for each policy that is missing."""
        for resource in resources(cfn, *TYPES):
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if policy not in resource.body:
                    yield fault(("Resources", resource.name), f"{resource.name} holds data and needs {policy}")
