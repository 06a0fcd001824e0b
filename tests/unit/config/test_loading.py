"""What a configuration file may hold, and how everything wrong with it is said at once."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dr_templates.cli.main import main
from dr_templates.config import Config, load
from dr_templates.errors import DrError
from dr_templates.failover.model import Mode

ROOT = Path(__file__).parents[3]
EXAMPLE: dict[str, Any] = yaml.safe_load((ROOT / "config/example.yaml").read_text())
ABSENT = object()


def written(folder: Path, changes: dict[str, Any]) -> Path:
    """Write the example with some values replaced, each named by its dotted path."""
    content = copy.deepcopy(EXAMPLE)
    for path, value in changes.items():
        *above, last = path.split(".")
        node = content
        for key in above:
            node = node.setdefault(key, {})
        if value is ABSENT:
            del node[last]
        else:
            node[last] = value
    file = folder / "environment.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return file


def complaints(file: Path) -> list[str]:
    with pytest.raises(DrError) as caught:
        load(file)
    return caught.value.what.splitlines()


# What is changed, the key complained of, and words that must be in the complaint.
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Orders"}, "name", "1 to 16 characters of a-z, 0-9 and single hyphens"),
    ({"name": "or--ders"}, "name", "single hyphens"),
    ({"name": "orders-"}, "name", "single hyphens"),
    ({"name": "seventeen-letters"}, "name", "1 to 16"),
    ({"suffix": "PROD"}, "suffix", "'PROD' given"),
    ({"suffix": "pre-prod"}, "suffix", "1 to 10 characters of a-z and 0-9"),
    ({"suffix": "elevenchars"}, "suffix", "1 to 10"),
    ({"account": 111122223333}, "account", "a number without quotes"),
    ({"account": "1234"}, "account", "12 digits"),
    ({"account": "١١١١٢٢٢٢٣٣٣٣"}, "account", "12 digits"),
    ({"account": ABSENT}, "account", "missing; allowed: 12 digits, in quotes"),
    ({"colour": "red"}, "colour", "unknown key"),
    ({"controll": {}}, "controll", "did you mean control?"),
    ({"database.instance_clas": "x"}, "database.instance_clas", "did you mean instance_class?"),
    ({"dns": ABSENT}, "dns", "missing"),
    ({"sites.ireland.cidr": ABSENT}, "sites.ireland.cidr", "missing"),
    ({"sites.ireland.region": "eu-west-9"}, "sites.ireland.region", "one of af-south-1"),
    (
        {"sites.ireland.region": "us-east-1", "sites.ireland.zones": ["use1-az1", "use1-az2"]},
        "sites.ireland.region",
        "the other site is not in",
    ),
    ({"sites.ireland.cidr": "10.20.128.0/17"}, "sites.ireland.cidr", "apart from 10.20.0.0/16, which virginia has"),
    ({"sites.ireland.cidr": "10.30.0.0/21"}, "sites.ireland.cidr", "/16 to /20"),
    ({"sites.ireland.cidr": "10.0.0.0/8"}, "sites.ireland.cidr", "/16 to /20"),
    ({"sites.ireland.cidr": "10.30.0.1/16"}, "sites.ireland.cidr", "without host bits"),
    ({"sites.ireland.cidr": "11.30.0.0/16"}, "sites.ireland.cidr", "private"),
    ({"sites.ireland.cidr": 10}, "sites.ireland.cidr", "10 given"),
    ({"sites.ireland.zones": ["euw1-az1"]}, "sites.ireland.zones", "two or three zone ids"),
    ({"sites.ireland.zones": [f"euw1-az{n}" for n in range(4)]}, "sites.ireland.zones", "a list of 4 given"),
    ({"sites.ireland.zones": ["eu-west-1a", "euw1-az1"]}, "sites.ireland.zones.0", "such as use1-az1"),
    ({"sites.ireland.zones": ["euw1-az1", "euw2-az1"]}, "sites.ireland.zones.1", "begin with euw1-az"),
    ({"sites.ireland.zones": ["euw1-az1", "euw1-az1"]}, "sites.ireland.zones.1", "every zone once"),
    ({"sites.paris": EXAMPLE["sites"]["ireland"]}, "sites", "exactly two sites"),
    ({"sites.ireland": ABSENT}, "sites", "exactly two sites"),
    ({"home": "paris"}, "home", "one of virginia, ireland"),
    ({"control.region": "us-east-1"}, "control.region", "any region but the home site's"),
    ({"home": "ireland", "control.region": "eu-west-1"}, "control.region", "any region but the home site's"),
    ({"control": "eu-central-1"}, "control", "a mapping with region"),
    ({"artifact_bucket": "acme-artifacts"}, "artifact_bucket", "{region}"),
    ({"artifact_bucket": 3}, "artifact_bucket", "{region}"),
    ({"artifact_bucket": "Acme-{region}"}, "artifact_bucket", "acme-artifacts-{region}"),
    ({"artifact_bucket": "b" * 52 + "-{region}"}, "artifact_bucket", "65 characters"),
    ({"name": "sixteen-letters1", "suffix": "production", "control.region": "ap-northeast-1"}, "artifact_bucket", "65"),
    ({"network.peering": "yes"}, "network.peering", "true or false"),
    ({"network": None}, "network", "nothing given"),
    ({"database.engine_version": "15.12"}, "database.engine_version", "one of 15.13"),
    ({"database.engine_version": 15.19}, "database.engine_version", "a number without quotes"),
    ({"database.instance_class": "r6g.large"}, "database.instance_class", "db.r6g.large"),
    ({"database.allocated_storage_gib": 19}, "database.allocated_storage_gib", "from 20 to 65536"),
    ({"database.allocated_storage_gib": "100"}, "database.allocated_storage_gib", "a whole number"),
    ({"database.max_allocated_storage_gib": 109}, "database.max_allocated_storage_gib", "at least 110"),
    ({"database.database_name": "user"}, "database.database_name", "do not keep for themselves"),
    ({"database.database_name": "pg_orders"}, "database.database_name", "do not keep for themselves"),
    ({"database.database_name": "1st"}, "database.database_name", "starting with a letter"),
    ({"database.master_username": "rdsadmin"}, "database.master_username", "do not keep for themselves"),
    ({"database.master_username": "admin"}, "database.master_username", "do not keep for themselves"),
    ({"database.backup_retention_days": 0}, "database.backup_retention_days", "from 1 to 35"),
    ({"database.replicated_backup_retention_days": 36}, "database.replicated_backup_retention_days", "from 0 to 35"),
    ({"database.backup_window": "3-4"}, "database.backup_window", "hh:mm-hh:mm in UTC"),
    ({"database.backup_window": "03:00-03:29"}, "database.backup_window", "at least 30 minutes"),
    ({"database.backup_window": "03:00-03:00"}, "database.backup_window", "at least 30 minutes"),
    ({"database.maintenance_window": "son:05:00-son:06:00"}, "database.maintenance_window", "mon … sun"),
    ({"database.maintenance_window": "sun:05:00-mon:05:00"}, "database.maintenance_window", "less than a day"),
    ({"database.maintenance_window": "tue:03:30-tue:04:30"}, "database.maintenance_window", "03:00-04:00 on every day"),
    ({"database.max_slot_wal_keep_mib": 102400}, "database.max_slot_wal_keep_mib", "less than the storage"),
    ({"database.monitoring_interval_seconds": 0}, "database.monitoring_interval_seconds", "one of 1, 5, 10"),
    ({"database.log_statement": "DDL"}, "database.log_statement", "one of none, ddl, mod, all"),
    ({"database.wal_retrieve_retry_ms": 0}, "database.wal_retrieve_retry_ms", "from 1 to"),
    ({"network.secrets_manager_endpoint": False}, "secrets.rotation_days", "secrets_manager_endpoint"),
    ({"logs.retention_days": 91}, "logs.retention_days", "one of 1, 3, 5"),
    ({"dns.ttl_seconds": 11}, "dns.ttl_seconds", "from 1 to 10"),
    ({"dns.zone": "internal"}, "dns.zone", "two labels"),
    ({"dns.zone": "orders.internal."}, "dns.zone", "orders.internal"),
    ({"alarms.email": "oncall"}, "alarms.email", "an e-mail address"),
    ({"alarms.lag_seconds": 300}, "alarms.lag_seconds", "from 301"),
    ({"alarms.slot_lag_mib": 20480}, "alarms.slot_lag_mib", "less than database.max_slot_wal_keep_mib"),
    ({"alarms.free_storage_gib": 100}, "alarms.free_storage_gib", "less than the storage"),
    ({"alarms.wal_disk_mib": 102400}, "alarms.wal_disk_mib", "less than the storage"),
    ({"alarms.drill_days": 0}, "alarms.drill_days", "from 1 to 3650"),
    ({"alarms.lock_age_seconds": 60}, "alarms.lock_age_seconds", "from 300"),
    ({"failover.mode": "auto"}, "failover.mode", "one of automatic, approve, off"),
    ({"failover.mode": True}, "failover.mode", "one of automatic, approve, off"),
    ({"failover.patience_seconds": 120}, "failover.patience_seconds", "from 121 to 3600"),
    ({"failover.lease_seconds": 59}, "failover.lease_seconds", "from 60 to 300"),
    ({"failover.margin_seconds": 5}, "failover.margin_seconds", "from 10 to 120"),
    ({"failover.drain_seconds": 601}, "failover.drain_seconds", "from 10 to 600"),
    ({"failover.rpo_seconds": 60}, "failover.rpo_seconds", "from 90 to 86400"),
    ({"failover.cooldown_minutes": -1}, "failover.cooldown_minutes", "from 0 to 1440"),
    ({"failover.lease_seconds": 166}, "failover.patience_seconds", "at least 181, lease_seconds and margin_seconds"),
    ({"failover": "off"}, "failover", "a mapping with mode"),
    ({"protection.database_deletion_policy": "Keep"}, "protection.database_deletion_policy", "one of Snapshot, Retain"),
    ({"protection.key_deletion_window_days": 6}, "protection.key_deletion_window_days", "from 7 to 30"),
]


@pytest.mark.parametrize(("changes", "key", "words"), REFUSED, ids=[f"{key}:{words}" for _, key, words in REFUSED])
def test_one_mistake_gives_one_line_that_says_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], key: str, words: str
) -> None:
    file = written(tmp_path, changes)
    (line,) = complaints(file)
    where, _, rest = line.partition(": ")
    assert where.startswith(f"{file}:")
    assert rest.startswith(f"{key}: ")
    assert words in rest


@pytest.mark.parametrize("name", ["Ireland", "control", "eleven4site"])
def test_a_site_with_an_unfit_name_is_refused(tmp_path: Path, name: str) -> None:
    lines = complaints(written(tmp_path, {"sites.ireland": ABSENT, f"sites.{name}": EXAMPLE["sites"]["ireland"]}))
    assert [line for line in lines if f" sites.{name}: " in line], lines


def test_every_problem_is_listed_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    changes = {
        "suffix": "PROD",
        "sites.ireland.cidr": "10.20.0.0/20",
        "control.region": "us-east-1",
        "database.engine_version": "14.1",
        "database.maintenance_window": "sun:03:00-sun:04:00",
        "secrets.rotation_days": 30,
        "network.secrets_manager_endpoint": False,
        "alarms.colour": "red",
    }
    file = written(tmp_path, changes)
    lines = complaints(file)
    keys = [line.split(": ")[1] for line in lines]
    assert keys == [
        "suffix",
        "sites.ireland.cidr",
        "control.region",
        "database.engine_version",
        "database.maintenance_window",
        "secrets.rotation_days",
        "alarms.colour",
    ]
    text = file.read_text().splitlines()
    for line, key in zip(lines, keys, strict=True):
        number = int(line.removeprefix(f"{file}:").partition(":")[0])
        assert text[number - 1].strip().startswith(key.rpartition(".")[2])


def test_a_default_that_does_not_fit_is_called_a_default(tmp_path: Path) -> None:
    (line,) = complaints(written(tmp_path, {"network.secrets_manager_endpoint": False, "secrets": ABSENT}))
    assert "secrets.rotation_days: 30 by default; allowed: 0" in line


@pytest.mark.parametrize(
    ("merge", "found"),
    [
        (
            "<<: *there\n    zones: [euw1-az1, euw1-az2]",
            "'us-east-1' given; allowed: a region the other site is not in",
        ),
        ("<<: [*there]\n    zones: [euw1-az1, euw1-az2]", "'us-east-1' given; allowed: a region the other site is not"),
    ],
)
def test_a_value_that_a_merge_key_brings_is_not_called_a_default(tmp_path: Path, merge: str, found: str) -> None:
    text = (ROOT / "config/example.yaml").read_text()
    file = tmp_path / "merged.yaml"
    start, end = text.index("  ireland:"), text.index("\nhome:")
    site = f"  ireland:\n    {merge}\n    cidr: 10.30.0.0/16\n"
    file.write_text((text[:start] + site + text[end:]).replace("  virginia:", "  virginia: &there"))
    (line,) = [line for line in complaints(file) if "sites.ireland.region: " in line]
    number = 1 + text[:start].count("\n") + 1
    assert line.startswith(f"{file}:{number}: sites.ireland.region: {found}")


def test_a_value_below_a_key_that_is_no_string_is_not_called_a_default(tmp_path: Path) -> None:
    file = tmp_path / "number.yaml"
    file.write_text((ROOT / "config/example.yaml").read_text().replace("ireland:", "1:").replace("eu-west-1", "moon"))
    (line,) = [line for line in complaints(file) if "sites.1.region" in line]
    assert "'moon' given" in line


@pytest.mark.parametrize(
    ("key", "shown"),
    [('"a\\nb"', "'a\\nb'"), ('"a b"', "'a b'"), ('""', "''"), ('"a: b"', "'a: b'"), ("7", "7"), ("größe", "größe")],
)
def test_a_problem_with_an_odd_key_stays_one_line(tmp_path: Path, key: str, shown: str) -> None:
    text = (ROOT / "config/example.yaml").read_text()
    file = tmp_path / "odd.yaml"
    file.write_text(f"{text}{key}: x\n")
    (line,) = complaints(file)
    assert f": {shown}: unknown key; allowed: name, suffix" in line
    file.write_text(text.replace("ireland:", f"{key}:"))
    assert [line for line in complaints(file) if f": sites.{shown}: unfit as a name" in line]
    assert all(line.startswith(f"{file}:") for line in complaints(file))


def leaves(node: dict[str, Any], schema: dict[str, Any], path: str = "") -> dict[str, dict[str, Any]]:
    """Give every place of the schema that holds no further keys, by its path."""
    for option in node.get("anyOf", ()):
        if option["type"] != "null":
            node = {**node, **option}
    if "$ref" in node:
        node = {**node, **schema["$defs"][node["$ref"].removeprefix("#/$defs/")]}
    inner = {**node.get("properties", {}), **node.get("patternProperties", {})}
    below = [leaves(value, schema, f"{path}.{key}") for key, value in inner.items()]
    below += [leaves(node["items"], schema, f"{path}[]")] if "items" in node else []
    own = {} if "properties" in node else {path: node}
    return {**own, **{key: value for part in below for key, value in part.items()}}


def test_every_value_has_a_bound_to_quote_instead_of_its_description() -> None:
    schema = Config.model_json_schema()
    found = leaves(schema, schema)
    assert len(found) > 40
    for path, node in found.items():
        bounded = {"enum", "minimum", "errorMessage"} & set(node) or node["type"] == "boolean"
        assert bounded, path
        assert node.get("errorMessage") != node.get("description", ""), path


@pytest.mark.parametrize("key", [key for key in EXAMPLE if key not in ("home",)])
def test_a_value_of_a_wrong_kind_is_answered_with_a_bound_not_with_prose(tmp_path: Path, key: str) -> None:
    described = Config.model_json_schema()["properties"][key].get("description", "no such words")
    (line, *_) = complaints(written(tmp_path, {key: [3]}))
    assert f" {key}: a list of 1 given; allowed: " in line
    assert described not in line


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "twice.yaml"
    file.write_text((ROOT / "config/example.yaml").read_text() + "home: ireland\n")
    (line,) = complaints(file)
    last = len(file.read_text().splitlines())
    assert f"home: the key stands again on line {last}" in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [", "not valid YAML: line 1"),
        (b"name: \x01", "not valid YAML"),
        (b"name: 2024-13-45", "not valid YAML: month"),
        (b"name: !!timestamp xx", "not valid YAML: a value does not fit its tag"),
        (b"name: !!int ''", "not valid YAML: a value does not fit its tag"),
        (b"name: !!bool perhaps", "not valid YAML: a value does not fit its tag"),
        (b"name: !!python/name:os.system", "not valid YAML"),
        (b"[" * 1000, "not valid YAML"),
        (b"", "no mapping"),
        (b"- name", "no mapping"),
        (b"\xff\xfe\xfa", "cannot be read"),
    ],
)
def test_a_file_that_is_no_configuration_is_said_so(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes(content)
    with pytest.raises(DrError, match=words) as caught:
        load(file)
    assert caught.value.where == str(file)


@pytest.mark.parametrize("content", ["a: &a {b: *a}", "sites: &s {one: *s, two: *s}", "1: x", "~: x", "sites: {1: x}"])
def test_odd_yaml_is_complained_of_like_any_other(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(content)
    lines = complaints(file)
    assert any(": name: missing" in line for line in lines)
    assert any("unknown key" in line or "unfit as a name" in line for line in lines)


@pytest.mark.parametrize("word", ["off", "'off'"])
def test_a_bare_off_is_a_mode_though_yaml_reads_it_as_false(tmp_path: Path, word: str) -> None:
    file = tmp_path / "off.yaml"
    file.write_text((ROOT / "config/example.yaml").read_text().replace("mode: approve", f"mode: {word}"))
    assert load(file).policy.mode is Mode.OFF


def test_patience_may_be_just_lease_and_margin(tmp_path: Path) -> None:
    policy = load(written(tmp_path, {"failover.lease_seconds": 165})).policy
    assert policy.patience == policy.lease + policy.margin


def test_a_missing_file_names_the_example(tmp_path: Path) -> None:
    with pytest.raises(DrError) as caught:
        load(tmp_path / "none.yaml")
    assert "config/example.yaml" in caught.value.hint


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(DrError, match="cannot be read"):
        load(tmp_path)


def test_what_the_example_spells_out_are_the_defaults(tmp_path: Path) -> None:
    kept = ("name", "suffix", "account", "sites", "home", "control", "dns")
    short = written(tmp_path, {key: ABSENT for key in EXAMPLE if key not in kept})
    assert load(short) == load(ROOT / "config/example.yaml")


def test_the_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "config/schema.json").read_text(), "run: make schema"


def test_the_schema_describes_every_key() -> None:
    schema = Config.model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        for key, node in section["properties"].items():
            assert node.get("description") or "$ref" in node, key
        assert section["description"]


def test_the_example_names_its_schema_first() -> None:
    first = (ROOT / "config/example.yaml").read_text().splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((ROOT / "config" / name).read_text())["properties"]


def test_the_demo_is_the_example_to_be_thrown_away(checkout: Path) -> None:
    example, demo = (load(checkout / "config" / f"{name}.yaml").model_dump() for name in ("example", "demo"))
    differing = {key for key, value in example.items() if demo[key] != value}
    assert differing == {"suffix", "protection"}
    assert not demo["protection"]["deletion_protection"]
    assert not demo["protection"]["termination_protection"]
