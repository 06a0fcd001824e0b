"""Lengths of time as they are typed and as they are read."""

import pytest

from dr_templates.cli.durations import seconds, spoken


@pytest.mark.parametrize(("text", "length"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("3d", 259200), (" 1m ", 60)])
def test_a_length_is_read(text: str, length: int) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "5", "m", "0m", "1.5h", "-2h", "2 h", "2h30m", "9" * 12 + "d"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no length such as 30m"):
        seconds(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (180, "3 min"),
        (185, "3 min 5 s"),
        (7500, "2 h 5 min"),
        (7205, "2 h"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(length: float, words: str) -> None:
    assert spoken(length) == words
