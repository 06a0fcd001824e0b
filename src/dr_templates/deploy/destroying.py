"""Takes an environment down: its stacks in reverse, then the artifact buckets that were made for it."""

from __future__ import annotations

from collections.abc import Iterator

from dr_templates.aws import bucket as buckets
from dr_templates.aws.bucket import ForeignError
from dr_templates.aws.names import Names
from dr_templates.aws.operator import explained
from dr_templates.aws.stacks import guarding
from dr_templates.deploy import roots, stuck
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.following import follow
from dr_templates.deploy.plan import Stacks, Told
from dr_templates.deploy.roots import Root
from dr_templates.deploy.steps import Begun, Step
from dr_templates.deploy.tracing import Trace, baseline


def obstacles(on: Deployment, stacks: Stacks) -> Iterator[str]:
    """Say what keeps the environment from being deleted: protected stacks, and databases that RDS protects.

    Raises ``DrError`` (held) when home was exchanged in the configuration: half of the stacks would not be found by
    their names, and the other half, with the keys of their databases, would go.
    """
    stuck.exchanged(on)
    for stack in stacks.values():
        if stack is not None and stack.protected:
            yield f"{stack.name} has termination protection"
    names = Names(on.config.name, on.config.suffix, on.config.account, on.topology)
    for site in names.sites:
        if any(stack is not None for one, stack in stacks.items() if one.place == site):
            identifier, region = names.instance(site), names.region(site)
            with explained(f"instance {identifier} in {region}"):
                if guarding.database_protected(on.clients.rds(region), identifier):
                    yield f"the database {identifier} has deletion protection"


def destroy(on: Deployment, stacks: Stacks, told: Told) -> Iterator[Step]:
    """Delete every root that stands, in reverse order, and the buckets. Raises ``DrError`` with the true cause.

    Left at any point, a later run goes on.
    """
    for stage in reversed(roots.stages(on.topology)):
        traces: dict[Root, Trace] = {}
        for one in stage:
            if (stack := stacks[one]) is not None:
                client = on.client(one)
                with explained(on.where(one)):
                    traces[one] = baseline(client, stack.id)
                    client.delete_stack(StackName=stack.id)
                yield Begun(one, on.region(one), stack.name, "is deleted")
        yield from follow(on, traces)
    for region in on.topology.regions:
        _remove(on, region, told)


def _remove(on: Deployment, region: str, told: Told) -> None:
    """Remove a region's artifact bucket, if it was made for this environment."""
    bucket = on.bucket(region)
    with explained(f"bucket {bucket.name} in {region}"):
        try:
            owner = buckets.owner(bucket)
        except ForeignError as error:
            told(f"{region}: {bucket.name} is left: {error}")
            return
        if owner == on.environment:
            told(f"{region}: removing {bucket.name}")
            buckets.remove(bucket)
