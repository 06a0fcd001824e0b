"""The pages people read: what they cite, link to and tell people to type exists, and nothing names our workshop."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dr_templates.cli.commands import COMMANDS
from dr_templates.tiers.root import ROOTS, TIERS

FOLDERS = (".ci", "bench", "config", "docs", "lambda", "src", "templates", "tests")
FILES = ("*.md", "*.py", "*.toml", "*.cfg", "*.txt", "Makefile", "LICENSE", ".cfnlintrc", ".gitignore")
CITING = ("config", "docs", "lambda", "src", "templates", "tests", "README.md")
MADE = ("__pycache__", ".egg-info")
PEM = ".pem"

NOQA = re.compile(r"#.*\bnoqa\b.*")
CODE = re.compile(r"(?<![\w/+=])[A-G][0-9]{1,2}(?![\w/+=])")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
TYPED = {
    "drctl": re.compile(r"(?:^\$ |/|`)drctl ([a-z]+)", re.MULTILINE),
    "make": re.compile(r"(?:^\$ |&& |`)make ([a-z-]+)", re.MULTILINE),
}
WORKSHOP = re.compile(r"DESIGN\s§|(?<![\w.}-])/(?:work|root)/")


def texts(checkout: Path) -> Iterator[tuple[str, str]]:
    """Give every text file a commit holds, by its path in the checkout; certificates are left out."""
    found = [path for folder in FOLDERS for path in (checkout / folder).rglob("*")]
    found += [path for pattern in FILES for path in checkout.glob(pattern)]
    for path in sorted(found):
        name = path.relative_to(checkout).as_posix()
        if path.is_file() and path.suffix != PEM and not any(part in name for part in MADE):
            yield name, path.read_text(encoding="utf-8")


def pages(checkout: Path) -> list[Path]:
    return [checkout / "README.md", *sorted((checkout / "docs").rglob("*.md"))]


def codes(text: str) -> set[str]:
    """Find fact codes; rule ids have more digits, hashes have neighbours, and what a noqa silences is ruff's."""
    return set(CODE.findall(NOQA.sub("", text)))


def entries(checkout: Path) -> list[str]:
    headings = HEADING.findall((checkout / "docs" / "facts.md").read_text(encoding="utf-8"))
    return [heading for heading in headings if CODE.fullmatch(heading)]


def cited(checkout: Path) -> dict[str, str]:
    """Give every cited fact with a file that cites it; facts.md citing itself does not count."""
    return {
        code: name
        for name, text in texts(checkout)
        if name.startswith(CITING) and name != "docs/facts.md"
        for code in codes(text)
    }


def anchors(page: Path) -> set[str]:
    """Give the fragments GitHub makes of a page's headings."""
    headings = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("climbs on an idle primary (fact %s33).", {"%s33"}),
        ("facts %s46 and %s47, %s6", {"%s46", "%s47", "%s6"}),
        ("(%s2-%s9)", {"%s2", "%s9"}),
        ("rule E9101, hash 0%s12, D50/xd1t, W3002, B117KB", set()),
        ("import x  # noqa: %s10, S310 - a reason", set()),
    ],
)
def test_a_fact_code_is_told_from_what_looks_like_one(text: str, found: set[str]) -> None:
    assert codes(text.replace("%s", "A")) == {code.replace("%s", "A") for code in found}


def test_every_cited_fact_is_explained(checkout: Path) -> None:
    known = set(entries(checkout))
    assert {code: name for code, name in cited(checkout).items() if code not in known} == {}


def test_every_fact_is_cited(checkout: Path) -> None:
    assert set(entries(checkout)) - set(cited(checkout)) == set()


def test_facts_stand_in_order_and_say_where_they_are_from(checkout: Path) -> None:
    found = entries(checkout)
    assert found == sorted(set(found), key=lambda code: (code[0], int(code[1:])))
    page = (checkout / "docs" / "facts.md").read_text(encoding="utf-8")
    sections = re.split(r"^#+ ", page, flags=re.MULTILINE)
    without = [text for text in sections if CODE.match(text) and "\nSource: " not in text]
    assert without == []


def test_relative_links_lead_somewhere(checkout: Path) -> None:
    broken = []
    for page in pages(checkout):
        for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            path, _, fragment = link.partition("#")
            goal = page.parent / path if path else page
            if re.match(r"[a-z]+:", link):
                continue
            if not goal.exists() or (fragment and fragment not in anchors(goal)):
                broken.append(f"{page.relative_to(checkout)}: {link}")
    assert broken == []


def test_what_the_pages_say_to_type_exists(checkout: Path) -> None:
    known = {
        "drctl": set(COMMANDS),
        "make": set(TARGET.findall((checkout / "Makefile").read_text(encoding="utf-8"))),
    }
    for page in pages(checkout):
        text = page.read_text(encoding="utf-8")
        for program, pattern in TYPED.items():
            assert set(pattern.findall(text)) <= known[program], f"{page.name}: {program}"


def test_the_readme_tells_of_every_command(checkout: Path) -> None:
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert set(TYPED["drctl"].findall(readme)) == set(COMMANDS)
    assert "test" in TYPED["make"].findall(readme)


def test_the_design_tells_of_every_stack(checkout: Path) -> None:
    design = (checkout / "docs" / "design.md").read_text(encoding="utf-8")
    assert [name for name in (*ROOTS, *TIERS) if not re.search(rf"(?<![\w-]){name}(?![\w-])", design)] == []


def test_nothing_names_the_place_it_was_made_at(checkout: Path) -> None:
    assert [name for name, text in texts(checkout) if WORKSHOP.search(text)] == []
