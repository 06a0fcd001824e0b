"""The door before a server that says nothing."""

import os
import socket
from pathlib import Path

from dr_templates.lab.certificates import issue, make_authority
from dr_templates.lab.front import SSL_REQUEST, open_front
from dr_templates.lab.lines import Road
from dr_templates.lab.postgres import free_port

HOST = "127.0.0.1"


def test_a_client_that_leaves_before_a_frozen_server_has_answered_takes_its_connection_along(tmp_path: Path) -> None:
    (tmp_path / "pem").write_text(issue(make_authority("test"), "db.test", HOST))
    port = free_port(HOST)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(tmp_path / "socket"))
        server.listen()
        server.settimeout(10)
        close = open_front(HOST, port, tmp_path / "socket", tmp_path / "pem")
        try:
            with socket.create_connection((HOST, port), 10) as client:
                client.sendall(SSL_REQUEST)
                frozen, _ = server.accept()
                with frozen:
                    assert frozen.recv(8) == SSL_REQUEST
                    client.close()
                    frozen.settimeout(10)
                    assert frozen.recv(1) == b""
        finally:
            close()


def test_a_client_is_told_apart_by_its_address(tmp_path: Path) -> None:
    (tmp_path / "pem").write_text(issue(make_authority("test"), "db.test", HOST))
    port, seen = free_port(HOST), []

    def road(address: str) -> Road:
        seen.append(address)
        return Road(there=lambda: None, hung=0.0)

    close = open_front(HOST, port, tmp_path / "socket", tmp_path / "pem", road)
    try:
        with socket.create_connection((HOST, port), 10, ("127.9.9.9", 0)) as client:
            assert client.recv(1) == b""
    finally:
        close()
    assert seen == ["127.9.9.9"]
