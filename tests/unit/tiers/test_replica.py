"""The class that makes the cross-region replica possible, and refuses what AWS would refuse after an hour."""

import pytest
from troposphere import Ref, Template

from dr_templates.tiers.database_replica import ReadReplica

GOOD = {
    "SourceDBInstanceIdentifier": "arn:aws:rds:us-east-1:111122223333:db:orders",
    "SourceRegion": "us-east-1",
    "KmsKeyId": Ref("Key"),
    "VPCSecurityGroups": [Ref("Group")],
    "MultiAZ": True,
}


def render(**properties: object) -> None:
    template = Template()
    template.add_resource(ReadReplica("Replica", **properties))
    template.to_dict()


def test_an_encrypted_multi_az_replica_across_regions_can_be_written() -> None:
    render(**GOOD)


@pytest.mark.parametrize("missing", ["SourceDBInstanceIdentifier", "SourceRegion", "KmsKeyId", "VPCSecurityGroups"])
def test_what_it_needs_is_asked_for_by_name(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        render(**{key: value for key, value in GOOD.items() if key != missing})


@pytest.mark.parametrize("surplus", ReadReplica.FORBIDDEN)
def test_what_a_replica_must_not_set_is_refused_by_name(surplus: str) -> None:
    values: dict[str, object] = {"StorageEncrypted": True, "ManageMasterUserPassword": True, "BackupRetentionPeriod": 7}
    with pytest.raises(ValueError, match=surplus):
        render(**GOOD, **{surplus: values.get(surplus, "x")})
