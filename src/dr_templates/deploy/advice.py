"""What most likely mends a failure, by AWS's own words about it. Pure."""

from __future__ import annotations

import re

ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"already exists|AlreadyExists|already in use",
        "Something of that name is left from before: docs/deploying.md says how to remove what was retained.",
    ),
    (r"custom-named resource requires replacing", "The change would replace what has a fixed name: take it back."),
    (r"denied by stack policy", "Name what may be replaced or deleted with --allow-replace LOGICAL_ID."),
    (
        r"not authorized|AccessDenied|Access Denied|UnauthorizedOperation",
        "Ask for that right; drctl preflight lists what the deployment needs.",
    ),
    (
        r"[Qq]uota|[Ll]imit ?[Ee]xceeded|maximum number|too many",
        "Ask for a higher quota in that region, or remove what is not needed; drctl preflight compares them.",
    ),
    (r"[Tt]hrottl|Rate exceeded", "AWS was busy."),
    (r"ExpiredToken|expired", "The credentials ran out while CloudFormation was at work: log in again."),
    (
        r"InsufficientDBInstanceCapacity|not available in|InsufficientCapacity",
        "The region has none to give just now: another zone or instance class, or later.",
    ),
    (
        r"KMSKeyNotAccessible|kms:|KMS key",
        "See that the key is enabled and its policy lets the service use it.",
    ),
    (r"NoSuchKey|NoSuchBucket|S3 error", "See that the artifact bucket is there and holds what was sent."),
    (
        r"did not respond|timed out|[Tt]imeout",
        "See the log group of the function that was called, and whether it reaches what it needs.",
    ),
    (r"DeletionProtection|deletion protection", "Deploy with protection.deletion_protection: false first."),
)
AGAIN = "Mend it, then run the same command again: it goes on from what stands."


def advice(reason: str) -> str:
    """Give the likely mend for AWS's words, and what to do after it."""
    found = (mend for pattern, mend in ADVICE if re.search(pattern, reason))
    return " ".join((*[mend for mend in (next(found, ""),) if mend], AGAIN))
