"""Writes the page of the rules from the rules themselves: ``python -m dr_templates.rules._catalog > docs/rules.md``."""

import sys
from collections.abc import Iterable

from cfnlint.rules import CloudFormationLintRule

HEAD = """\
# Rules for cfn-lint

What a template can get wrong that passes every linter and fails when it is deployed, or on the night a region is lost.
Use them on any template, with this package installed:

    cfn-lint -a dr_templates.rules -t template.yaml

This page is written from the rules: `python -m dr_templates.rules._catalog > docs/rules.md`.
"""


def page(rules: Iterable[CloudFormationLintRule]) -> str:
    """Give the page in Markdown: a table of all rules, then one section for each, by number."""
    ordered = sorted(rules, key=lambda rule: str(rule.id)[1:])
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.shortdesc} | {rule.severity} |" for rule in ordered]
    table = "\n".join(("| Id | What is wrong | Severity |", "|---|---|---|", *rows))
    return "\n".join((HEAD, table, *(_section(rule).rstrip("\n") for rule in ordered))) + "\n"


def _section(rule: CloudFormationLintRule) -> str:
    settings = "".join(
        f"\nSetting `{name}` ({spec['type']}), `{spec['default']}` if not set.\n"
        for name, spec in rule.config_definition.items()
    )
    tags = ", ".join(f"`{tag}`" for tag in rule.tags)
    foot = f"Tags: {tags} · [Source]({rule.source_url})"
    return f"\n## {rule.id}\n\n**{rule.shortdesc}.** {rule.description}\n{settings}\n{foot}\n"


if __name__ == "__main__":
    from dr_templates.rules import RULES

    sys.stdout.write(page(rule() for rule in RULES))
