"""Values put together as Python would: sums, formats, comparisons, and the methods that make one text of another.

Lengths are bounded before anything is made: the files that are read are nobody's friends.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final


class Unknown:
    """The value of what is computed when the migration runs."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

_LONGEST: Final = 1_000_000
_FIELD: Final = re.compile(r"\{\{|\}\}|\{(\w*)\}")
_PERCENT: Final = re.compile(r"%(?:%|s|d|\((\w+)\)[sd])")
_PLAIN: Final = frozenset({"strip", "lstrip", "rstrip", "lower", "upper", "capitalize", "splitlines", "title"})
_COMPARED: Final[Mapping[type[ast.cmpop], Callable[[object, object], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ORDERED: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_WITH_TEXT: Final = frozenset(
    {"strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "startswith", "endswith", "split", "rsplit"}
)


def together(parts: Sequence[object]) -> object:
    """The parts of an f-string as one text."""
    if all(isinstance(part, str | int | float) or part is None for part in parts):
        try:
            text = "".join(map(str, parts))
        except ValueError:  # a number of thousands of digits
            return UNKNOWN
        return text if len(text) <= _LONGEST else UNKNOWN
    return UNKNOWN


def added(left: object, right: object) -> object:
    """What `+` makes of two texts, numbers or sequences."""
    if isinstance(left, str) and isinstance(right, str):
        return together([left, right])
    if isinstance(left, list) and isinstance(right, list):
        return [*left, *right]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return (*left, *right)
    return left + right if isinstance(left, int) and isinstance(right, int) else UNKNOWN


def percent(text: object, given: object) -> object:
    """`"%s" % given`, with plain fields only."""
    if not isinstance(text, str) or text.count("%") != sum(m.group().count("%") for m in _PERCENT.finditer(text)):
        return UNKNOWN
    positional = list(given) if isinstance(given, tuple) else [given]
    named = given if isinstance(given, dict) else {}
    found: list[object] = []
    end = 0
    for match in _PERCENT.finditer(text):
        found.append(text[end : match.start()])
        end = match.end()
        if match.group() == "%%":
            found.append("%")
        elif match.group(1):
            found.append(named.get(match.group(1), UNKNOWN))
        else:
            found.append(positional.pop(0) if positional else UNKNOWN)
    return together([*found, text[end:]])


def method(text: str, name: str, given: Sequence[object], named: Mapping[str, object]) -> object:
    """What a method of a text returns, `UNKNOWN` for those and for arguments that are not followed."""
    if name == "format":
        return _formatted(text, given, named)
    if named:
        return UNKNOWN
    if name in _PLAIN and not given:
        return getattr(text, name)()
    if name == "join" and len(given) == 1 and isinstance(given[0], tuple | list):
        items = list(given[0])
        return (
            together([part for item in items for part in (text, item)][1:]) if all(_text(i) for i in items) else UNKNOWN
        )
    texts = [item for item in given if isinstance(item, str)]
    if len(texts) != len(given):
        return UNKNOWN
    if name in _WITH_TEXT and len(texts) == 1 and texts[0]:
        return getattr(text, name)(texts[0])
    if name == "split" and not texts:
        return text.split()
    if name == "replace" and len(texts) == 2 and texts[0]:
        grown = len(text) + text.count(texts[0]) * len(texts[1])
        return text.replace(texts[0], texts[1]) if grown <= _LONGEST else UNKNOWN
    return UNKNOWN


def _text(item: object) -> bool:
    return isinstance(item, str)


def _formatted(text: str, given: Sequence[object], named: Mapping[str, object]) -> object:
    """`"{} {name}".format(...)`, with plain fields only."""
    if re.search(r"[{}]", _FIELD.sub("", text)):
        return UNKNOWN
    found: list[object] = []
    end = count = 0
    for match in _FIELD.finditer(text):
        found.append(text[end : match.start()])
        end = match.end()
        field = match.group(1)
        if field is None:
            found.append(match.group()[0])
        elif field and not field.isdecimal():
            found.append(named.get(field, UNKNOWN))
        else:
            place = int(field) if field else count
            count += 1
            found.append(given[place] if place < len(given) else UNKNOWN)
    return together([*found, text[end:]])


def holds(operators: list[ast.cmpop], sides: list[object]) -> object:
    """Whether a chain of comparisons holds."""
    for position, kind in enumerate(map(type, operators)):
        left, right = sides[position], sides[position + 1]
        if kind in (ast.In, ast.NotIn):
            found = _within(left, right)
            if found is UNKNOWN:
                return UNKNOWN
            if found != (kind is ast.In):
                return False
        elif kind in _COMPARED:
            if not _sure(left) or not _sure(right):
                return UNKNOWN
            if not _COMPARED[kind](left, right):
                return False
        elif not isinstance(left, int | float) or not isinstance(right, int | float):
            return UNKNOWN
        elif not _ORDERED[kind](left, right):
            return False
    return True


def _within(left: object, right: object) -> object:
    """Whether one value is in another."""
    if isinstance(right, str):
        return left in right if isinstance(left, str) else UNKNOWN
    if isinstance(right, dict):
        return left in right if isinstance(left, str | int) else UNKNOWN
    if isinstance(right, frozenset):
        return left in right if isinstance(left, str | int) or left is None else UNKNOWN
    if isinstance(right, tuple | list) and _sure(left) and (left in right or _sure(right)):
        return left in right
    return UNKNOWN


def _sure(known: object) -> bool:
    """Whether a value is known with all that it holds."""
    if isinstance(known, tuple | list | dict):
        return all(map(_sure, known.values() if isinstance(known, dict) else known))
    return known is not UNKNOWN


def converted(name: str, known: object) -> object:
    """What `int`, `bool` or `len` makes of a value."""
    if name == "int" and isinstance(known, str | int):
        try:
            return int(known)
        except ValueError:
            return UNKNOWN
    if name == "len" and isinstance(known, str | tuple | list | dict | frozenset):
        return len(known)
    return bool(known) if name == "bool" and known is not UNKNOWN else UNKNOWN
