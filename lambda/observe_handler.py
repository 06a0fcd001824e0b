"""Observes the pair: the first task of every turn of the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Final

from dr_templates.aws import settings
from dr_templates.aws.clients import Kept
from dr_templates.aws.observe import Eyes, observe
from dr_templates.failover.codec import encode

KEPT: Final = Kept()
"""Made when first asked for, and kept as long as the sandbox is: to make them anew takes longer than to look."""


def handler(event: Mapping[str, Any], _context: object) -> Any:  # noqa: ANN401 - JSON is of every type
    """Look once, for the execution named in ``runner``, and return all that was seen."""
    return encode(observe(Eyes(settings.names(os.environ), KEPT.at(time.time()), time.time, event["runner"])))
