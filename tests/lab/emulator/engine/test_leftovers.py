"""Processes: found by what is known of them, ended with what they have started, and no others."""

import contextlib
import http.client
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dr_templates.lab import processes
from dr_templates.lab.emulator import down, running, up
from dr_templates.lab.emulator.place import sweep
from plans import drive

SLEEP = "import time; time.sleep(600)"
SHARING = """\
import mmap, sys, time
file = open(sys.argv[1], "w+b")
file.truncate(4096)
memory = mmap.mmap(file.fileno(), 4096)
print("there", flush=True)
time.sleep(600)
"""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as process:
        yield process
        process.kill()


def test_a_lock_file_that_is_just_being_written_names_no_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").touch()
    assert processes.postmaster(tmp_path) is None
    processes.end(tmp_path)


def test_a_process_that_has_the_number_of_a_dead_server_now_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{sleeper.pid}\n{tmp_path}\n")
    assert processes.postmaster(tmp_path) is None
    processes.end(tmp_path)
    assert sleeper.poll() is None


@pytest.mark.parametrize("program", ["postgres", "initdb", "pg_basebackup"])
def test_a_program_of_postgresql_at_work_there_is_ended_with_what_it_has_started(tmp_path: Path, program: str) -> None:
    words = [program, "-c", "sleep 600 & echo $!; wait", f"{tmp_path}/work/rds/db-1/data"]
    with subprocess.Popen(words, executable="/bin/sh", stdout=subprocess.PIPE) as father:
        assert father.stdout is not None
        child = int(father.stdout.readline())
        sweep(tmp_path / "elsewhere")
        assert father.poll() is None
        sweep(tmp_path)
        assert father.wait(10) == -signal.SIGKILL
        assert processes.state(child) in (None, "Z")


def test_memory_that_a_database_shared_goes_with_it(tmp_path: Path) -> None:
    memory = Path(f"/dev/shm/PostgreSQL.{os.getpid()}")  # noqa: S108 - what PostgreSQL calls it
    with subprocess.Popen(
        [sys.executable, "-c", SHARING, memory], env={"DR_LAB_HOME": str(tmp_path)}, stdout=subprocess.PIPE
    ) as database:
        assert database.stdout is not None
        database.stdout.readline()
        assert memory.exists()
        sweep(tmp_path)
        assert database.wait(10) == -signal.SIGKILL
    assert not memory.exists()


def test_a_process_is_waited_for_however_many_files_are_open(sleeper: subprocess.Popen[bytes]) -> None:
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, min(most, 4096)), most))
    with contextlib.ExitStack() as files:
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (few, most))
        for _ in range(1100):  # more than select() can look at
            files.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        process = processes.kill(sleeper.pid)
        assert process is not None
        processes.wait(process)
    assert sleeper.wait(0) == -signal.SIGKILL


def test_an_emulator_serves_more_clients_than_a_shell_may_open_files() -> None:
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (few, most))
        there = stack.enter_context(running())
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, 1024), most))
        for _ in range(400):
            client = http.client.HTTPConnection(there.endpoint.removeprefix("http://"), timeout=10)
            stack.callback(client.close)
            client.request("GET", "/_ministack/health")
            assert client.getresponse().read()


def test_an_emulator_that_is_killed_while_it_makes_databases_leaves_nothing_that_holds_up_the_next(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("long" * 20).resolve()  # too long for the sockets, so that there is a link to them
    home.chmod(0o755)
    first = up(home, port=0)
    rds = drive.clients(first).rds("us-east-1")
    for number in range(2):
        rds.create_db_instance(
            DBInstanceIdentifier=f"orders-{number}",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="master",
            MasterUserPassword="Master-Password-1",
        )
    time.sleep(0.3)  # into the middle of it
    links = [way for way in Path("/tmp").glob("dr-lab-*") if home in way.resolve().parents]  # noqa: S108 - as made
    process = processes.kill(first.pid)
    assert process is not None
    processes.wait(process)
    second = up(home, port=0)
    try:
        assert drive.clients(second).rds("us-east-1").describe_db_instances()["DBInstances"] == []
    finally:
        assert down(home)
    assert sorted(path.name for path in home.iterdir()) == ["lock", "log"]
    assert [way.is_symlink() for way in links] == [False]
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if str(home).encode() in one.read_bytes()]
