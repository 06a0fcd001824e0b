"""What a function is told about its database through its environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dr_templates.runtime.database import Target


def database(environ: Mapping[str, str]) -> Target:
    """Read the database's address; user and password are still to be filled in.

    DATABASE_HOST, DATABASE_PORT, DATABASE_NAME; DATABASE_CA_FILE names other authorities than RDS's, for the lab.
    Raises KeyError when one is missing.
    """
    ca = Path(environ["DATABASE_CA_FILE"]).read_text(encoding="ascii") if "DATABASE_CA_FILE" in environ else None
    port = int(environ["DATABASE_PORT"])
    return Target(environ["DATABASE_HOST"], port, environ["DATABASE_NAME"], user="", password="", ca=ca)
