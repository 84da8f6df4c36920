"""Holds the plain constraints of two schemas against each other: does the wide one allow what the narrow one does?"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from archcheck.surfaces.contract.compat_atoms import LIMITS, Atom, Bound, common
from archcheck.surfaces.contract.compat_events import Doubt, Event, Face
from archcheck.surfaces.contract.compat_objects import objects
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.openapi.place import Place

_SCALARS: Final = frozenset({"boolean", "integer", "number"})
_NUMBERS: Final = frozenset({"integer", "number"})
_WIDTHS: Final = {"int32": 0, "int64": 1, "float": 0, "double": 1}
_APART: Final = frozenset(
    "byte binary date date-time time duration uuid email uri ipv4 ipv6 int32 int64 float double".split()
)
"""Formats of which no two describe the same texts, or where each is a width of its own."""
_WORDS: Final = {bound: word for word, bound in reversed(LIMITS.items()) if not word.startswith("exclusive")}
_SHOWN: Final = 6


def weigh(narrow: Atom, wide: Atom, face: Face, base: Shapes, revision: Shapes) -> Iterator[Event]:
    """Everything that the narrow one allows and the wide one does not; pairs of their parts are left to be weighed."""
    if wide.bare:
        return
    if narrow.bare:
        if face.answers:
            at = (narrow.place, wide.type_place)
            yield face.limit("type", *at, ("anything", spoken(wide.types)), sure=False)
        else:
            yield Doubt("schemas that said nothing before")
        return
    lost = _lost(narrow, wide, face)
    if lost:
        words = (spoken(narrow.types), spoken(wide.types))
        yield face.limit("type", narrow.type_place, wide.type_place, words)
    if lost == narrow.types:
        return
    yield from _opaque(narrow, wide)
    if wide.values is not None or narrow.values is not None:
        yield from _values(narrow, wide, face)
        return
    yield from _bounds(narrow, wide, face)
    yield from _texts(narrow, wide, face)
    if "array" in narrow.types & wide.types and wide.items:
        if narrow.items:
            yield face.step(narrow.items, wide.items)
        else:
            yield Doubt("items that said nothing")
    if "object" in narrow.types & wide.types:
        yield from objects(narrow, wide, face, base, revision)


def _lost(narrow: Atom, wide: Atom, face: Face) -> frozenset[str]:
    """The types that the wide one does not allow. In a parameter every scalar is text, and any text is a string."""
    allowed = wide.types | ({"integer"} if "number" in wide.types else set())
    if face.side == "parameter" and "string" in wide.types and _free(wide):
        allowed |= _SCALARS
    if face.side == "parameter" and narrow.types == {"string"} and _spells(narrow, allowed):
        allowed |= narrow.types
    return narrow.types - allowed


def _spells(narrow: Atom, allowed: frozenset[str]) -> bool:
    """Whether the texts that it lists are truth values or whole numbers, which are allowed: the same in an address."""
    texts = [_bare(text) for text in narrow.values or ()]
    if "boolean" in allowed and texts and {"true", "false"}.issuperset(texts):
        return True
    return "integer" in allowed and bool(texts) and all(text.removeprefix("-").isdecimal() for text in texts)


def _bare(value: str) -> str:
    """A value as it stands in an address: a number and its text are one there."""
    return value.removeprefix('"').removesuffix('"')


def _free(wide: Atom) -> bool:
    return wide.values is None and not wide.patterns and not wide.formats


def _opaque(narrow: Atom, wide: Atom) -> Iterator[Event]:
    for word, value in wide.opaque:
        if (word, value) not in narrow.opaque or "$ref" in str(value):
            yield Doubt(f"schemas with '{word}'")


def _values(narrow: Atom, wide: Atom, face: Face) -> Iterator[Event]:
    if wide.values is None:
        if wide.bounds or wide.patterns or wide.formats or wide.multiples or wide.items or wide.required:
            yield Doubt("listed values against bounds")
        return
    listed = next(iter(wide.values.values()), None)
    home = listed.parent if listed is not None and isinstance(listed.key, int) else listed
    if narrow.values is None:
        if narrow.types != {"boolean"} or not {"true", "false"} <= wide.values.keys():
            yield face.limit("values", narrow.type_place, home, ("any", "a list"), values=_shown(wide))
        return
    written = _bare if face.side == "parameter" else str
    kept = set(map(written, wide.values))
    extra = [place for text, place in narrow.values.items() if written(text) not in kept]
    if extra:
        mine = extra[0].parent if isinstance(extra[0].key, int) else extra[0]
        places = (extra[0], home) if face.answers else (mine, home)
        words = (f"{len(narrow.values)} values", f"{len(wide.values)} values")
        yield face.limit("values", *places, words, values=tuple(_text(place) for place in extra))


def _shown(atom: Atom) -> tuple[str, ...]:
    return tuple(_text(place) for place in (atom.values or {}).values())


def _text(place: Place) -> str:
    return place.node if isinstance(place.node, str) else str(place.node)


def _bounds(narrow: Atom, wide: Atom, face: Face) -> Iterator[Event]:
    """A bound that is set where there was none may write down what always held: it is not sure."""
    for (kind, upper), bound in wide.bounds.items():
        if not (common(narrow.types, wide.types) & (_NUMBERS if kind == "number" else {kind})):
            continue
        mine = narrow.bounds.get((kind, upper))
        if "number" not in narrow.types and kind == "number":
            bound, mine = _whole(bound, upper), _whole(mine, upper) if mine is not None else None
        if mine is None or bound.tighter(mine, upper):
            word = _WORDS[kind, upper]
            words = (_bounded(word, mine), _bounded(word, bound))
            yield face.limit("bounds", mine.place if mine else None, bound.place, words, sure=mine is not None)
    for size, place in wide.multiples.items():
        if not common(narrow.types, wide.types) & _NUMBERS or _divides(size, narrow):
            continue
        theirs = next(iter(narrow.multiples), None)
        words = (f"multipleOf {theirs}" if theirs else "no multipleOf", f"multipleOf {size}")
        yield face.limit("bounds", narrow.multiples.get(theirs or 0), place, words, sure=theirs is not None)
    if wide.unique is not None and narrow.unique is None and "array" in narrow.types:
        yield face.limit("bounds", None, wide.unique, ("equal items", "uniqueItems"), sure=False)


def _whole(bound: Bound, upper: bool) -> Bound:
    """The bound of integers in its plain form: what is above 0 starts at 1."""
    value = bound.value
    if type(value) is float and not value.is_integer():
        return Bound(int(value // 1) if upper else -int(-value // 1), False, bound.place)
    return Bound(int(value) + (0 if not bound.exclusive else -1 if upper else 1), False, bound.place)


def _bounded(word: str, bound: Bound | None) -> str:
    if bound is None:
        return f"no {word}"
    return f"{word} {bound.value}" + (" (exclusive)" if bound.exclusive else "")


def _divides(size: int | float, narrow: Atom) -> bool:
    sizes = [*narrow.multiples, *([1] if "number" not in narrow.types else [])]
    return any(Fraction(str(one)) % Fraction(str(size)) == 0 for one in sizes)


def _texts(narrow: Atom, wide: Atom, face: Face) -> Iterator[Event]:
    if "string" in narrow.types & wide.types:
        for pattern, place in wide.patterns.items():
            if pattern in narrow.patterns:
                continue
            if face.answers:
                yield Doubt("patterns of responses")
            else:
                mine = next(iter(narrow.patterns), "")
                words = (f"'{mine}'" if mine else "any text", f"'{pattern}'")
                yield face.limit("pattern", narrow.patterns.get(mine), place, words)
    for name, place in wide.formats.items():
        if name in narrow.formats:
            continue
        other = next((one for one in narrow.formats if one in _APART), "")
        if not other or name not in _APART:
            yield Doubt("formats that came or went")
        elif _WIDTHS.get(other, 1) >= _WIDTHS.get(name, 0) or (other in _WIDTHS) != (name in _WIDTHS):
            yield face.limit("type", narrow.formats[other], place, (f"'{other}'", f"'{name}'"))


def spoken(names: frozenset[str] | tuple[str, ...]) -> str:
    """Types or alternatives in a sentence."""
    ordered = sorted(names) if isinstance(names, frozenset) else list(names)
    shown = ordered[:_SHOWN]
    rest = len(ordered) - len(shown)
    return " or ".join(shown) + (f" or {rest} more" if rest else "") if shown else "nothing"
