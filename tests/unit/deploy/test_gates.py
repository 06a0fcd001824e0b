import pytest

from dr_templates.aws.stacks.model import Change, Effect
from dr_templates.deploy import gates
from dr_templates.failover.state import Kind, Move, Phase, State
from plans.build import DATABASE, KEY, change, nested, plan, planned

STORED = "AWS::SecretsManager::Secret"
GROUP = "AWS::RDS::DBSubnetGroup"


def refused(*changes: Change, allowed: tuple[str, ...] = ()) -> list[str]:
    return list(gates.refusals(planned(*changes), allowed))


@pytest.mark.parametrize("kind", [DATABASE, KEY, STORED, GROUP])
@pytest.mark.parametrize(
    ("effect", "words"), [(Effect.REPLACE, "would be replaced"), (Effect.REMOVE, "would be deleted")]
)
def test_what_holds_data_is_neither_replaced_nor_deleted(kind: str, effect: Effect, words: str) -> None:
    (reason,) = refused(nested("DatabasePrimary", change("Thing", kind, effect)))
    assert f"virginia primary: DatabasePrimary/Thing ({kind}) {words}" == reason


def test_what_is_named_may_go_and_only_that() -> None:
    changes = (change("One", KEY, Effect.REPLACE), change("Other", KEY, Effect.REPLACE))
    (reason,) = refused(*changes, allowed=("One",))
    assert "Other" in reason


@pytest.mark.parametrize("effect", [Effect.ADD, Effect.CHANGE])
def test_what_holds_data_may_be_added_and_changed_in_place(effect: Effect) -> None:
    assert refused(change("Database", DATABASE, effect, DBInstanceClass="Never")) == []


@pytest.mark.parametrize("effect", list(Effect))
def test_other_things_may_come_and_go(effect: Effect) -> None:
    assert refused(change("Topic", "AWS::SNS::Topic", effect, TopicName="Always")) == []


def test_the_property_that_replaces_is_named() -> None:
    (reason,) = refused(change("Database", DATABASE, Effect.REPLACE, KmsKeyId="Always", MultiAZ="Never"))
    assert reason.endswith("would be replaced (KmsKeyId)")


@pytest.mark.parametrize("name", sorted(gates.HARMLESS))
def test_a_replacement_left_open_for_what_rds_changes_in_place_is_none(name: str) -> None:
    assert refused(change("Database", DATABASE, Effect.PERHAPS, **{name: "Conditionally"})) == []


@pytest.mark.parametrize("name", ["Engine", "AvailabilityZone", "DBSnapshotIdentifier", "RestoreTime"])
def test_any_other_replacement_left_open_is_refused(name: str) -> None:
    touches = {name: "Conditionally", "MultiAZ": "Conditionally"}
    (reason,) = refused(change("Replica", DATABASE, Effect.PERHAPS, **touches))
    assert reason.endswith(f"may be replaced ({name})")


def test_a_property_that_is_harmless_for_a_database_is_not_for_a_key() -> None:
    (reason,) = refused(change("Key", KEY, Effect.PERHAPS, MultiAZ="Conditionally"))
    assert reason.endswith("may be replaced (MultiAZ)")


def test_a_replacement_left_open_without_a_reason_is_refused() -> None:
    (reason,) = refused(change("Database", DATABASE, Effect.PERHAPS))
    assert reason.endswith("may be replaced")


@pytest.mark.parametrize("effect", [Effect.CHANGE, Effect.PERHAPS, Effect.REPLACE])
def test_the_source_of_a_living_instance_never_changes_whatever_is_allowed(effect: Effect) -> None:
    changed = change("Database", DATABASE, effect, SourceDBInstanceIdentifier="Conditionally")
    (reason,) = refused(nested("DatabaseReplica", changed), allowed=("Database",))
    assert reason.startswith("virginia primary: DatabaseReplica/Database: SourceDBInstanceIdentifier would change")


def test_a_new_replica_has_its_source() -> None:
    assert refused(change("Database", DATABASE, Effect.ADD, SourceDBInstanceIdentifier="Conditionally")) == []


def test_a_nested_stack_that_goes_takes_what_it_holds_with_it() -> None:
    (reason,) = refused(nested("Keys", change("DatabaseKey", KEY, Effect.REMOVE), effect=Effect.REMOVE))
    assert "Keys/DatabaseKey" in reason


def test_a_name_that_is_allowed_and_does_not_occur_is_a_mistake() -> None:
    made = plan(planned(nested("Keys", change("DatabaseKey", KEY, Effect.REPLACE))))
    (reason,) = gates.strangers(made, ("DatabaseKey", "DatabseKey"))
    assert "DatabseKey" in reason


def test_nothing_is_deployed_beneath_a_move() -> None:
    move = Move(4, Kind.FAILOVER, "virginia", "ireland", "runner", 0.0, 0.0, "me", phase=Phase.SEALED)
    reason = gates.unfinished(State("virginia", move=move))
    assert reason is not None
    assert "epoch 4" in reason
    assert "ireland" in reason
    assert "runner" in reason


@pytest.mark.parametrize("state", [None, State("virginia")])
def test_without_a_move_there_is_nothing_to_wait_for(state: State | None) -> None:
    assert gates.unfinished(state) is None
