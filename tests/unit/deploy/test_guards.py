import pytest

from dr_templates.deploy import guards
from dr_templates.deploy.blueprint import blueprints

TEMPLATES = blueprints()
ALLOWED = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
DENIED = {
    "Effect": "Deny",
    "Action": ["Update:Replace", "Update:Delete"],
    "Principal": "*",
    "Condition": {
        "StringEquals": {
            "ResourceType": [
                "AWS::KMS::Key",
                "AWS::RDS::DBInstance",
                "AWS::RDS::DBSubnetGroup",
                "AWS::SecretsManager::Secret",
            ]
        }
    },
}


@pytest.mark.parametrize(
    ("root", "keeping"),
    [
        ("foundation", ("Keys",)),
        ("primary", ("DatabasePrimary",)),
        ("standby", ("DatabaseReplica",)),
        ("control", ("ControlKeys",)),
    ],
)
def test_the_nested_stacks_that_hold_what_is_kept_are_known_by_their_templates(
    root: str, keeping: tuple[str, ...]
) -> None:
    assert guards.keepers(TEMPLATES, root) == keeping


def test_nothing_of_the_kept_types_is_replaced_or_deleted_by_an_update() -> None:
    assert guards.policy(guards.KEPT) == {"Statement": [ALLOWED, {**DENIED, "Resource": "*"}]}


def test_what_is_allowed_by_name_is_left_out_and_nothing_else() -> None:
    policy = guards.policy(guards.KEPT, ("Secret", "Database"))
    left_out = ["LogicalResourceId/Database", "LogicalResourceId/Secret"]
    assert policy == {"Statement": [ALLOWED, {**DENIED, "NotResource": left_out}]}
