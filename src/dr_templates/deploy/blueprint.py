"""Templates as data: what a root takes, gives and holds, read off the same bodies that are deployed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dr_templates.tiers.parameters import find
from dr_templates.tiers.root import ROOTS, TIERS, everything

Body = Mapping[str, Any]
NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AWS::CloudWatch::Alarm": "AlarmName",
        "AWS::CloudWatch::Dashboard": "DashboardName",
        "AWS::DynamoDB::Table": "TableName",
        "AWS::Events::Rule": "Name",
        "AWS::KMS::Alias": "AliasName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::RDS::DBInstance": "DBInstanceIdentifier",
        "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
        "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
        "AWS::RDS::EventSubscription": "SubscriptionName",
        "AWS::SNS::Topic": "TopicName",
        "AWS::SecretsManager::Secret": "Name",
        "AWS::StepFunctions::StateMachine": "StateMachineName",
    }
)
"""Types whose name is one of a kind in a region, each with the property that says it."""


@dataclass(frozen=True)
class Blueprints:
    """Every template by name, roots and tiers alike.

    ``switched`` tells for a root which parameters may not fall back to their default once a switch of it says yes:
    there a default means "none", and what is switched on needs one.
    """

    bodies: Mapping[str, Body]
    switched: Mapping[str, Mapping[str, frozenset[str]]]

    def parameters(self, template: str) -> dict[str, str | None]:
        """Give a template's parameters with their defaults; None where the caller has to answer."""
        entries = self.bodies[template].get("Parameters", {}).items()
        return {name: str(entry["Default"]) if "Default" in entry else None for name, entry in entries}

    def outputs(self, template: str) -> Collection[str]:
        """Name what a template gives."""
        outputs: Collection[str] = self.bodies[template].get("Outputs", {})
        return outputs

    def demanded(self, template: str, known: Mapping[str, str]) -> frozenset[str]:
        """Name the parameters that may not fall back to their default, by what is switched on."""
        on = (names for switch, names in self.switched.get(template, {}).items() if known.get(switch) == "yes")
        return frozenset().union(*on)

    def nested(self, template: str) -> dict[str, tuple[str, Body]]:
        """Give a root's nested stacks by logical id: the template of each, and the resource that nests it."""
        return {
            logical_id: (resource["Properties"]["TemplateURL"].removeprefix("./").removesuffix(".yaml"), resource)
            for logical_id, resource in self.bodies[template]["Resources"].items()
        }

    def named(self, template: str) -> tuple[str, ...]:
        """Give the paths of a root's resources that have a name of their own: CloudFormation replaces none (A17)."""
        return tuple(
            f"{nest}/{logical_id}"
            for nest, (tier, _) in self.nested(template).items()
            for logical_id, resource in self.bodies[tier]["Resources"].items()
            if NAMED.get(resource["Type"]) in resource.get("Properties", {})
        )


def blueprints() -> Blueprints:
    """Build all templates of this project."""
    switched = {
        name: {
            member.when: frozenset(wired for wired in TIERS[member.tier]().parameters if find(wired).wired)
            for member in place.members
            if member.when
        }
        for name, place in ROOTS.items()
    }
    return Blueprints({name: template.to_dict() for name, template in everything().items()}, switched)
