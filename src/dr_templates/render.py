"""Templates as text: YAML with short intrinsics, in the order people read a template in, always the same bytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from troposphere import Template

from dr_templates import files
from dr_templates.tiers.root import everything

BANNER = "# Written by generate.py from src/dr_templates/tiers/. Change the tier and run `make templates`, not this.\n"
SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Transform",
    "Metadata",
    "Parameters",
    "Rules",
    "Conditions",
    "Resources",
    "Outputs",
)
ATTRIBUTES = ("Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Properties")
SPACED = ("Parameters", "Resources")
_MARK = BANNER.rstrip().encode()
SHORT_LINE = 88


class _Dumper(yaml.CSafeDumper):
    """Writes intrinsics in their short form and never anchors or aliases.

    libyaml's emitter, which every PyYAML wheel carries: the pure one quotes a little differently, and the text must not
    depend on the machine.
    """

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _represent(dumper: _Dumper, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1:
        (key, inner), *_ = value.items()
        if key in {"Ref", "Condition"} or key.startswith("Fn::"):
            return _intrinsic(dumper, "!" + key.removeprefix("Fn::"), inner)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=False)


def _intrinsic(dumper: _Dumper, tag: str, inner: str | list[Any] | dict[str, Any]) -> yaml.Node:
    if tag == "!GetAtt":
        inner = ".".join(inner)
    if isinstance(inner, str):
        return dumper.represent_scalar(tag, inner)
    if isinstance(inner, dict):
        return dumper.represent_mapping(tag, inner.items(), flow_style=False)
    node = dumper.represent_sequence(tag, inner, flow_style=False)
    node.flow_style = _fits_one_line(node)
    return node


def _fits_one_line(node: yaml.SequenceNode) -> bool:
    if not all(isinstance(child, yaml.ScalarNode) or child.flow_style for child in node.value):
        return False
    return _width(node) <= SHORT_LINE


def _width(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode):
        return len(node.value) + len(node.tag if node.tag.startswith("!") else "") + 4
    return len(node.tag) + sum(_width(child) for child in node.value)


_Dumper.add_representer(dict, _represent)


def text(template: Template) -> str:
    """Give the template's text: banner, sections and resource attributes in reading order, resources set apart."""
    raw = template.to_dict()
    ordered = {section: raw[section] for section in SECTIONS if section in raw}
    surplus = set(raw) - set(ordered)
    if surplus:
        message = f"sections without a place in the text: {sorted(surplus)}"
        raise ValueError(message)
    ordered["Resources"] = {name: _in_order(body) for name, body in raw["Resources"].items()}
    dumped: str = yaml.dump(ordered, Dumper=_Dumper, width=10**6, allow_unicode=True)
    return BANNER + _set_apart(dumped)


def _in_order(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {key: resource[key] for key in (*ATTRIBUTES, *resource) if key in resource}


def _set_apart(dumped: str) -> str:
    """Put an empty line before each section and before each parameter and resource."""
    lines: list[str] = []
    section = ""
    for line in dumped.splitlines():
        if not line.startswith((" ", "-")):
            if lines:
                lines.append("")
            section = line.partition(":")[0]
        elif (
            section in SPACED and line[:2] == "  " and line[2:3] not in {" ", "-"} and not lines[-1].startswith(section)
        ):
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"


def texts() -> dict[str, str]:
    """Give the text of every template by its file name."""
    return {f"{name}.yaml": text(template) for name, template in everything().items()}


def write(folder: Path) -> tuple[str, ...]:
    """Write the templates that differ, remove those nobody makes any more, and give the names of both.

    A file is removed only when it begins with the banner: nothing else is ours. Each file is replaced whole, so an
    interrupted run leaves no half template. Raises ``OSError`` when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _wanted()
    changed = _differences(wanted, folder)
    for name in changed:
        if name in wanted:
            files.replace(folder / name, wanted[name])
        else:
            (folder / name).unlink()
    return changed


def stale(folder: Path) -> tuple[str, ...]:
    """Give the names of templates that are missing, differ by a byte from the source, or have no source any more."""
    return _differences(_wanted(), folder)


def _wanted() -> dict[str, bytes]:
    return {name: written.encode() for name, written in texts().items()}


def _differences(wanted: Mapping[str, bytes], folder: Path) -> tuple[str, ...]:
    found = {path.name: path.read_bytes() for path in folder.glob("*.yaml") if path.is_file()}
    ours = {name: body for name, body in found.items() if name in wanted or body.startswith(_MARK)}
    return tuple(name for name in sorted({*wanted, *ours}) if wanted.get(name) != ours.get(name))
