import logging

import pytest

from dr_templates.lab.emulator import endings


def test_what_was_started_last_ends_first_and_a_failure_keeps_nobody_from_its_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError

    endings.at_end(lambda: done.append("first"))
    endings.at_end(fail)
    endings.at_end(lambda: done.append("last"))
    with caplog.at_level(logging.ERROR):
        endings.run()
    assert done == ["last", "first"]
    assert "did not end in order" in caplog.text
    endings.run()
    assert done == ["last", "first"]
