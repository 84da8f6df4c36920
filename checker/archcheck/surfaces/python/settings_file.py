"""A file of settings as the engine sees it: no syntax of its own is read, only what looks like a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from archcheck.source import Source
from archcheck.surface import Allow, Coverage, Piece
from archcheck.surfaces.python.credential import Secret
from archcheck.surfaces.python.secrets_facts import secrets_of_file


class SettingsFile(Struct):
    """One file."""

    source: Source
    coverage: Coverage = field(default_factory=lambda: Coverage(counts={"settings files": 1}))

    def pieces(self) -> Iterator[Piece]:
        """A file is one piece."""
        yield Piece(self.source.path, True, self._subjects)

    def allows(self) -> Iterable[Allow]:
        """None: acceptances are comments."""
        return ()

    def interface(self) -> bytes:
        """Nothing: no module asks."""
        return b""

    def memory(self) -> bytes:
        """Nothing: it is read in one go."""
        return b""

    def _subjects(self, wanted: frozenset[type]) -> Iterable[object]:
        return secrets_of_file(self.source) if Secret in wanted else ()
