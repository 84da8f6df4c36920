"""The witnesses: whole little projects, of which archcheck says what their `want` markers want and not a word more."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archcheck import packs
from archcheck.examples import check_project, expected

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
PROJECTS = sorted(readme.parent.name for readme in FIXTURES.glob("*/README.md") if readme.parent.name != "acme-rules")
PAIRS = sorted(f"diff/{readme.parent.name}" for readme in FIXTURES.glob("diff/*/README.md"))


def contents(project: str) -> dict[str, str | bytes]:
    folder = FIXTURES / project
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def stripped(tmp_path: Path):
    """Write a fixture without its markers, as its users would have it."""

    def write(project: str) -> Path:
        for path, content in expected(contents(project)).files.items():
            target = tmp_path / project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / project

    return write


@pytest.mark.parametrize("project", [*PROJECTS, *PAIRS])
def test_a_fixture_gets_what_it_wants(project: str):
    assert check_project(FIXTURES / project) == []


def test_every_rule_speaks_in_a_fixture():
    wanted = {want.rule for project in [*PROJECTS, *PAIRS] for want in expected(contents(project)).wants}
    assert {entry.id for entry in packs.load().rules.values() if entry.pack == "archcheck"} <= wanted


@pytest.mark.parametrize("project", PROJECTS)
def test_the_command_says_what_the_kit_says(project: str, stripped, archcheck):
    done = archcheck("check", ".", "--profile", "audit", "--output", "json", folder=stripped(project))
    spoken = {(found["path"], found["line"], found["rule"]) for found in json.loads(done.stdout)["findings"]}
    wanted = {
        (want.path, want.line, want.rule) for want in expected(contents(project)).wants if want.kind != "todo-want"
    }
    assert spoken == wanted
    rules = {rule for _, _, rule in wanted}
    errors = any(found["severity"] == "error" for found in json.loads(done.stdout)["findings"])
    assert done.returncode == (3 if "unread-file" in rules else 1 if errors else 0), done.stderr


def test_a_clean_project_is_clean_at_any_threshold(stripped, archcheck):
    done = archcheck("check", "--profile", "audit", "--fail-on", "note", folder=stripped("clean"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("project", "package"), [("shop-fastapi", "shop"), ("clean", "lending")])
def test_the_fixture_code_hangs_together(project: str, package: str):
    """What a module imports from its own package is there: fixtures are read as real code by people, too."""
    root = FIXTURES / project
    for module in sorted((root / package).rglob("*.py")):
        for name, wanted in imports(module, package):
            home = root / Path(*name.split("."))
            file = home / "__init__.py" if home.is_dir() else home.with_suffix(".py")
            assert file.exists(), f"{module}: {name}"
            defined = {found for statement in ast.parse(file.read_text("utf-8")).body for found in names(statement)}
            assert wanted in defined or (home / f"{wanted}.py").exists(), f"{module}: {wanted} of {name}"


def imports(module: Path, package: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package:
            yield from ((node.module or "", alias.name) for alias in node.names)


def names(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
