"""Least rights: every policy of every template, read statement by statement."""

from collections.abc import Iterator
from typing import Any

import pytest

Templates = dict[str, dict[str, Any]]
Statement = dict[str, Any]

TAKE_NO_ARN = {
    "cloudwatch:PutMetricData",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcPeeringConnections",
    "rds:DescribeEvents",
    "secretsmanager:GetRandomPassword",
}
"""Actions of which the service authorization reference names no resource type: only * can be said."""

SECRET_WORDS = ("password", "secret", "token", "credential")


def policies(node: object, path: str = "") -> Iterator[tuple[str, Statement]]:
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{path}/{key}"
            if key == "Statement" and isinstance(value, list):
                yield from ((here, statement) for statement in value)
            else:
                yield from policies(value, here)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from policies(value, f"{path}/{index}")


def statements(templates: Templates) -> list[tuple[str, Statement]]:
    return [found for name, template in templates.items() for found in policies(template["Resources"], name)]


def test_there_is_something_to_read(templates: Templates) -> None:
    assert len(statements(templates)) > 40


def test_no_action_is_a_wildcard(templates: Templates) -> None:
    assert [
        (path, s["Action"]) for path, s in statements(templates) if any("*" in action for action in s["Action"])
    ] == []


def test_no_resource_is_a_wildcard_where_the_api_takes_an_arn(templates: Templates) -> None:
    wrong = [
        (path, statement)
        for path, statement in statements(templates)
        if "*" in statement.get("Resource", [])
        and statement["Effect"] == "Allow"
        and "/KeyPolicy/" not in path  # in a key's policy * is that key: KMS knows no other word for it
        and not set(statement["Action"]) <= TAKE_NO_ARN
    ]
    assert wrong == []


def test_no_arn_is_a_wildcard_in_disguise(templates: Templates) -> None:
    """Streams of one log group, objects of one bucket, rules of any group: the last part may be open, and no more.

    Attaching to a VPC is the exception: Lambda checks that right on all interfaces before it makes the function
    (docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html), and the deny beside it keeps the code from using it.
    """
    for path, statement in statements(templates):
        for resource in statement.get("Resource", []):
            text = resource["Fn::Sub"] if isinstance(resource, dict) and "Fn::Sub" in resource else resource
            text = text[0] if isinstance(text, list) else text
            if isinstance(text, str) and text != "*" and statement.get("Sid") != "AttachToVpc":
                assert "*/*" not in text, path
                service = text.split(":")[2:3]
                assert "*" not in service, path
                assert text.count("*") <= 1, path


def test_the_endpoint_for_secrets_serves_this_account_alone(templates: Templates) -> None:
    document = templates["network"]["Resources"]["InterfaceEndpoint"]["Properties"]["PolicyDocument"]
    for statement in document["Statement"]:
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    secrets = document["Statement"][0]["Resource"]
    assert [name["Fn::Sub"].rpartition(":secretsmanager:")[2] for name in secrets] == [
        "${AWS::Region}:${AWS::AccountId}:secret:*"
    ]


@pytest.mark.parametrize(("tier", "count"), [("keys", 5), ("control-keys", 2)])
def test_only_this_account_and_named_services_use_the_keys(templates: Templates, tier: str, count: int) -> None:
    keys = [b for b in templates[tier]["Resources"].values() if b["Type"] == "AWS::KMS::Key"]
    assert len(keys) == count
    for key in keys:
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            who = statement["Principal"]
            assert (
                who.get("AWS") == {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"} or "Service" in who
            )
            if statement["Sid"] != "AdministeredByTheAccount":
                assert statement["Condition"]


@pytest.mark.parametrize("tier", ["keys", "control-keys"])
def test_the_account_can_always_change_a_keys_policy_again(templates: Templates, tier: str) -> None:
    for body in templates[tier]["Resources"].values():
        if body["Type"] == "AWS::KMS::Key":
            administration = body["Properties"]["KeyPolicy"]["Statement"][0]
            assert "kms:PutKeyPolicy" in administration["Action"]
            assert "Condition" not in administration


def role_of(templates: Templates, tier: str, function: str) -> list[Statement]:
    role = templates[tier]["Resources"][f"{function}Role"]["Properties"]["Policies"][0]["PolicyDocument"]
    statements: list[Statement] = role["Statement"]
    return statements


def test_only_the_function_that_prepares_the_database_may_read_the_masters_password(templates: Templates) -> None:
    readers = {
        name: any("secretsmanager:GetSecretValue" in s["Action"] for s in role_of(templates, "probe", name))
        for name in ("Probe", "Prepare")
    }
    assert readers == {"Probe": False, "Prepare": True}


def test_the_probes_login_outlives_the_instance_and_is_this_environments_alone(templates: Templates) -> None:
    (login,) = [s for s in role_of(templates, "probe", "Probe") if s["Action"] == ["rds-db:connect"]]
    (user,) = login["Resource"]
    assert user["Fn::Sub"].endswith(":dbuser:*/dr_probe_${Name}-${EnvironmentSuffix}")
    functions = [
        b["Properties"] for b in templates["probe"]["Resources"].values() if "Runtime" in b.get("Properties", {})
    ]
    names = [function["Environment"]["Variables"]["DATABASE_USER"]["Fn::Sub"] for function in functions]
    assert names == ["dr_probe_${Name}-${EnvironmentSuffix}"] * 2


def test_rotation_may_encrypt_the_secrets_replica_through_secrets_manager_alone(templates: Templates) -> None:
    (peer,) = [s for s in role_of(templates, "rotation", "Rotation") if s["Resource"] == [{"Ref": "PeerSecretKeyArn"}]]
    services = peer["Condition"]["StringEquals"]["kms:ViaService"]
    assert all(service["Fn::Sub"].startswith("secretsmanager.") for service in services)


@pytest.mark.parametrize(("tier", "name"), [("probe", "Probe"), ("probe", "Prepare"), ("rotation", "Rotation")])
def test_a_function_in_the_vpc_cannot_use_the_interface_rights_itself(
    templates: Templates, tier: str, name: str
) -> None:
    role = role_of(templates, tier, name)
    (deny,) = [s for s in role if s["Effect"] == "Deny"]
    granted = {a for s in role if s["Effect"] == "Allow" for a in s["Action"] if a.startswith("ec2:")}
    assert set(deny["Action"]) == granted
    assert "lambda:SourceFunctionArn" in deny["Condition"]["ArnLike"]


def test_no_function_may_touch_what_a_failover_must_not_need(templates: Templates) -> None:
    actions = {action for _, s in statements(templates) for action in s["Action"] if s["Effect"] == "Allow"}
    assert not {a for a in actions if a.startswith(("iam:", "route53:"))}
    assert "rds:DeleteDBInstance" not in actions


def test_no_template_carries_a_secret(templates: Templates) -> None:
    password = templates["database-primary"]["Resources"]["Database"]["Properties"]["MasterUserPassword"]
    assert password == {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"}
    for name, template in templates.items():
        for parameter, body in template["Parameters"].items():
            assert "NoEcho" not in body, f"{name}: {parameter} takes a secret"
        assert "resolve:" not in str(template.get("Outputs"))
        for resource in template["Resources"].values():
            variables = resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
            secretive = {k for k in variables if any(word in k.lower() for word in SECRET_WORDS)}
            assert secretive <= {"SECRET_ARN"}


def test_every_physical_name_carries_the_environment_suffix(templates: Templates) -> None:
    names = {
        "DBInstanceIdentifier",
        "DBSubnetGroupName",
        "DBParameterGroupName",
        "FunctionName",
        "LogGroupName",
        "TopicName",
        "AlarmName",
        "AliasName",
        "GroupName",
        "SubscriptionName",
        "TableName",
        "StateMachineName",
        "DashboardName",
    }
    seen = 0
    for template in templates.values():
        for resource in template["Resources"].values():
            for key, value in resource.get("Properties", {}).items():
                if key in names and isinstance(value, dict) and "Ref" not in value:
                    assert "${EnvironmentSuffix}" in value["Fn::Sub"]
                    seen += 1
    assert seen > 40


def test_role_names_are_left_to_cloudformation(templates: Templates) -> None:
    roles = [b for t in templates.values() for b in t["Resources"].values() if b["Type"] == "AWS::IAM::Role"]
    assert len(roles) >= 8
    assert not any("RoleName" in role["Properties"] for role in roles)
