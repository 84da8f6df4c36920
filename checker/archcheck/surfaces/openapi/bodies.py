"""Bodies by what methods do: which updates lack one, and which answers tell how to reach what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.pagination import plain
from archcheck.surfaces.openapi.words import IDENTIFIERS, split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.message import Response
    from archcheck.surfaces.openapi.operation import Operation
    from archcheck.surfaces.openapi.schema import Schema

_IDENTIFYING: Final = IDENTIFIERS | frozenset("email reference sid token url urls".split())
_LEADING: Final = frozenset("self href url uri link links location".split())


def lacks_body(operation: Operation) -> bool:
    """Whether a PUT or PATCH changes an item or a collection and takes nothing that says how.

    An action (`/lock`), a thing that is there or not (`PUT /following/{user}`, answered by 204) and a membership, which
    is all in the path (`/teams/{team}/members/{user}`), have nothing to say in a body.
    """
    last = operation.last
    if operation.method not in ("PUT", "PATCH") or not operation.served or last is None or operation.opaque_parameters:
        return False
    if operation.request_body is not None or operation.has("requestBody"):
        return False
    if any(parameter.location in ("query", "formData", "querystring") for parameter in operation.parameters):
        return False
    groups = sum(segment.kind == "parameter" for segment in operation.segments)
    if operation.method == "PUT" and set(operation.successes) <= {"204"}:
        return False
    if last.kind == "parameter":
        return operation.method == "PATCH" or groups == 1
    return last.kind == "collection" and last.has_items


def identifies(response: Response) -> bool:
    """Whether an answer says how to reach what was made: a Location, an id, a link; or cannot be read."""
    if "location" in response.headers or "content-location" in response.headers or response.opaque_headers:
        return True
    for media in response.content.values():
        if not media.json or media.schema is None:
            return True
        if _has_id(media.schema, 0):
            return True
    return False


def _has_id(schema: Schema, depth: int) -> bool:
    if depth > 3 or (not schema.types and not schema.alternatives):
        return True
    if depth == 0 and schema.types & {"string", "integer"}:
        return True
    for name, inner in schema.properties.items():
        words = split(name)
        if plain(name) in _LEADING or (words and words[-1] in _IDENTIFYING):
            return True
        if depth < 2 and (inner.is_array or (inner.is_object and inner.properties)) and _has_id(inner, depth + 1):
            return True
    if schema.is_object and not schema.properties and not schema.alternatives:
        return True
    inner_items = schema.items
    return (inner_items is not None and _has_id(inner_items, depth + 1)) or any(
        _has_id(one, depth + 1) for one in schema.alternatives
    )
