"""The interface of a document: the compact facts that are compared with code and tables once all units are read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from archcheck.source import Location
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.facts import OperationFact, PieceFacts, SchemaFact
from archcheck.surfaces.openapi.servers import spelt


class Interface(msgspec.Struct, frozen=True, array_like=True):
    """All that a document tells other surfaces.

    `servers` are the addresses that it is served under, `home` the place of its paths, `secures` whether it defines
    how to prove who asks. `whole` says that nothing of it was lost.
    """

    file: str
    title: str
    version: str
    servers: tuple[str, ...]
    operations: tuple[OperationFact, ...]
    schemas: tuple[SchemaFact, ...]
    home: Location
    secures: bool
    whole: bool


def decode(data: bytes) -> Interface:
    """The interface as `Model.interface` encoded it."""
    return msgspec.msgpack.decode(data, type=Interface)


def encode(api: Api, parts: Iterable[PieceFacts], whole: bool) -> bytes:
    """The interface of an API from the contributions of its pieces, in their order: what it serves, and its schemas."""
    known = list(parts)
    return msgspec.msgpack.encode(
        Interface(
            api.file,
            api.title,
            api.version,
            tuple(address for server in api.servers for address in spelt(server)),
            tuple(fact for part in known for fact in part.operations if fact.served),
            tuple(fact for part in known for fact in part.schemas),
            api.home,
            bool(api.security_schemes),
            whole,
        )
    )
