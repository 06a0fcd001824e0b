"""The lab's clock: everything that waits for AWS, or is patient by policy, goes by it, and it may run fast.

Work is not made faster by that: what a function computes or a server writes takes as long as it takes. So at a rate of
ten a minute of AWS's passes in six seconds, and one second of work looks like ten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """Runs ``rate`` times as fast as the machine's clock since ``start``, both in seconds since 1970."""

    start: float
    rate: float = 1.0

    def now(self) -> float:
        """Give the lab's time, in seconds since 1970."""
        return self.at(time.time())

    def at(self, real: float) -> float:
        """Give the lab's time at a time of the machine's."""
        return self.start + (real - self.start) * self.rate

    def real(self, at: float) -> float:
        """Give the machine's time at a time of the lab's."""
        return self.start + (at - self.start) / self.rate

    def pause(self, seconds: float) -> None:
        """Wait for so many of the lab's seconds."""
        time.sleep(max(0.0, seconds / self.rate))
