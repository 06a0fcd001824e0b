"""Every resource of every template comes into being on the emulator, and is gone after it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from dr_templates.aws.stacks import read
from dr_templates.conditions import holds
from dr_templates.config import Config
from dr_templates.deploy import roots
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.steps import Done, Step
from dr_templates.tiers.root import TIERS

TYPES = (
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RDS::EventSubscription",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::HostedZone",
    "AWS::Route53::RecordSet",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::StepFunctions::StateMachine",
)
"""Every type in templates/. One that is new there has to be added here, once the emulator makes it."""


def standing(on: Deployment, place_root: roots.Root) -> dict[str, Mapping[str, Any]]:
    """Give what a root and the stacks nested in it hold, by path of logical ids."""
    client = on.client(place_root)
    held = {resource["LogicalResourceId"]: resource for resource in read.resources(client, on.stack(place_root))}
    for name, stack in read.nested(client, on.stack(place_root)).items():
        held |= {f"{name}/{inner['LogicalResourceId']}": inner for inner in read.resources(client, stack)}
    return held


def wanted(source: Source, config: Config, one: roots.Root) -> dict[str, str]:
    """Give the resources of a root by path and type, as its templates say with the values of the stack."""
    found = {}
    blueprints = source.blueprints
    known = {**_defaults(blueprints.parameters(one.template)), **config.values(one.place)}
    for name, (tier, resource) in blueprints.nested(one.template).items():
        body = blueprints.bodies[tier]
        if not _held(resource, blueprints.bodies[one.template], known):
            continue
        found[name] = resource["Type"]
        passed = resource["Properties"]["Parameters"]
        values = {**_defaults(blueprints.parameters(tier)), **known}
        values |= {key: value for key, value in passed.items() if isinstance(value, str)}
        found |= {
            f"{name}/{inner}": held["Type"] for inner, held in body["Resources"].items() if _held(held, body, values)
        }
    return found


def _defaults(parameters: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def _held(resource: Mapping[str, Any], body: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    if "Condition" not in resource:
        return True
    held = holds({"Condition": resource["Condition"]}, body["Conditions"], values)
    assert held is not None, resource["Condition"]
    return held


def test_the_types_of_the_templates_are_those_listed(source: Source) -> None:
    used = {resource["Type"] for body in source.blueprints.bodies.values() for resource in body["Resources"].values()}
    assert used == set(TYPES)


def test_every_root_is_complete(deployed: list[Step], on: Deployment) -> None:
    ended = {step.root: step.status for step in deployed if isinstance(step, Done)}
    assert ended == dict.fromkeys(roots.every(on.topology), "CREATE_COMPLETE")


@pytest.mark.usefixtures("deployed")
def test_every_resource_is_made_and_none_besides(on: Deployment, source: Source, config: Config) -> None:
    made: Counter[str] = Counter()
    for one in roots.every(on.topology):
        held = standing(on, one)
        assert {path: resource["ResourceType"] for path, resource in held.items()} == wanted(source, config, one)
        assert {resource["ResourceStatus"] for resource in held.values()} == {"CREATE_COMPLETE"}
        assert all(resource["PhysicalResourceId"] for resource in held.values())
        made.update(resource["ResourceType"] for resource in held.values())
    assert set(made) == set(TYPES)


def test_no_resource_of_any_template_is_left_out(source: Source, config: Config) -> None:
    made: dict[str, set[str]] = {}
    for one in roots.every(config.topology):
        nested = source.blueprints.nested(one.template)
        for path in wanted(source, config, one):
            stack, within, name = path.partition("/")
            if within:
                made.setdefault(nested[stack][0], set()).add(name)
    bodies = source.blueprints.bodies
    assert made == {tier: set(bodies[tier]["Resources"]) for tier in TIERS}
