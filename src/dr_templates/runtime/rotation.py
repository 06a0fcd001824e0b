"""Secrets Manager's four steps for a master user who changes its own password.

The database is the one named in the function's environment, never the host in the secret: a replicated secret names the
other region's host (A39). Each step may run again at any time and ends in the same state.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pg8000.native

from dr_templates.runtime.database import DATABASE_ERRORS, Target, UnavailableError, explain, session
from dr_templates.runtime.errors import WorkError
from dr_templates.runtime.passwords import UNUSABLE, login
from dr_templates.runtime.scram import verifier

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
PASSWORD_LENGTH = 32


@dataclass(frozen=True)
class Rotation:
    """One rotation: the secret, the version being made (the request's token), and the database it opens.

    ``database`` is a target without user and password; those come from the secret.
    """

    secrets: SecretsManagerClient
    secret: str
    token: str
    database: Target


def rotate(step: str, rotation: Rotation) -> None:
    """Carry out one step. Raises WorkError, with a reason Secrets Manager shows."""
    steps: Mapping[str, Callable[[Rotation], None]] = {
        "createSecret": create,
        "setSecret": apply,
        "testSecret": test,
        "finishSecret": finish,
    }
    if step not in steps:
        raise WorkError(reason=f"Unknown rotation step {step}")
    stages = _stages(rotation)
    if CURRENT in stages.get(rotation.token, ()):
        return
    if step != "testSecret" and PENDING not in stages.get(rotation.token, ()):
        raise WorkError(reason=f"Version {rotation.token} is not staged {PENDING}; start the rotation again")
    steps[step](rotation)


def create(rotation: Rotation) -> None:
    """Store a new password as the pending version, unless this request has stored one already."""
    if _value(rotation, PENDING) is not None:
        return
    current = _known(rotation, CURRENT)
    password = rotation.secrets.get_random_password(
        PasswordLength=PASSWORD_LENGTH, ExcludeCharacters=UNUSABLE, RequireEachIncludedType=True
    )["RandomPassword"]
    rotation.secrets.put_secret_value(
        SecretId=rotation.secret,
        ClientRequestToken=rotation.token,
        SecretString=json.dumps({**current, "password": password}),
        VersionStages=[PENDING],
    )


def apply(rotation: Rotation) -> None:
    """Give the database the pending password, logging in with whichever password it still takes."""
    pending = _known(rotation, PENDING)
    if _opens(rotation, pending):
        return
    for stage in (CURRENT, PREVIOUS):
        value = _value(rotation, stage)
        if value is not None and value["username"] != pending["username"]:
            raise WorkError(reason=f"The pending version names another user than {stage}")
        if value is not None and _change(rotation, value, pending["password"]):
            return
    raise WorkError(reason="The database takes neither the pending, the current nor the previous password")


def test(rotation: Rotation) -> None:
    """Log in with the pending password.

    When a schedule is set up without an immediate rotation, Secrets Manager runs this step alone; a version that holds
    nothing of its own then stands for the current one.
    """
    value = _value(rotation, PENDING)
    if not _opens(rotation, _known(rotation, CURRENT) if value is None else value):
        raise WorkError(reason="The database does not take the pending password")


def finish(rotation: Rotation) -> None:
    """Make the pending version the current one."""
    holders = [version for version, stages in _stages(rotation).items() if CURRENT in stages]
    rotation.secrets.update_secret_version_stage(
        SecretId=rotation.secret, VersionStage=CURRENT, MoveToVersionId=rotation.token, RemoveFromVersionId=holders[0]
    )


def _stages(rotation: Rotation) -> Mapping[str, list[str]]:
    described = rotation.secrets.describe_secret(SecretId=rotation.secret)
    if not described.get("RotationEnabled"):
        raise WorkError(reason="Rotation is not enabled for this secret")
    return described.get("VersionIdsToStages", {})


def _value(rotation: Rotation, stage: str) -> dict[str, Any] | None:
    """Read the version with ``stage``; the pending one must be this request's own. None when there is none.

    Raises WorkError when the version holds no login.
    """
    version = {"VersionId": rotation.token} if stage == PENDING else {}
    try:
        answer = rotation.secrets.get_secret_value(SecretId=rotation.secret, VersionStage=stage, **version)
    except rotation.secrets.exceptions.ResourceNotFoundException:
        return None
    return login(answer.get("SecretString"), f"The secret's {stage} version")


def _known(rotation: Rotation, stage: str) -> dict[str, Any]:
    value = _value(rotation, stage)
    if value is None:
        raise WorkError(reason=f"The secret has no {stage} version")
    return value


def _target(rotation: Rotation, value: Mapping[str, Any]) -> Target:
    return replace(rotation.database, user=value["username"], password=value["password"])


def _opens(rotation: Rotation, value: Mapping[str, Any]) -> bool:
    """Say whether the database takes this password. Raises WorkError when it cannot be asked."""
    try:
        with session(_target(rotation, value)):
            return True
    except UnavailableError as fault:
        if fault.login_refused:
            return False
        raise WorkError(reason=f"The database cannot be reached ({fault.stage}): {fault.reason}") from fault


def _change(rotation: Rotation, value: Mapping[str, Any], password: str) -> bool:
    """Log in with ``value`` and set ``password``; False when the database does not take ``value``."""
    if not _opens(rotation, value):
        return False
    if not password.isascii():
        raise WorkError(reason="The pending password is not plain ASCII")
    try:
        with session(_target(rotation, value)) as connection:
            if connection.run("SELECT pg_is_in_recovery()")[0][0]:
                raise WorkError(reason="The database is a read-only standby; rotate at the site that is primary")
            connection.run(f"ALTER ROLE CURRENT_USER PASSWORD {pg8000.native.literal(verifier(password))}")
    except (UnavailableError, *DATABASE_ERRORS) as error:
        raise WorkError(reason=f"The password could not be changed: {explain(error)[0]}") from error
    return True
