"""What an operation takes, in the compact form that is held against the code that serves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcheck.surfaces.openapi.facts import BodyFact, ParameterFact
from archcheck.surfaces.openapi.operation import Operation
from archcheck.surfaces.openapi.schema import Schema

_CHOICES = ("oneOf", "anyOf", "$dynamicRef")
_CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")


def parameters(operation: Operation) -> tuple[ParameterFact, ...]:
    """Its parameters outside the body."""
    return tuple(
        ParameterFact(parameter.name, parameter.location, kind(parameter.schema), parameter.required)
        for parameter in operation.parameters
        if parameter.location != "formData"
    )


def kind(schema: Schema | None) -> str:
    """The one type of a schema, null aside; empty for several and for none."""
    types = schema.types - {"null"} if schema is not None else frozenset()
    return next(iter(types)) if len(types) == 1 else ""


def body(operation: Operation, seen: dict[int, BodyFact]) -> BodyFact | None:
    """What it takes as a body; None for none. `seen` holds the schemas that were looked at before."""
    form = [parameter for parameter in operation.parameters if parameter.location == "formData"]
    if form:
        demanded = tuple(parameter.name for parameter in form if parameter.required)
        return BodyFact(bool(demanded), tuple(parameter.name for parameter in form), demanded, True)
    taken = operation.request_body
    if taken is None:
        # A reference that leads nowhere is a body all the same.
        return BodyFact(False) if operation.has("requestBody") else None
    media = [one for one in taken.content.values() if one.structured]
    schema = media[0].schema if len(media) == 1 else None
    if schema is None:
        return BodyFact(taken.required)
    known = seen.get(id(schema.place.node))
    if known is None:
        known = seen[id(schema.place.node)] = _names(schema)
    return BodyFact(taken.required, known.names, known.demanded, known.whole)


def controller(operation: Operation) -> str:
    """The module of the function that a router binds it to, as the document says."""
    for view in (operation, operation.item):
        for key in _CONTROLLERS:
            if view is not None and (named := view.text(key)):
                return named
    return ""


def internal(operation: Operation) -> bool:
    """Whether it, or its path, is marked as internal."""
    return operation.flag("x-internal") or (operation.item is not None and operation.item.flag("x-internal"))


def elsewhere(operation: Operation) -> bool:
    """Whether it, or its path, is served under addresses of its own."""
    return operation.has("servers") or (operation.item is not None and operation.item.has("servers"))


def _names(schema: Schema) -> BodyFact:
    if schema.types - {"null"} != {"object"}:
        return BodyFact(False)
    nodes = [part.node for part in schema.parts if type(part.node) is dict]
    whole = not any(choice in node for node in nodes for choice in _CHOICES)
    names: dict[str, None] = {}
    demanded: dict[str, None] = {}
    for node in nodes:
        held = node.get("properties")
        whole = whole and not ("$ref" in node and len(nodes) == 1)
        if isinstance(held, dict):
            whole = whole and not isinstance(held.get("$ref"), str)
            names.update(dict.fromkeys(_sent(held)))
        required = node.get("required")
        demanded.update(
            dict.fromkeys(one for one in required if isinstance(one, str)) if isinstance(required, list) else {}
        )
    return BodyFact(False, tuple(names), tuple(name for name in demanded if name in names), whole and bool(names))


def _sent(held: Mapping[str, object]) -> Iterator[str]:
    for name, node in held.items():
        if not (isinstance(node, dict) and node.get("readOnly") is True):
            yield name
