"""Make a database ready for the probe, or see that it is.

On a primary the master user makes the probe's role and the heartbeat table. A standby can only receive them, so there
nothing is written. At both sites the probe role then logs in itself: that proves role, grant, table and IAM policy.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import pg8000.native

from dr_templates.runtime.database import DATABASE_ERRORS, Target, UnavailableError, explain, session
from dr_templates.runtime.errors import WorkError

EXTENSIONS = ("pgaudit", "pg_stat_statements")
CHECK = "SELECT beat FROM dr.heartbeat LIMIT 1"


@dataclass(frozen=True)
class Patience:
    """How long to wait for what arrives late: a replicated role, an IAM policy just attached (seconds)."""

    attempts: int = 4
    pause: float = 4.0
    sleep: Callable[[float], None] = time.sleep


def prepare(
    master: Target,
    probe: Callable[[], Target],
    *,
    extensions: tuple[str, ...] = EXTENSIONS,
    patience: Patience | None = None,
) -> dict[str, str]:
    """Prepare the database as ``master`` and check it as the role ``probe`` logs in as (a fresh token every time).

    Returns what is now true, as CloudFormation attributes. Raises WorkError.
    """
    try:
        with session(master) as connection:
            in_recovery = bool(connection.run("SELECT pg_is_in_recovery()")[0][0])
            if not in_recovery:
                _make(connection, probe().user, extensions)
                _keep_master_in(connection, master, probe().user)
            present = connection.run("SELECT extname::text FROM pg_extension ORDER BY extname")
    except UnavailableError as fault:
        raise WorkError(reason=f"The master user cannot log in ({fault.stage}): {fault.reason}") from fault
    except DATABASE_ERRORS as error:
        raise WorkError(reason=f"The database refused to be prepared: {explain(error)[0]}") from error
    _check(probe, patience or Patience(), in_recovery=in_recovery)
    return {
        "Role": probe().user,
        "InRecovery": str(in_recovery).lower(),
        "Extensions": ",".join(name for (name,) in present),
    }


def _make(connection: pg8000.native.Connection, role: str, extensions: tuple[str, ...]) -> None:
    script = files(__package__).joinpath("prepare.sql").read_text(encoding="ascii")
    connection.run("BEGIN")
    connection.run("SELECT set_config('dr.role', :role, true)", role=role)
    connection.run("SELECT set_config('dr.extensions', :names, true)", names=",".join(extensions))
    connection.run(script)
    connection.run("COMMIT")


def _keep_master_in(connection: pg8000.native.Connection, master: Target, role: str) -> None:
    """Take the IAM grant back if it locked the master user out.

    RDS lets members of rds_iam in by token alone, indirect members included (A43), and since PostgreSQL 16 who creates
    a role becomes a member of it. The session still open here is the last one that could repair that.
    """
    try:
        with session(master):
            return
    except UnavailableError as fault:
        if not fault.login_refused:
            raise
        connection.run(f"REVOKE rds_iam FROM {pg8000.native.identifier(role)}")
        raise WorkError(
            reason=f"Granting rds_iam to {role} locked the master user out ({fault.reason}), so the grant was taken "
            f"back; the master user must not be a member of {role}"
        ) from fault


def _check(probe: Callable[[], Target], patience: Patience, *, in_recovery: bool) -> None:
    """Log in as the probe and read the heartbeat table, until it works or patience ends."""
    for attempt in range(1, patience.attempts + 1):
        reason = _obstacle(probe())
        if reason is None:
            return
        if attempt < patience.attempts:
            patience.sleep(patience.pause)
    where = "this standby, which must receive them from its primary" if in_recovery else "this primary"
    raise WorkError(reason=f"The probe's role and table are not usable at {where}: {reason}")


def _obstacle(target: Target) -> str | None:
    try:
        with session(target) as connection:
            connection.run(CHECK)
    except UnavailableError as fault:
        return f"{target.user} cannot log in ({fault.stage}): {fault.reason}"
    except DATABASE_ERRORS as error:
        return f"dr.heartbeat cannot be read: {explain(error)[0]}"
    return None
