"""What kind of code a module is, told by evidence in its source; a path alone proves nothing."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.query import Place
from archcheck.surfaces.python.survey import Scope, Survey
from archcheck.surfaces.python.words import words

_TEST_FILE: Final = regex(r"(?:test_.*|.*_test|tests?|conftest)\.py")
_SURE_TEST_FILE: Final = regex(r"test_.*\.py|.*_test\.py|conftest\.py")
_TEST_FOLDER: Final = regex(r"(?:\w+_)?tests?(?:_\w+)?|testing|e2e")
_KINDS_OF_TESTS: Final = "unit|integration|functional|acceptance|system|api|smoke|e2e"
_SHARED: Final = regex(rf"tests?|testing|e2e|(?:{_KINDS_OF_TESTS})_tests?|tests?_(?:{_KINDS_OF_TESTS})")
_TEST_TOPS: Final = frozenset({"pytest", "unittest", "hypothesis", "nose", "testcontainers"})
_TEST_MODULES: Final = ("django.test", "rest_framework.test", "starlette.testclient", "fastapi.testclient")
_WITHIN_TESTS: Final = regex(
    r"(?:^|/)tests?/(?:integration|unit|functional|e2e|end_to_end|acceptance|performance|load)/", re.IGNORECASE
)
_WEB: Final = words(
    "fastapi starlette flask quart sanic litestar falcon tornado connexion ninja rest_framework bottle pyramid"
)
_COMMANDS: Final = words("argparse optparse getopt click typer fire docopt cleo cyclopts cmd2 absl asyncclick plac tap")
_BUILDS: Final = words(
    "setuptools distutils nox invoke fabric doit SCons sphinx locust hatchling cx_Freeze PyInstaller"
)
_SCRIPTS: Final = words("bin script scripts tool tools example examples benchmark benchmarks hack docs seed seeds")
_DECLARES: Final = regex(r"INSTALLED_APPS|ROOT_URLCONF|DATABASES?|SQLALCHEMY_\w+|SECRET_KEY|MIDDLEWARE")
_BESIDE: Final = words("docs doc tutorials examples samples")
_NOTEBOOK: Final = regex(r"^# (?:In ?\[[\d ]*\]:|%%|COMMAND -{5,}|Databricks notebook source)", re.MULTILINE)
_SPHINX: Final = frozenset({"extensions", "html_theme"})


def kind_of_code(path: str, surveyed: Survey, text: str, listing: Callable[[str], Sequence[str]]) -> Place:
    """The kind of a module: `service` is what nothing proves to be anything else.

    `listing` gives the names in a folder of the project.
    """
    if _migrates(surveyed):
        return "migration"
    if _tests(path, surveyed) or _among_tests(path, listing):
        return "test"
    if _commands(path, surveyed):
        return "command"
    named = [name for name in surveyed.module.imports.values() if not name.startswith("flask.cli")]
    if any(name.partition(".")[0] in _WEB or name.startswith("aiohttp.web") for name in named):
        # A web app that can also be started by hand is a web app.
        return "service"
    if (_NOTEBOOK.search(text) and "get_ipython" in text) or text.startswith("# Databricks notebook source"):
        return "notebook"
    if len(_NOTEBOOK.findall(text)) > 1:
        return "notebook"
    if not surveyed.tops.isdisjoint(_COMMANDS):
        return "command"
    return "script" if _scripted(path, surveyed, text) else "service"


def started(surveyed: Survey) -> ast.If | None:
    """The block that only runs when the module is started itself."""
    body = surveyed.module.node.body
    return next((node for node in body if isinstance(node, ast.If) and _asks_main(node.test)), None)


def _asks_main(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), comparators=[ast.Name(id="__name__")]):
            return True
        case ast.BoolOp(values=values):
            return any(_asks_main(value) for value in values)
    return False


def _migrates(surveyed: Survey) -> bool:
    """Whether a module is a migration of Alembic, of Django, or of a runner of the project's own."""
    module = surveyed.module
    if "revision" in module.bindings and "down_revision" in module.bindings:
        return True
    return any(
        scope.qualname == "Migration" and any(base.endswith("Migration") for base in _bases(scope))
        for scope in module.children
    )


def _tests(path: str, surveyed: Survey) -> bool:
    """Tests are told by what they import or define under a test's name; a folder's name alone is not enough."""
    folders, file = posixpath.split(path)
    in_folder = any(_TEST_FOLDER.fullmatch(folder) for folder in folders.split("/"))
    named = _TEST_FILE.fullmatch(file) is not None
    imports = not surveyed.tops.isdisjoint(_TEST_TOPS) or any(
        origin.startswith(_TEST_MODULES) for origin in surveyed.module.imports.values()
    )
    if _WITHIN_TESTS.search(path):
        return True
    defines = any(
        scope.qualname.startswith(("test_", "Test")) or any(base.endswith("TestCase") for base in _bases(scope))
        for scope in surveyed.module.children
    )
    return (named and (imports or defines or in_folder)) or (imports and (defines or in_folder))


def _among_tests(path: str, listing: Callable[[str], Sequence[str]]) -> bool:
    """Whether a module stands below a folder of tests that holds some, or what they share: a mock, a helper."""
    folders = posixpath.dirname(path).split("/")
    start = next((depth for depth, name in enumerate(folders) if _SHARED.fullmatch(name)), len(folders))
    below = ("/".join(folders[: depth + 1]) for depth in range(start, len(folders)))
    return any(_SURE_TEST_FILE.fullmatch(name) for folder in below for name in listing(folder))


def _commands(path: str, surveyed: Survey) -> bool:
    """Django's management commands, and what starts one."""
    if "django" not in surveyed.tops and "/management/commands/" not in path:
        return False
    if "django.core.management.execute_from_command_line" in _imported(surveyed):
        return True
    classes = [scope for scope in surveyed.module.children if scope.kind == "class"]
    if "/management/commands/" in path:
        return any(scope.qualname == "Command" for scope in classes)
    return any("BaseCommand" in _bases(scope) for scope in classes)


def _scripted(path: str, surveyed: Survey, text: str) -> bool:
    """Started itself, made for a build, or one that does its work while it is imported."""
    if text.startswith("#!") or path.endswith("__main__.py") or started(surveyed) is not None:
        return True
    if "sys.argv" in text or not surveyed.tops.isdisjoint(_BUILDS) or not _SPHINX - surveyed.module.bindings.keys():
        return True
    body = surveyed.module.node.body
    folders = posixpath.dirname(path).split("/")
    if folders[0] in _BESIDE or any(folder.startswith(".") for folder in folders):
        return True  # what stands beside the project for its tools and its readers
    telling = sum(_tells(node) for node in body)
    if telling and (telling > 1 or not surveyed.module.children) and not _declares(surveyed):
        return True
    reads = any(isinstance(node, ast.Call) and _spelled(node.func) == "sys.exit" for node in surveyed.module.calls)
    in_folder = not _SCRIPTS.isdisjoint(posixpath.dirname(path).split("/"))
    runs = any(child.qualname in ("run", "main") and child.kind == "function" for child in surveyed.module.children)
    works = runs or any(_works(node) for node in body)
    return reads or any(_starts(node) for node in body) or (in_folder and works)


def _starts(node: ast.stmt) -> bool:
    """Whether a statement of a module is one that no service does while it is imported: wait, or set up its app."""
    if isinstance(node, ast.With):
        return any(
            isinstance(item.context_expr, ast.Call) and _spelled(item.context_expr.func).endswith("app_context")
            for item in node.items
        )
    return isinstance(node, ast.While)


def _declares(surveyed: Survey) -> bool:
    return any(_DECLARES.fullmatch(name) for name in surveyed.module.bindings)


def _tells(node: ast.stmt) -> bool:
    """Whether a statement of a module, with nothing around it, prints: it is read at a terminal."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _spelled(node.value.func) == "print"


def _works(node: ast.stmt) -> bool:
    """Whether a statement of a module does something rather than name something."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.Await))
    return isinstance(node, (ast.For, ast.While, ast.With))


def _imported(surveyed: Survey) -> set[str]:
    """Everything that is imported anywhere at the top or in a function at the top of a module."""
    scopes = (surveyed.module, *surveyed.module.children)
    return {origin for scope in scopes for origin in scope.imports.values()}


def _bases(scope: Scope) -> tuple[str, ...]:
    return tuple(_spelled(base).rpartition(".")[2] for base in getattr(scope.node, "bases", ()))


def _spelled(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_spelled(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
