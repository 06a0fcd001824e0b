"""Lint templates with cfn-lint and the rules of this package, whatever a personal ``.cfnlintrc`` says.

Importing this module imports cfn-lint, which takes seconds: import it where it is used.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.runner import Runner
from cfnlint.runner.template import run_template_by_file_path

from dr_templates import rules
from dr_templates.errors import DrError

logging.getLogger("cfnlint").addHandler(logging.NullHandler())  # what it logs about a template is a finding too

CHECKED_IN = ("us-east-1", "eu-west-1", "eu-central-1")
"""Where templates are checked when no configuration says where they go; ``.cfnlintrc`` names the same."""


_WORDS = {"Cannot read file contents: {filename}": "not text in UTF-8"}
"""Our words for a message of cfn-lint that is not fit to show: it forgets to fill this one in."""


@dataclass(frozen=True, order=True)
class Finding:
    """What a rule says about one line of a template."""

    template: str
    line: int
    id: str
    message: str


@dataclass(frozen=True)
class Report:
    """One template: what it holds, its length (CloudFormation takes 1 MB from S3, fact D8), what is wrong with it.

    ``template`` is the path as it was given, ``name`` that of the file alone.
    """

    template: str
    name: str
    resources: int
    parameters: int
    outputs: int
    bytes: int
    findings: tuple[Finding, ...]


def lint(paths: Sequence[Path], regions: Sequence[str] = CHECKED_IN) -> tuple[Report, ...]:
    """Check the templates for every one of the regions, infos included.

    Raises ``DrError`` when a template cannot be read; one that is no template is reported by a finding.
    """
    return tuple(each(paths, regions))


def each(paths: Sequence[Path], regions: Sequence[str] = CHECKED_IN) -> Iterator[Report]:
    """Check as ``lint`` does, one report at a time, for callers that show progress."""
    config = _config(regions)
    loaded = Runner(config).rules
    for path in paths:
        yield _report(path, config, loaded)


def _config(regions: Sequence[str]) -> ConfigMixIn:
    """Set everything here: the empty configuration file keeps personal and project settings out."""
    folder = str(Path(rules.__file__).parent)
    arguments = ["--config-file", os.devnull, "--include-checks", "I", "--append-rules", folder]
    return ConfigMixIn([*arguments, "--regions", *regions])


def _report(path: Path, config: ConfigMixIn, loaded: Rules) -> Report:
    try:
        size = path.stat().st_size
        template, broken = decode(str(path))
    except OSError as error:
        raise DrError(
            what=f"the template cannot be read: {error.strerror}",
            where=str(path),
            hint="Name an existing template, or write them with: drctl generate",
        ) from error
    matches = broken or run_template_by_file_path(str(path), config, loaded, ignore_bad_template=False)
    sections: Mapping[str, Any] = template if isinstance(template, dict) else {}
    return Report(
        template=str(path),
        name=path.name,
        resources=_count(sections.get("Resources")),
        parameters=_count(sections.get("Parameters")),
        outputs=_count(sections.get("Outputs")),
        bytes=size,
        findings=tuple(sorted({_finding(path, match) for match in matches})),
    )


def _count(section: object) -> int:
    """Count what a section holds; one that is no mapping holds nothing, and a finding says so."""
    return len(section) if isinstance(section, dict) else 0


def _finding(path: Path, match: Match) -> Finding:
    message = " ".join(_WORDS.get(match.message, match.message).split())
    return Finding(template=str(path), line=match.linenumber, id=match.rule.id, message=message)
