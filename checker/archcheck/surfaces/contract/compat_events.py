"""What comes of holding two schemas against each other: notes, further pairs, and doubts; and who speaks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from archcheck.surfaces.contract.changes import Addition, Demand, Limit, Removal, Shift, Side
from archcheck.surfaces.contract.compat_atoms import Term
from archcheck.surfaces.contract.compat_ledger import Note
from archcheck.surfaces.openapi.place import Place

_NAMING = ("schemas", "definitions", "$defs")
_SECTIONS = (("paths",), ("webhooks",), ("components",), ("definitions",), ("parameters",), ("responses",))
"""Where the schemas of a whole document stand; what stands elsewhere is a file of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """Two terms that must be held against each other next: that of the base, and that of the revision."""

    base: Term
    revision: Term


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that cannot be decided, and is not told."""

    reason: str


Event: TypeAlias = Note | Step | Doubt


@dataclass(frozen=True, slots=True)
class Face:
    """Two schemas that face each other: `base` and `revision` are their homes, `side` where they are used.

    What one of them allows must be allowed by the other: on the request side what the base allows by the revision, on
    the response side the reverse. The former is the narrow one, the latter the wide one.
    """

    side: Side
    base: Place
    revision: Place

    @property
    def answers(self) -> bool:
        """Whether it is the server that sends."""
        return self.side == "response"

    @property
    def name(self) -> str:
        """What is compared, as the revision calls it."""
        return named(self.revision) or named(self.base)

    def member(self, name: str) -> str:
        """A property of it."""
        return f"{self.name}.{name}" if self.name else name

    def limit(self, of: str, narrow: Place | None, wide: Place | None, words: tuple[str, str], **more: object) -> Note:
        """A limit that is another one now; the places and the words are those of the narrow and of the wide one."""
        base, revision = (wide, narrow) if self.answers else (narrow, wide)
        before, after = reversed(words) if self.answers else words
        name = named(revision or self.revision) or self.name
        fields: dict[str, object] = {"side": self.side, "of": of, "before": before, "after": after, **more}
        return Note(Limit, base or self.base, revision or self.revision, name or self._role, fields)

    def tell(
        self,
        make: type[Removal | Demand | Shift | Addition],
        base: Place | None,
        revision: Place | None,
        name: str,
        **fields: object,
    ) -> Note:
        """A property that is gone, new, demanded or means something else."""
        anchor = "base" if make is Removal else "revision" if make is Addition else ""
        return Note(make, base or self.base, revision or self.revision, name, fields, anchor)

    def step(self, narrow: Term, wide: Term) -> Step:
        """The next pair, the right way round."""
        return Step(wide, narrow) if self.answers else Step(narrow, wide)

    @property
    def _role(self) -> str:
        return {"parameter": "the parameter", "request": "the request body", "response": "the response"}[self.side]


def named(place: Place) -> str:
    """What a schema, or a word in it, is called: `Order.lines[].sku`; by its message where it has no name itself."""
    names: list[str] = []
    one: Place | None = place
    while one is not None and one.parent is not None:
        key, above = one.key, one.parent.key
        if above == "properties":
            names.append(f".{key}")
        elif key == "items" or (above == "items" and isinstance(key, int)):
            names.append("[]")
        elif key == "additionalProperties":
            names.append(".*")
        elif above in _NAMING and one.parent.parent is not None:
            names.append(str(key))
            break
        elif key == "schema" and (whose := _owner(one.parent)):
            names.append(whose)
            break
        elif isinstance(key, int) and above == "parameters":
            names.append(_owner(one))
            break
        one = one.parent
    if one is not None and one.parent is None and place.parts[:1] not in _SECTIONS:
        names.append(place.path.rpartition("/")[2].partition(".")[0])
    return "".join(reversed(names)).removeprefix(".")


def _owner(place: Place) -> str:
    """The name of a parameter or a header."""
    node = place.node
    name = node.get("name") if type(node) is dict and "in" in node else None
    if isinstance(name, str):
        return name
    parent = place.parent
    return str(place.key) if parent is not None and parent.key == "headers" else ""
