import re
from pathlib import Path

RIGHT = re.compile(r"\b[a-z0-9]+:(?:Describe|Get|List|Simulate)[A-Za-z0-9]+\b")


def test_the_docs_name_every_right_that_is_asked_with_and_no_other(checkout: Path) -> None:
    asked = {
        right
        for module in (checkout / "src/dr_templates/aws/account").glob("*.py")
        for right in RIGHT.findall(module.read_text())
    }
    named = set(RIGHT.findall((checkout / "docs/preflight.md").read_text()))
    assert named == asked | {"sts:GetCallerIdentity"}
