"""Reading one module: parse, survey, follow; and what kind of code it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archcheck.source import Source
from archcheck.surfaces.python.evaluate import evaluate
from archcheck.surfaces.python.follow import follow, follow_function
from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.handing import mark_callers
from archcheck.surfaces.python.kind import kind_of_code
from archcheck.surfaces.python.libraries import KNOWN
from archcheck.surfaces.python.parse import Places, parse
from archcheck.surfaces.python.query import Query
from archcheck.surfaces.python.remote import CALLING, RETRYING
from archcheck.surfaces.python.survey import survey


def read_module(
    source: Source, name: str, in_project: Callable[[str], bool], listing: Callable[[str], Sequence[str]]
) -> tuple[Context, tuple[Query, ...], dict[str, int]]:
    """Everything a module's source tells.

    `in_project` says whether a library's name is a module of the project here, `listing` what a folder holds.
    """
    tree = parse(source)
    surveyed = survey(tree, source.path, name)
    shadowed = frozenset(top for top in sorted(surveyed.tops & (KNOWN | CALLING | RETRYING)) if in_project(top))
    counts = {"modules": 1}
    place = kind_of_code(source.path, surveyed, source.text, listing)
    if place == "service":
        mark_callers(surveyed, source.text)
    context = Context(name, Places(source), surveyed, place, evaluate, follow_function, shadowed)
    return context, tuple(follow(context)), counts
