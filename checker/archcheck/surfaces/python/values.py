"""What an expression can be at run time, as far as its text matters: strings of parts, collections, known things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archcheck.surfaces.python.query import SAFE, Hole, Origin, Part, Step

Parts: TypeAlias = tuple[Part, ...]

_MOST_OPTIONS: Final = 5
_MOST_PARTS: Final = 150
_LONGEST_TEXT: Final = 200_000
_HEAVIEST: Final = 1_000
_MOST_STEPS: Final = 6
_RISK: Final[dict[Origin, int]] = {"request": 3, "parameter": 2, "unknown": 1}


class Str(Struct, frozen=True):
    """A scalar seen as text. Each option is a text it can have, the riskiest first; a hole is what is not literal."""

    options: tuple[Parts, ...]


class Items(Struct, frozen=True):
    """A list, tuple, set or generator; `open` when it may hold more of the same or is repeated."""

    items: tuple[Value, ...]
    open: bool = False


class Table(Struct, frozen=True):
    """A dictionary as pairs of keys and values; `open` when it may hold more of the same."""

    pairs: tuple[tuple[Value, Value], ...]
    open: bool = False

    @property
    def keys(self) -> Items:
        """The keys, as a collection."""
        return Items(tuple(key for key, _ in self.pairs), self.open)

    @property
    def values(self) -> Items:
        """The values, as a collection."""
        return Items(tuple(value for _, value in self.pairs), self.open)

    def get(self, text: str | None) -> Value | None:
        """What stands under a literal key; the last one wins."""
        return next((value for key, value in reversed(self.pairs) if text is not None and plain(key) == text), None)


class Thing(Struct, frozen=True):
    """A value known by what it is rather than by its text: a cursor, a request, an imported name.

    `kind` says what; `name` says which (the dotted name of a `ref`, the class of an instance); `hole` is what it is
    when pasted.
    """

    kind: str
    hole: Hole
    name: str = ""


Value: TypeAlias = Str | Items | Table | Thing


def literal(text: str) -> Str:
    """A text that stands in the source."""
    return Str(((text,) if text else (),))


def scalar(hole: Hole) -> Str:
    """A value of which only the origin is known."""
    return Str(((hole,),))


def pasted(value: Value) -> tuple[Parts, ...]:
    """The texts a value can have when it is put into a string."""
    match value:
        case Str(options):
            return options
        case Thing(_, hole):
            return ((hole,),)
        case Items(items):
            return joined(literal(", "), items).options
        case Table():
            return joined(literal(", "), (*value.keys.items, *value.values.items)).options


def concat(values: Iterable[Value]) -> Str:
    """Texts put one behind the other, in every combination up to a bound."""
    options: tuple[Parts, ...] = ((),)
    for value in values:
        texts = pasted(value)
        if len(options) * len(texts) > 1:
            options = _riskiest([_glue(left, right) for left in options for right in texts])
        else:
            options = (_glue(options[0], texts[0]),)
    return Str(options)


def joined(separator: Value, items: Sequence[Value]) -> Str:
    """`separator.join(items)`."""
    spaced: list[Value] = []
    for item in items:
        spaced += (separator, item) if spaced else (item,)
    return concat(spaced)


def either(left: Value, right: Value) -> Value:
    """What a name holds where two ways meet. A text that only grew on one way is taken as grown."""
    if left == right:
        return left
    match left, right:
        case Items(a, open_a), Items(b, open_b):
            if _starts(a, b) or _starts(b, a):
                return Items(max(a, b, key=len), open_a or open_b)
            if len(a) == len(b) and not (open_a or open_b):
                # One of two pairs: what stands first stays first.
                return Items(tuple(either(x, y) for x, y in zip(a, b, strict=True)))
            return Items(tuple(dict.fromkeys((*a, *b))), True)
        case Table(), Table():
            return Table(tuple(dict.fromkeys((*left.pairs, *right.pairs))), True)
        case Thing(), Thing() if left.kind == right.kind and left.kind != "ref":
            return left
        case Thing(kind), Str() if kind != "ref" and _nothing(right):
            return left
        case Str(), Thing(kind) if kind != "ref" and _nothing(left):
            return right
    options = [*pasted(left), *pasted(right)]
    kept = [
        o for o in options if not any(o is not other and len(o) <= len(other) and _grows(o, other) for other in options)
    ]
    return Str(_riskiest(kept or options))


def bounded(value: Items | Table) -> Items | Table:
    """The collection, or what its items have in common when it is too large to be followed."""
    left = _HEAVIEST
    stack: list[Value] = [value]
    while stack and left >= 0:
        left -= 1
        top = stack.pop()
        if isinstance(top, Items):
            stack += top.items[: left + 2]
        elif isinstance(top, Table):
            stack += (part for pair in top.pairs[: left + 2] for part in pair)
    if left >= 0:
        return value
    return (
        Items(_common(value), True) if isinstance(value, Items) else Table(tuple((k, k) for k in _common(value)), True)
    )


def _common(value: Items | Table) -> tuple[Value, ...]:
    """The most dangerous of the first items of a heavy collection, as one."""
    first = (*value.items[:20],) if isinstance(value, Items) else (*value.keys.items[:20], *value.values.items[:20])
    scalars = [item for item in first if isinstance(item, Str)]
    return (max(scalars, key=lambda item: risk(item.options[0])),) if scalars else ()


def member(items: Items) -> Value | None:
    """Any one of a collection's items; nothing where none is known."""
    found: Value | None = None
    for item in items.items:
        found = item if found is None else either(found, item)
    return found


def mapped(value: Value, change: Callable[[Hole], Hole]) -> Value:
    """The same value with every hole changed."""
    match value:
        case Str(options):
            return Str(_riskiest([tuple(change(p) if isinstance(p, Hole) else p for p in parts) for parts in options]))
        case Items(items, more):
            return Items(tuple(mapped(item, change) for item in items), more)
        case Table(pairs, more):
            return Table(tuple((mapped(key, change), mapped(item, change)) for key, item in pairs), more)
        case Thing(kind, hole, name):
            return Thing(kind, change(hole), name)


def cleared(value: Value, origin: Origin) -> Value:
    """The same value after something made it harmless: compared with a list, converted, quoted."""
    return mapped(value, lambda hole: hole if hole.safe else replace(hole, origin=origin, open="", trail=()))


def through(value: Value, step: Step) -> Value:
    """The same value one step further on its way."""

    def further(hole: Hole) -> Hole:
        if hole.safe or len(hole.trail) >= _MOST_STEPS or (hole.trail and hole.trail[-1].at.line == step.at.line):
            return hole
        return replace(hole, trail=(*hole.trail, step))

    return mapped(value, further) if any(not hole.safe for hole in holes(value)) else value


def holes(value: Value) -> Iterator[Hole]:
    """Every hole of a value, in order."""
    match value:
        case Str(options):
            for parts in options:
                yield from (part for part in parts if isinstance(part, Hole))
        case Items(items):
            for item in items:
                yield from holes(item)
        case Table(pairs):
            for pair in pairs:
                yield from holes(pair[0])
                yield from holes(pair[1])
        case Thing(_, hole):
            yield hole


def worst(value: Value) -> Hole | None:
    """The hole to fear most; nothing when the value is literal."""
    return max(holes(value), key=lambda hole: _RISK.get(hole.origin, 0), default=None)


def harmless(value: Value) -> bool:
    """Whether the value's text stands in the source or cannot hold SQL."""
    return all(hole.origin in SAFE for hole in holes(value))


def plain(value: Value) -> str | None:
    """The text of a value that has exactly one, and that a literal one."""
    if not isinstance(value, Str) or len(value.options) != 1:
        return None
    parts = value.options[0]
    if any(isinstance(part, Hole) for part in parts):
        return None
    return "".join(part for part in parts if isinstance(part, str))


def risk(parts: Parts) -> int:
    """How much there is to fear in a text: the worst origin first, then the number of such holes."""
    ranks = [_RISK.get(part.origin, 0) for part in parts if isinstance(part, Hole)]
    return max(ranks, default=0) * 1000 + sum(1 for rank in ranks if rank)


def _riskiest(options: Sequence[Parts]) -> tuple[Parts, ...]:
    unique = list(dict.fromkeys(options))
    if len(unique) > 1:
        unique.sort(key=lambda parts: (-risk(parts), -len(parts)))
    return tuple(unique[:_MOST_OPTIONS])


def _glue(left: Parts, right: Parts) -> Parts:
    if not left or not right:
        return left or right
    last, first = left[-1], right[0]
    if isinstance(last, str) and isinstance(first, str):
        if len(last) + len(first) > _LONGEST_TEXT:
            return left
        return (*left[:-1], last + first, *right[1:])
    return left if len(left) >= _MOST_PARTS else left + right


def _grows(short: Parts, long: Parts) -> bool:
    """Whether `long` is `short` with more behind it."""
    if not short:
        return False
    if len(long) < len(short):
        return False
    last, grown = short[-1], long[len(short) - 1]
    if grown != last and not (isinstance(grown, str) and isinstance(last, str) and grown.startswith(last)):
        return False
    return long[: len(short) - 1] == short[:-1]


def _starts(short: tuple[Value, ...], long: tuple[Value, ...]) -> bool:
    return long[: len(short)] == short


def _nothing(value: Str) -> bool:
    return value.options == (("None",),)
