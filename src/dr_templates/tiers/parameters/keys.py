"""What becomes of data when a stack is deleted."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Protection"

ENTRIES = {
    "DeletionProtection": Entry(
        GROUP,
        "Deletion protection",
        "RDS refuses to delete the instance while this is true. Set it to false first for a test environment.",
        default="true",
        allowed=("true", "false"),
    ),
    "DatabaseDeletionPolicy": Entry(
        GROUP,
        "When the database leaves the stack",
        "Snapshot takes a last snapshot (not of a replica, fact A18), Retain leaves the instance, Delete nothing.",
        default="Snapshot",
        allowed=("Snapshot", "Retain", "Delete"),
    ),
    "DataDeletionPolicy": Entry(
        GROUP,
        "When keys, secrets and database logs leave the stack",
        "Retain keeps them: a snapshot is worth nothing without its key. Delete is for test environments.",
        default="Retain",
        allowed=("Retain", "Delete"),
    ),
    "KeyDeletionWindowDays": Entry(
        GROUP,
        "Days before a deleted key is gone",
        "How long the deletion of a KMS key can still be cancelled.",
        type="Number",
        default=30,
        low=7,
        high=30,
    ),
}
