"""The interface of a document: the compact facts that are compared with code and tables once all units are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from archcheck.source import Location
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.grammar import Site
from archcheck.surfaces.openapi.graph import Node
from archcheck.surfaces.openapi.operation import Operation
from archcheck.surfaces.openapi.schema import Schema


@dataclass(frozen=True, slots=True)
class OperationFact:
    """One operation the API serves. `secured` is None where the document does not let it be known."""

    method: str
    path: str
    id: str
    at: Location
    statuses: tuple[str, ...]
    secured: bool | None


@dataclass(frozen=True, slots=True)
class PropertyFact:
    """One property of a schema. `types` is empty where the document does not say; `max_length` None where unbounded."""

    name: str
    types: tuple[str, ...]
    format: str
    required: bool
    nullable: bool
    max_length: int | None
    enum: tuple[str, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class SchemaFact:
    """One shared schema with its properties, and whether requests and responses carry it."""

    name: str
    at: Location
    in_request: bool
    in_response: bool
    properties: tuple[PropertyFact, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """All that a document tells other surfaces. `bases` are the paths its servers put before every path."""

    file: str
    title: str
    version: str
    servers: tuple[str, ...]
    operations: tuple[OperationFact, ...]
    schemas: tuple[SchemaFact, ...]


class PieceFacts(msgspec.Struct, array_like=True):
    """The part of an interface that one piece contributes."""

    operations: tuple[OperationFact, ...] = ()
    schemas: tuple[SchemaFact, ...] = ()


def decode(data: bytes) -> Interface:
    """The interface as `Model.interface` encoded it."""
    return msgspec.msgpack.decode(data, type=Interface)


def encode(api: Api, parts: Iterable[PieceFacts]) -> bytes:
    """The interface of an API from the contributions of its pieces, in their order."""
    known = list(parts)
    return msgspec.msgpack.encode(
        Interface(
            api.file,
            api.title,
            api.version,
            tuple(str(server) for server in api.servers),
            tuple(fact for part in known for fact in part.operations),
            tuple(fact for part in known for fact in part.schemas),
        )
    )


def facts_of(api: Api, node: Node, sites: Iterable[Site]) -> PieceFacts:
    """What one piece contributes: the operations of a path that is served, or a shared schema with properties."""
    if node.kind == "path":
        return PieceFacts(operations=tuple(_operations(api, node, sites)))
    if node.kind == "schema" and not node.covered:
        first = next(iter(sites), None)
        if first is not None and not first.refers:
            return PieceFacts(schemas=tuple(_schema(Schema(api, first.place, piece=node))))
    return PieceFacts()


def _operations(api: Api, node: Node, sites: Iterable[Site]) -> Iterator[OperationFact]:
    for site in sites:
        if site.kind == "operation" and not site.role.turned:
            operation = Operation.at_key(api, site.place, site.role, node)
            if operation.served:
                at = Location(operation.file, *operation.place.spot)
                yield OperationFact(
                    operation.method, operation.path, operation.id, at, operation.statuses, operation.secured
                )


def _schema(schema: Schema) -> Iterator[SchemaFact]:
    if not schema.name or not schema.properties:
        return
    properties = tuple(
        PropertyFact(
            name,
            tuple(sorted(inner.types - {"null"})),
            inner.word("format"),
            name in schema.required,
            inner.nullable,
            inner.number("maxLength"),
            inner.enum,
            Location(inner.file, *inner.place.spot),
        )
        for name, inner in schema.properties.items()
    )
    at = Location(schema.file, *schema.place.spot)
    yield SchemaFact(schema.name, at, schema.in_request, schema.in_response, properties)
