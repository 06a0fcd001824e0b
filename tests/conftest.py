"""What several suites share: the templates as plain dictionaries, and the place of the checkout."""

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
