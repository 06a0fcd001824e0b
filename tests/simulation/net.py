"""Three places, six directed links between them, and which of them have power."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import permutations

HOME = "home"
STANDBY = "standby"
CONTROL = "control"
SITES = (HOME, STANDBY)
PLACES = (HOME, STANDBY, CONTROL)
PAIRS = tuple(permutations(PLACES, 2))
"""Every directed link: who calls, and whom."""


class Link(StrEnum):
    """What becomes of a call. DEAF: it arrives and is carried out, and its answer is lost."""

    UP = "up"
    DEAF = "deaf"
    DOWN = "down"


class LostCallError(Exception):
    """A call that was not answered; whether it was carried out, the caller cannot know."""

    def __init__(self, called: str, service: str) -> None:
        super().__init__(f"{service} in {called} did not answer")


def other(site: str) -> str:
    """Give the other of the two sites."""
    return STANDBY if site == HOME else HOME


@dataclass
class Net:
    """Which calls arrive. A place without power neither calls nor answers; a region's own calls need no link.

    ``broken`` holds services of a place that answer nobody, as ``("home", "rds")``.
    """

    links: dict[tuple[str, str], Link] = field(default_factory=lambda: dict.fromkeys(PAIRS, Link.UP))
    dark: set[str] = field(default_factory=set)
    broken: set[tuple[str, str]] = field(default_factory=set)

    def cut(self, *pairs: tuple[str, str], to: Link = Link.DOWN) -> None:
        """Cut some links, each in its one direction."""
        self.links.update(dict.fromkeys(pairs, to))

    def isolate(self, place: str) -> None:
        """Cut a place off from both others, in both directions."""
        self.cut(*[pair for pair in PAIRS if place in pair])

    def heal(self) -> None:
        """Mend every link and every service; power is a matter of the sites."""
        self.cut(*PAIRS, to=Link.UP)
        self.broken.clear()

    def up(self, caller: str, called: str) -> bool:
        """Tell whether a call is answered."""
        return self._link(caller, called) is Link.UP

    def calling(self, caller: str, called: str, service: str) -> Iterator[None]:
        """Carry one call: what the caller does within happens if the call arrives, and then the answer may be lost.

        To be used as ``for _ in net.calling(...): change()``. Raises ``LostCallError``.
        """
        link = self._link(caller, called)
        if link is Link.DOWN or (called, service) in self.broken:
            raise LostCallError(called, service)
        yield
        if link is Link.DEAF:
            raise LostCallError(called, service)

    def together(self, one: str, two: str) -> bool:
        """Tell whether two places see each other, in both directions."""
        return self.up(one, two) and self.up(two, one)

    def _link(self, caller: str, called: str) -> Link:
        if caller in self.dark or called in self.dark:
            return Link.DOWN
        return Link.UP if caller == called else self.links[caller, called]
