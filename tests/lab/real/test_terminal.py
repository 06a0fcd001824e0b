"""The deployer at a terminal: what it asks, and what lives on the screen while it works."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dr_templates.aws.names import Names
from dr_templates.aws.table import Table, table_at, write_state
from dr_templates.config import load
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look
from dr_templates.deploy.roots import Root
from dr_templates.failover.state import Kind, Move, State
from dr_templates.lab.emulator import Emulator, environment, running
from dr_templates.topology import CONTROL
from plans import drive, lab, small

DRCTL = (sys.executable, "-c", "from dr_templates.cli.main import main; raise SystemExit(main())")
CONFIG = load(small.CONFIG)


@pytest.fixture
def elsewhere() -> Iterator[Emulator]:
    """Give an emulator that nothing has been deployed to."""
    with running() as there:
        yield there


def typed(emulator: Emulator, checkout: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """Run the program at a terminal where somebody types an answer; give its exit code and what it showed."""
    ours, theirs = pty.openpty()
    variables = {**lab.passed(), "HOME": str(emulator.home), "TERM": "xterm", "COLUMNS": "120"}
    command = [*DRCTL, *arguments, "--config", str(small.CONFIG)]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=checkout, env={**variables, **environment(emulator)}
    ) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = ""
        while True:
            try:
                shown += os.read(ours, 65536).decode(errors="replace")
            except OSError:  # Linux's way to say that the other end is closed
                break
        os.close(ours)
        return process.wait(60), shown


def test_a_no_leaves_nothing_and_a_yes_shows_every_stack_while_it_is_made(elsewhere: Emulator, checkout: Path) -> None:
    code, shown = typed(elsewhere, checkout, "n", "deploy", "--first-deploy")
    assert (code, "not agreed" in shown) == (4, True), shown
    on = drive.deployment(elsewhere, CONFIG)
    assert set(look(on).values()) == {None}

    code, shown = typed(elsewhere, checkout, "y", "deploy", "--first-deploy")
    assert code == 0, shown[-2000:]
    assert "+ DatabasePrimary" in shown
    assert "DatabaseReplica: CREATE_IN_PROGRESS" in shown
    assert "orders-demo-control (eu-central-1): CREATE_COMPLETE" in shown
    assert "next: drctl status" in shown
    assert "\x1b[" in shown

    code, shown = typed(elsewhere, checkout, "orders-prod", "destroy")
    assert (code, "not confirmed" in shown) == (4, True)
    assert all(stack is not None and stack.whole for stack in look(on).values())
    code, shown = typed(elsewhere, checkout, "orders-demo", "destroy")
    assert code == 0, shown[-2000:]
    assert set(look(on).values()) == {None}


def moving(on: Deployment) -> Table:
    """Make the state table of a pair that is in the middle of a move; the small environment has none."""
    names = Names(on.config.name, on.config.suffix, on.config.account, on.topology)
    table = table_at(CONTROL, names, on.clients)
    table.dynamodb.create_table(
        TableName=table.name,
        KeySchema=[
            {"AttributeName": "Kind", "KeyType": "HASH"},
            {"AttributeName": "Order", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "Kind", "AttributeType": "S"},
            {"AttributeName": "Order", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    move = Move(2, Kind.SWITCHOVER, "virginia", "ireland", "one", 60.0, 0.0, "ops")
    write_state(table, State("virginia"), State("virginia", serial=1, move=move))
    return table


def test_a_stuck_stack_is_helped_after_a_yes_and_nothing_is_done_beneath_a_move(
    elsewhere: Emulator, checkout: Path
) -> None:
    on = drive.deployment(elsewhere, CONFIG)
    drive.deploy(on, small.source(CONFIG))
    primary = Root("virginia", "primary")
    stuck = {"stack": on.stack(primary), "region": "us-east-1", "status": "UPDATE_ROLLBACK_FAILED"}
    lab.arm(elsewhere, stuck)

    def status() -> str:
        stack = look(on)[primary]
        return stack.status if stack is not None else ""

    table = moving(on)
    for arguments in (("deploy", "--recover"), ("deploy", "--recover", "--yes"), ("destroy", "--yes")):
        code, shown = typed(elsewhere, checkout, "y", *arguments)
        assert (code, "epoch 2 is open" in shown) == (4, True), shown[-2000:]
    assert status() == "UPDATE_ROLLBACK_FAILED"

    table.dynamodb.delete_table(TableName=table.name)
    code, shown = typed(elsewhere, checkout, "n", "deploy", "--recover", "--first-deploy")
    assert (code, "do this to orders-demo first?" in shown, "not agreed" in shown) == (4, True, True), shown[-2000:]
    assert f"{on.stack(primary)}: its rollback is continued" in shown
    assert status() == "UPDATE_ROLLBACK_FAILED"

    typed(elsewhere, checkout, "y", "deploy", "--recover", "--first-deploy")
    assert status() == "UPDATE_ROLLBACK_COMPLETE"


def test_what_is_protected_is_not_destroyed(elsewhere: Emulator, checkout: Path) -> None:
    protected = CONFIG.model_copy(
        update={"protection": CONFIG.protection.model_copy(update={"termination_protection": True})}
    )
    on = drive.deployment(elsewhere, protected)
    drive.deploy(on, small.source(protected))
    code, shown = typed(elsewhere, checkout, "orders-demo", "destroy")
    assert code == 4
    assert "orders-demo-virginia-primary has termination protection" in shown
    assert all(stack is not None and stack.whole for stack in look(on).values())
