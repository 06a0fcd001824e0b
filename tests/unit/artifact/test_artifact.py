"""Lambda archives: complete, reproducible, named by what is in them."""

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from dr_templates.artifact import DRIVER, RECIPES, Archive, archives
from dr_templates.aws import settings
from dr_templates.errors import DrError

Templates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def built() -> dict[str, Archive]:
    return {archive.name: archive for archive in archives()}


def names(archive: Archive) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(archive.body)).namelist())


def functions(templates: Templates) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, body["Properties"])
        for name, template in templates.items()
        for body in template["Resources"].values()
        if body["Type"] == "AWS::Lambda::Function"
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_source_gives_the_same_bytes(built: dict[str, Archive], name: str) -> None:
    assert {archive.name: archive for archive in archives()}[name] == built[name]


@pytest.mark.parametrize("name", RECIPES)
def test_nothing_of_the_machine_is_in_an_archive(built: dict[str, Archive], name: str) -> None:
    entries = zipfile.ZipFile(io.BytesIO(built[name].body)).infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o644}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("name", RECIPES)
def test_the_key_is_the_hash_and_fits_its_parameter(built: dict[str, Archive], templates: Templates, name: str) -> None:
    archive = built[name]
    assert archive.key == f"lambda/{name}-{hashlib.sha256(archive.body).hexdigest()[:16]}.zip"
    takers = [t["Parameters"][archive.parameter] for t in templates.values() if archive.parameter in t["Parameters"]]
    assert takers
    assert all(re.search(taker["AllowedPattern"], archive.key) for taker in takers)


def test_every_function_finds_its_handler_in_its_archive(built: dict[str, Archive], templates: Templates) -> None:
    by_parameter = {archive.parameter: archive for archive in built.values()}
    assert len(functions(templates)) >= 10
    for template, function in functions(templates):
        module, _, name = function["Handler"].partition(".")
        archive = by_parameter[function["Code"]["S3Key"]["Ref"]]
        assert f"{module}.py" in names(archive), template
        source = zipfile.ZipFile(io.BytesIO(archive.body)).read(f"{module}.py").decode()
        assert re.search(rf"def {name}\(_?event", source), template


@pytest.mark.parametrize("name", RECIPES)
def test_an_archive_imports_with_nothing_but_itself_and_boto3(
    built: dict[str, Archive], tmp_path: Path, name: str
) -> None:
    """The lambda runtime brings Python and boto3; whatever else a handler needs has to be in the archive."""
    for package in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3"):
        (tmp_path / package).symlink_to(Path(str(distribution(package).locate_file(package))))
    folder = tmp_path / "task"
    zipfile.ZipFile(io.BytesIO(built[name].body)).extractall(folder)
    (folder / "dateutil").exists() or (tmp_path / "dateutil").symlink_to(_module("python-dateutil", "dateutil"))
    (folder / "six.py").exists() or (tmp_path / "six.py").symlink_to(_module("six", "six.py"))
    imports = "; ".join(f"import {handler}; {handler}.handler" for handler in RECIPES[name].handlers)
    code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(tmp_path)!r}]; {imports}"
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def _module(package: str, name: str) -> Path:
    return Path(str(distribution(package).locate_file(name)))


def test_the_driver_comes_with_all_it_requires_and_its_licences(built: dict[str, Archive]) -> None:
    required = set()
    waiting = ["pg8000"]
    while waiting:
        name = waiting.pop()
        required.add(name)
        plain = [need for need in distribution(name).requires or () if "extra ==" not in need]
        waiting += [re.split(r"[^A-Za-z0-9-]", need, maxsplit=1)[0] for need in plain]
    assert required == set(DRIVER)
    for archive in (built["probe"], built["rotation"]):
        licensed = {path.split("-", 1)[0] for path in names(archive) if ".dist-info/" in path}
        assert licensed == {name.replace("-", "_") for name in DRIVER}


def test_what_is_not_needed_stays_out(built: dict[str, Archive]) -> None:
    for name in ("network", "watchdog", "failover"):
        assert not any(path.startswith(("pg8000", "dateutil")) for path in names(built[name]))
    for archive in built.values():
        assert not any(
            path.startswith(("dr_templates/tiers", "dr_templates/cli", "dr_templates/rules")) for path in names(archive)
        )
        assert not any(path.endswith((".pyc", "RECORD")) for path in names(archive))
        assert len(archive.body) < 3_000_000


def test_what_functions_read_from_the_environment_is_what_templates_set(checkout: Path, templates: Templates) -> None:
    """``DATABASE_CA_FILE`` and ``AWS_ENDPOINT_URL`` are for the lab; AWS sets ``AWS_REGION`` itself."""

    def asked(reader: str) -> set[str]:
        """Give what a reader of ``aws.settings`` looks up, by letting it look."""
        environ = Noting()
        vars(settings)[reader](environ)
        return environ.noted

    shared = (checkout / "src/dr_templates/runtime/environment.py").read_text(encoding="utf-8")
    given: dict[str, set[str]] = {}
    for _, function in functions(templates):
        module = function["Handler"].partition(".")[0]
        given.setdefault(module, set()).update(function.get("Environment", {}).get("Variables", {}))
    for module, variables in given.items():
        source = (checkout / "lambda" / f"{module}.py").read_text(encoding="utf-8")
        if "environment import database" in source:
            source += shared
        read = set(re.findall(r'environ\["([A-Z_]+)"\]', source)) - {"AWS_REGION", "DATABASE_CA_FILE"}
        read.update(name for reader in re.findall(r"settings\.(\w+)\(os\.environ\)", source) for name in asked(reader))
        assert read == variables, module


class Noting(dict[str, str]):
    """An environment in which every variable is set, and which notes those that are looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: set[str] = set()

    def __missing__(self, name: str) -> str:
        self.noted.add(name)
        return "off" if name == "MODE" else "1"


def test_alarms_watch_only_metrics_that_the_probe_publishes(templates: Templates) -> None:
    from dr_templates.runtime.metrics import DIMENSIONS, NAMESPACE, UNITS  # noqa: PLC0415 - the one test that needs it

    alarms = [
        b["Properties"] for b in templates["monitoring"]["Resources"].values() if b["Type"] == "AWS::CloudWatch::Alarm"
    ]
    ours = [alarm for alarm in alarms if alarm["Namespace"] == NAMESPACE]
    assert len(ours) >= 3
    for alarm in ours:
        assert alarm["MetricName"] in UNITS
        assert tuple(dimension["Name"] for dimension in alarm["Dimensions"]) == DIMENSIONS


def test_without_the_handlers_it_says_that_a_checkout_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DrError, match="archives are built from a checkout") as caught:
        archives(tmp_path / "lambda")
    assert caught.value.where == str(tmp_path / "lambda")
