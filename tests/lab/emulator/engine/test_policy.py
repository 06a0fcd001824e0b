import json
from typing import Any

import pytest

from dr_templates.lab.emulator.stacks.policy import DELETE, MODIFY, REPLACE, denial

ALLOW = {"Effect": "Allow", "Action": "Update:*", "Resource": "*"}
DATABASE = "AWS::RDS::DBInstance"


def said(*statements: dict[str, Any], action: str = MODIFY, name: str = "Database", kind: str = DATABASE) -> str | None:
    return denial(json.dumps({"Statement": statements}), action, name, kind)


def deny(**more: object) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "Update:*", "Resource": "*", **more}


def test_no_policy_allows_everything_and_an_empty_one_nothing() -> None:
    assert denial("", DELETE, "Database", DATABASE) is None
    assert said() == "Action denied by stack policy: No statement allows [Update:Modify] for resource [Database]"


def test_the_statement_that_denies_is_named_by_its_place() -> None:
    words = "Action denied by stack policy: Statement [#2] does not allow [Update:Modify] for resource [Database]"
    assert said(ALLOW, deny()) == words


@pytest.mark.parametrize(
    ("statement", "meets"),
    [
        (deny(Action="Update:Modify"), True),
        (deny(Action=["Update:Replace", "Update:Modify"]), True),
        (deny(Action="Update:Replace"), False),
        (deny(Resource="LogicalResourceId/Database"), True),
        (deny(Resource="LogicalResourceId/Data*"), True),
        (deny(Resource="LogicalResourceId/Topic"), False),
        ({"Effect": "Deny", "NotAction": "Update:Modify", "Resource": "*"}, False),
        ({"Effect": "Deny", "NotAction": "Update:Delete", "Resource": "*"}, True),
        ({"Effect": "Deny", "Action": "Update:*", "NotResource": "LogicalResourceId/Database"}, False),
        ({"Effect": "Deny", "Action": "Update:*", "NotResource": "LogicalResourceId/Topic"}, True),
        (deny(Condition={"StringEquals": {"ResourceType": [DATABASE]}}), True),
        (deny(Condition={"StringEquals": {"ResourceType": "AWS::SNS::Topic"}}), False),
        (deny(Condition={"StringLike": {"ResourceType": "AWS::RDS::*"}}), True),
        (deny(Condition={"StringLike": {"ResourceType": "AWS::SNS::*"}}), False),
    ],
)
def test_a_statement_meets_what_it_names(statement: dict[str, Any], meets: bool) -> None:
    assert (said(ALLOW, statement) is not None) is meets


def test_one_statement_may_stand_without_a_list() -> None:
    body = json.dumps({"Statement": deny()})
    assert denial(body, REPLACE, "Database", DATABASE) is not None
