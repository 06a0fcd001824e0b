"""Whether a program is listening, told by the arguments alone: a wrong one may keep click from ever reading them."""

import pytest

from dr_templates.cli.options import wants_json


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ("", False),
        ("status", False),
        ("status --output json", True),
        ("status --output=json", True),
        ("--output json dance", True),
        ("status --output text", False),
        ("status --output", False),
        ("status --output json --output text", False),
        ("status --output=text --output json", True),
        ("lint -- --output json", False),
        ("lint json", False),
    ],
)
def test_json_is_wanted_when_the_last_output_says_so(arguments: str, wanted: bool) -> None:
    assert wants_json(arguments.split()) is wanted
