"""What a lab would leave is found where it is: else nothing would ever be."""

import subprocess
import sys
from pathlib import Path

from tests.lab.drill import traces

LISTENS = """
import socket, time
stream = socket.create_server(("127.0.0.9", 0))
packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
packets.bind(("127.0.0.9", 0))
print(stream.getsockname()[1], packets.getsockname()[1], flush=True)
time.sleep(60)
"""


def test_a_process_is_found_by_its_words_its_environment_and_where_it_works_and_so_are_its_sockets(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", LISTENS]
    by_words = subprocess.Popen([*command, tmp_path], stdout=subprocess.PIPE, text=True)
    by_variable = subprocess.Popen(command, stdout=subprocess.PIPE, env={"HERE": str(tmp_path)}, text=True)
    by_place = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    with by_words, by_variable, by_place:
        processes = {one.pid: one for one in (by_words, by_variable, by_place)}
        ports = {pid: one.stdout.readline().split() for pid, one in processes.items()}
        assert traces.owned(tmp_path) == processes.keys()
        for pid, (stream, packets) in ports.items():
            found = {("tcp", "127.0.0.9", int(stream)), ("udp", "127.0.0.9", int(packets))}
            assert traces.reachable({pid}) == found
            assert found <= traces.all_reachable()
        for one in processes.values():
            one.kill()
    assert traces.owned(tmp_path) == set()


def test_only_loopback_is_loopback() -> None:
    assert traces.loopback(("tcp", "127.63.1.253", 5353))
    assert traces.loopback(("tcp6", "::1", 80))
    for address in ("0.0.0.0", "::", "10.0.0.1"):  # noqa: S104 - to be told apart, not to be used
        assert not traces.loopback(("tcp", address, 80))
