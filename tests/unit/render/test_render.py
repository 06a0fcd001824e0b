"""Templates as text and as files: readable, reproducible, current."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from troposphere import If, Parameter, Ref, Sub, Template, sns

from dr_templates import render
from dr_templates.tiers.root import ROOTS, TIERS


class Loader(yaml.SafeLoader):
    """Reads short intrinsics back into their long form."""


def _long(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
            return {name: value.split(".", 1) if suffix == "GetAtt" else value}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _long)


@pytest.fixture
def small() -> Template:
    template = Template(Description="Small")
    template.add_parameter(Parameter("Name", Type="String", Default="0123"))
    template.add_condition("Always", {"Fn::Equals": ["a", "a"]})
    template.add_resource(
        sns.Topic(
            "Topic", TopicName=If("Always", Sub("${Name}-topic"), Ref("Name")), Condition="Always", DependsOn="Other"
        )
    )
    template.add_resource(sns.Topic("Other", DisplayName="yes"))
    return template


def test_a_template_reads_in_the_order_people_expect(small: Template) -> None:
    text = render.text(small)
    marks = ["# Written by", "Description:", "Parameters:", "Conditions:", "Resources:", "  Topic:", "  Other:"]
    positions = [text.index(mark) for mark in marks]
    assert positions == sorted(positions)
    assert text.index("Type: AWS::SNS::Topic") < text.index("Condition: Always") < text.index("TopicName")


def test_what_looks_like_something_else_stays_a_string(small: Template) -> None:
    read = yaml.load(render.text(small), Loader=Loader)  # noqa: S506 - a SafeLoader with three constructors
    assert read["Parameters"]["Name"]["Default"] == "0123"
    assert read["Resources"]["Other"]["Properties"]["DisplayName"] == "yes"


@pytest.mark.parametrize("name", [*TIERS, *ROOTS])
def test_nothing_is_lost_between_the_template_and_its_text(
    templates: dict[str, dict[str, Any]], checkout: Path, name: str
) -> None:
    text = (checkout / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
    assert yaml.load(text, Loader=Loader) == templates[name]  # noqa: S506 - a SafeLoader with three constructors


def test_a_section_without_a_place_is_not_dropped_in_silence(small: Template) -> None:
    small.add_mapping("Sizes", {"small": {"GiB": "20"}})
    with pytest.raises(ValueError, match="Mappings"):
        render.text(small)


def test_committed_templates_are_current(checkout: Path) -> None:
    assert render.stale(checkout / "templates") == ()


def test_writing_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    assert set(render.write(tmp_path)) == {f"{name}.yaml" for name in (*TIERS, *ROOTS)}
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    assert render.write(tmp_path) == ()
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_stale_missing_and_surplus_templates_are_named_and_mended(tmp_path: Path) -> None:
    render.write(tmp_path)
    (tmp_path / "network.yaml").write_text("changed by hand", encoding="utf-8")
    (tmp_path / "probe.yaml").unlink()
    (tmp_path / "abandoned.yaml").write_text(f"{render.BANNER}Resources: {{}}\n", encoding="utf-8")
    names = ("abandoned.yaml", "network.yaml", "probe.yaml")
    assert render.stale(tmp_path) == names
    assert render.write(tmp_path) == names
    assert render.stale(tmp_path) == ()
    assert not (tmp_path / "abandoned.yaml").exists()


def test_what_somebody_else_wrote_is_left_alone_and_not_spoken_of(tmp_path: Path) -> None:
    render.write(tmp_path)
    others = {
        "notes.md": b"mine",
        "empty.yaml": b"",
        "mine.yaml": b"Resources: {}\n",
        "docker-compose.yaml": f"services: {{}}\n{render.BANNER}".encode(),
        "latin.yaml": b"name: caf\xe9\n",
    }
    for name, body in others.items():
        (tmp_path / name).write_bytes(body)
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere")
    assert render.stale(tmp_path) == ()
    assert render.write(tmp_path) == ()
    assert {name: (tmp_path / name).read_bytes() for name in others} == others
    assert (tmp_path / "folder.yaml").is_dir()
    assert (tmp_path / "dangling.yaml").is_symlink()


def test_a_template_with_other_line_ends_is_stale(tmp_path: Path) -> None:
    render.write(tmp_path)
    current = (tmp_path / "dns.yaml").read_bytes()
    (tmp_path / "dns.yaml").write_bytes(current.replace(b"\n", b"\r\n"))
    (tmp_path / "abandoned.yaml").write_bytes(render.BANNER.encode().replace(b"\n", b"\r\n"))
    assert render.stale(tmp_path) == ("abandoned.yaml", "dns.yaml")
    assert render.write(tmp_path) == ("abandoned.yaml", "dns.yaml")
    assert (tmp_path / "dns.yaml").read_bytes() == current


def test_a_template_that_is_not_text_is_stale_and_mended(tmp_path: Path) -> None:
    render.write(tmp_path)
    current = (tmp_path / "dns.yaml").read_bytes()
    (tmp_path / "dns.yaml").write_bytes(b"\xff\xfe")
    assert render.stale(tmp_path) == ("dns.yaml",)
    assert render.write(tmp_path) == ("dns.yaml",)
    assert (tmp_path / "dns.yaml").read_bytes() == current
