"""The probe: looks at the database from inside its VPC, and ends its sessions for the fence.

``handler`` may be told ``{"beat": false}``, to look without writing, or ``{"end_sessions": true}``; any other event, as
its schedule's, only makes it look. ``prepare`` makes the database ready at deploy; it is a function of its own, as
only it may read the master user's password.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dr_templates.aws import clients
from dr_templates.runtime.custom_resource import Context, answer, post_from
from dr_templates.runtime.database import Target
from dr_templates.runtime.environment import database
from dr_templates.runtime.metrics import line
from dr_templates.runtime.passwords import login
from dr_templates.runtime.prepare import prepare as make_ready
from dr_templates.runtime.probe import end_sessions, probe


def prepare(event: Mapping[str, Any], context: Context) -> None:
    """Answer CloudFormation once the database is ready for the probe, or is a replica that has received all."""
    answer(event, context, _prepare, post_from(os.environ))


def handler(event: object, _context: object) -> dict[str, Any]:
    """Return what is seen, and print it as metrics. Nothing but a plain ``true`` ends sessions."""
    wishes = event if isinstance(event, Mapping) else {}
    if wishes.get("end_sessions") is True:
        return {"ended": end_sessions(_as_probe())}
    sight = probe(_as_probe(), os.environ["SITE"], beat=wishes.get("beat") is not False)
    sys.stdout.write(line(sight, os.environ["ENVIRONMENT"], time.time()) + "\n")
    return sight.as_json()


def _prepare(_event: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    with clients.aws_errors_explained("Reading the master user's secret"):
        secret = clients.secretsmanager(os.environ["AWS_REGION"]).get_secret_value(SecretId=os.environ["SECRET_ARN"])
    known = login(secret.get("SecretString"), "The master user's secret")
    master = replace(database(os.environ), user=known["username"], password=known["password"])
    facts = make_ready(master, _as_probe)
    return f"{master.host}/{facts['Role']}", facts


def _as_probe() -> Target:
    target = replace(database(os.environ), user=os.environ["DATABASE_USER"])
    token = clients.rds_token(target.host, target.port, target.user, os.environ["AWS_REGION"])
    return replace(target, password=token)
