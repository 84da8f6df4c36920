"""A view shows one object of a document in the vocabulary of all versions; nothing that it meets makes it fail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field

from archcheck.finding import Related, Stage
from archcheck.source import Location
from archcheck.surfaces.openapi.grammar import Role
from archcheck.surfaces.openapi.graph import INWARD, OUTWARD, Node, turn
from archcheck.surfaces.openapi.place import Json, Place

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api
    from archcheck.surfaces.openapi.operation import Operation

_UNSEEN = Node("", "", "")


def _unseen() -> Node:
    return _UNSEEN


class View(Struct, frozen=True, eq=False, dict=True):
    """One object: `place` is where it is defined, `chain` the references that led to it.

    `role` and `piece` are known of subjects, which are met where they are defined: they say what an object is used for.
    """

    surface: ClassVar[str] = "openapi"
    stage: ClassVar[Stage] = "unit"

    api: Api
    place: Place
    chain: tuple[Place, ...] = ()
    role: Role = Role()
    piece: Node = field(default_factory=_unseen)

    @property
    def at(self) -> Location:
        """The key it stands under: the smallest anchor for a finding about it."""
        return self.place.at

    @property
    def naming(self) -> Place:
        """Where its own `name` is written, for what has one: it may begin lines above."""
        return self.place.child("name") or self.place

    @property
    def pointer(self) -> str:
        """The JSON pointer of it within its file."""
        return self.place.pointer

    @property
    def file(self) -> str:
        """The file that defines it."""
        return self.place.path

    @cached_property
    def via(self) -> tuple[Related, ...]:
        """The references that led here, as related places of a finding."""
        return tuple(Related(place.at, "referenced here") for place in self.chain)

    @cached_property
    def contexts(self) -> tuple[str, ...]:
        """What it is used for, over all its uses: `in` or `out`, and for a response its status (`out:429`)."""
        used = {turn(context, self.role.turned, self.role.status) for context in self.piece.contexts}
        return tuple(sorted(used))

    @property
    def in_request(self) -> bool:
        """Whether some request carries it to the server."""
        return any(context.startswith(INWARD) for context in self.contexts)

    @property
    def in_response(self) -> bool:
        """Whether some response, or a message the server sends, carries it."""
        return any(context.startswith(OUTWARD) for context in self.contexts)

    @property
    def reach(self) -> int:
        """How many operations use it."""
        return 1 if self.role.operation is not None else self.piece.reach

    @cached_property
    def operation(self) -> Operation | None:
        """The operation it is written in; None for a shared object."""
        if self.role.operation is None:
            return None
        from archcheck.surfaces.openapi.operation import Operation

        return Operation.at_key(self.api, self.role.operation, self.role, self.piece)

    def value(self, key: str) -> Json:
        """The raw value under a key, None where there is none: for extensions and for what has no fact yet."""
        node = self.place.node
        return node.get(key) if type(node) is dict else None

    def has(self, key: str) -> bool:
        """Whether the key is there, whatever its value."""
        return type(self.place.node) is dict and key in self.place.node

    def text(self, key: str) -> str:
        """The string under a key; empty for anything else."""
        value = self.value(key)
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """Whether the value under a key is true."""
        return self.value(key) is True

    def strings(self, key: str) -> tuple[str, ...]:
        """The strings of the list under a key."""
        value = self.value(key)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    def entries(self, key: str) -> Iterator[Place]:
        """The entries of the mapping or list under a key, be it written here or referred to; extensions left out."""
        child = self.place.child(key)
        if child is None:
            return
        whole = self.api.references.follow(child).place
        if whole is None:
            return
        for entry in whole.children():
            if isinstance(entry.key, int) or not entry.key.startswith("x-"):
                yield entry

    def resolved(self, place: Place) -> tuple[Place, tuple[Place, ...]] | None:
        """An object with its references followed, and the references; None where they lead nowhere or to no object."""
        followed = self.api.references.follow(place)
        if followed.place is None or type(followed.place.node) not in (dict, bool):
            return None
        return followed.place, followed.chain
