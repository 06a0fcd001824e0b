"""When the leader key goes: told by etcd itself, which nobody kills."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from layout import SCOPE, Cluster, etcd_clients
from programs import ENVIRONMENT

KEY = f"/service/{SCOPE}/leader"


@contextlib.contextmanager
def goings(cluster: Cluster) -> Iterator[list[float]]:
    """Give a list to which, until the end of the block, every moment is added at which the key was deleted or ran out.

    In seconds since 1970.
    """
    words: list[str | Path] = [
        cluster.programs.etcd("etcdctl"),
        f"--endpoints={','.join(etcd_clients(cluster))}",
        "watch",
        KEY,
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True, text=True)
    with process:
        found: list[float] = []
        reader = threading.Thread(target=_note, args=(process.stdout or (), found), daemon=True)
        reader.start()
        try:
            yield found
        finally:
            process.kill()
            reader.join()


def _note(lines: Iterable[str], found: list[float]) -> None:
    found.extend(time.time() for line in lines if line.strip() == "DELETE")
