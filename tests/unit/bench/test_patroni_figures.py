"""What the benchmark of Patroni reads out of logs and acknowledgements."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from dr_templates.errors import DrError

SURVIVOR = """\
2026-11-26 05:29:59,100 INFO: promoted self to leader by acquiring session lock
2026-11-26 05:30:20,250 INFO: Got response from node1 http://127.64.0.1:8008/patroni: {}
server promoting
2026-11-26 05:30:20,500 INFO: promoted self to leader by acquiring session lock
2026-11-26 05:30:21,000 INFO: no action. I am (node2), the leader with the lock
"""
KILLED = 1795671000.0  # 05:30:00 that day


@pytest.fixture(scope="module")
def figures(checkout: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("patroni_figures", checkout / "bench" / "patroni" / "figures.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_detection_ends_with_the_first_survivor_that_takes_the_key_after_the_kill(figures: ModuleType) -> None:
    logs = [["2026-11-26 05:30:25,000 INFO: following a different leader"], SURVIVOR.splitlines()]
    assert figures.earliest(logs, figures.TAKEN, KILLED) == pytest.approx(KILLED + 20.5)


def test_a_log_without_the_words_is_no_detection_of_zero_seconds(figures: ModuleType) -> None:
    with pytest.raises(DrError, match="what ends detection"):
        figures.earliest([SURVIVOR.splitlines()], figures.TAKEN, KILLED + 60)


def test_an_outage_lasts_from_the_old_primarys_last_to_the_new_ones_first_acknowledgement(figures: ModuleType) -> None:
    acks = [
        figures.ack(line) for line in ("1.0 1 127.64.0.1", "1.5 2 127.64.0.1", "4.5 4 127.64.0.2", "5 5 127.64.0.2")
    ]
    assert figures.outage(acks, "127.64.0.1") == (1.5, 4.5)
    assert figures.outage(acks[:2], "127.64.0.1") is None


def test_medians_are_per_figure(figures: ModuleType) -> None:
    runs = [{"outage": 3.0, "lost": 0}, {"outage": 1.0, "lost": 2}, {"outage": 2.0, "lost": 0}]
    assert figures.medians(runs) == {"outage": 2.0, "lost": 0}
