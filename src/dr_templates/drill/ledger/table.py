"""The tables the clients write, and what is in them at the end."""

from __future__ import annotations

from dataclasses import dataclass

from pg8000.native import literal

from dr_templates.drill.ledger.way import Session

SCHEMA = """
    CREATE SCHEMA IF NOT EXISTS drill;
    CREATE TABLE IF NOT EXISTS drill.ledger (
        worker text NOT NULL,
        number bigint NOT NULL,
        address text NOT NULL,
        written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (worker, number)
    );
    CREATE TABLE IF NOT EXISTS drill.sample (place text PRIMARY KEY, writes bigint NOT NULL) WITH (fillfactor = 10);
"""


@dataclass(frozen=True)
class Row:
    """A commit as the database has it: whose, which, and the address it was sent to."""

    worker: str
    number: int
    address: str


def prepare(session: Session) -> None:
    """Make the tables of the ledger and of the sampler; what is there already stays. Raises one of ``FAULTS``."""
    session.run(SCHEMA)


def entering(row: Row) -> str:
    """Give the SQL that begins a transaction and writes a row in it; without its COMMIT nothing has happened."""
    values = f"{literal(row.worker)}, {row.number}, {literal(row.address)}"
    return f"BEGIN; INSERT INTO drill.ledger (worker, number, address) VALUES ({values})"  # noqa: S608 - literals


def sampling_write(place: str) -> str:
    """Give the SQL of one committed write of a place's sampler."""
    return (
        f"INSERT INTO drill.sample AS kept VALUES ({literal(place)}, 1) "  # noqa: S608 - a literal
        "ON CONFLICT (place) DO UPDATE SET writes = kept.writes + 1"
    )


def fetch_rows(session: Session) -> tuple[Row, ...]:
    """Read the whole ledger as the database has it. Raises one of ``FAULTS``."""
    rows = session.run("SELECT worker, number, address FROM drill.ledger ORDER BY worker, number")
    return tuple(Row(str(worker), int(str(number)), str(address)) for worker, number, address in rows)
