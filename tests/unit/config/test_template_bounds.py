"""The bounds of the configuration lie within those of the templates: what the file may say, CloudFormation takes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from dr_templates.config import Config, kinds, load
from dr_templates.tiers.parameters import CATALOGUE
from dr_templates.tiers.root import root
from dr_templates.topology import REGIONS

EXAMPLE = load(Path(__file__).parents[3] / "config/example.yaml")
PARAMETERS: dict[str, dict[str, Any]] = {
    name: parameter.to_dict()
    for stack in ("foundation", "primary", "standby", "control")
    for name, parameter in root(stack).parameters.items()
}
SECTIONS = {name: value for name, value in EXAMPLE if isinstance(value, BaseModel) and hasattr(value, "values")}


def refusal(parameter: str, value: str) -> str | None:
    """Tell why CloudFormation would refuse a value: its patterns are Java's, whose classes know ASCII alone."""
    bounds = PARAMETERS[parameter]
    if value not in map(str, bounds.get("AllowedValues", [value])):
        return f"not one of {bounds['AllowedValues']}"
    if "MinValue" in bounds and float(value) < bounds["MinValue"]:
        return f"less than {bounds['MinValue']}"
    if "MaxValue" in bounds and float(value) > bounds["MaxValue"]:
        return f"more than {bounds['MaxValue']}"
    if len(value) > bounds.get("MaxLength", len(value)):
        return f"longer than {bounds['MaxLength']}"
    pattern = bounds.get("AllowedPattern", "[^\x00]*").removeprefix("^").removesuffix("$")
    return None if re.fullmatch(pattern, value, re.ASCII) else f"not {pattern}"


def extremes() -> Iterator[Any]:
    """Give every section with one field at its lowest, its highest, or each of the values it may have."""
    for section, values in SECTIONS.items():
        for field, node in type(values).model_json_schema()["properties"].items():
            bounds = next((one for one in node.get("anyOf", ()) if one["type"] != "null"), node)
            allowed = bounds.get("enum") or [bounds[key] for key in ("minimum", "maximum") if key in bounds]
            for value in [False, True] if bounds["type"] == "boolean" else allowed:
                changed = values.model_copy(update={field: value})
                yield pytest.param(section, changed, id=f"{section}.{field}={value}")


EXTREMES = [*extremes()]


@pytest.mark.parametrize(("section", "values"), EXTREMES)
def test_a_section_at_its_bounds_is_within_those_of_the_templates(section: str, values: Any) -> None:  # noqa: ANN401 - any section
    refused = {name: reason for name, value in values.values().items() if (reason := refusal(name, value))}
    assert refused == {}, section


def test_every_section_and_number_is_among_those_tried() -> None:
    tried = [str(case.id) for case in EXTREMES]
    assert len(SECTIONS) == 8
    assert {"database.allocated_storage_gib=65536", "alarms.lag_seconds=301", "logs.retention_days=3653"} <= {*tried}
    assert {"protection.data_deletion_policy=Delete", "failover.mode=off", "failover.patience_seconds=121"} <= {*tried}
    assert len(tried) > 100


@pytest.mark.parametrize("place", EXAMPLE.topology.places)
def test_the_example_is_what_the_templates_take(place: str) -> None:
    refused = {name: reason for name, value in EXAMPLE.values(place).items() if (reason := refusal(name, value))}
    assert refused == {}


# A kind of value, the parameters that take it as it is, and the pattern that candidates are drawn from.
TEXTS = [
    (kinds.Name, ("Name",), r"[a-z](-?[a-z0-9]){0,18}"),
    (kinds.Suffix, ("EnvironmentSuffix",), r"[a-z0-9-]{0,12}"),
    (kinds.SiteName, ("SiteName", "PeerSiteName", "HomeSiteName", "StandbySiteName"), r"[a-z0-9-]{1,12}"),
    (kinds.ZoneId, ("AvailabilityZoneA", "AvailabilityZoneB", "AvailabilityZoneC"), r"[a-z]{1,5}\d{1,2}-az\d{1,2}"),
    (kinds.Cidr, ("VpcCidr", "PeerVpcCidr"), r"(10|172|192)\.(1[6-9]|168|2\d)\.(0|16|128)\.0/(1[5-9]|2[01])"),
    (kinds.InstanceClass, ("InstanceClass",), r"db\.[a-z0-9-]{1,6}\.[a-z0-9]{1,6}"),
    (kinds.DatabaseName, ("DatabaseName",), r"[a-z_0-9][a-z0-9_]{0,65}"),
    (kinds.Username, ("MasterUsername",), r"[a-z_0-9][a-z0-9_]{0,18}"),
    (kinds.DailyWindow, ("BackupWindow",), r"[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d"),
    (
        kinds.WeeklyWindow,
        ("MaintenanceWindow",),
        r"(mon|tue|wed|thu|fri|sat|sun):[0-2]\d:[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):[0-2]\d:[0-5]\d",
    ),
    (kinds.Zone, ("ZoneName",), r"[a-z0-9-]{1,5}(\.[a-z0-9-]{1,5}){0,3}\.?"),
    (kinds.Email, ("AlarmEmail",), r"[^@]{1,5}@[^@]{1,5}\.[^@]{1,4}"),
]


@pytest.mark.parametrize(("kind", "parameters", "pattern"), TEXTS, ids=[names[0] for _, names, _ in TEXTS])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_text_the_configuration_takes_the_templates_take(
    kind: Any,  # noqa: ANN401 - an annotated type is of no type of its own
    parameters: tuple[str, ...],
    pattern: str,
    data: st.DataObject,
) -> None:
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    try:
        value = TypeAdapter(kind).validate_python(text, strict=True)
    except ValidationError:
        return
    assert {name: refusal(name, str(value)) for name in parameters} == dict.fromkeys(parameters)


@pytest.mark.parametrize(
    ("kind", "parameter", "longest"),
    [
        (kinds.Name, "Name", 16),
        (kinds.Suffix, "EnvironmentSuffix", 10),
        (kinds.SiteName, "SiteName", 10),
        (kinds.DatabaseName, "DatabaseName", 63),
        (kinds.Username, "MasterUsername", 16),
    ],
)
def test_a_word_may_be_as_long_here_as_there(kind: Any, parameter: str, longest: int) -> None:  # noqa: ANN401 - as above
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    assert refusal(parameter, adapter.validate_python("a" * longest)) is None
    assert refusal(parameter, "a" * (longest + 1))
    for length in (0, longest + 1):
        with pytest.raises(ValidationError):
            adapter.validate_python("a" * length)


def test_every_zone_and_region_there_is_is_taken_by_both() -> None:
    for region, prefix in REGIONS.items():
        zone = f"{prefix}-az1"
        assert TypeAdapter(kinds.ZoneId).validate_python(zone) == zone
        assert refusal("AvailabilityZoneA", zone) is None
        assert {refusal(name, region) for name in ("PeerRegion", "HomeRegion", "StandbyRegion", "ControlRegion")} == {
            None
        }


@pytest.mark.parametrize("bucket", ["a{region}", "acme-artifacts-{region}", "a.b-{region}.c"])
def test_a_bucket_is_one_the_templates_take(bucket: str) -> None:
    config = EXAMPLE.model_copy(update={"artifact_bucket": TypeAdapter(kinds.Bucket).validate_python(bucket)})
    assert refusal("ArtifactBucket", config.bucket("us-east-1")) is None
    assert refusal("ArtifactBucket", EXAMPLE.bucket("ap-southeast-1")) is None


def test_an_account_is_twelve_plain_digits_as_it_becomes_part_of_a_name() -> None:
    adapter = TypeAdapter(kinds.Account)
    assert adapter.validate_python("111122223333") == "111122223333"
    for account in ("11112222333", "١١١١٢٢٢٢٣٣٣٣", "111122223333\n"):
        with pytest.raises(ValidationError):
            adapter.validate_python(account)


def test_what_the_configuration_gives_is_known_to_the_catalogue() -> None:
    prefixed = {f"{prefix}{name}" for prefix in ("Peer", "Home", "Standby") for name in CATALOGUE}
    for place in EXAMPLE.topology.places:
        assert set(Config.values(EXAMPLE, place)) <= {*CATALOGUE, *prefixed}
