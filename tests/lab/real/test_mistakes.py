"""Changes that would cost a database are refused when they are planned, on stacks that stand."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from dr_templates import render
from dr_templates.config import Config
from dr_templates.deploy import gates, planning
from dr_templates.deploy.blueprint import Blueprints
from dr_templates.deploy.deployment import Deployment, Source, packages
from plans import drive

Body = dict[str, Any]


def mistaken(source: Source, config: Config, tier: str, change: Callable[[Body], None]) -> Source:
    """Give the source with a change made to the properties of a tier's resources."""
    bodies = dict(source.blueprints.bodies)
    bodies[tier] = copy.deepcopy(dict(bodies[tier]))
    change(bodies[tier]["Resources"])
    texts = {name.removesuffix(".yaml"): text for name, text in render.texts().items()}
    texts[tier] = json.dumps(bodies[tier])
    return Source(Blueprints(bodies, source.blueprints.switched), packages(config, texts, ()), source.keys)


def refused(on: Deployment, source: Source, *allowed: str) -> list[str]:
    plan = drive.plan(on, source)
    try:
        return [reason for planned in plan.work for reason in gates.refusals(planned, allowed)]
    finally:
        planning.discard(on, plan)


def set_of(logical_id: str, **properties: object) -> Callable[[Body], None]:
    return lambda resources: resources[logical_id]["Properties"].update(properties)


def without(logical_id: str, name: str) -> Callable[[Body], None]:
    return lambda resources: resources[logical_id]["Properties"].pop(name)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    ("tier", "change", "told"),
    [
        (
            "database-primary",
            set_of("Database", DBInstanceIdentifier="another"),
            "Database (AWS::RDS::DBInstance) would be replaced (DBInstanceIdentifier)",
        ),
        (
            "database-replica",
            set_of("Database", Engine="postgres"),
            "Database (AWS::RDS::DBInstance) may be replaced (Engine)",
        ),
        (
            "database-replica",
            without("Database", "SourceDBInstanceIdentifier"),
            "SourceDBInstanceIdentifier would change",
        ),
        (
            "database-replica",
            set_of("Database", SourceDBInstanceIdentifier="arn:aws:rds:us-east-1:111122223333:db:another"),
            "SourceDBInstanceIdentifier would change",
        ),
        (
            "database-primary",
            set_of("SubnetGroup", DBSubnetGroupName="another"),
            "SubnetGroup (AWS::RDS::DBSubnetGroup) would be replaced (DBSubnetGroupName)",
        ),
        (
            "database-primary",
            set_of("Database", KmsKeyId="arn:aws:kms:us-east-1:111122223333:key/another"),
            "Database (AWS::RDS::DBInstance) would be replaced (KmsKeyId)",
        ),
        (
            "database-replica",
            set_of("Database", KmsKeyId="arn:aws:kms:eu-west-1:111122223333:key/another"),
            "Database (AWS::RDS::DBInstance) would be replaced (KmsKeyId)",
        ),
        (
            "database-primary",
            set_of("Secret", Name="another"),
            "Secret (AWS::SecretsManager::Secret) would be replaced (Name)",
        ),
    ],
)
def test_a_mistake_is_refused_by_name_and_cause(
    on: Deployment, source: Source, config: Config, tier: str, change: Callable[[Body], None], told: str
) -> None:
    reasons = refused(on, mistaken(source, config, tier, change))
    assert any(told in reason for reason in reasons), reasons


@pytest.mark.usefixtures("deployed")
def test_an_update_rds_makes_in_place_is_not_refused(on: Deployment, source: Source, config: Config) -> None:
    assert refused(on, mistaken(source, config, "database-primary", set_of("Database", MultiAZ=False))) == []


@pytest.mark.usefixtures("deployed")
def test_the_second_plan_of_the_real_templates_is_empty(on: Deployment, source: Source) -> None:
    assert drive.plan(on, source).empty
