"""Where a cluster's nodes are and how they are told to behave: addresses, files, Patroni's configuration."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from programs import Programs

from dr_templates.lab.defaults import DEFAULTS

SCOPE = "bench"
POSTGRES, REST, ETCD, PEER = 5432, 8008, 2379, 2380
ETCDS = (11, 12, 13)
"""The last numbers of the addresses of the etcd servers; the nodes have 1, 2 and so on."""
PARAMETERS = {
    name: value
    for name, value in DEFAULTS.items()
    if name not in {"listen_addresses", "port", "unix_socket_permissions", "wal_level", "hot_standby"}
}
"""The lab's own settings, without those that are Patroni's business."""
HBA = (
    "local all all scram-sha-256",
    "host all all 127.0.0.0/8 scram-sha-256",
    "host replication all 127.0.0.0/8 scram-sha-256",
)
APPLICATION = "application"


@dataclass(frozen=True)
class Settings:
    """Patroni's three clocks, in seconds: the life of the leader key, a round of the loop, patience with the store."""

    ttl: int
    loop_wait: int
    retry_timeout: int


@dataclass(frozen=True)
class Cluster:
    """Where everything is; the processes that run now, by node."""

    root: Path
    programs: Programs
    settings: Settings
    net: str
    nodes: tuple[str, ...]
    password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict, repr=False)

    def address(self, node: str) -> str:
        """Give the loopback address of a node."""
        return f"{self.net}.{self.nodes.index(node) + 1}"

    def home(self, node: str) -> Path:
        """Give the directory of a node, which only its account reads."""
        return self.root / node

    def data(self, node: str) -> Path:
        """Give PostgreSQL's data directory of a node."""
        return self.home(node) / "data"

    def configuration(self, node: str) -> Path:
        """Give Patroni's configuration file of a node."""
        return self.home(node) / "patroni.json"

    def log(self, node: str) -> Path:
        """Give the log of a node, all its lives in one."""
        return self.root / f"{node}.log"

    @property
    def conninfo(self) -> str:
        """What an application is told: every host, and that it wants the one that takes writes."""
        hosts = ",".join(self.address(node) for node in self.nodes)
        login = f"user={APPLICATION} dbname=postgres"
        return f"host={hosts} port={POSTGRES} {login} target_session_attrs=read-write connect_timeout=2"


def configuration(cluster: Cluster, node: str) -> Mapping[str, Any]:
    """Give Patroni's configuration of a node: defaults, but for the clocks, the addresses and the lab's small sizes.

    A former primary comes back by pg_rewind, or by a new copy where that does not do. Replication is asynchronous, as
    it is by default, and as RDS's between regions is.
    """
    address, home, login = cluster.address(node), cluster.home(node), {"password": cluster.password}
    dynamic = {"use_pg_rewind": True, "use_slots": True, "parameters": PARAMETERS}
    return {
        "scope": SCOPE,
        "name": node,
        "restapi": {"listen": f"{address}:{REST}", "connect_address": f"{address}:{REST}"},
        "etcd3": {"hosts": etcd_clients(cluster)},
        "bootstrap": {
            "dcs": {**asdict(cluster.settings), "maximum_lag_on_failover": 1048576, "postgresql": dynamic},
            "initdb": [{"encoding": "UTF8"}, {"auth": "scram-sha-256"}, {"wal-segsize": "1"}],
        },
        "postgresql": {
            "listen": f"{address}:{POSTGRES}",
            "connect_address": f"{address}:{POSTGRES}",
            "data_dir": str(cluster.data(node)),
            "bin_dir": str(cluster.programs.postgres.directory),
            "pgpass": str(home / "pgpass"),
            "pg_hba": list(HBA),
            "authentication": {
                "superuser": {"username": "postgres", **login},
                "replication": {"username": "replicator", **login},
                "rewind": {"username": "rewinder", **login},
            },
            "parameters": {"unix_socket_directories": str(home)},
            "remove_data_directory_on_rewind_failure": True,
            "remove_data_directory_on_diverged_timelines": True,
        },
        "watchdog": {"mode": "off"},
    }


def etcd_clients(cluster: Cluster) -> list[str]:
    """Give the addresses at which the etcd servers answer."""
    return [f"{cluster.net}.{number}:{ETCD}" for number in ETCDS]


def etcd_flags(cluster: Cluster, number: int) -> list[str]:
    """Give the words an etcd server is started with; all three know each other from the start."""
    client, peer = (f"http://{cluster.net}.{number}:{port}" for port in (ETCD, PEER))
    flags = {
        "name": f"etcd{number}",
        "data-dir": str(cluster.home(f"etcd{number}") / "data"),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": ",".join(f"etcd{other}=http://{cluster.net}.{other}:{PEER}" for other in ETCDS),
    }
    return [f"--{name}={value}" for name, value in flags.items()]
