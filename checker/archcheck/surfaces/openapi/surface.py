"""The OpenAPI surface as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcheck.source import Source
from archcheck.surface import Files, Memory, Model, Settings, Tree, Unit
from archcheck.surfaces.openapi.documents import Documents
from archcheck.surfaces.openapi.model import OpenApiModel
from archcheck.surfaces.openapi.sniff import UNREADABLE, sniff


class OpenApi:
    """Reads OpenAPI documents. One unit for each root: a document that declares `openapi` or `swagger` at its top."""

    name = "openapi"
    suffixes: tuple[str, ...] = (".yaml", ".yml", ".json")
    sniffs = True

    def concerns(self, path: str) -> bool:
        """A description may lie anywhere."""
        return True

    def sniff(self, source: Source) -> str:
        """The version a root declares; `empty` or `binary` for what nobody could read; else nothing."""
        return sniff(source.data)

    def units(self, tree: Tree, files: Files) -> Iterator[Unit]:
        """One unit for each root, also for one that another root refers to."""
        for path in sorted(tree.marks):
            if tree.marks[path] not in UNREADABLE:
                yield Unit(self.name, path, (path,), tree.marks[path])

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> OpenApiModel:
        """Read a root and what its references reach. Raises `Unread` when the root itself cannot be read."""
        return OpenApiModel(unit.name, Documents(files, settings.limits), memory)

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Model | None:
        """Nothing joins two documents but the code they describe."""
        return None

    def owed(self, path: str, mark: str) -> bool:
        """Whether a named file is owed a reading: a root is, and what might be one were it not empty or binary."""
        return bool(mark)
