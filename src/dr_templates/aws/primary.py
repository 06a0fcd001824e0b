"""Making a replica a primary, seeing that it is one, and giving it what a primary has: backups, a secret of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dr_templates.aws import asked, sights
from dr_templates.aws.hands import Hands, unable
from dr_templates.failover.loop import UnableError

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import PromoteReadReplicaMessageTypeDef

ATTEMPTS = 3
PAUSE_SECONDS = 3.0


def promote(hands: Hands, site: str) -> None:
    """Promote, if there is something to promote. One that is on its way is left alone; the next look tells (fact A27).

    The promoted instance gets its backups with it: a replica has none of its own (facts A6, A25). Raises
    ``UnableError``.
    """
    rds, name = hands.clients.rds(hands.names.region(site)), hands.names.instance(site)
    order: PromoteReadReplicaMessageTypeDef = {
        "DBInstanceIdentifier": name,
        "BackupRetentionPeriod": hands.upkeep.backup_days,
    }
    if hands.upkeep.backup_window:
        order["PreferredBackupWindow"] = hands.upkeep.backup_window
    with unable(f"Promoting {name}"):
        found = asked.instance(rds, name)
        if found.replica and found.status == sights.AVAILABLE:
            rds.promote_read_replica(**order)


def verify(hands: Hands, site: str) -> None:
    """See the new primary take a write, the heartbeat of its own site. Raises ``UnableError`` when it is not seen."""
    with unable(f"Writing to {site}"):
        told = asked.invoke(hands.clients.lambda_(hands.names.region(site)), hands.names.probe(site), beat=True)
    if not sights.took_write(told, site):
        seen = sights.sql(told)
        words = f"{site} has not been seen to take a write: {seen.error or seen.answer}"
        raise UnableError(reason=words)


def keep_backups(hands: Hands, site: str) -> None:
    """Give an instance its automated backups, unless it has them. Raises ``UnableError``."""
    rds, name = hands.clients.rds(hands.names.region(site)), hands.names.instance(site)
    with unable(f"Giving {name} its backups"):
        if asked.instance(rds, name).backup_days == 0:
            rds.modify_db_instance(
                DBInstanceIdentifier=name, BackupRetentionPeriod=hands.upkeep.backup_days, ApplyImmediately=True
            )


def keep_secret(hands: Hands, site: str) -> None:
    """Make the site's copy of the secret one of its own, and have its password changed here from now on.

    A rotation of the lost original would otherwise write the wrong password over it (facts A40, A41). Raises
    ``UnableError``.
    """
    region = hands.names.region(site)
    secrets, secret = hands.clients.secretsmanager(region), hands.names.secret
    with unable(f"Detaching the secret of {site}"):
        found = secrets.describe_secret(SecretId=secret)
        if sights.copied(found, region):
            secrets.stop_replication_to_replica(SecretId=secret)
    rotates = found.get("RotationEnabled") and found.get("RotationLambdaARN") == hands.names.rotation_arn(site)
    if hands.upkeep.rotation_days > 0 and not rotates:
        _rotate(hands, site)


def _rotate(hands: Hands, site: str) -> None:
    """Attach the site's rotation; no password is changed by that. A secret just detached may need a moment."""
    secrets = hands.clients.secretsmanager(hands.names.region(site))
    for left in reversed(range(ATTEMPTS)):
        try:
            with unable(f"Attaching the rotation of {site}"):
                secrets.rotate_secret(
                    SecretId=hands.names.secret,
                    RotationLambdaARN=hands.names.rotation_arn(site),
                    RotationRules={"AutomaticallyAfterDays": hands.upkeep.rotation_days},
                    RotateImmediately=False,
                )
        except UnableError:
            if not left:
                raise
            hands.pause(PAUSE_SECONDS)
        else:
            return
