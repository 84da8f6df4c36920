"""`archcheck routes`: the routes found in the code, for people, for programs and for a page."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.cli import streams
from archcheck.cli.check import CLEAN, INCOMPLETE, USAGE, request_of
from archcheck.cli.listing import ROUTE_FORMATS, Target, complain
from archcheck.cli.options import CheckArguments
from archcheck.config import ConfigError
from archcheck.engine import Request
from archcheck.reports.text import visible
from archcheck.surfaces.python import App, Route
from archcheck.surfaces.python.link import served
from archcheck.survey import survey

Listing: TypeAlias = Sequence[tuple[App, Sequence[Route]]]


def routes(arguments: CheckArguments, output: str) -> int:
    """Print the routes of the project's apps, or those of them that stand in the paths.

    The whole project is read either way: a route's path grows in other files than its own. Raises `Misused` for a
    format that there is not.
    """
    target = Target.of(output, ROUTE_FORMATS)
    try:
        request = request_of(arguments)
        found = survey(replace(request, paths=()), "python")
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    complain(found.gaps)
    composed = served(found.interfaces)
    inside = _inside(request)
    listing = [(app, [route for route in app.routes if inside(route.at.path)]) for app in composed.apps]
    listing = [(app, [*kept, *(each for each in app.own if inside(each.at.path))]) for app, kept in listing if kept]
    for note in composed.notes:
        streams.complain(note)
    for router in composed.routers:
        if inside(router.at.path):
            streams.complain(f"{router.at.path}:{router.at.line}: no app reaches the {router.what} `{router}`")
    if not listing:
        streams.complain("there is no route here; name the project that serves some")
        return INCOMPLETE if found.gaps else USAGE
    return target.write(_WRITERS[target.format](listing)) or (INCOMPLETE if found.gaps else CLEAN)


def _inside(request: Request) -> Callable[[str], bool]:
    root = os.path.realpath(request.root)
    asked = [Path(os.path.relpath(os.path.realpath(path), root)).as_posix() for path in request.paths]
    if not asked or "." in asked:
        return lambda path: True
    return lambda path: any(path == each or path.startswith(f"{each}/") for each in asked)


def _texts(listing: Listing) -> Iterator[str]:
    """What people read: one paragraph an app."""
    for index, (app, found) in enumerate(listing):
        yield from ([""] if index else [])
        yield visible(f"{app} ({app.framework}, {app.at.path}:{app.at.line}): {_summary(found)}")
        rows = [(route.method, route.template, route.auth, f"{route.handler}  {_place(route)}") for route in found]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
            yield visible(f"  {'  '.join(cells)}  {row[3]}")


def _summary(found: Sequence[Route]) -> str:
    states = Counter(route.auth for route in found)
    told = ", ".join(
        f"{states[state]} {state}" for state in ("protected", "optional", "public", "unknown") if states[state]
    )
    return f"{len(found)} route{'' if len(found) == 1 else 's'}, {told}"


def _objects(listing: Listing) -> Iterator[str]:
    """What programs read: an array with an object for each method of each path."""
    yield json.dumps([_data(route) for _, found in listing for route in found], indent=2, ensure_ascii=False)


def _data(route: Route) -> dict[str, object]:
    return {
        "method": route.method,
        "path": route.template,
        "handler": route.handler,
        "file": route.at.path,
        "line": route.at.line,
        "auth": route.auth,
    }


def _page(listing: Listing) -> Iterator[str]:
    """What stands in a document: one table an app."""
    for index, (app, found) in enumerate(listing):
        yield from ([""] if index else [])
        yield f"## {_cell(str(app))}"
        yield ""
        yield "| method | path | auth | handler | place |"
        yield "|---|---|---|---|---|"
        for route in found:
            cells = (route.method, f"`{route.template}`", route.auth, f"`{route.handler}`", _place(route))
            yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return visible(text).replace("|", "\\|").replace("<", "&lt;")


def _place(route: Route) -> str:
    return f"{route.at.path}:{route.at.line}"


_WRITERS: Final[dict[str, Callable[[Listing], Iterator[str]]]] = {
    "table": _texts,
    "json": _objects,
    "markdown": _page,
}
