"""What ships to Lambda stays small, and what it computes is right."""

import json
import ssl
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import dr_templates
from dr_templates.runtime.custom_resource import post_from
from dr_templates.runtime.database import Target, trust
from dr_templates.runtime.environment import database
from dr_templates.runtime.scram import verifier

SOURCE = Path(dr_templates.__file__).parent.parent
ALLOWED = {"dr_templates", "pg8000", "scramp", "asn1crypto", "dateutil", "six"}


def imported(*modules: str) -> set[str]:
    """Import ``modules`` in a Python without site-packages of its own; return what that loads beyond its library."""
    program = f"""
import importlib, json, sys
sys.path += {[str(SOURCE), str(SOURCE.parent / "lambda"), sysconfig.get_path("purelib")]!r}
for name in {modules!r}:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    return {name for name in json.loads(run.stdout) if name.partition(".")[0] not in sys.stdlib_module_names}


def packages(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_it_imports_the_standard_library_and_pg8000_alone() -> None:
    modules = sorted(f"dr_templates.runtime.{path.stem}" for path in (SOURCE / "dr_templates/runtime").glob("*.py"))
    names = imported(*modules)
    assert packages(names) - {"__main__"} <= ALLOWED
    own = {".".join(name.split(".")[:2]) for name in names if name.startswith("dr_templates.")}
    assert own == {"dr_templates.runtime"}


@pytest.mark.parametrize("module", ["default_security_group_handler", "prefix_list_handler", "peering_dns_handler"])
def test_the_functions_of_the_network_need_no_driver(module: str) -> None:
    assert "pg8000" not in packages(imported(module))


def test_what_templates_need_of_passwords_needs_no_driver() -> None:
    assert packages(imported("dr_templates.runtime.passwords")) - {"__main__"} == {"dr_templates"}


def test_a_verifier_differs_every_time_and_hides_the_password() -> None:
    assert verifier("correct horse") != verifier("correct horse")
    assert "correct horse" not in verifier("correct horse")


def test_a_password_that_needs_normalizing_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        verifier("pässword")


def test_the_rds_bundle_is_trusted_by_default() -> None:
    context = trust(None)
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    subjects = [dict(pair[0] for pair in authority["subject"]) for authority in context.get_ca_certs()]
    for region in ("us-east-1", "eu-west-1"):
        assert any(region in subject["commonName"] for subject in subjects)


def test_the_environment_names_the_database(tmp_path: Path) -> None:
    environ = {"DATABASE_HOST": "db.example", "DATABASE_PORT": "5433", "DATABASE_NAME": "orders"}
    assert database(environ) == Target("db.example", 5433, "orders", "", "")
    (tmp_path / "ca.pem").write_text("PEM")
    assert database({**environ, "DATABASE_CA_FILE": str(tmp_path / "ca.pem")}).ca == "PEM"


def test_an_emulator_is_known_by_its_address() -> None:
    assert post_from({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}).emulated
    assert not post_from({}).emulated
