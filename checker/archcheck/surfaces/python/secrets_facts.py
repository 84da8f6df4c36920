"""Secrets of a module and of a configuration file: shapes in the text, but not where nothing is deployed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from archcheck.source import Source
from archcheck.surfaces.python.credential import Secret
from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.secret_shapes import shapes

Kept: TypeAlias = Literal["code", "configuration"]

_REHEARSAL: Final = re.compile(
    r"(?:^|[/_.\-])(?:tests?|testing|fixtures?|examples?|docs?|samples?|demos?|mocks?|e2e|spec|factor(?:y|ies)|conftest"
    r"|templates?|dist|ci|snippets?|tutorials?|seeds?|benchmarks?|vendor|third_party|locales?)(?:[/_.\-]|\d|$)",
    re.IGNORECASE,
)
_SETTINGS: Final = re.compile(
    r"(?:^|/)(?:settings|configs?|configuration)(?:/[^/]*\.py|\.py)$|(?:^|/)\w*(?:settings|config)\.py$"
)


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
    spans = sorted(_literals(context))
    kept: Kept = "configuration" if _SETTINGS.search(source.path) else "code"
    for shape in found:
        at = source.location(shape.start, shape.end)
        if any(first <= at.line <= last for first, last in spans):
            yield Secret(at, shape.name, shape.kind, shape.proven, kept)


def secrets_of_file(source: Source) -> Iterator[Secret]:
    """The secrets of a file of settings; lines that are comments say nothing."""
    if rehearses(source.path):
        return
    for shape in shapes(source.text, code=False):
        at = source.location(shape.start, shape.end)
        if not source.line(at.line).lstrip().startswith(("#", ";", "//")):
            yield Secret(at, shape.name, shape.kind, shape.proven, "configuration")


def _literals(context: Context) -> Iterator[tuple[int, int]]:
    """The lines of the strings that are values, not documentation."""
    tree = context.survey.module.node
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and id(node) not in told:
            yield node.lineno, node.end_lineno or node.lineno
