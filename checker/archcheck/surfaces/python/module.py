"""Reading one module: parse, survey, follow; and what kind of code it is."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable
from typing import Final

from archcheck.source import Source
from archcheck.surfaces.python.evaluate import evaluate
from archcheck.surfaces.python.follow import follow, follow_function
from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.libraries import KNOWN
from archcheck.surfaces.python.parse import Places, parse
from archcheck.surfaces.python.query import Place, Query
from archcheck.surfaces.python.survey import Survey, survey

_TEST_FILE: Final = re.compile(r"(?:test_.*|.*_test|tests?|conftest)\.py")
_TEST_TOPS: Final = frozenset({"pytest", "unittest", "hypothesis", "nose", "testcontainers"})


def read_module(
    source: Source, name: str, in_project: Callable[[str], bool]
) -> tuple[Context, tuple[Query, ...], dict[str, int]]:
    """Everything a module's source tells.

    `in_project` says whether a library's name is a module of the project here.
    """
    tree = parse(source)
    surveyed = survey(tree, source.path, name)
    shadowed = frozenset(top for top in sorted(surveyed.tops & KNOWN) if in_project(top))
    counts = {"modules": 1}
    place = _place(source.path, surveyed, _migrates(surveyed))
    context = Context(name, Places(source), surveyed, place, evaluate, follow_function, shadowed)
    return context, tuple(follow(context)), counts


def _migrates(surveyed: Survey) -> bool:
    """Whether a module is a migration of Alembic or Django."""
    module = surveyed.module
    if "revision" in module.bindings and "down_revision" in module.bindings:
        return True
    if "django" in surveyed.tops:
        for scope in module.children:
            if scope.qualname == "Migration" and _bases_migration(scope.node):
                return True
    return False


def _bases_migration(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        (base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else "") == "Migration"
        for base in node.bases
    )


def _place(path: str, surveyed: Survey, migration: bool) -> Place:
    """Tests are told by what they import or define under a test's name; a folder's name alone is not enough."""
    if migration:
        return "migration"
    folders, file = posixpath.split(path)
    in_folder = not {"tests", "test", "testing"}.isdisjoint(folders.split("/"))
    named = _TEST_FILE.fullmatch(file) is not None
    imports = not surveyed.tops.isdisjoint(_TEST_TOPS) or any(
        origin.startswith("django.test") for origin in surveyed.module.imports.values()
    )
    defines = any(scope.qualname.startswith(("test_", "Test")) for scope in surveyed.module.children)
    if (named and (imports or defines or in_folder)) or (imports and (defines or in_folder)) or (in_folder and named):
        return "test"
    return "service"
