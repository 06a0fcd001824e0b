"""RDS is answered on many threads: what one looks at, another must not change meanwhile."""

import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from dr_templates.errors import DrError
from dr_templates.lab.certificates import make_authority
from dr_templates.lab.emulator.rds import alone, instances
from dr_templates.lab.emulator.rds.background import begin
from dr_templates.lab.postgres import Room
from dr_templates.lab.software import Software


def record(name: str) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DbiResourceId": f"db-{name.upper():8}",
        "DBInstanceArn": f"arn:aws:rds:us-east-1:111122223333:db:{name}",
        "DBInstanceStatus": "available",
        "DBParameterGroups": [{"DBParameterGroupName": "default.postgres15"}],
        "Endpoint": {"Address": f"{name}.rds.amazonaws.com", "Port": 5432},
        "IAMDatabaseAuthenticationEnabled": False,
        "MasterUsername": "master",
    }


def certified(pem: str) -> list[str]:
    certificate = x509.load_pem_x509_certificate(pem[pem.index("-----BEGIN CERTIFICATE") :].encode())
    names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    return names.get_values_for_type(x509.DNSName)


def test_of_actions_that_change_something_one_is_done_at_a_time() -> None:
    inside: list[int] = []

    def act(request: Mapping[str, Any]) -> dict[str, Any]:
        inside.append(request["Number"])
        seen = len(inside)
        time.sleep(0.01)
        inside.pop()
        return {"Seen": seen}

    one = alone(threading.RLock(), act)
    with ThreadPoolExecutor(4) as pool:
        assert {told["Seen"] for told in pool.map(one, [{"Number": number} for number in range(8)])} == {1}


def test_a_renamed_instance_is_certified_though_another_was_written_down_meanwhile(tmp_path: Path) -> None:
    fleet = instances.open_fleet(Room(tmp_path, Software(tmp_path, None)), make_authority(), 256 + 3)
    ours, other = record("ours"), record("other")
    before = instances._add(fleet, ours)
    assert certified(before.pem) == ["ours.rds.amazonaws.com"]
    assert instances._settle(fleet, ours).pem == before.pem
    ours["Endpoint"] = {**ours["Endpoint"], "Address": "renamed.rds.amazonaws.com"}
    instances._add(fleet, other)
    assert certified(instances._settle(fleet, ours).pem) == ["renamed.rds.amazonaws.com"]


def test_a_port_that_another_postgresql_has_is_told_at_the_start(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.1.2.1", 5432)),
        pytest.raises(DrError, match=r"cannot have port 5432: Address already in use") as caught,
    ):
        instances.open_fleet(Room(tmp_path, Software(tmp_path, None)), make_authority(), 256 + 2)
    assert caught.value.where == "127.1.2.1:5432"


def test_work_on_an_instance_is_done_in_turn_and_what_is_asked_last_is_shown() -> None:
    ours, go, done = record("turns"), threading.Event(), []
    ours["DBInstanceStatus"] = "creating"
    begin(ours, lambda: done.append(("made", go.wait(10))), "available")
    ours["DBInstanceStatus"] = "deleting"
    ended = threading.Event()

    def delete() -> None:
        done.append(("deleted", ours["DBInstanceStatus"]))
        ended.set()

    begin(ours, delete, "gone")
    go.set()
    assert ended.wait(10)
    assert done == [("made", True), ("deleted", "deleting")]
