"""The arrows hold: who imports whom, who prints, who exits."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHECKER = ROOT / "checker" / "archcheck"
RULES = ROOT / "rules" / "archcheck_rules"


def within(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def named(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


MODULES = [*within(CHECKER), *within(RULES)]

# What speaks to people, ends the process or sets logging up: below the command line nobody does.
LOUD = {
    "print",
    "exit",
    "quit",
    "sys.exit",
    "sys.stdout",
    "sys.stderr",
    "os._exit",
    "logging.basicConfig",
    "warnings.warn",
}
# A worker process is ours from its first line to its last, and ends itself without the parent's exit hooks.
ENDS_ITSELF = {"beside.py": {"os._exit"}, "forking.py": {"os._exit"}, "spawning.py": {"os._exit"}}
# `eval` and its kin run what they read; surfaces also open nothing.
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "pickle.loads", "pickle.load", "marshal.loads"}


def test_the_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_only_the_command_line_prints_or_exits(module: Path):
    if CHECKER / "cli" in module.parents or module == CHECKER / "__main__.py":
        return
    assert used(module) & LOUD <= ENDS_ITSELF.get(module.name, set())


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_nothing_runs_what_it_reads(module: Path):
    assert used(module) & RUNS_TEXT == set()


@pytest.mark.parametrize("module", within(CHECKER / "surfaces"), ids=named)
def test_surfaces_open_nothing(module: Path):
    assert used(module) & {"open", "io.open"} == set()
    assert {name for name in imported(module) if name.startswith("urllib")} <= {"urllib.parse"}


@pytest.mark.parametrize("module", within(RULES), ids=named)
def test_rules_import_what_a_rule_author_may(module: Path):
    """Only the standard library, `archcheck` itself and the subjects that a surface offers at its door."""
    for name in imported(module):
        top, *rest = name.split(".")
        assert top in {"archcheck"} | (sys.stdlib_module_names - {"ast", "os", "subprocess", "socket"}), name
        if top == "archcheck" and rest:
            assert name == "archcheck.surface" or (rest[0] == "surfaces" and len(rest) == 2), name


def test_what_is_imported_is_declared():
    """An environment of developers has everything; one of users has what the wheel asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    declared = {re.split(r"[^\w.-]", each)[0].lower().replace("_", "-") for each in requirements}
    declared |= {"lsprotocol"}  # the types of pygls, which asks for them itself
    homes = metadata.packages_distributions()
    for module in MODULES:
        for name in {name.partition(".")[0] for name in imported(module)} - sys.stdlib_module_names:
            if name not in ("archcheck", "archcheck_rules"):
                assert declared & {home.lower().replace("_", "-") for home in homes[name]}, (
                    f"{named(module)} imports {name}"
                )


def used(module: Path) -> set[str]:
    """What a module's code calls by a plain name, or reads by a dotted one, each through its imports."""
    tree = ast.parse(module.read_text("utf-8"))
    homes = {alias.asname or alias.name: alias.name for alias in aliases(tree, ast.Import)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            homes |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return set(mentions(tree, homes))


def mentions(tree: ast.AST, homes: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                yield homes.get(name, name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()):
                yield f"{homes.get(name, name)}.{attribute}"


def imported(module: Path) -> Iterator[str]:
    tree = ast.parse(module.read_text("utf-8"))
    yield from (alias.name for alias in aliases(tree, ast.Import))
    yield from (node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)


def aliases(tree: ast.AST, kind: type[ast.Import]) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, kind):
            yield from node.names
