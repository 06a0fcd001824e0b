"""Preparing a database as RDS's master user, who is no superuser, on every PostgreSQL this machine has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dr_templates.lab import postgres
from dr_templates.lab.software import find
from dr_templates.runtime.database import session
from dr_templates.runtime.errors import WorkError
from dr_templates.runtime.prepare import Patience, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.lambdas.conftest import Lab, Pair, WaitUntil

    from dr_templates.lab.postgres import Node


MEMBERSHIPS = """
SELECT granted.rolname::text FROM pg_auth_members m
JOIN pg_roles granted ON granted.oid = m.roleid JOIN pg_roles member ON member.oid = m.member
WHERE member.rolname = 'dr_probe_orders-test' ORDER BY 1
"""
TABLE_RIGHTS = """
SELECT grantee::text, privilege_type::text FROM information_schema.role_table_grants
WHERE table_schema = 'dr' AND grantee <> 'orders_admin' ORDER BY 2
"""
PUBLIC_RIGHTS = """
SELECT privilege_type::text FROM pg_class, aclexplode(relacl) WHERE oid = 'dr.heartbeat'::regclass AND grantee = 0
UNION ALL
SELECT privilege_type::text FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'dr' AND grantee = 0
"""
LEFT_BEHIND = """
SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'dr\\_%'
UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname = 'dr'
"""
UNTRUSTED = """
SELECT DISTINCT name::text FROM pg_available_extension_versions
WHERE superuser AND NOT trusted AND NOT installed AND requires IS NULL ORDER BY 1 LIMIT 1
"""


def run(lab: Lab, node: Node, **options: object) -> dict[str, str]:
    return prepare(lab.as_master(node), lambda: lab.as_probe(node), **options)


def test_twice_is_as_good_as_once(versioned: tuple[Lab, Node]) -> None:
    lab, node = versioned
    first = run(lab, node)
    assert (first["Role"], first["InRecovery"]) == ("dr_probe_orders-test", "false")
    assert "plpgsql" in first["Extensions"].split(",")
    assert run(lab, node) == first
    assert postgres.sql(node, MEMBERSHIPS) == [["pg_monitor"], ["pg_signal_backend"], ["rds_iam"]]
    rights = postgres.sql(node, TABLE_RIGHTS, "orders")
    assert rights == [
        ["dr_probe_orders-test", "INSERT"],
        ["dr_probe_orders-test", "SELECT"],
        ["dr_probe_orders-test", "UPDATE"],
    ]
    postgres.sql(node, "CREATE ROLE passer_by")
    [[schema]] = postgres.sql(node, "SELECT has_schema_privilege('passer_by', 'dr', 'USAGE')", "orders")
    assert schema is False
    with session(lab.as_master(node)) as connection:
        assert connection.run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [[False]]


def test_nobody_becomes_a_member_of_the_probes_role(versioned: tuple[Lab, Node]) -> None:
    """RDS lets members of rds_iam in by token alone, so a master user that became one would be locked out."""
    _, node = versioned
    assert (
        postgres.sql(
            node, "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = '\"dr_probe_orders-test\"'::regrole"
        )
        == []
    )
    assert postgres.sql(node, "SELECT FROM pg_roles WHERE rolname = 'dr_maker'") == []


def test_an_extension_only_a_superuser_may_make_is_left_out(versioned: tuple[Lab, Node]) -> None:
    lab, node = versioned
    [[extension]] = postgres.sql(node, UNTRUSTED)
    facts = run(lab, node, extensions=("no_such_extension", extension))
    assert extension not in facts["Extensions"].split(",")


def test_an_extension_is_made_where_the_user_may(lab: Lab) -> None:
    node = lab.primary("generous")
    [[extension]] = postgres.sql(node, UNTRUSTED)
    postgres.sql(node, "ALTER ROLE orders_admin SUPERUSER")
    facts = run(lab, node, extensions=("no_such_extension", extension))
    assert extension in facts["Extensions"].split(",")


def test_without_iam_there_is_nothing_to_grant(lab: Lab) -> None:
    node = lab.primary("classic")
    postgres.sql(node, "DROP ROLE rds_iam")
    run(lab, node)
    assert postgres.sql(node, MEMBERSHIPS) == [["pg_monitor"], ["pg_signal_backend"]]


def test_a_standby_is_only_looked_at(lab: Lab, pair: Pair) -> None:
    before = postgres.sql(pair.primary, "SELECT pg_current_wal_flush_lsn()::text")
    assert run(lab, pair.replica)["InRecovery"] == "true"
    assert postgres.sql(pair.primary, "SELECT pg_current_wal_flush_lsn()::text") >= before


def test_a_standby_waits_for_what_its_primary_has_not_got_yet(lab: Lab, wait_until: WaitUntil) -> None:
    primary = lab.primary("late-source")
    replica = lab.replica("late", primary)
    pauses: list[float] = []
    with pytest.raises(WorkError, match=r"this standby.* dr_probe_orders-test cannot log in \(login"):
        run(lab, replica, patience=Patience(attempts=3, pause=5, sleep=pauses.append))
    assert pauses == [5, 5]

    postgres.sql(primary, 'CREATE ROLE "dr_probe_orders-test" LOGIN')
    arrived = "SELECT count(*) FROM pg_roles WHERE rolname = 'dr_probe_orders-test'"
    wait_until(lambda: postgres.sql(replica, arrived) == [[1]])
    with pytest.raises(WorkError, match=r"dr\.heartbeat cannot be read"):
        run(lab, replica, patience=Patience(attempts=1))

    def arrive(_seconds: float) -> None:
        lab.prepare(primary)
        there = "SELECT to_regclass('dr.heartbeat') IS NOT NULL"
        wait_until(lambda: postgres.sql(replica, there, "orders") == [[True]])

    assert run(lab, replica, patience=Patience(attempts=2, sleep=arrive))["Role"] == "dr_probe_orders-test"


def test_a_grant_that_locks_the_master_user_out_is_taken_back(lab: Lab) -> None:
    node = lab.primary("locked-out")
    postgres.sql(
        node,
        'CREATE ROLE "dr_probe_orders-test" LOGIN; GRANT "dr_probe_orders-test" TO orders_admin WITH ADMIN OPTION;'
        "REVOKE rds_superuser FROM orders_admin; ALTER ROLE orders_admin SUPERUSER",
    )
    rules = node.data / "pg_hba.conf"
    rules.write_text("local all rdsadmin scram-sha-256\nlocal all +rds_iam reject\n" + rules.read_text())
    postgres.sql(node, "SELECT pg_reload_conf()")
    with pytest.raises(WorkError, match="locked the master user out"):
        run(lab, node)
    assert postgres.sql(node, MEMBERSHIPS) == [["pg_monitor"], ["pg_signal_backend"]]
    with session(lab.as_master(node)) as connection:
        assert connection.run("SELECT 1") == [[1]]


def test_a_wrong_master_password_is_a_clear_reason(lab: Lab, pair: Pair) -> None:
    with pytest.raises(WorkError, match=r"The master user cannot log in \(login\): password authentication failed"):
        prepare(lab.as_master(pair.primary, "wrong"), lambda: lab.as_probe(pair.primary))


def test_a_master_user_who_gets_in_only_once_is_not_taken_for_locked_out(lab: Lab) -> None:
    node = lab.primary("narrow")
    postgres.sql(node, "ALTER ROLE orders_admin CONNECTION LIMIT 1")
    with pytest.raises(WorkError, match="too many connections for role"):
        run(lab, node)
    assert postgres.sql(node, MEMBERSHIPS) == [["pg_monitor"], ["pg_signal_backend"], ["rds_iam"]]


def test_a_master_user_without_the_rights_is_a_clear_reason(lab: Lab) -> None:
    node = lab.primary("powerless")
    postgres.sql(node, "ALTER ROLE orders_admin NOCREATEROLE")
    with pytest.raises(WorkError, match="refused to be prepared: permission denied"):
        run(lab, node)
    assert postgres.sql(node, "SELECT FROM pg_namespace WHERE nspname = 'dr'", "orders") == []


def test_a_database_generous_to_everybody_still_keeps_the_table_to_the_probe(lab: Lab) -> None:
    node = lab.primary("public")
    generous = "ALTER DEFAULT PRIVILEGES FOR ROLE orders_admin GRANT ALL ON"
    postgres.sql(node, f"{generous} TABLES TO PUBLIC; {generous} SCHEMAS TO PUBLIC", "orders")
    run(lab, node)
    assert postgres.sql(node, PUBLIC_RIGHTS, "orders") == []
    postgres.sql(node, "GRANT ALL ON dr.heartbeat TO PUBLIC; GRANT ALL ON SCHEMA dr TO PUBLIC", "orders")
    run(lab, node)
    assert postgres.sql(node, PUBLIC_RIGHTS, "orders") == []


@pytest.fixture
def newer(standing_lab: Lab) -> Iterator[Lab]:
    """Give the wheel's PostgreSQL, 16 or later, where a helper creates the probe's role."""
    with postgres.open_room(find({})) as room:
        yield replace(standing_lab, room=room)


def test_a_helper_role_of_somebody_elses_is_neither_used_nor_dropped(newer: Lab) -> None:
    """Whoever made it may be its member, or own things through it: that is for people to sort out."""
    node = newer.primary("taken")
    postgres.sql(node, "CREATE ROLE dr_maker LOGIN; CREATE ROLE dr_owner IN ROLE dr_maker")
    with pytest.raises(WorkError, match=r"a role named dr_maker exists already.* drop it"):
        run(newer, node)
    assert postgres.sql(node, LEFT_BEHIND, "orders") == [["dr_maker"], ["dr_owner"]]
    [[rights]] = postgres.sql(node, "SELECT rolcreaterole FROM pg_roles WHERE rolname = 'dr_maker'")
    assert rights is False
    postgres.sql(node, "DROP ROLE dr_maker")
    assert run(newer, node)["Role"] == "dr_probe_orders-test"


def test_a_preparation_that_breaks_off_late_leaves_nothing_half_made(newer: Lab) -> None:
    node = newer.primary("half-made")
    postgres.sql(node, "CREATE SCHEMA dr", "orders")
    with pytest.raises(WorkError, match="permission denied for schema dr"):
        run(newer, node)
    assert postgres.sql(node, LEFT_BEHIND, "orders") == [["dr"]]
    postgres.sql(node, "DROP SCHEMA dr", "orders")
    run(newer, node)
    assert postgres.sql(node, LEFT_BEHIND, "orders") == [["dr_probe_orders-test"], ["dr"]]
