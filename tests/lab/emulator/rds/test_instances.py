"""Instances with a real server behind them: what RDS shows, and what the server then does."""

import json
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.rds.conftest import ANOTHER, AWAY, HOME, PASSWORD, TOKEN, Databases, client, until

from dr_templates.lab import processes
from dr_templates.lab.emulator import down, environment, up
from dr_templates.runtime.database import UnavailableError, session


def ask(databases: Databases, instance: dict[str, Any], query: str, **login: str) -> list[list[object]]:
    with session(databases.target(instance, **login)) as connection:
        return list(connection.run(query) or ())


def test_the_master_user_comes_in_by_its_password_alone_and_over_tls(databases: Databases) -> None:
    made = databases.create("orders")
    assert made["Endpoint"]["Address"].startswith("orders.")
    assert made["Endpoint"]["Address"].endswith(f".{HOME}.rds.amazonaws.com")
    assert made["Endpoint"]["Port"] == 5432
    assert ask(databases, made, "SELECT current_user::text, current_database()::text") == [["master", "app"]]
    with pytest.raises(UnavailableError, match="password authentication failed"):
        ask(databases, made, "SELECT 1", password=ANOTHER)


def test_a_member_of_rds_iam_comes_in_by_a_token(databases: Databases) -> None:
    made = databases.create("orders")
    ask(databases, made, "CREATE ROLE probe LOGIN IN ROLE rds_iam")
    assert ask(databases, made, "SELECT current_user::text", user="probe", password=TOKEN) == [["probe"]]


def test_without_iam_authentication_nobody_comes_in_by_a_token(databases: Databases) -> None:
    made = databases.create("orders", EnableIAMDatabaseAuthentication=False)
    ask(databases, made, "CREATE ROLE probe LOGIN IN ROLE rds_iam")
    with pytest.raises(UnavailableError):
        ask(databases, made, "SELECT 1", user="probe", password=TOKEN)


def test_another_password_holds_at_once_and_is_in_no_log(databases: Databases) -> None:
    made = databases.create("orders")
    client("rds").modify_db_instance(DBInstanceIdentifier="orders", MasterUserPassword=ANOTHER)
    databases.available("orders")
    assert ask(databases, made, "SELECT 1", password=ANOTHER) == [[1]]
    with pytest.raises(UnavailableError):
        ask(databases, made, "SELECT 1", password=PASSWORD)
    (log,) = (databases.emulator.home / "work/rds").glob("db-*/log")
    assert ANOTHER not in log.read_text()
    assert PASSWORD not in log.read_text()


def pair(databases: Databases) -> tuple[dict[str, Any], dict[str, Any]]:
    primary = databases.create("orders")
    replica = databases.replicate("orders-away", primary["DBInstanceArn"])
    return databases.see("orders"), replica


def test_a_replica_of_another_region_streams_and_says_so(databases: Databases) -> None:
    primary, replica = pair(databases)
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == primary["DBInstanceArn"]
    assert primary["ReadReplicaDBInstanceIdentifiers"] == [replica["DBInstanceArn"]]
    assert (replica["KmsKeyId"], replica["BackupRetentionPeriod"]) == (databases.keys[AWAY], 0)
    until(lambda: databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"] == "replicating")
    ask(databases, primary, "CREATE TABLE written (x int)")
    until(lambda: ask(databases, replica, "SELECT to_regclass('written')::text") == [["written"]])
    with pytest.raises(Exception, match="read-only"):
        ask(databases, replica, "INSERT INTO written VALUES (1)")


def test_a_replica_that_has_stopped_answering_holds_nobody_up_who_asks_for_it(databases: Databases) -> None:
    _, replica = pair(databases)
    data = Path(str(ask(databases, replica, "SHOW data_directory")[0][0]))
    processes.send(data, signal.SIGSTOP)
    began = time.monotonic()
    status = databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"]
    took = time.monotonic() - began
    processes.send(data, signal.SIGCONT)
    assert (status, took < 2) == ("error", True)
    until(lambda: databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"] == "replicating")


def test_a_promoted_replica_takes_writes_has_backups_and_cannot_be_promoted_again(databases: Databases) -> None:
    pair(databases)
    rds = client("rds", AWAY)
    rds.promote_read_replica(DBInstanceIdentifier="orders-away", BackupRetentionPeriod=5)
    promoted = databases.available("orders-away", AWAY)
    assert promoted["BackupRetentionPeriod"] == 5
    assert not promoted.get("ReadReplicaSourceDBInstanceIdentifier")
    assert not promoted.get("StatusInfos")
    assert databases.see("orders")["ReadReplicaDBInstanceIdentifiers"] == []
    ask(databases, promoted, "CREATE TABLE ours (x int)")
    with pytest.raises(ClientError, match=r"InvalidDBInstanceState.*DB Instance is not a read replica"):
        rds.promote_read_replica(DBInstanceIdentifier="orders-away")
    slots = "SELECT count(*) FROM pg_replication_slots"
    assert ask(databases, databases.see("orders"), slots) == [[0]]


def test_a_replica_whose_source_is_gone_is_terminated_and_stays_a_replica(databases: Databases) -> None:
    pair(databases)
    databases.delete("orders")
    orphan = databases.see("orders-away", AWAY)
    assert orphan["StatusInfos"][0]["Status"] == "terminated"
    assert not orphan["StatusInfos"][0]["Normal"]
    assert ask(databases, orphan, "SELECT pg_is_in_recovery()") == [[True]]


def test_a_replica_of_the_same_region_becomes_a_primary_when_its_source_is_deleted(databases: Databases) -> None:
    databases.create("orders")
    client("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="orders-beside", SourceDBInstanceIdentifier="orders"
    )
    assert databases.available("orders-beside")["ReadReplicaSourceDBInstanceIdentifier"] == "orders"
    databases.delete("orders")
    alone = databases.available("orders-beside")
    assert not alone.get("ReadReplicaSourceDBInstanceIdentifier")
    assert ask(databases, alone, "SELECT pg_is_in_recovery()") == [[False]]


def test_a_renamed_instance_keeps_its_data_and_has_another_endpoint(databases: Databases) -> None:
    before = databases.create("orders")
    ask(databases, before, "CREATE TABLE kept (x int)")
    client("rds").modify_db_instance(
        DBInstanceIdentifier="orders", NewDBInstanceIdentifier="orders-old", ApplyImmediately=True
    )
    after = databases.available("orders-old")
    assert databases.names(HOME) == ["orders-old"]
    assert after["DbiResourceId"] == before["DbiResourceId"]
    assert after["Endpoint"]["Address"].startswith("orders-old.")
    assert ask(databases, after, "SELECT to_regclass('kept')::text") == [["kept"]]
    assert databases.create("orders")["DbiResourceId"] != before["DbiResourceId"]


def test_a_renamed_instance_stays_what_it_was_to_its_replicas_and_to_its_source(databases: Databases) -> None:
    pair(databases)
    rename = {"NewDBInstanceIdentifier": "orders-old", "ApplyImmediately": True}
    client("rds").modify_db_instance(DBInstanceIdentifier="orders", **rename)
    primary = databases.available("orders-old")
    assert databases.see("orders-away", AWAY)["ReadReplicaSourceDBInstanceIdentifier"] == primary["DBInstanceArn"]
    assert databases.see("orders-away", AWAY)["StatusInfos"][0]["Status"] == "replicating"
    rename["NewDBInstanceIdentifier"] = "orders-afar"
    client("rds", AWAY).modify_db_instance(DBInstanceIdentifier="orders-away", **rename)
    replica = databases.available("orders-afar", AWAY)
    assert databases.see("orders-old")["ReadReplicaDBInstanceIdentifiers"] == [replica["DBInstanceArn"]]
    databases.delete("orders-afar", AWAY)
    assert databases.see("orders-old")["ReadReplicaDBInstanceIdentifiers"] == []


def test_a_name_that_is_taken_is_refused_and_nothing_is_modified(databases: Databases) -> None:
    databases.create("orders")
    databases.create("others")
    with pytest.raises(ClientError, match="DBInstanceAlreadyExists"):
        client("rds").modify_db_instance(
            DBInstanceIdentifier="orders",
            NewDBInstanceIdentifier="others",
            BackupRetentionPeriod=9,
            ApplyImmediately=True,
        )
    seen = databases.see("orders")
    assert (seen["DBInstanceStatus"], seen["BackupRetentionPeriod"]) == ("available", 3)


def test_a_replica_that_is_deleted_holds_no_log_back(databases: Databases) -> None:
    primary, _ = pair(databases)
    ((sender,),) = ask(databases, primary, "SELECT pid FROM pg_stat_replication")
    os.kill(sender, signal.SIGSTOP)  # it does not notice at once
    client("rds", AWAY).delete_db_instance(DBInstanceIdentifier="orders-away", SkipFinalSnapshot=True)
    time.sleep(1)
    os.kill(sender, signal.SIGCONT)
    until(lambda: not databases.names(AWAY))
    assert ask(databases, primary, "SELECT count(*) FROM pg_replication_slots") == [[0]]


def test_an_instance_listens_on_the_port_it_is_given(databases: Databases) -> None:
    made = databases.create("orders", Port=6432)
    assert made["Endpoint"]["Port"] == 6432
    assert ask(databases, made, "SELECT 1") == [[1]]


def test_a_version_that_rds_no_longer_makes_is_refused_and_so_is_a_silent_upgrade(databases: Databases) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterCombination.*Cannot find version 15\.12"):
        databases.create("orders", EngineVersion="15.12")
    databases.create("orders", EngineVersion="15.18")
    rds, now = client("rds"), {"DBInstanceIdentifier": "orders", "ApplyImmediately": True}
    with pytest.raises(ClientError, match=r"InvalidParameterCombination.*AllowMajorVersionUpgrade"):
        rds.modify_db_instance(**now, EngineVersion="16.15")
    rds.modify_db_instance(**now, EngineVersion="15.19")
    assert databases.available("orders")["EngineVersion"] == "15.19"


def test_a_parameter_of_the_group_holds_after_a_reboot(databases: Databases) -> None:
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="postgres15", Description="own")
    made = databases.create("orders", DBParameterGroupName="own")
    rds.modify_db_parameter_group(
        DBParameterGroupName="own",
        Parameters=[{"ParameterName": "log_statement", "ParameterValue": "all", "ApplyMethod": "pending-reboot"}],
    )
    rds.reboot_db_instance(DBInstanceIdentifier="orders")
    databases.available("orders")
    assert ask(databases, made, "SHOW log_statement") == [["all"]]
    with pytest.raises(ClientError, match="InvalidDBParameterGroupState"):
        rds.delete_db_parameter_group(DBParameterGroupName="own")
    databases.delete("orders")
    rds.delete_db_parameter_group(DBParameterGroupName="own")


def test_deletion_protection_holds_until_it_is_taken_away(databases: Databases) -> None:
    databases.create("orders", DeletionProtection=True)
    rds = client("rds")
    with pytest.raises(ClientError, match=r"InvalidParameterCombination.*deletion protection"):
        rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False, ApplyImmediately=True)
    databases.available("orders")
    databases.delete("orders")


def test_a_last_snapshot_is_kept(databases: Databases) -> None:
    databases.create("orders")
    rds = client("rds")
    with pytest.raises(ClientError, match="FinalDBSnapshotIdentifier is required"):
        rds.delete_db_instance(DBInstanceIdentifier="orders")
    rds.delete_db_instance(DBInstanceIdentifier="orders", FinalDBSnapshotIdentifier="last")
    until(lambda: not databases.names(HOME))
    (snapshot,) = rds.describe_db_snapshots()["DBSnapshots"]
    assert (snapshot["DBSnapshotIdentifier"], snapshot["DBInstanceIdentifier"]) == ("last", "orders")
    rds.delete_db_snapshot(DBSnapshotIdentifier="last")


def test_a_stopped_instance_keeps_its_data(databases: Databases) -> None:
    made = databases.create("orders")
    ask(databases, made, "CREATE TABLE kept (x int)")
    rds = client("rds")
    rds.stop_db_instance(DBInstanceIdentifier="orders")
    until(lambda: databases.see("orders")["DBInstanceStatus"] == "stopped")
    with pytest.raises(UnavailableError):
        ask(databases, made, "SELECT 1")
    rds.start_db_instance(DBInstanceIdentifier="orders")
    databases.available("orders")
    assert ask(databases, made, "SELECT to_regclass('kept')::text") == [["kept"]]


def test_copied_backups_are_seen_where_they_are(databases: Databases) -> None:
    made = databases.create("orders")
    away, order = client("rds", AWAY), {"SourceDBInstanceArn": made["DBInstanceArn"], "SourceRegion": HOME}
    with pytest.raises(ClientError, match="valid KMS key ID"):
        away.start_db_instance_automated_backups_replication(**order)
    away.start_db_instance_automated_backups_replication(
        **order, KmsKeyId=databases.keys[AWAY], BackupRetentionPeriod=9
    )
    (copy,) = away.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert (copy["BackupRetentionPeriod"], copy["Region"]) == (9, HOME)
    assert len(databases.see("orders")["DBInstanceAutomatedBackupsReplications"]) == 1
    away.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=made["DBInstanceArn"])
    assert not away.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]


def test_whoever_has_subscribed_is_told(databases: Databases) -> None:
    databases.create("orders")
    sns, sqs, rds = client("sns"), client("sqs"), client("rds")
    topic = sns.create_topic(Name="told")["TopicArn"]
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    request = {"SubscriptionName": "told", "SnsTopicArn": topic, "SourceType": "db-instance"}
    with pytest.raises(ClientError, match="SourceNotFound"):
        rds.create_event_subscription(**request, SourceIds=["nobody"])
    rds.create_event_subscription(**request, SourceIds=["orders"], EventCategories=["availability"])
    with pytest.raises(ClientError, match="SubscriptionAlreadyExist"):
        rds.create_event_subscription(**request)
    rds.reboot_db_instance(DBInstanceIdentifier="orders")
    databases.available("orders")
    told = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"]
    assert "DB instance restarted" in told
    rds.delete_event_subscription(SubscriptionName="told")
    assert not rds.describe_event_subscriptions()["EventSubscriptionsList"]


def test_every_setting_is_kept_and_shown(databases: Databases) -> None:
    role = "arn:aws:iam::111122223333:role/monitoring"
    given = {
        "AllocatedStorage": 30,
        "AutoMinorVersionUpgrade": False,
        "BackupRetentionPeriod": 9,
        "CACertificateIdentifier": "rds-ca-rsa4096-g1",
        "CopyTagsToSnapshot": True,
        "DBInstanceClass": "db.r6g.large",
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "MaxAllocatedStorage": 90,
        "MonitoringInterval": 30,
        "MonitoringRoleArn": role,
        "MultiAZ": True,
        "PerformanceInsightsKMSKeyId": databases.keys[HOME],
        "PerformanceInsightsRetentionPeriod": 31,
        "PreferredBackupWindow": "01:00-02:00",
        "PreferredMaintenanceWindow": "mon:05:00-mon:06:00",
        "PubliclyAccessible": False,
        "StorageType": "gp3",
    }
    more = {"EnableCloudwatchLogsExports": ["postgresql"], "EnablePerformanceInsights": True, "Tags": [TAG]}
    seen = databases.create("orders", **given, **more)
    assert {name: seen[name] for name in given} == given
    assert seen["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert (seen["PerformanceInsightsEnabled"], seen["TagList"]) == (True, [TAG])
    assert client("rds").list_tags_for_resource(ResourceName=seen["DBInstanceArn"])["TagList"] == [TAG]


TAG = {"Key": "Name", "Value": "orders"}


def test_what_is_offered_is_told(databases: Databases) -> None:  # noqa: ARG001 - its emulator must run
    rds = client("rds")
    versions = {
        wanted: [
            one["Status"]
            for one in rds.describe_db_engine_versions(Engine="postgres", EngineVersion=wanted, IncludeAll=True)[
                "DBEngineVersions"
            ]
        ]
        for wanted in ("15.19", "15.12", "15.20")
    }
    assert versions == {"15.19": ["available"], "15.12": ["deprecated"], "15.20": []}
    asked = {"Engine": "postgres", "EngineVersion": "15.19"}
    options = rds.describe_orderable_db_instance_options(**asked, DBInstanceClass="db.r6g.large")
    assert {one["StorageType"] for one in options["OrderableDBInstanceOptions"]} >= {"gp3", "io1"}
    assert len(options["OrderableDBInstanceOptions"][0]["AvailabilityZones"]) == 6
    unknown = rds.describe_orderable_db_instance_options(**asked, DBInstanceClass="db.x0.large")
    assert not unknown["OrderableDBInstanceOptions"]
    quotas = {one["AccountQuotaName"]: one for one in rds.describe_account_attributes()["AccountQuotas"]}
    assert (quotas["DBInstances"]["Max"], quotas["DBInstances"]["Used"]) == (40, 0)


def test_events_are_kept_and_reach_the_event_bus(databases: Databases) -> None:
    sqs, events, rds = client("sqs"), client("events"), client("rds")
    queue = sqs.create_queue(QueueName="bus")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="rds", EventPattern='{"source": ["aws.rds"], "detail": {"EventID": ["RDS-EVENT-0005"]}}')
    events.put_targets(Rule="rds", Targets=[{"Id": "queue", "Arn": arn}])
    databases.create("orders")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["detail-type"] == "RDS DB Instance Event"
    told = rds.describe_events(SourceIdentifier="orders", SourceType="db-instance")["Events"]
    assert "DB instance created" in [one["Message"] for one in told]


def test_an_instance_that_is_not_there_is_missed(databases: Databases) -> None:
    rds = client("rds", AWAY)
    source = f"arn:aws:rds:{HOME}:111122223333:db:nobody"
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        databases.replicate("orders-away", source)
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        rds.promote_read_replica(DBInstanceIdentifier="nobody")
    assert not databases.names(AWAY)


def test_a_server_runs_in_a_home_whose_path_is_too_long_for_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        home = Path(place) / ("long" * 20)
        there = up(home, port=0)
        links = [link for link in Path("/tmp").glob("dr-lab-*") if home in link.resolve().parents]  # noqa: S108 - as made
        try:
            for name, value in environment(there).items():
                monkeypatch.setenv(name, value)
            databases = Databases(there, {HOME: client("kms").create_key()["KeyMetadata"]["Arn"]})
            made = databases.create("orders")
            assert ask(databases, made, "SELECT 1") == [[1]]
        finally:
            down(home)
        assert [link.is_symlink() for link in links] == [False]
