"""The committed templates under cfn-lint, exactly as CI and users run it, our own rules included."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = ["-i", "I", "-r", "us-east-1", "eu-west-1", "eu-central-1", "--", "templates/*.yaml"]


def cfn_lint(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "cfn-lint"
    home = {key: value for key, value in os.environ.items() if not key.startswith("CFN_LINT")}
    return subprocess.run(
        [program, *arguments], cwd=checkout, env=home, capture_output=True, text=True, check=False, timeout=300
    )


def test_the_templates_are_silent_under_every_rule_in_three_regions(checkout: Path) -> None:
    result = cfn_lint(checkout, *COMMAND)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_no_rule_is_switched_off_for_a_whole_template_or_the_project(checkout: Path) -> None:
    assert "ignore" not in (checkout / ".cfnlintrc").read_text(encoding="utf-8")
    for path in (checkout / "templates").glob("*.yaml"):
        head, _, _ = path.read_text(encoding="utf-8").partition("\nResources:")
        assert "cfn-lint" not in head


def test_every_suppression_on_a_resource_carries_its_reason(
    templates: dict[str, dict[str, dict[str, dict[str, object]]]],
) -> None:
    suppressed = [
        body["Metadata"]
        for t in templates.values()
        for body in t["Resources"].values()
        if "cfn-lint" in body.get("Metadata", {})
    ]
    assert suppressed
    for metadata in suppressed:
        (rule,) = metadata["cfn-lint"]["config"]["ignore_checks"]
        assert str(metadata["Reason"]).startswith(f"{rule}: ")
