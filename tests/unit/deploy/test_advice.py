import pytest

from dr_templates.deploy.advice import AGAIN, advice


@pytest.mark.parametrize(
    ("reason", "mend"),
    [
        ("DB instance orders-prod-virginia already exists (Service: Rds)", "retained"),
        ("CloudFormation cannot update a stack when a custom-named resource requires replacing.", "fixed name"),
        ("Action denied by stack policy: Statement [#1]", "--allow-replace"),
        ("User: x is not authorized to perform: rds:CreateDBInstance", "preflight"),
        ("The maximum number of VPCs has been reached.", "quota"),
        ("Rate exceeded (Service: Kms, Status Code: 400)", "busy"),
        ("The security token included in the request is expired", "log in"),
        ("InsufficientDBInstanceCapacity", "another zone"),
        ("S3 error: The specified key does not exist. NoSuchKey", "artifact bucket"),
        ("CloudFormation did not receive a response: the custom resource timed out", "log group"),
        ("Cannot delete protected DB Instance, please disable deletion protection", "deletion_protection: false"),
    ],
)
def test_words_of_aws_lead_to_their_mend(reason: str, mend: str) -> None:
    assert mend in advice(reason)
    assert advice(reason).endswith(AGAIN)


def test_words_nobody_knows_lead_to_the_general_advice_alone() -> None:
    assert advice("something new") == AGAIN
