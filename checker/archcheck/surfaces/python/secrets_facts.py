"""Secrets of a module and of a configuration file: shapes in the text, but not where nothing is deployed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from archcheck.late import regex
from archcheck.source import Source
from archcheck.surfaces.python.credential import Secret
from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.secret_shapes import shapes
from archcheck.surfaces.python.words import words

Kept: TypeAlias = Literal["code", "configuration"]

_REHEARSAL: Final = regex(
    r"(?:^|[/_.\-])(?:tests?|testing|fixtures?|examples?|docs?|samples?|demos?|mocks?|e2e|spec|factor(?:y|ies)|conftest"
    r"|templates?|dist|ci|snippets?|tutorials?|seeds?|benchmarks?|vendor|third_party|locales?)(?:[/_.\-]|\d|$)",
    re.IGNORECASE,
)
_DEVELOPS: Final = regex(r"(?:^|[/_.\-])(?:dev|development|devcontainer)(?:[/_.\-]|$)", re.IGNORECASE)
_SETTINGS: Final = regex(
    r"(?:^|/)(?:settings|configs?|configuration)(?:/[^/]*\.py|\.py)$|(?:^|/)\w*(?:settings|config)\.py$"
)

_REHEARSING: Final = regex(r"^(?:Dev|Test|Local|Debug|CI|Mock|Fake|Example)(?:[A-Z_]|$|elopment|ing|s\b)")
_SHOWN: Final = words("example examples openapi_examples json_schema_extra schema_extra description help help_text")


def rehearses(path: str) -> bool:
    """Whether a file is by its path a test, an example or a template: what stands in it opens nothing."""
    return _REHEARSAL.search(path) is not None


def secrets_of_module(context: Context) -> Iterator[Secret]:
    """The secrets among the string literals of a module."""
    source = context.places.source
    if context.place == "test" or rehearses(source.path):
        return
    found = list(shapes(source.text, code=True))
    if not found:
        return
    spans = sorted(_literals(context.survey.module.node))
    kept: Kept = "configuration" if _SETTINGS.search(source.path) else "code"
    for shape in found:
        if not shape.proven and _DEVELOPS.search(source.path):
            continue
        at = source.location(shape.start, shape.end)
        if any(first <= at.line <= last for first, last in spans):
            yield Secret(at, shape.name, shape.kind, shape.proven, kept)


def secrets_of_file(source: Source) -> Iterator[Secret]:
    """The secrets of a file of settings; lines that are comments say nothing.

    What is made up for development opens nothing; a provider's own key does, wherever it stands.
    """
    if rehearses(source.path):
        return
    for shape in shapes(source.text, code=False):
        if not shape.proven and _DEVELOPS.search(source.path):
            continue
        at = source.location(shape.start, shape.end)
        if not source.line(at.line).lstrip().startswith(("#", ";", "//")):
            yield Secret(at, shape.name, shape.kind, shape.proven, "configuration")


def _literals(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """The lines of the strings that are values: no documentation, no example, nothing of a rehearsal's own class."""
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            told.add(id(node.value))
        elif isinstance(node, ast.keyword) and node.arg in _SHOWN:
            told.update(id(inner) for inner in ast.walk(node.value))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if _shows(key):
                    told.update(id(inner) for inner in (key, *ast.walk(value)))
        elif isinstance(node, ast.ClassDef) and _REHEARSING.search(node.name):
            told.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and id(node) not in told:
            yield node.lineno, node.end_lineno or node.lineno


def _shows(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in _SHOWN
