"""What RDS refuses, and in which words: the plans of a deployer depend on them."""

from collections.abc import Callable

import pytest

from dr_templates.lab.emulator.rds import rules
from dr_templates.lab.emulator.types.wire import RefusedError

READY = {
    "DBInstanceIdentifier": "orders",
    "DBInstanceStatus": "available",
    "BackupRetentionPeriod": 3,
    "StorageEncrypted": True,
    "DeletionProtection": False,
    "ReadReplicaDBInstanceIdentifiers": [],
    "EngineVersion": "15.18",
    "MultiAZ": False,
}
REPLICA = {**READY, "BackupRetentionPeriod": 0, "ReadReplicaSourceDBInstanceIdentifier": "arn:source"}
KEY = {"KmsKeyId": "arn:key"}
GROUP = {"DBParameterGroupFamily": "postgres15"}

REFUSALS: dict[str, tuple[Callable[[], None], str, str]] = {
    "one zone": (lambda: rules.subnet_group(["a", "a"]), "DBSubnetGroupDoesNotCoverEnoughAZs", "at least 2 AZs"),
    "taken": (lambda: rules.new_identifier("orders", ["orders"]), "DBInstanceAlreadyExists", "already exists"),
    "short password": (lambda: rules.password("Short-1"), "InvalidParameterValue", "shorter than 8"),
    "password with a slash": (lambda: rules.password("Master/Password"), "InvalidParameterValue", "ASCII"),
    "monitoring without a role": (
        lambda: rules.monitoring({"MonitoringInterval": 60}),
        "InvalidParameterCombination",
        "MonitoringRoleARN",
    ),
    "no parameter group": (lambda: rules.parameter_group(None, "own", "15.19"), "DBParameterGroupNotFound", "own"),
    "parameter group of another family": (
        lambda: rules.parameter_group(GROUP, "own", "16.4"),
        "InvalidParameterCombination",
        "DBParameterGroupFamily postgres16",
    ),
    "no security group": (lambda: rules.security_group(None, "sg-1", "vpc-1"), "InvalidParameterValue", "sg-1"),
    "security group of another vpc": (
        lambda: rules.security_group({"VpcId": "vpc-2"}, "sg-1", "vpc-1"),
        "InvalidVPCNetworkStateFault",
        "different VPCs",
    ),
    "key of another region": (lambda: rules.key(None, "arn:key"), "KMSKeyNotAccessibleFault", "arn:key"),
    "key pending deletion": (
        lambda: rules.key({"KeyState": "PendingDeletion"}, "arn:key"),
        "KMSKeyNotAccessibleFault",
        "arn:key",
    ),
    "source at work": (
        lambda: rules.source({**READY, "DBInstanceStatus": "creating"}),
        "InvalidDBInstanceState",
        "not in available state",
    ),
    "source without backups": (
        lambda: rules.source({**READY, "BackupRetentionPeriod": 0}),
        "InvalidDBInstanceState",
        "Automated backups are not enabled",
    ),
    "replica across regions without a key": (
        lambda: rules.replica({}, READY, across=True),
        "InvalidParameterCombination",
        "without specifying KmsKeyId",
    ),
    "encrypted replica of an unencrypted source": (
        lambda: rules.replica(KEY, {**READY, "StorageEncrypted": False}, across=True),
        "InvalidParameterCombination",
        "unencrypted DB instance",
    ),
    "replica across regions with a parameter group": (
        lambda: rules.replica({**KEY, "DBParameterGroupName": "own"}, READY, across=True),
        "InvalidParameterCombination",
        "parameter group",
    ),
    "promotion of a primary": (lambda: rules.promotion(READY), "InvalidDBInstanceState", "not a read replica"),
    "promotion while backing up": (
        lambda: rules.promotion({**REPLICA, "DBInstanceStatus": "backing-up"}),
        "InvalidDBInstanceState",
        "not in available state",
    ),
    "stop of a replica": (lambda: rules.stop(REPLICA), "InvalidDBInstanceState", "is a read replica"),
    "stop of a source": (
        lambda: rules.stop({**READY, "ReadReplicaDBInstanceIdentifiers": ["x"]}),
        "InvalidDBInstanceState",
        "has a read replica",
    ),
    "deletion of what is protected": (
        lambda: rules.deletion({**READY, "DeletionProtection": True}, {"SkipFinalSnapshot": True}, ()),
        "InvalidParameterCombination",
        "deletion protection",
    ),
    "deletion twice": (
        lambda: rules.deletion({**READY, "DBInstanceStatus": "deleting"}, {"SkipFinalSnapshot": True}, ()),
        "InvalidDBInstanceState",
        "already being deleted",
    ),
    "deletion without a word on the snapshot": (
        lambda: rules.deletion(READY, {}, ()),
        "InvalidParameterCombination",
        "FinalDBSnapshotIdentifier is required",
    ),
    "deletion of a replica without a word on the snapshot": (
        lambda: rules.deletion(REPLICA, {}, ()),
        "InvalidParameterCombination",
        "SkipFinalSnapshot",
    ),
    "last snapshot that is to be skipped": (
        lambda: rules.deletion(READY, {"FinalDBSnapshotIdentifier": "last", "SkipFinalSnapshot": True}, ()),
        "InvalidParameterCombination",
        "can not be specified",
    ),
    "deprecated version": (lambda: rules.version("15.12", {"15.19"}), "InvalidParameterCombination", "15.12"),
    "older version": (
        lambda: rules.upgrade(READY, {"EngineVersion": "15.9"}),
        "InvalidParameterCombination",
        "from 15.18 to 15.9",
    ),
    "another major that is not allowed": (
        lambda: rules.upgrade(READY, {"EngineVersion": "16.1"}),
        "InvalidParameterCombination",
        "AllowMajorVersionUpgrade",
    ),
    "too long a retention": (
        lambda: rules.retention(READY, {"BackupRetentionPeriod": 36}),
        "InvalidParameterValue",
        "between 0 and 35",
    ),
    "end of a source's backups": (
        lambda: rules.retention({**READY, "ReadReplicaDBInstanceIdentifiers": ["x"]}, {"BackupRetentionPeriod": 0}),
        "InvalidParameterCombination",
        "must not be 0",
    ),
    "failover to nobody": (
        lambda: rules.reboot(READY, {"ForceFailover": True}),
        "InvalidParameterCombination",
        "Multi-AZ",
    ),
    "last snapshot of a replica": (
        lambda: rules.deletion(REPLICA, {"FinalDBSnapshotIdentifier": "last"}, ()),
        "InvalidParameterCombination",
        "replica instance",
    ),
    "last snapshot of a taken name": (
        lambda: rules.deletion(READY, {"FinalDBSnapshotIdentifier": "last"}, ("last",)),
        "DBSnapshotAlreadyExists",
        "last",
    ),
}


@pytest.mark.parametrize(("act", "code", "words"), REFUSALS.values(), ids=REFUSALS)
def test_rds_refuses(act: Callable[[], None], code: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as caught:
        act()
    assert caught.value.code == code


def test_rds_takes_what_is_right() -> None:
    rules.subnet_group(["a", "b"])
    rules.new_identifier("orders", ["others"])
    rules.password("Master-Password-1")
    rules.monitoring({"MonitoringInterval": 60, "MonitoringRoleArn": "arn:role"})
    rules.parameter_group(GROUP, "own", "15.19")
    rules.security_group({"VpcId": "vpc-1"}, "sg-1", "vpc-1")
    rules.key({"KeyState": "Enabled"}, "arn:key")
    rules.source(READY)
    rules.source(REPLICA)
    rules.replica(KEY, READY, across=True)
    rules.replica({"DBParameterGroupName": "own"}, READY, across=False)
    rules.promotion(REPLICA)
    rules.stop(READY)
    rules.deletion(READY, {"SkipFinalSnapshot": True}, ())
    rules.deletion(READY, {"FinalDBSnapshotIdentifier": "last"}, ())
    rules.deletion(REPLICA, {"SkipFinalSnapshot": True}, ())
    rules.version(None, {"15.19"})
    rules.version("15.19", {"15.19"})
    rules.upgrade(READY, {})
    rules.upgrade(READY, {"EngineVersion": "15.19"})
    rules.upgrade(READY, {"EngineVersion": "16.15", "AllowMajorVersionUpgrade": True})
    rules.retention(READY, {"BackupRetentionPeriod": 0})
    rules.retention({**READY, "ReadReplicaDBInstanceIdentifiers": ["x"]}, {})
    rules.reboot({**READY, "MultiAZ": True}, {"ForceFailover": True})
    rules.reboot(READY, {})
