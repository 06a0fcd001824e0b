"""Whether each region's artifact bucket is ours, or its name still free."""

from collections.abc import Iterator

from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "bucket"
MEND = "Name another with artifact_bucket in the configuration, with {region} in it."


def buckets(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find buckets that belong to somebody else, that lie in another region, or that do not let us in (fact D9)."""
    for region in wanted.topology.regions:
        place, heard, name = wanted.label(region), seen.at("bucket", region), wanted.config.bucket(region)
        if heard.told is None:
            yield unread(CHECK, place, heard, f"aws s3api head-bucket --bucket {name} --region {region}")
            continue
        bucket = heard.told
        if not bucket.exists and wanted.config.artifact_bucket is not None:
            mend = f"Make it: aws s3 mb s3://{name} --region {region}. Or leave artifact_bucket out: then one is made."
            yield blocker(CHECK, place, f"{name}, the artifact_bucket of the configuration, is not there", mend)
        elif not bucket.exists:
            yield ok(CHECK, place, f"{name} is free; the deployer makes it")
        elif not bucket.ours:
            yield blocker(CHECK, place, f"{name} belongs to another account", MEND)
        elif bucket.region not in {"", region}:
            yield blocker(CHECK, place, f"{name} lies in {bucket.region}, and {region} needs one of its own", MEND)
        elif not bucket.readable:
            mend = f"Read what its policy denies: aws s3api get-bucket-policy --bucket {name}"
            yield warning(CHECK, place, f"{name} is ours, and refuses these credentials", mend)
        else:
            yield ok(CHECK, place, f"{name} is ours")
