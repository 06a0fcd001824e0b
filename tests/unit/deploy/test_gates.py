import pytest

from dr_templates.aws.stacks.model import Change, Effect
from dr_templates.deploy import gates
from dr_templates.deploy.roots import Root
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


@pytest.mark.parametrize(
    "name",
    [
        "AutoMinorVersionUpgrade",
        "BackupRetentionPeriod",
        "DBParameterGroupName",
        "MultiAZ",
        "PreferredMaintenanceWindow",
    ],
)
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


def test_a_replacement_left_open_that_nothing_listed_accounts_for_is_refused() -> None:
    (reason,) = refused(change("Database", DATABASE, Effect.PERHAPS, AllocatedStorage="Never"))
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


def test_a_property_of_that_name_on_anything_but_a_database_is_no_source() -> None:
    assert refused(change("Thing", "AWS::SNS::Topic", SourceDBInstanceIdentifier="Never")) == []


@pytest.mark.parametrize("effect", [Effect.REMOVE, Effect.PERHAPS, Effect.REPLACE])
def test_a_nested_stack_that_goes_with_nobody_knows_what_is_refused(effect: Effect) -> None:
    (reason,) = refused(nested("Keys", effect=effect))
    goes = "may go" if effect is Effect.PERHAPS else "would go"
    assert reason == f"virginia primary: Keys is a nested stack that {goes}, with all that it holds"
    assert refused(nested("Keys", effect=effect), allowed=("Keys",)) == []


def test_a_nested_stack_that_is_replaced_is_refused_whatever_is_added_in_it() -> None:
    (reason,) = refused(nested("Keys", change("Key", KEY, Effect.ADD), effect=Effect.REPLACE))
    assert "Keys is a nested stack that would go" in reason


def test_a_nested_stack_that_may_go_is_refused_whatever_is_told_of_it() -> None:
    (reason,) = refused(nested("Keys", change("Alias", "AWS::KMS::Alias"), effect=Effect.PERHAPS))
    assert "Keys is a nested stack that may go" in reason
    assert refused(nested("Keys", change("Alias", "AWS::KMS::Alias"), effect=Effect.PERHAPS), allowed=("Keys",)) == []


def test_leave_for_a_nested_stack_is_none_for_a_database_known_to_be_in_it() -> None:
    gone = nested("DatabasePrimary", change("Database", DATABASE, Effect.REMOVE), effect=Effect.REMOVE)
    (reason,) = refused(gone, allowed=("DatabasePrimary",))
    assert reason.startswith("virginia primary: DatabasePrimary/Database")


def test_a_nested_stack_that_goes_with_nothing_to_keep_may_go() -> None:
    assert refused(nested("Peering", change("Route", "AWS::EC2::Route", Effect.REMOVE), effect=Effect.REMOVE)) == []


def test_a_nested_stack_within_a_nested_stack_is_looked_at() -> None:
    (reason,) = refused(nested("Outer", nested("Inner", effect=Effect.REMOVE)))
    assert "Outer/Inner" in reason


def test_a_nested_stack_that_is_new_or_changes_in_place_is_not_refused() -> None:
    assert refused(nested("Keys", effect=Effect.ADD), nested("Others", effect=Effect.CHANGE)) == []


def test_a_stack_that_a_failure_left_standing_takes_no_replacement() -> None:
    made = planned(change("Topic", "AWS::SNS::Topic", Effect.REPLACE, KmsMasterKeyId="Always"), broken=True)
    (reason,) = gates.refusals(made, ())
    assert "on a stack that a failure left standing" in reason
    again = change("Topic", "AWS::SNS::Topic", Effect.REPLACE)  # what failed and is made anew has no property to blame
    assert list(gates.refusals(planned(again, broken=True), ())) == []
    assert list(gates.refusals(planned(change("Topic", "AWS::SNS::Topic", Effect.CHANGE), broken=True), ())) == []


@pytest.mark.parametrize("kind", [DATABASE, "AWS::SNS::Topic"])
def test_what_has_a_name_of_its_own_is_not_replaced_whoever_allows_it(kind: str) -> None:
    made = nested("Data", change("One", kind, Effect.REPLACE, KmsKeyId="Always"))
    (reason,) = gates.refusals(planned(made, named=("Data/One",)), ("One",))
    assert f"Data/One ({kind}) would be replaced (KmsKeyId), and CloudFormation replaces nothing" in reason
    assert list(gates.refusals(planned(made, named=("Data/Other",)), ("One",))) == []


def test_what_takes_another_name_can_be_replaced_when_it_is_allowed() -> None:
    renamed = change("One", DATABASE, Effect.REPLACE, DBInstanceIdentifier="Always", KmsKeyId="Always")
    assert list(gates.refusals(planned(renamed, named=("One",)), ("One",))) == []
    assert len(list(gates.refusals(planned(renamed, named=("One",)), ()))) == 1


REPLICA = Root("ireland", "standby")


@pytest.mark.parametrize("name", ["Database", "DatabaseReplica/Database", "ireland/DatabaseReplica/Database"])
def test_what_may_go_is_named_by_its_id_or_the_way_to_it(name: str) -> None:
    made = planned(nested("DatabaseReplica", change("Database", DATABASE, Effect.REPLACE)), root=REPLICA)
    assert list(gates.refusals(made, (name,))) == []
    assert list(gates.strangers(plan(made), (name,))) == []


@pytest.mark.parametrize("name", ["virginia/DatabaseReplica/Database", "DatabasePrimary/Database", "base", ""])
def test_another_way_leads_elsewhere(name: str) -> None:
    made = planned(nested("DatabaseReplica", change("Database", DATABASE, Effect.REPLACE)), root=REPLICA)
    assert len(list(gates.refusals(made, (name,)))) == 1


def test_leave_to_replace_one_database_is_not_leave_to_replace_the_other() -> None:
    lost = change("Database", DATABASE, Effect.REPLACE)
    both = plan(planned(nested("DatabasePrimary", lost)), planned(nested("DatabaseReplica", lost), root=REPLICA))
    (reason,) = gates.strangers(both, ("Database",))
    assert "virginia/DatabasePrimary/Database, ireland/DatabaseReplica/Database" in reason
    assert list(gates.strangers(both, ("DatabaseReplica/Database",))) == []
    assert list(gates.ambiguous(both, ("Database",))) == [reason]
    assert list(gates.ambiguous(both, ("Database",), REPLICA)) == [reason]
    assert list(gates.ambiguous(both, ("Database",), Root("virginia", "foundation"))) == []


def test_a_name_that_costs_one_thing_alone_means_that_one() -> None:
    lost = change("Database", DATABASE, Effect.REPLACE)
    kept = change("Database", DATABASE, Effect.PERHAPS, MultiAZ="Conditionally")
    other = change("Database", "AWS::SNS::Topic", Effect.REPLACE)
    made = plan(planned(nested("DatabasePrimary", lost), other), planned(nested("DatabaseReplica", kept), root=REPLICA))
    assert list(gates.strangers(made, ("Database",))) == []


def test_a_name_of_a_nested_stack_that_is_lost_twice_means_more_than_one_thing() -> None:
    gone = nested("Keys", effect=Effect.REMOVE)
    both = plan(planned(gone, root=Root("virginia", "foundation")), planned(gone, root=Root("ireland", "foundation")))
    (reason,) = gates.ambiguous(both, ("Keys",))
    assert "virginia/Keys, ireland/Keys" in reason


def test_a_name_that_is_allowed_and_does_not_occur_is_a_mistake() -> None:
    made = plan(planned(nested("Keys", change("DatabaseKey", KEY, Effect.REPLACE))))
    (reason,) = gates.strangers(made, ("DatabaseKey", "DatabseKey"))
    assert reason == "--allow-replace DatabseKey: nothing of that name changes; leave it out if that is done already"


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
