"""What several suites share: the templates as plain dictionaries, and the place of the checkout."""

import os
from pathlib import Path
from typing import Any

import pytest

from dr_templates.tiers.root import everything


@pytest.fixture(scope="session")
def checkout() -> Path:
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def templates() -> dict[str, dict[str, Any]]:
    return {name: template.to_dict() for name, template in everything().items()}


def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are processors: the tests of the lab spend half of their time waiting."""
    return len(os.sched_getaffinity(0)) + 1


FIRST = ("tests/lab/drill", "tests/lab", "tests/functional", "tests")
"""Folders by how long their tests take: what is short at the end fills up what is left."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a module together, and all drills: one that shares the machine with another may be late."""
    for item in items:
        path = item.path.relative_to(config.rootpath)
        whole = path.is_relative_to(FIRST[0])
        item.add_marker(pytest.mark.xdist_group(str(path.parent if whole else path)))
    items.sort(
        key=lambda item: next(i for i, one in enumerate(FIRST) if item.path.is_relative_to(config.rootpath / one))
    )


MEASURED = "COVERAGE_PROCESS_CONFIG"
"""How coverage tells a new process to measure itself."""
KEPT = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have the processes measured that tests of the lab start, the emulator among them, and no others."""
    if MEASURED in os.environ:
        item.config.stash[KEPT] = os.environ.pop(MEASURED)
    if "lab" in item.path.parts and KEPT in item.config.stash:
        os.environ[MEASURED] = item.config.stash[KEPT]
