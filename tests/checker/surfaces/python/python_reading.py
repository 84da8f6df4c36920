"""What the tests of the Python surface share: a project in memory, and the queries read from it."""

from __future__ import annotations

import posixpath
import textwrap
from collections.abc import Mapping

from archcheck.source import Source, Unread
from archcheck.surface import Settings, Tree
from archcheck.surfaces.python import Hole, Query
from archcheck.surfaces.python.surface import Python


class MemoryFiles:
    """Files that stand nowhere; remembers what it was asked."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.asked: set[str] = set()

    def open(self, path: str) -> Source:
        if path not in self.data:
            raise Unread(path, "it does not exist", kind="missing")
        return Source(path, self.data[path])

    def exists(self, path: str) -> bool:
        self.asked.add(path)
        return path in self.data or any(known.startswith(f"{path}/") for known in self.data)

    def listing(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.data if posixpath.dirname(path) == folder))

    def recall(self, source: Source, kind: str) -> bytes | None:
        return None

    def keep(self, source: Source, kind: str, data: bytes) -> None:
        return None


def project(files: Mapping[str, str | bytes]) -> list[Query]:
    """Every query of a project, those settled after linking included."""
    door = MemoryFiles({path: textwrap.dedent(t) if isinstance(t, str) else t for path, t in files.items()})
    surface = Python()
    paths = tuple(sorted(door.data))
    found: list[Query] = []
    interfaces: list[tuple[str, bytes]] = []
    for unit in surface.units(Tree(paths, dict.fromkeys(paths, "python")), door):
        model = surface.read(unit, door, None, Settings())
        found += subjects(model)
        interfaces.append((unit.name, model.interface()))
    linked = surface.link(interfaces)
    return found + (subjects(linked) if linked is not None else [])


def subjects(model) -> list[Query]:
    return [query for piece in model.pieces() for query in piece.subjects(frozenset({Query}))]


def queries(source: str, path: str = "app/main.py") -> list[Query]:
    """The queries of one module."""
    return project({path: source})


def only(source: str) -> Query:
    """The one query of a module."""
    (query,) = queries(source)
    return query


def shape(query: Query) -> str:
    """A query's text, with `{origin:position}` for each hole."""
    return "".join(f"{{{p.origin}:{p.position}}}" if isinstance(p, Hole) else p for p in query.parts)
