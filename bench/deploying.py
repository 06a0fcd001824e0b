"""Measure a whole deployment against the longest chain of resources that have to wait for each other.

Creation times as the field reports them, scaled down, are emulated; whatever the makespan has above the critical path
is the deployer's (and the emulator's). Exits 1 when a figure is over its bound.
"""

import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from dr_templates import render
from dr_templates.aws.clients import PATIENT, Clients, brisk
from dr_templates.config import Config, load
from dr_templates.deploy import applying, deployment, planning, roots, shipping
from dr_templates.deploy.applying import Terms
from dr_templates.deploy.deployment import Deployment
from dr_templates.lab.emulator import Emulator, running
from dr_templates.lab.emulator.orders.critical import critical_path
from dr_templates.lab.emulator.orders.pace import read

CONFIG = Path(__file__).parents[1] / "config" / "demo.yaml"
SCALE = 0.1
SECONDS = {
    "AWS::RDS::DBInstance/primary": 720,
    "AWS::RDS::DBInstance/replica": 1200,
    "AWS::EC2::VPCEndpoint": 120,
    "AWS::Route53::HostedZone": 60,
    "AWS::Route53::RecordSet": 45,
    "AWS::DynamoDB::Table": 30,
    "AWS::KMS::Key": 30,
    "AWS::IAM::Role": 20,
    "AWS::Lambda::Function": 15,
    "AWS::EC2::FlowLog": 10,
    "*": 5,
}
"""Seconds from the start of a resource to its end, before scaling."""
WORST_RATIO = 1.05
LONGEST_OWN = 3.0


def clients(emulator: Emulator) -> Clients:
    """Give clients that reach the emulator."""
    keys = {"aws_access_key_id": emulator.account, "aws_secret_access_key": "lab"}
    return Clients(make=brisk(endpoint_url=emulator.endpoint, **keys), config=PATIENT)


def critical(config: Config, scale: float) -> float:
    """Give the seconds that the stages take at least, one after the other, the longest stack of each counting."""
    pace = read({"scale": scale, "types": SECONDS})
    with tempfile.TemporaryDirectory() as folder:
        render.write(Path(folder))
        return sum(
            max(critical_path(Path(folder), f"{one.template}.yaml", pace, config.values(one.place)) for one in stage)
            for stage in roots.stages(config.topology)
        )


def measured(config: Config) -> tuple[float, float]:
    """Deploy; give the makespan, and the processor time of this process in it, both in seconds."""
    with running() as emulator:
        body = json.dumps({"scale": SCALE, "types": SECONDS}).encode()
        order = urllib.request.Request(f"{emulator.endpoint}/_lab/pace", body, method="POST")  # noqa: S310 - http, ours
        urllib.request.urlopen(order, timeout=10).close()  # noqa: S310 - as above
        on = Deployment(config, clients(emulator), time.sleep, deployment.INTERVAL_SECONDS * SCALE)
        wall, own = time.perf_counter(), time.process_time()
        source = deployment.source(config)
        shipping.ship_all(on, source, str)
        plan = planning.make(on, source, str)
        for _ in applying.apply(on, source, plan, Terms((), lambda _: False, str)):
            pass
        return time.perf_counter() - wall, time.process_time() - own


def main() -> int:
    """Print the figures, and answer 1 when one is over its bound."""
    config = load(CONFIG)
    least = critical(config, SCALE)
    makespan, own = measured(config)
    ratio = makespan / least
    print(f"makespan {makespan:.1f} s, critical path {least:.1f} s (scale {SCALE}): {ratio:.3f} (bound {WORST_RATIO})")
    print(f"the deployer's own time: {own:.2f} s (bound {LONGEST_OWN} s)")
    return 0 if ratio <= WORST_RATIO and own <= LONGEST_OWN else 1


if __name__ == "__main__":
    sys.exit(main())
