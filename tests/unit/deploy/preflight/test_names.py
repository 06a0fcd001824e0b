import pytest
from tests.unit.deploy.preflight.world import AWAY, CONTROL, HOME, REFUSED, Answers, the_one, wrong

from dr_templates.aws.account.existing import LISTINGS, Existing
from dr_templates.aws.account.holdings import Holdings, Made
from dr_templates.aws.asking import Heard
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted

ACCOUNT = "111122223333"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type's name
SECRET_ARN = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:orders-prod/database-AbCdEf"
TAKEN = {
    "AWS::CloudWatch::Alarm": ("orders-prod-control-drill", CONTROL, "delete-alarms --alarm-names"),
    "AWS::CloudWatch::Dashboard": ("orders-prod-control", CONTROL, "delete-dashboards --dashboard-names"),
    "AWS::DynamoDB::Table": ("orders-prod-control-state", CONTROL, "delete-table --table-name"),
    "AWS::Events::Rule": ("orders-prod-virginia-probe", HOME, "delete-rule --name"),
    "AWS::KMS::Alias": ("alias/orders-prod-virginia-log", HOME, "delete-alias --alias-name"),
    "AWS::Lambda::Function": ("orders-prod-ireland-watchdog", AWAY, "delete-function --function-name"),
    "AWS::Logs::LogGroup": ("/aws/rds/instance/orders-prod-virginia/upgrade", HOME, "delete-log-group"),
    "AWS::RDS::DBInstance": ("orders-prod-virginia", HOME, "--final-db-snapshot-identifier orders-prod-virginia-last"),
    "AWS::RDS::DBParameterGroup": ("orders-prod-virginia", HOME, "delete-db-parameter-group"),
    "AWS::RDS::DBSubnetGroup": ("orders-prod-ireland", AWAY, "delete-db-subnet-group"),
    "AWS::RDS::EventSubscription": ("orders-prod-virginia", HOME, "delete-event-subscription"),
    "AWS::SNS::Topic": ("orders-prod-control", CONTROL, "delete-topic --topic-arn"),
    SECRET: ("orders-prod/database", AWAY, "delete-secret --secret-id"),
    "AWS::StepFunctions::StateMachine": ("orders-prod-control-moves", CONTROL, "delete-state-machine"),
}
PLACES = {HOME: "virginia", AWAY: "ireland", CONTROL: "control"}


def test_every_type_that_is_listed_has_a_row_here() -> None:
    assert set(TAKEN) == set(LISTINGS)


@pytest.mark.parametrize("kind", TAKEN)
def test_a_name_of_ours_that_our_stacks_did_not_give_is_a_blocker(kind: str, example: Wanted) -> None:
    name, region, command = TAKEN[kind]
    found = wrong("names", example, {(kind, region): Heard((Existing(name, f"id-of-{name}"),))})
    the_one(found, Verdict.BLOCKER, PLACES[region], f"{kind} {name} exists in {region}", command, f"--region {region}")


@pytest.mark.parametrize("kind", TAKEN)
def test_what_our_stacks_have_made_is_no_stranger(kind: str, example: Wanted) -> None:
    name, region, _ = TAKEN[kind]
    held = Holdings(made=(Made(kind, f"id-of-{name}", "UPDATE_COMPLETE"),))
    answers: Answers = {(kind, region): Heard((Existing(name, f"id-of-{name}"),)), ("stacks", region): Heard(held)}
    assert wrong("names", example, answers) == []


def test_the_id_of_a_stack_may_be_the_arn_of_what_is_listed_by_name(example: Wanted) -> None:
    kind, name = "AWS::Events::Rule", "orders-prod-virginia-probe"
    held = Holdings(made=(Made(kind, f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}"),))
    assert wrong("names", example, {("stacks", HOME): Heard(held), (kind, HOME): Heard((Existing(name, name),))}) == []


def test_what_our_stacks_have_made_of_another_type_is_no_excuse(example: Wanted) -> None:
    kind, name = "AWS::RDS::DBInstance", "orders-prod-virginia"
    held = Holdings(made=(Made("AWS::RDS::DBSubnetGroup", name),))
    found = wrong("names", example, {("stacks", HOME): Heard(held), (kind, HOME): Heard((Existing(name, name),))})
    the_one(found, Verdict.BLOCKER, "virginia", "none of our stacks made it")


def test_other_names_are_no_matter(example: Wanted) -> None:
    others = (Existing("orders-prod-virginia-2", "x"), Existing("orders-test-virginia", "y"))
    assert wrong("names", example, {("AWS::RDS::DBInstance", HOME): Heard(others)}) == []


def test_a_name_is_taken_only_in_the_region_where_it_is_wanted(example: Wanted) -> None:
    assert (
        wrong("names", example, {("AWS::RDS::DBInstance", AWAY): Heard((Existing("orders-prod-virginia", "x"),))}) == []
    )


def test_a_secret_that_waits_for_its_deletion_keeps_its_name(example: Wanted) -> None:
    waiting = Existing("orders-prod/database", SECRET_ARN, leaving=True)
    found = wrong("names", example, {(SECRET, HOME): Heard((waiting,))})
    the_one(found, Verdict.BLOCKER, "virginia", "taken until it is deleted for good", "--force-delete-without-recovery")


def test_an_instance_that_is_being_deleted_is_waited_for(example: Wanted) -> None:
    leaving = Existing("orders-prod-virginia", "orders-prod-virginia", leaving=True)
    found = wrong("names", example, {("AWS::RDS::DBInstance", HOME): Heard((leaving,))})
    assert the_one(found, Verdict.BLOCKER, "virginia", "until it is deleted").mend == "Wait until it is gone."


def test_the_copy_of_our_secret_in_the_other_region_is_ours(example: Wanted) -> None:
    copy = Existing("orders-prod/database", SECRET_ARN.replace("us-east-1", "eu-west-1"))
    answers: Answers = {
        ("stacks", HOME): Heard(Holdings(made=(Made(SECRET, SECRET_ARN),))),
        (SECRET, AWAY): Heard((copy,)),
    }
    assert wrong("names", example, answers) == []


def test_a_secret_of_that_name_with_another_ending_is_not(example: Wanted) -> None:
    other = Existing("orders-prod/database", SECRET_ARN.replace("us-east-1", "eu-west-1").replace("AbCdEf", "ZyXwVu"))
    held = Holdings(made=(Made(SECRET, SECRET_ARN),))
    found = wrong("names", example, {("stacks", HOME): Heard(held), (SECRET, AWAY): Heard((other,))})
    the_one(found, Verdict.BLOCKER, "ireland", "orders-prod/database")


def test_what_our_stack_failed_to_make_may_be_its_leftover(example: Wanted) -> None:
    kind, name = "AWS::RDS::DBInstance", "orders-prod-virginia"
    held = Holdings(made=(Made(kind, name, "CREATE_FAILED"),))
    found = wrong("names", example, {("stacks", HOME): Heard(held), (kind, HOME): Heard((Existing(name, name),))})
    the_one(found, Verdict.WARNING, "virginia", "our stack failed to create it", "If it is a leftover")


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_a_taken_name_is_a_warning_while_nobody_can_tell_whose_it_is(region: str, example: Wanted) -> None:
    kind, name = "AWS::RDS::DBInstance", "orders-prod-virginia"
    found = wrong("names", example, {("stacks", region): REFUSED, (kind, HOME): Heard((Existing(name, name),))})
    the_one(found, Verdict.WARNING, "virginia", "could not be read", f"--physical-resource-id {name} --region {HOME}")


def test_a_listing_that_is_refused_names_what_must_not_be_there(example: Wanted) -> None:
    found = wrong("names", example, {("AWS::StepFunctions::StateMachine", CONTROL): REFUSED})
    the_one(found, Verdict.WARNING, "control", "x:Look", "orders-prod-control-moves")


def test_a_listing_that_no_stack_needs_may_be_refused(example: Wanted) -> None:
    assert wrong("names", example, {("AWS::StepFunctions::StateMachine", HOME): REFUSED}) == []
