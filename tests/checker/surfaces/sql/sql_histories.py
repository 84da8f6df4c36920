"""Histories in memory: the files of a project as the surface sees them, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from archcheck.source import Source, Unread
from archcheck.surface import Settings, Tree, Unit
from archcheck.surfaces.sql import History
from archcheck.surfaces.sql.catalog import Catalog
from archcheck.surfaces.sql.model import SqlModel
from archcheck.surfaces.sql.surface import Sql

APPLIED = Path(__file__).resolve().parents[4] / "fixtures" / "applied"


class Memory:
    """The door to files that are a dictionary."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        self.kept: dict[tuple[str, bytes, str], bytes] = {}
        self.opened: list[str] = []

    def open(self, path: str) -> Source:
        self.opened.append(path)
        if path not in self.files:
            raise Unread(path, "there is no such file", kind="missing")
        return Source(path, self.files[path])

    def exists(self, path: str) -> bool:
        return path in self.files or any(other.startswith(f"{path}/") for other in self.files)

    def listing(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == folder))

    def recall(self, source: Source, kind: str) -> bytes | None:
        return self.kept.get((source.path, source.data, kind))

    def keep(self, source: Source, kind: str, data: bytes) -> None:
        self.kept[source.path, source.data, kind] = data


def units(files: Mapping[str, str | bytes] | Memory) -> list[Unit]:
    """The units of a project."""
    memory = files if isinstance(files, Memory) else Memory(files)
    marks = {}
    for path in sorted(memory.files):
        if Sql().concerns(path) and path.endswith(Sql.suffixes):
            try:
                mark = Sql().sniff(memory.open(path))
            except Unread:
                continue
            if mark:
                marks[path] = mark
    return list(Sql().units(Tree(tuple(sorted(memory.files)), marks), memory))


def models(files: Mapping[str, str | bytes] | Memory, settings: Settings | None = None) -> dict[str, SqlModel]:
    """The models of a project's histories by unit name."""
    memory = files if isinstance(files, Memory) else Memory(files)
    found = {}
    for unit in units(memory):
        model = Sql().read(unit, memory, None, settings or Settings())
        assert isinstance(model, SqlModel)
        found[unit.name] = model
    return found


def history(*scripts: str, folder: str = "migrations") -> History:
    """The history of plain numbered scripts."""
    files = {f"{folder}/{number:04}_step.sql": text for number, text in enumerate(scripts, 1)}
    (model,) = models(files).values()
    return model.history


def applied(dialect: str) -> History:
    """The history of a dialect that the tests apply up and down."""
    folder = APPLIED / dialect
    files = {f"{dialect}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*.sql")}
    (model,) = models(files).values()
    assert not model.coverage.gaps and not model.coverage.opaque
    return model.history


def ways(found: History) -> Iterator[tuple[str, str, Catalog]]:
    """Each of its migrations going up, then each going down: what it says, and our catalog behind it."""
    for step in found.migrations:
        yield f"up {step}", (APPLIED / step.path).read_text("utf-8"), step.after
    for step in reversed(found.migrations):
        yield f"down {step}", (APPLIED / step.down_path).read_text("utf-8"), step.before
