"""The deployer is killed at random moments while it deploys the real templates; the next run finishes it."""

import pytest

from dr_templates.config import load
from dr_templates.deploy import deployment, roots
from dr_templates.deploy.looking import look
from dr_templates.lab.emulator import running
from plans import drive, small
from plans.killing import SEED, at_random, killed

LONGEST = 30.0
"""Seconds; a deployment takes about twenty."""


@pytest.mark.slow
@pytest.mark.parametrize("point", range(10))
def test_killed_at_a_random_point_the_real_templates_are_finished_by_the_next_run(point: int) -> None:
    moment = at_random(point, LONGEST)
    config = load(small.CONFIG)
    with running() as emulator:
        killed(emulator, config.suffix, "real", moment)
        on, source = drive.deployment(emulator, config), deployment.source(config)
        drive.deploy_on(on, source)
        assert all(stack is not None and stack.whole for stack in look(on).values()), (SEED, moment)
        assert drive.plan(on, source).empty, (SEED, moment)
        for one in roots.every(config.topology):
            pages = on.client(one).get_paginator("describe_stacks").paginate()
            names = [stack["StackName"] for page in pages for stack in page["Stacks"]]
            nested = source.blueprints.nested(one.template)
            mine = [name for name in names if name.startswith(f"{on.stack(one)}-")]
            assert len(mine) <= len(nested), (SEED, moment)
        instances = [
            instance["DBInstanceIdentifier"]
            for site in (config.topology.home, config.topology.standby)
            for instance in on.clients.rds(site.region).describe_db_instances()["DBInstances"]
        ]
        assert sorted(instances) == ["orders-demo-ireland", "orders-demo-virginia"], (SEED, moment)
        drive.destroy(on)
