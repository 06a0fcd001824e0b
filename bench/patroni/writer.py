"""The client: write a row, wait for its commit, say so on stdout, and connect again whenever that fails.

It does as the libpq manual advises users of several servers: it names every host and asks for a session that can write.
Run by the interpreter that has psycopg: ``writer.py CONNINFO PAUSE RETRY``, pauses in seconds; the password comes in
PGPASSWORD. Each line says when (seconds since 1970), which row, and which server.
"""

import sys
import time

import psycopg

WRITE = "INSERT INTO ledger VALUES (%s) RETURNING host(inet_server_addr())"


def write(conninfo: str, first: int, pause: float) -> int:
    """Write rows from ``first`` on until something fails; give the number of the row that nobody has tried yet."""
    number = first
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            while True:
                number += 1
                row = connection.execute(WRITE, (number - 1,)).fetchone()
                print(f"{time.time():.6f}", number - 1, row[0] if row else "-", flush=True)
                time.sleep(pause)
    except psycopg.Error as error:
        print(f"row {number}: {error}", file=sys.stderr, flush=True)
    return number


def main() -> None:
    """Write until ended."""
    conninfo, pause, retry = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    number = 1
    while True:
        number = write(conninfo, number, pause)
        time.sleep(retry)


main()
