"""The top of the page: what was drilled, how it went, and the four figures that matter."""

from __future__ import annotations

from dr_templates.drill.report.markup import Markup, joined, tag
from dr_templates.drill.report.outcome import Report, Summary
from dr_templates.drill.report.summing import PASSED
from dr_templates.drill.report.telling import count, date, length


def header(report: Report) -> Markup:
    """Give verdict, what it rests on, and the figures."""
    summary, started = report.summary, report.started
    passed = summary.verdict == PASSED
    sign = "✓ Passed" if passed else "✗ Failed"
    return tag(
        "header",
        tag("p", f"Drill {summary.scenario}, {date(report.began)}", class_="soft"),
        tag("h1", summary.title),
        tag("p", "Broken: ", started.breaks),
        tag("p", "Expected: ", started.expected),
        tag("p", f"{sign}: {_why(summary)}", class_=f"verdict {'good' if passed else 'bad'}"),
        _tiles(summary),
    )


def _why(summary: Summary) -> str:
    failed = [check.name for check in summary.checks if not check.passed]
    if failed:
        return f"{len(failed)} of {len(summary.checks)} checks did not hold ({', '.join(failed)})."
    lacking = [
        words
        for words, there in (
            ("nothing was checked", summary.checks),
            ("writes were not counted", summary.acknowledged is not None),
            ("the outage was not measured", summary.write_outage_seconds is not None),
            ("nobody looked who takes writes", summary.samples),
            ("two databases took writes", not summary.double_writable_samples),
            ("the name was wrong", not summary.wrong_name_samples),
        )
        if not there
    ]
    return f"{', '.join(lacking)}." if lacking else f"every check holds ({len(summary.checks)})."


def _tiles(summary: Summary) -> Markup:
    met, outage, projected = summary.objectives, summary.write_outage_seconds, summary.projected
    rate = f"the lab's clock running {summary.scale:g} times as fast"
    here = "" if outage is None else f"{length(outage)} measured here, {rate}"
    at_most = f" (at most {length(projected.at_most_seconds)})" if projected else ""
    lost = summary.lost
    return tag(
        "dl",
        _tile(
            "Outage at AWS's clocks",
            length(projected.outage_seconds) if projected else "not measured",
            f"{here}{at_most}",
            _objective("RTO", met.rto_seconds, met=met.rto_met),
        ),
        _tile(
            "Acknowledged writes lost",
            "not counted" if lost is None else count(lost),
            "" if summary.acknowledged is None else f"of {count(summary.acknowledged)}",
            _objective("RPO", met.rpo_seconds, met=met.rpo_met),
        ),
        _tile(
            "Two databases took writes",
            count(summary.double_writable_samples),
            f"of {count(summary.samples)} samples",
            _held(summary.samples, summary.double_writable_samples),
        ),
        _tile(
            "The name was wrong",
            count(summary.wrong_name_samples),
            f"of {count(summary.samples)} samples",
            _held(summary.samples, summary.wrong_name_samples),
        ),
        class_="tiles",
    )


def _tile(title: str, figure: str, words: str, result: Markup) -> Markup:
    return tag(
        "div",
        tag("dt", title),
        tag("dd", figure, class_="big"),
        tag("dd", words) if words else None,
        tag("dd", result),
        class_="tile",
    )


def _objective(name: str, seconds: float, *, met: bool | None) -> Markup:
    wanted = f"{name} objective {length(seconds)}: "
    if met is None:
        return joined((wanted, "not measured"))
    return joined((wanted, _sign(good=met, words="met" if met else "missed")))


def _held(samples: int, wrong: int) -> Markup:
    if not samples:
        return joined(("must be none: not sampled",))
    return joined(("must be none: ", _sign(good=not wrong, words="holds" if not wrong else "does not hold")))


def _sign(*, good: bool, words: str) -> Markup:
    return tag("strong", f"{'✓' if good else '✗'} {words}", class_="good" if good else "bad")
