import pytest

from dr_templates.lab.emulator.changes import replacement

DATABASE = "AWS::RDS::DBInstance"


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (DATABASE, "DBInstanceIdentifier", "Always"),
        (DATABASE, "KmsKeyId", "Always"),
        (DATABASE, "DBSubnetGroupName", "Always"),
        (DATABASE, "SourceDBInstanceIdentifier", "Conditionally"),
        (DATABASE, "Engine", "Conditionally"),
        (DATABASE, "AllocatedStorage", "Never"),
        ("AWS::SecretsManager::Secret", "Name", "Always"),
        ("Custom::Anything", "Name", "Never"),
        ("AWS::No::SuchType", "Name", "Never"),
    ],
)
def test_the_schema_says_what_a_change_needs(kind: str, name: str, expected: str) -> None:
    assert replacement.recreation(kind, name, "old", "new") == expected
    assert replacement.possible(kind, name) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"Name": "a", "Owner": "x"}, {"Name": "b", "Owner": "x"}, "Always"),
        ({"Name": "a", "Owner": "x"}, {"Name": "a", "Owner": "y"}, "Never"),
        ({"Name": "a"}, None, "Always"),
    ],
)
def test_only_the_part_of_a_property_that_is_create_only_counts(old: object, new: object, expected: str) -> None:
    kind = "AWS::Glue::Table"
    assert ("TableInput", "Name") in replacement.schema(kind).create_only
    assert replacement.recreation(kind, "TableInput", old, new) == expected
    assert replacement.possible(kind, "TableInput") == "Conditionally"


def test_a_resource_that_keeps_its_given_name_is_not_replaced() -> None:
    old = {"DBInstanceIdentifier": "orders", "KmsKeyId": "a"}
    new = {**old, "KmsKeyId": "b"}
    assert replacement.replaces(DATABASE, old, new)
    assert replacement.refusal(DATABASE, old, new) == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename orders and update the stack again."
    )
    assert replacement.refusal(DATABASE, old, {**new, "DBInstanceIdentifier": "other"}) is None
    assert replacement.refusal(DATABASE, {"KmsKeyId": "a"}, {"KmsKeyId": "b"}) is None
    assert not replacement.replaces(DATABASE, old, {**old, "AllocatedStorage": 5})


def test_a_name_that_only_aws_gives_is_no_custom_name() -> None:
    vpc = "AWS::EC2::VPC"
    assert replacement.schema(vpc).name == ""
    assert replacement.refusal(vpc, {"CidrBlock": "a"}, {"CidrBlock": "b"}) is None
    assert replacement.refusal("AWS::SNS::Topic", {"TopicName": "t"}, {"TopicName": "t"}, "TopicName") is not None
