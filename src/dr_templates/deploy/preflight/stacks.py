"""Stacks that are there already and cannot be deployed to, as they stand."""

from collections.abc import Iterator

from dr_templates.aws.account.holdings import Stack
from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted
from dr_templates.deploy.stuck import STATES

CHECK = "stacks"
BUSY = "_IN_PROGRESS"
SEEN_ONLY = "REVIEW_IN_PROGRESS"
"""A change set was made and never executed: nothing is there, and nothing goes on."""


def stacks(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find root stacks of our names in a status that a deploy does not start from."""
    for region in wanted.topology.regions:
        place, heard = wanted.label(region), seen.at("stacks", region)
        if heard.told is None:
            yield unread(CHECK, place, heard, f"aws cloudformation describe-stacks --region {region}")
            continue
        found = [finding for stack in heard.told.stacks for finding in _stack(stack, place, region)]
        standing = ", ".join(stack.name for stack in heard.told.stacks)
        yield from found or [ok(CHECK, place, f"can be deployed to: {standing}" if standing else "none is there yet")]


def _stack(stack: Stack, place: str, region: str) -> Iterator[Finding]:
    because = f" ({stack.reason})" if stack.reason else ""
    what = f"{stack.name} is {stack.status}{because}"
    state = STATES.get(stack.status)
    if state is not None:
        yield blocker(CHECK, place, f"{what}: {state.words}", state.hint)
    elif stack.status.endswith(BUSY) and stack.status != SEEN_ONLY:
        mend = f"Wait for it: aws cloudformation describe-stack-events --region {region} --stack-name {stack.name}"
        yield warning(CHECK, place, what, mend)
