"""Rotates the master user's password, as Secrets Manager asks step by step."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dr_templates.aws import clients
from dr_templates.runtime.environment import database
from dr_templates.runtime.rotation import Rotation, rotate


def handler(event: Mapping[str, str], _context: object) -> None:
    """Carry out one step; an error it ends with makes Secrets Manager try again later."""
    rotation = Rotation(
        secrets=clients.secretsmanager(os.environ["AWS_REGION"]),
        secret=event["SecretId"],
        token=event["ClientRequestToken"],
        database=database(os.environ),
    )
    rotate(event["Step"], rotation)
