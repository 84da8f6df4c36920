"""What a path template names and what is declared for it: both are to be the same, and what they are to tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.message import Parameter
from archcheck.surfaces.openapi.operation import Operation, PathItem
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.words import split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.view import View

_NAME: Final = re.compile(r"\{[+#./;]?([^{}?&:*]+)[^{}]*\}")


def names_in(path: str) -> tuple[str, ...]:
    """The names of the parameters in a template, operators and patterns left out (`{+path}`, `{id:[0-9]+}`)."""
    return tuple(dict.fromkeys(name.strip() for name in _NAME.findall(path)))


def mismatches(view: View) -> Iterator[tuple[str, Place] | None]:
    """What does not agree: a sentence without its full stop, and the place."""
    if isinstance(view, Parameter):
        if view.location == "path" and view.name and view.value("required") in (None, False):
            yield f"The path parameter '{view.name}' is not required; write 'required: true'", view.place
    elif isinstance(view, PathItem) and view.path in view.api.keys and view.served:
        yield from _superfluous(view)
        yield from _undeclared(view)


def _superfluous(item: PathItem) -> Iterator[tuple[str, Place]]:
    """Path parameters that the template does not name."""
    known = set(names_in(item.path))
    for view in (item, *item.operations):
        for entry in view.entries("parameters"):
            resolved = view.resolved(entry)
            if resolved is None:
                continue
            parameter = Parameter(view.api, resolved[0])
            if parameter.location == "path" and parameter.name and parameter.name not in known:
                yield (
                    f"{view} declares the path parameter '{parameter.name}', which the path does not name; "
                    "remove it, or put it into the path",
                    entry,
                )


def _undeclared(item: PathItem) -> Iterator[tuple[str, Place]]:
    """Names of the template that nothing declares: once where that is so of all operations."""
    named = item.named or item.place
    operations = item.operations
    lacking = {operation: _missing(operation) for operation in operations}
    common = set.intersection(*(set(missing) for missing in lacking.values())) if lacking else set()
    for name in names_in(item.path.partition("?")[0]):
        if name in common:
            yield f"{item.path} names '{name}', which nothing declares; declare it as a required path parameter", named
            continue
        for operation, missing in lacking.items():
            if name in missing:
                yield (
                    f"{operation} does not declare '{name}' of its path; declare it as a required path parameter",
                    operation.named or operation.place,
                )


def _missing(operation: Operation) -> tuple[str, ...]:
    if operation.opaque_parameters:
        return ()
    declared = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
    return tuple(name for name in names_in(operation.path) if name not in declared)


def guessable(view: View) -> Iterator[tuple[str, Place] | None]:
    """Ids in paths: those that are whole numbers, by name."""
    if not isinstance(view, Parameter) or view.location != "path" or split(view.name)[-1:] not in (("id",), ("pk",)):
        return
    schema = view.schema
    if schema is None or not schema.types:
        return
    yield (view.name, view.naming) if schema.types - {"null"} == {"integer"} else None
