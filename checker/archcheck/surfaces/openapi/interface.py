"""The interface of a document: the compact facts that are compared with code and tables once all units are read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.facts import OperationFact, PieceFacts, SchemaFact


class Interface(msgspec.Struct, frozen=True, array_like=True):
    """All that a document tells other surfaces. `bases` are the paths its servers put before every path."""

    file: str
    title: str
    version: str
    servers: tuple[str, ...]
    operations: tuple[OperationFact, ...]
    schemas: tuple[SchemaFact, ...]


def decode(data: bytes) -> Interface:
    """The interface as `Model.interface` encoded it."""
    return msgspec.msgpack.decode(data, type=Interface)


def encode(api: Api, parts: Iterable[PieceFacts]) -> bytes:
    """The interface of an API from the contributions of its pieces, in their order: what it serves, and its schemas."""
    known = list(parts)
    return msgspec.msgpack.encode(
        Interface(
            api.file,
            api.title,
            api.version,
            tuple(str(server) for server in api.servers),
            tuple(fact for part in known for fact in part.operations if fact.served),
            tuple(fact for part in known for fact in part.schemas),
        )
    )
