"""Packages brought to their buckets: each bucket made when it is first needed, and nothing sent twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dr_templates.aws import bucket as buckets
from dr_templates.aws.bucket import Bucket, ForeignError
from dr_templates.aws.operator import explained
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.package import Package
from dr_templates.errors import DrError

AT_ONCE = 8


def ship_all(on: Deployment, source: Source, told: Callable[[str], None]) -> None:
    """Bring every region's package to its bucket, the regions side by side. Raises as ``ship`` does."""
    ours = on.config.artifact_bucket is None
    with ThreadPoolExecutor(len(source.packages)) as pool:
        packages = source.packages.items()
        for sent in [pool.submit(ship, one, on.bucket(region), ours=ours, told=told) for region, one in packages]:
            sent.result()


def ship(package: Package, bucket: Bucket, *, ours: bool, told: Callable[[str], None]) -> int:
    """Bring a package to its bucket, and give how many objects were sent. ``ours`` is whether we may make the bucket.

    Raises ``DrError`` when the bucket is somebody else's, cannot be made, or does not take what it is given.
    """
    where = f"bucket {bucket.name} in {bucket.region}"
    with explained(where):
        _ready(bucket, where, ours=ours, told=told)
        folders = {f"{key.partition('/')[0]}/" for key in package.objects}
        there = frozenset().union(*(buckets.keys(bucket, folder) for folder in sorted(folders)))
        missing = {key: package.objects[key] for key in package.objects.keys() - there}
        if missing:
            told(f"{bucket.region}: sending {len(missing)} of {len(package.objects)} files to {bucket.name}")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for sent in [pool.submit(buckets.put, bucket, key, body) for key, body in missing.items()]:
                sent.result()
    return len(missing)


def _ready(bucket: Bucket, where: str, *, ours: bool, told: Callable[[str], None]) -> None:
    """See that the bucket is there; one that we name ourselves is made, or finished where a run was cut short."""
    try:
        owner = buckets.owner(bucket)
    except ForeignError as error:
        raise DrError(
            what=f"the bucket cannot be used: {error}",
            where=where,
            hint="It belongs to another account, or you may not use it; name one of yours with artifact_bucket.",
        ) from error
    if owner == bucket.environment or (owner is not None and not ours):
        return
    if owner is None and not ours:
        raise DrError(
            what="there is no such bucket",
            where=where,
            hint="Make it, or leave artifact_bucket out: then one is made, and removed with the environment.",
        )
    if owner == "" and buckets.holds(bucket):
        return  # somebody has made it by hand, and it stays theirs
    if owner:
        raise DrError(
            what=f"the bucket belongs to {owner}",
            where=where,
            hint="Two environments cannot share a bucket of this name; set artifact_bucket.",
        )
    told(f"{bucket.region}: making {bucket.name}")
    buckets.make(bucket)
