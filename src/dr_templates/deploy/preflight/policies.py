"""A key's policy as it stands, held against what our templates give the key: what is lost, narrowed or denied. Pure.

What it allows beyond that is none of a deploy's business.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dr_templates.deploy.preflight.statements import (
    AWS,
    THROUGH,
    Request,
    Statement,
    any_of,
    applies,
    requests,
    statements,
)

Policy = Mapping[str, Any]
CHANGE: Final = "kms:PutKeyPolicy"
ACCOUNT: Final = "the account"
SUFFERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AdministeredByTheAccount": "no deploy can change the key or its policy",
        "UsedThroughTheService": "what it encrypts can be neither made nor read",
        "UsedByOurLogGroups": "log groups can be neither made with it nor written",
        "UsedByThePublishers": "alarms and events are dropped in silence",
        "UsedByOurRules": "events are dropped in silence",
    }
)
"""What no longer works without a statement, by its name in the templates."""


@dataclass(frozen=True)
class Fault:
    """Something that the templates let do and a standing policy may not; ``sure`` when it certainly does not.

    ``source`` is the template's statement that is not met, or the standing one that denies (``denied``).
    """

    source: Statement
    who: tuple[str, ...]
    actions: tuple[str, ...]
    sure: bool
    denied: bool = False

    @property
    def statement(self) -> str:
        """Name the statement."""
        said = self.source.get("Action", self.source.get("NotAction"))
        return str(self.source.get("Sid") or f"the statement on {said}")

    @property
    def stops(self) -> bool:
        """Tell whether a deploy or the pair needs it: of administration they need but the change of a policy."""
        return self.sure and (self.who != (ACCOUNT,) or CHANGE in self.actions)


def faults(template: Policy, standing: Policy, account: str, key: str) -> tuple[Fault, ...]:
    """Compare by meaning: order, lists of one, patterns and ways to write an account do not matter."""
    allows, denies = _by_effect(standing, "Allow"), _by_effect(standing, "Deny")
    every = [(wanted, request) for wanted in statements(template) for request in requests(wanted, account, key)]
    lost = [
        (wanted, _who(request), request.action, allowed is False)
        for wanted, request in every
        if not (allowed := any_of(applies(each, request) for each in allows))
    ]
    denied = [
        (deny, _who(request), request.action, answer is True)
        for deny in denies
        for _, request in every
        if (answer := applies(deny, request)) is not False
    ]
    return (*_grouped(lost, denied=False), *_grouped(denied, denied=True))


def _grouped(found: Sequence[tuple[Statement, str, str, bool]], *, denied: bool) -> Iterator[Fault]:
    """Put together what is of one statement, and whoever loses the same by it.

    Of whom a statement stops in something for certain, what else it may stop is left out.
    """
    for source in [one for at, (one, *_) in enumerate(found) if not any(one is each for each, *_ in found[:at])]:
        actions: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
        for each, who, action, sure in found:
            if each is source:
                actions[who, sure].add(action)
        alike: defaultdict[tuple[bool, bool, tuple[str, ...]], list[str]] = defaultdict(list)
        for (who, sure), done in actions.items():
            alike[who == ACCOUNT, sure, tuple(sorted(done))].append(who)
        told = [Fault(source, tuple(who), done, sure, denied) for (_, sure, done), who in alike.items()]
        stopped = {who for one in told if one.stops for who in one.who}
        yield from (one for one in told if one.sure or not stopped.issuperset(one.who))


def administered(policy: Policy, account: str, key: str = "*") -> bool | None:
    """Tell whether the account itself may change a policy again, as KMS demands of one that it is given.

    KMS asks it of whoever gives the policy (``BypassPolicyLockoutSafetyCheck``); whether the account's own policies let
    the caller is for the check of the rights. None where it hangs on more than the account.
    """
    (request,) = requests({"Principal": {AWS: account}, "Action": CHANGE}, account, key)
    allowed, denied = (
        any_of(applies(each, request) for each in _by_effect(policy, effect)) for effect in ("Allow", "Deny")
    )
    if allowed is False or denied:
        return False
    return None if None in (allowed, denied) else True


def mended(template: Policy, standing: Policy, faulty: tuple[Fault, ...]) -> dict[str, Any]:
    """Give the standing policy with the template's statements in it, and without those that deny them for certain."""
    given, out = statements(template), [one.source for one in faulty if one.denied and one.stops]
    names = {one["Sid"] for one in given}
    kept = [one for one in statements(standing) if one.get("Sid") not in names and one not in out]
    return {"Version": "2012-10-17", **standing, "Statement": [*kept, *given]}


def _by_effect(policy: Policy, effect: str) -> list[Statement]:
    return [one for one in statements(policy) if one.get("Effect") == effect]


def _who(request: Request) -> str:
    """Name who asks: a service, or the account, which may ask through a service alone."""
    if request.kind != AWS:
        return request.who
    through = request.context.get(THROUGH)
    return f"{ACCOUNT} through {through}" if through else ACCOUNT
