"""The interpreters in which functions run: what they find there, and what they do not.

An archive's code stays what it is. Its interpreter finds the emulator's databases by their names and trusts their
authority, goes by the lab's clock, tells the name of an exception, marks its calls with the region it is in, and gets
nothing of what the emulator itself is set up with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from dr_templates.errors import DrError
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.clocks.state import clock
from dr_templates.lab.emulator.rds.instances import Fleet

INSIDE = Path(__file__).with_name("inside.py")
SAID = '"error": str(e), "trace": traceback.format_exc()'
NAMED = '"error": type(e).__name__ + "\\x1f" + str(e), "trace": traceback.format_exc()'
"""What the interpreter answers when a function raises, and what it answers here: the exception's name comes first."""
LEFT, REALLY_LEFT, REMAINING = "time.time()", "time.monotonic()", 2
"""By what, and in how many places, the interpreter reckons how long a function has left.

The emulator ends a function by the machine's clock, so that is the machine's too.
"""
SEPARATOR = "\x1f"
LAST = "        _real_stdout.flush()\n\nrun()"
ALL_SAID = f"        print(file=sys.stderr, flush=True)\n{LAST}"
"""After every answer ministack waits a twentieth of a second for lines that the function may yet have logged, but less
after one has come: an empty one, which it does not keep, comes behind all others."""
UNWANTED = (
    *("BIND_HOST", "MINISTACK_HOST", "GATEWAY_PORT", "MINISTACK_ACCOUNT_ID", "IOT_MTLS_ENABLED", "SFTP_ENABLED"),
    *("LOG_LEVEL", "S3_DATA_DIR", "STATE_DIR", "DOCKER_HOST", "DR_PG_BIN", "VIRTUAL_ENV", "PYTHONPATH"),
)


def install(fleet: Fleet) -> None:
    """Let every interpreter that is started from now on be such a one. Raises DrError when ministack's is another."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if SAID not in script or script.count(LEFT) != REMAINING or LAST not in script:
        raise DrError(
            what="ministack's interpreter for functions is not the one the lab knows",
            where="ministack.core.lambda_runtime._PYTHON_WORKER_SCRIPT",
            hint="Install the emulator that fits: pip install 'dr-templates[lab]'",
        )
    by = clock()
    if by.rate != 1:
        script = script.replace(LEFT, REALLY_LEFT)
    arguments = (str(fleet.hosts), str(fleet.trusted), UNWANTED, (by.start, by.rate))
    first = f"import runpy\nrunpy.run_path({str(INSIDE)!r})['install'](*{arguments!r})\n"
    patches.replace(
        lambda_runtime, "_PYTHON_WORKER_SCRIPT", first + script.replace(SAID, NAMED).replace(LAST, ALL_SAID)
    )

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Any:  # noqa: ANN401 - ministack's types are plain
        answer = stock(func, event, request_id)
        body = answer.get("body")
        if answer.get("error") and isinstance(body, dict) and SEPARATOR in body.get("errorMessage", ""):
            name, _, words = body["errorMessage"].partition(SEPARATOR)
            body |= {"errorType": name, "errorMessage": words}
        return answer

    stock = patches.replace(lambda_svc, "_execute_function_warm", execute)
