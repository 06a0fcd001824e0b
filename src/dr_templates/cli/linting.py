"""``drctl lint``: check templates, show what each holds and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from dr_templates.cli import view
from dr_templates.cli.told import ToldError
from dr_templates.config import load
from dr_templates.errors import DrError


def run(templates: Sequence[Path], config: Path | None, output: str) -> None:
    """Lint and show the reports. Raises ``DrError`` when anything was found, or when there is nothing to lint."""
    if not templates:
        raise DrError(what="there are no templates to lint", where="templates/", hint="Write them with: drctl generate")
    regions = load(config).topology.regions if config else None
    with view.progress("loading cfn-lint") as show:
        from dr_templates import lint  # noqa: PLC0415 - takes seconds, which the progress line covers

        reports = []
        for number, report in enumerate(lint.each(templates, regions or lint.CHECKED_IN), start=1):
            reports.append(report)
            show(f"linted {number} of {len(templates)}: {report.name}")
    if output == "json":
        view.data([asdict(report) for report in reports])
    else:
        view.reports(reports)
    found = sum(len(report.findings) for report in reports)
    if found:
        raise ToldError(
            what=f"{found} finding{'s' if found > 1 else ''}",
            where=", ".join(view.label(report, reports) for report in reports if report.findings),
            hint="Correct the template, or the tier it is written from. docs/rules.md explains the rules numbered "
            "91xx; the others are cfn-lint's.",
        )
    view.say("nothing found")
