"""A server's clock as clients see it, and its patience with replication, in a lab whose clock runs fast.

The catalogue's own names tell the lab's time, and what they told before is there as ``machine_`` and the name. So a
client needs to know nothing of it; and a replica has it all from its source.
"""

from __future__ import annotations

from collections.abc import Mapping

from dr_templates.lab.clock import Clock

DATABASES = ("template1", "postgres")
"""Those that every other database is made from, and that are there already."""
SILENCE, STATUS, RETRY = "wal_receiver_timeout", "wal_receiver_status_interval", "wal_retrieve_retry_interval"
PATIENCE = {SILENCE: 30_000, "wal_sender_timeout": 30_000, STATUS: 10_000, RETRY: 5_000}
"""Milliseconds; how long RDS lets replication be silent, and PostgreSQL's own for the others."""
LEAST = {SILENCE: 1_000, "wal_sender_timeout": 1_000, STATUS: 1_000, RETRY: 10}
"""A server on a busy machine must not take a moment's delay for silence. STATUS is in whole seconds."""

TIME = """
SET allow_system_table_mods = on;
CREATE FUNCTION pg_catalog.lab_time(timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT to_timestamp({start!r} + (extract(epoch FROM $1)::float8 - {start!r}) * {rate!r}) $$;
"""
FUNCTION = """
ALTER FUNCTION pg_catalog.{name}() RENAME TO machine_{name};
CREATE FUNCTION pg_catalog.{name}() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT pg_catalog.lab_time(pg_catalog.machine_{name}()) $$;
"""
FUNCTIONS = ("clock_timestamp", "pg_last_xact_replay_timestamp")
VIEW = """
ALTER VIEW pg_catalog.{name} RENAME TO machine_{name};
DO $$ BEGIN EXECUTE (
    SELECT 'CREATE VIEW pg_catalog.{name} AS SELECT '
        || string_agg(format(CASE WHEN atttypid = 'timestamptz'::regtype THEN 'pg_catalog.lab_time(%1$I) AS %1$I'
                                  ELSE '%1$I' END, attname), ', ' ORDER BY attnum)
        || ' FROM pg_catalog.machine_{name}'
    FROM pg_attribute WHERE attrelid = 'pg_catalog.machine_{name}'::regclass AND attnum > 0
); END $$;
GRANT SELECT ON pg_catalog.{name} TO PUBLIC;
"""
VIEWS = ("pg_stat_wal_receiver",)


def statements(clock: Clock) -> str:
    """Give the SQL that lets a database tell the lab's time; for a superuser, and once."""
    parts = [TIME.format(start=clock.start, rate=clock.rate)]
    parts += [FUNCTION.format(name=name) for name in FUNCTIONS]
    parts += [VIEW.format(name=name) for name in VIEWS]
    return "".join(parts)


def patience(clock: Clock, given: Mapping[str, str]) -> dict[str, str]:
    """Give the settings of replication that go by the clock: none at a rate of 1. Those ``given`` are milliseconds."""
    if clock.rate == 1:
        return {}
    told = {name: int(given.get(name, usual)) / clock.rate for name, usual in PATIENCE.items()}
    return {name: f"{max(LEAST[name], round(value))}ms" for name, value in told.items()}
