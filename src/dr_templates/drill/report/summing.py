"""What the entries of a drill come to. Pure, so that whoever reads a report sums it up again and compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from dr_templates.drill.report.model import Checked, Counted, Measured, Objectives, Proved, Sampled, Started
from dr_templates.drill.report.outcome import Met, Summary, Word

PASSED, FAILED = "passed", "failed"

Kind = TypeVar("Kind", bound=Word)


def summed(started: Started, words: Sequence[Word]) -> Summary:
    """Sum up a drill.

    It has passed when every check has, there is one, at no sample two databases took writes or the name was wrong, and
    there were samples, a count and a measurement. Of several counts, measurements and proofs the last holds.
    """
    checks, samples = tuple(_all(words, Checked)), [*_all(words, Sampled)]
    counted, measured, proof = _last(words, Counted), _last(words, Measured), _last(words, Proved)
    looked, double, wrong = (
        sum(getattr(sample, name) for sample in samples) for name in ("samples", "double_writable", "wrong_name")
    )
    sound = bool(counted and measured and looked and checks) and not (double or wrong)
    return Summary(
        verdict=PASSED if sound and all(check.passed for check in checks) else FAILED,
        scenario=started.scenario,
        title=started.title,
        rto_seconds=measured.rto_seconds if measured else None,
        write_outage_seconds=measured.outage_seconds if measured else None,
        own_seconds=measured.own_seconds if measured else None,
        phases=measured.phases if measured else None,
        scale=started.scale,
        projected=measured.projected if measured else None,
        objectives=_met(started.objectives, measured, counted),
        acknowledged=counted.acknowledged if counted else None,
        lost=counted.lost if counted else None,
        in_doubt=counted.in_doubt if counted else None,
        lost_seconds=counted.lost_seconds if counted else None,
        samples=looked,
        double_writable_samples=double,
        wrong_name_samples=wrong,
        checks=checks,
        proof=proof,
        versions=started.versions,
        configuration=started.configuration,
    )


def _met(wanted: Objectives, measured: Measured | None, counted: Counted | None) -> Met:
    return Met(
        rto_seconds=wanted.rto_seconds,
        rpo_seconds=wanted.rpo_seconds,
        rto_met=measured.projected.at_most_seconds <= wanted.rto_seconds if measured else None,
        rpo_met=counted.lost_seconds <= wanted.rpo_seconds if counted else None,
    )


def _all(words: Iterable[Word], kind: type[Kind]) -> Iterable[Kind]:
    return (word for word in words if isinstance(word, kind))


def _last(words: Iterable[Word], kind: type[Kind]) -> Kind | None:
    return next(reversed([*_all(words, kind)]), None)
