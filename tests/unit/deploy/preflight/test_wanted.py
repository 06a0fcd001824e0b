import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from tests.unit.deploy.preflight.world import AWAY, CONTROL, HOME

from dr_templates.aws.account.existing import LISTINGS
from dr_templates.config import Config
from dr_templates.deploy.preflight.actions import DEEDS, actions
from dr_templates.deploy.preflight.wanted import NAMED, STACK, Wanted, wanted


def test_every_resource_that_has_a_name_of_its_own_is_named(example: Wanted) -> None:
    unnamed = {one.type for one in example.resources if one.type in NAMED and not one.name}
    assert unnamed == set()
    assert set(NAMED) == set(LISTINGS)
    assert {one.type for one in example.resources} >= set(NAMED)


def test_names_are_those_of_the_place(example: Wanted) -> None:
    assert {one.name for one in example.at(AWAY, "AWS::RDS::DBInstance")} == {"orders-prod-ireland"}
    assert {one.name for one in example.at(AWAY, "AWS::SecretsManager::Secret")} == {"orders-prod/database"}
    assert {one.name for one in example.at(CONTROL, "AWS::DynamoDB::Table")} == {"orders-prod-control-state"}
    assert "orders-prod-virginia-inactive" in {one.name for one in example.at(CONTROL, "AWS::CloudWatch::Alarm")}
    assert example.stacks(HOME) == ("orders-prod-virginia-foundation", "orders-prod-virginia-primary")


def test_what_a_condition_leaves_out_is_not_wanted(config: Config) -> None:
    two_zones = {
        name: section.model_copy(update={"zones": section.zones[:2]}) for name, section in config.sites.items()
    }
    network = config.network.model_copy(update={"secrets_manager_endpoint": False})
    less = wanted(config.model_copy(update={"sites": two_zones, "network": network}))
    types = Counter(one.type for one in less.at(HOME))
    assert (types["AWS::EC2::Subnet"], types["AWS::EC2::VPCEndpoint"]) == (4, 1)


def test_a_tier_that_is_switched_on_is_wanted_with_its_stack(example: Wanted, peered: Wanted) -> None:
    kind = "AWS::EC2::VPCPeeringConnection"
    assert (len(example.at(HOME, kind)), len(peered.at(HOME, kind)), len(peered.at(AWAY, kind))) == (0, 1, 0)
    assert len(peered.at(HOME, STACK)) == len(example.at(HOME, STACK)) + 1


def test_places_of_one_region_share_a_label(example: Wanted) -> None:
    control = example.config.control.model_copy(update={"region": AWAY})
    shared = Wanted(example.config.model_copy(update={"control": control}), ())
    assert (example.label(AWAY), shared.label(AWAY)) == ("ireland", "ireland, control")


def test_every_type_that_is_made_has_its_actions_or_comes_with_another(told: Wanted) -> None:
    """Rules come with their group, routes with their table, records with their zone."""
    made = {one.type for one in told.resources}
    assert set(DEEDS) <= made
    services = {kind.rpartition("::")[0] for kind in DEEDS}
    assert {kind for kind in made if kind.rpartition("::")[0] not in services} == set()


def test_actions_are_asked_for_what_they_act_on(example: Wanted) -> None:
    at_home, at_control = actions(example, HOME), actions(example, CONTROL)
    assert at_home["rds:CreateDBInstance"] == "arn:aws:rds:us-east-1:111122223333:db:orders-prod-virginia"
    assert at_home["s3:PutObject"] == "arn:aws:s3:::orders-prod-artifacts-111122223333-us-east-1/lambda/*"
    assert at_home["cloudformation:CreateStack"].startswith(
        "arn:aws:cloudformation:us-east-1:111122223333:stack/orders-prod-virginia-"
    )
    assert at_home["iam:CreateRole"] == "arn:aws:iam::111122223333:role/orders-prod-virginia"
    assert "rds:CreateDBInstance" not in at_control
    assert "route53:CreateHostedZone" in at_control
    assert not any("{" in arn for arn in (*at_home.values(), *at_control.values()))


def test_what_is_switched_off_needs_no_right(example: Wanted, told: Wanted) -> None:
    database = example.config.database.model_copy(update={"replicated_backup_retention_days": 0})
    alone = Wanted(example.config.model_copy(update={"database": database}), example.resources)
    backups, subscribe, peering = (
        "rds:StartDBInstanceAutomatedBackupsReplication",
        "sns:Subscribe",
        "ec2:CreateVpcPeeringConnection",
    )
    assert {backups, subscribe, peering} <= set(actions(told, HOME))
    assert {backups, subscribe, peering} & set(actions(example, HOME)) == {backups}
    assert backups not in actions(alone, HOME)


def schema(kind: str) -> dict[str, Any]:
    """Give the schema of a type by which CloudFormation makes it, as cfn-lint brings it along."""
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(HOME, kind).schema
    return found


def may(kind: str, *handlers: str) -> set[str]:
    return {right for one in handlers for right in schema(kind).get("handlers", {}).get(one, {}).get("permissions", ())}


def test_whoever_deploys_may_give_every_resource_the_tag_of_its_stack(told: Wanted) -> None:
    asked = set(actions(told, HOME)) | set(actions(told, CONTROL))
    tagging = re.compile(r":(Tag(Resource|Role)|AddTagsToResource|CreateTags|ChangeTagsForResource)$")
    needed = {
        right
        for kind in {one.type for one in told.resources} - {STACK}
        for right in schema(kind).get("tagging", {}).get("permissions", ())
        if tagging.search(right)
    }
    assert len(needed) == 13
    assert needed <= asked


def test_what_is_asked_for_is_what_cloudformation_says_it_does(told: Wanted) -> None:
    """Beside its own part: a grant that RDS makes, the read of a secret that a stack resolves."""
    made = {one.type for one in told.resources} - {STACK}
    does = {right for kind in made for right in may(kind, "create", "read", "update", "delete")}
    does |= {"lambda:InvokeFunction", "logs:AssociateKmsKey", "secretsmanager:GetSecretValue"}
    asked = {right for kind, deed in DEEDS.items() for right in deed.actions if kind != STACK}
    assert asked - does == set()


def test_every_action_is_one_that_botocore_knows(told: Wanted) -> None:
    """IAM's simulator takes any word for an action; one that is misspelt would be simulated as denied."""
    import botocore  # noqa: PLC0415 - only its data are read

    data = Path(botocore.__file__).parent / "data"
    services = {"states": "stepfunctions"}
    differs = {
        "lambda:InvokeFunction",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutEncryptionConfiguration",
        "iam:PassRole",
    }
    unknown = []
    for action in {*actions(told, HOME), *actions(told, CONTROL)} - differs:
        service, _, operation = action.partition(":")
        folder = max((data / services.get(service, service)).iterdir())
        if operation not in _operations(folder):
            unknown.append(action)
    assert unknown == []


def _operations(folder: Path) -> set[str]:
    import gzip  # noqa: PLC0415 - as above

    packed = folder / "service-2.json.gz"
    body = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    return set(json.loads(body)["operations"])
