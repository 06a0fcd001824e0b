import ast
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from dr_templates.errors import DrError
from dr_templates.lab.emulator import patches
from dr_templates.lab.emulator.used import NAMES


def module() -> types.ModuleType:
    made = types.ModuleType("ministack.some")

    def greet(name: str, _loud: bool) -> str:
        return name

    made.greet = greet
    made.LIMIT = 5
    return made


def test_a_name_that_is_there_is_replaced_and_given_back() -> None:
    owner = module()

    def greet(name: str, loud: bool) -> str:
        return name.upper() if loud else name

    old = patches.replace(owner, "greet", greet)
    assert (old("a", True), owner.greet("a", True)) == ("a", "A")
    assert (patches.replace(owner, "LIMIT", 6), owner.LIMIT) == (5, 6)


def test_a_name_that_is_missing_is_named_with_both_versions() -> None:
    with pytest.raises(DrError, match=r"has no ministack\.some\.gone") as error:
        patches.replace(module(), "gone", 1)
    assert f"{patches.found()} is installed, the lab is made for {patches.PINNED}" in error.value.where
    assert "pip install 'dr-templates[lab]'" in error.value.hint


def test_a_function_with_other_parameters_is_not_replaced() -> None:
    owner = module()

    def greet(name: str) -> str:
        return name

    with pytest.raises(DrError, match=r"greet takes \(name, loud\), where the lab expects \(name\)"):
        patches.replace(owner, "greet", greet)
    assert owner.greet("a", True) == "a"


def test_an_entry_of_a_mapping_is_held_to_the_same() -> None:
    table = {"Create": lambda params: params}
    assert patches.entry(table, "Create", lambda params: [params])(1) == 1
    assert table["Create"](1) == [1]
    with pytest.raises(DrError, match="the entry 'Delete'"):
        patches.entry(table, "Delete", lambda params: params)
    with pytest.raises(DrError, match=r"takes \(params\)"):
        patches.entry(table, "Create", lambda params, more: (params, more))


def test_a_package_that_is_missing_is_told() -> None:
    with pytest.raises(DrError, match="no-such-package, which the local emulator is made of, is not installed"):
        patches.found("no-such-package")


def test_names_that_are_used_as_they_are_are_checked_too() -> None:
    patches.needs(json, "loads", "dumps")
    with pytest.raises(DrError, match=r"json\.sing"):
        patches.needs(json, "loads", "sing")


def uses(path: Path) -> set[tuple[str, str]]:
    """Name what a module uses of ministack's modules."""
    tree = ast.parse(path.read_text())
    imports = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module]
    modules = {name.name: f"{one.module}.{name.name}" for one in imports for name in one.names}
    reads = [one for one in ast.walk(tree) if isinstance(one, ast.Attribute)]
    pairs = {(modules.get(one.value.id, ""), one.attr) for one in reads if isinstance(one.value, ast.Name)}
    return {(module, name) for module, name in pairs if module.startswith("ministack.")}


def test_every_name_of_ministack_that_is_used_is_checked_at_the_start(checkout: Path) -> None:
    folder = checkout / "src/dr_templates/lab/emulator"
    used = set().union(*map(uses, folder.rglob("*.py"))) | {("ministack.app", "app")}
    assert used == {(module, name) for module, names in NAMES.items() for name in names}


def test_another_emulator_than_the_one_the_lab_is_made_for_is_told_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "ministack").mkdir()
    (tmp_path / "ministack/__init__.py").touch()
    (tmp_path / "ministack/app.py").write_text("app = None")
    start = [sys.executable, "-m", "dr_templates.lab.emulator", "--home", tmp_path / "home"]
    first = {"PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))}
    done = subprocess.run(start, env={**os.environ, **first}, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "ministack is not as the lab knows it" in done.stderr
    assert f"the lab is made for {patches.PINNED}" in done.stderr
    assert "Traceback" not in done.stderr
