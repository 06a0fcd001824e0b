"""All checks together: none is silent, whatever the account says."""

import pytest
from tests.unit.deploy.preflight.world import REFUSED, findings, ready

from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.checks import CHECKS, checked
from dr_templates.deploy.preflight.finding import Verdict
from dr_templates.deploy.preflight.wanted import Wanted

PLACES = {
    "rights": 3,
    "stacks": 3,
    "bucket": 3,
    "version": 2,
    "class": 2,
    "zones": 2,
    "ranges": 2,
    "quotas": 4,
    "names": 3,
    "keys": 3,
    "zone": 2,
    "service role": 1,
}


def test_an_account_that_is_ready_passes_every_check_with_a_line_for_each_place(example: Wanted) -> None:
    found = checked(example, Seen(ready(example)))
    assert {one.verdict for one in found} == {Verdict.OK}
    assert {check: sum(one.check == check for one in found) for check in CHECKS} == PLACES
    assert not any(one.mend for one in found)


@pytest.mark.parametrize("check", CHECKS)
def test_what_cannot_be_read_is_a_warning_that_names_the_right(check: str, example: Wanted) -> None:
    found = findings(check, example, dict.fromkeys(ready(example), REFUSED))
    assert {one.verdict for one in found} == {Verdict.WARNING}
    assert {one.place for one in found} >= {one.place for one in findings(check, example)}
    for one in found:
        assert "x:Look" in one.what
        assert one.mend


@pytest.mark.parametrize("check", CHECKS)
def test_a_region_that_was_not_asked_gives_a_warning_for_every_place(check: str, example: Wanted) -> None:
    found = list(CHECKS[check](example, Seen()))
    assert {one.verdict for one in found} == {Verdict.WARNING}
    assert all("not enabled" in one.what for one in found)
