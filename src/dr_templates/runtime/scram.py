"""Password verifiers made on our side.

``ALTER ROLE … PASSWORD`` puts its text into the server's log when ``log_statement`` is ``ddl``, and from there into
CloudWatch. A SCRAM verifier lets the server check a password without ever having seen it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode

ITERATIONS = 4096
SALT_BYTES = 16


def verifier(password: str, salt: bytes | None = None) -> str:
    """Give the SCRAM-SHA-256 verifier PostgreSQL stores for ``password``.

    Raises UnicodeEncodeError for a password beyond ASCII, which SASLprep would have to normalize first.
    """
    salt = salt or secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")
