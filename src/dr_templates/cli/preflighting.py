"""``drctl preflight``: what would fail at deploy, found before, by looking alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from dr_templates.aws.account.reading import Doors
from dr_templates.cli import view
from dr_templates.cli.told import ToldError
from dr_templates.config import load
from dr_templates.deploy.preflight.finding import Finding, Verdict

WIDEST = max(len(verdict) for verdict in Verdict)


def run(config: Path, output: str) -> None:
    """Show what each check finds. Raises ``ToldError`` when that would stop a deploy, ``DrError`` without AWS."""
    read = load(config)
    with view.progress("asking AWS who you are") as tell:
        from dr_templates.deploy.preflight.examine import examine  # noqa: PLC0415 - troposphere takes a moment

        findings = examine(read, Doors(), tell)
    counts = Counter(finding.verdict for finding in findings)
    if output == "json":
        view.data({"findings": [asdict(finding) for finding in findings], "counts": {v: counts[v] for v in Verdict}})
    else:
        for row in rows(findings):
            view.line(row)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
    if counts[Verdict.BLOCKER]:
        blocking = dict.fromkeys(finding.check for finding in findings if finding.verdict is Verdict.BLOCKER)
        raise ToldError(
            what=f"a deploy would fail: {told}",
            where=f"{read.name}-{read.suffix}: {', '.join(blocking)}",
            hint="Mend the blockers, as each says, and look again: drctl preflight",
        )
    view.say(f"nothing found that stops a deploy: {told}")


def rows(findings: Sequence[Finding]) -> Iterator[str]:
    """Give a line for each finding: verdict, place, check, what; under it the mend, if there is something to mend."""
    places = max((len(finding.place) for finding in findings), default=0)
    checks = max((len(finding.check) for finding in findings), default=0)
    for one in findings:
        yield f"{one.verdict:<{WIDEST}}  {one.place:<{places}}  {one.check:<{checks}}  {one.what}"
        if one.mend:
            yield f"{'':<{WIDEST}}  mend: {one.mend}"
