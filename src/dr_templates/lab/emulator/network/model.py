"""The network between places as an order describes it: what is cut, what is late, and what that means for a packet."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dr_templates.lab.emulator.orders.faults import OUTSIDE

ANY = "*"
"""Any region, or any traffic but questions to the resolver: Route 53 answers those from everywhere."""
KINDS = ("api", "clients", "replication", "dns")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
CUT = {"from", "to", "what"}
DELAY = {*CUT, "seconds"}


@dataclass(frozen=True)
class Cut:
    """Packets of that kind from one place to another are lost. From a region to itself: it is dark inside, too."""

    source: str
    target: str
    what: str


@dataclass(frozen=True)
class Delay:
    """Packets of that kind from one place to another arrive so many of the lab's seconds late."""

    source: str
    target: str
    what: str
    seconds: float


@dataclass(frozen=True)
class Network:
    """What is ordered; nothing by default."""

    cuts: tuple[Cut, ...] = ()
    delays: tuple[Delay, ...] = ()


def passes(network: Network, source: str, target: str, what: str) -> float | None:
    """Tell how many of the lab's seconds a packet takes from a place to another; None when it is lost.

    Of several delays the longest counts.
    """
    if any(_meets(cut, source, target, what) for cut in network.cuts):
        return None
    late = (delay.seconds for delay in network.delays if _meets(delay, source, target, what))
    return max(late, default=0.0)


def read(said: object) -> Network:
    """Read an order. Raises ValueError for what makes no sense."""
    if not isinstance(said, dict):
        words = _words("an order", said, "is an object with the lists cuts and delays")
        raise ValueError(words)  # noqa: TRY004 - what an order raises that makes no sense
    _known(said, {"cuts", "delays"}, set())
    return Network(
        tuple(Cut(*_trip(one, CUT)) for one in _listed(said, "cuts")),
        tuple(Delay(*_trip(one, DELAY), _seconds(one["seconds"])) for one in _listed(said, "delays")),
    )


def told(network: Network) -> dict[str, Any]:
    """Tell what is ordered in the order's own shape."""
    return {"cuts": [_named(cut) for cut in network.cuts], "delays": [_named(delay) for delay in network.delays]}


def _meets(rule: Cut | Delay, source: str, target: str, what: str) -> bool:
    kind = rule.what == what or (rule.what == ANY and what != "dns")
    return kind and _is(rule.source, source) and _is(rule.target, target)


def _is(named: str, place: str) -> bool:
    return named == place or (named == ANY and place != OUTSIDE)


def _named(rule: Cut | Delay) -> dict[str, Any]:
    facts = dataclasses.asdict(rule)
    return {"from": facts.pop("source"), "to": facts.pop("target"), **facts}


def _listed(said: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    rules = said.get(name, [])
    if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
        raise ValueError(_words(name, rules, "is a list of objects"))
    return rules


def _trip(rule: Mapping[str, Any], names: set[str]) -> tuple[str, str, str]:
    _known(rule, names, names)
    for end in ("from", "to"):
        place = rule[end]
        if not (isinstance(place, str) and (place in (ANY, OUTSIDE) or REGION.fullmatch(place))):
            raise ValueError(_words(end, place, f"is a region, {ANY!r} for any, or {OUTSIDE!r}"))
    if rule["what"] not in (*KINDS, ANY):
        raise ValueError(_words("what", rule["what"], f"is {', '.join(KINDS)}, or {ANY!r} for all but dns"))
    return rule["from"], rule["to"], rule["what"]


def _seconds(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or said < 0:
        raise ValueError(_words("seconds", said, "is a number, zero or more"))
    return float(said)


def _known(said: Mapping[str, object], names: set[str], needed: set[str]) -> None:
    if unknown := said.keys() - names:
        raise ValueError(_words(", ".join(sorted(names)), sorted(unknown), "are all there is"))
    if missing := needed - said.keys():
        raise ValueError(_words(", ".join(sorted(missing)), dict(said), "must be given"))


def _words(name: str, said: object, rule: str) -> str:
    return f"{name} {rule}; {said!r} was given"
