"""Where the Lambda archives lie, and how long logs are kept."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Functions and logs"
_KEY = r"[A-Za-z0-9._/-]+\.zip"

ENTRIES = {
    "ArtifactBucket": Entry(
        GROUP,
        "Artifact bucket",
        "Bucket with the Lambda archives, in this stack's own region (fact D9).",
        pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    ),
    "NetworkArchiveKey": Entry(
        GROUP, "Archive: network functions", "Key of the archive; its name carries its hash.", pattern=_KEY
    ),
    "ProbeArchiveKey": Entry(GROUP, "Archive: probe", "Key of the archive; its name carries its hash.", pattern=_KEY),
    "RotationArchiveKey": Entry(
        GROUP, "Archive: rotation", "Key of the archive; its name carries its hash.", pattern=_KEY
    ),
    "WatchdogArchiveKey": Entry(
        GROUP, "Archive: watchdog", "Key of the archive; its name carries its hash.", pattern=_KEY
    ),
    "FailoverArchiveKey": Entry(
        GROUP, "Archive: failover", "Key of the archive; its name carries its hash.", pattern=_KEY
    ),
    "LogRetentionDays": Entry(
        GROUP,
        "Log retention (days)",
        "How long every log group keeps its events.",
        "Number",
        90,
        allowed=(
            1,
            3,
            5,
            7,
            14,
            30,
            60,
            90,
            120,
            150,
            180,
            365,
            400,
            545,
            731,
            1096,
            1827,
            2192,
            2557,
            2922,
            3288,
            3653,
        ),
    ),
}
