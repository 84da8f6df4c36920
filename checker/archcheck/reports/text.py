"""Text for people: what is untrusted made harmless and visible, and measured in the cells of a terminal.

Names, messages and source lines come from the files that are checked. Printed as they are, they could move the
cursor, recolour the screen or reverse the reading order, so whatever does not print is shown as its escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_SPACES = re.compile(r"[ \n\r\t\f\v]+")


def visible(text: str) -> str:
    """The text with every character that does not print (control, bidi, zero-width ...) as `\\x1b`, `\\u202e`."""
    return text if text.isprintable() else "".join(map(shown, text))


def shown(char: str) -> str:
    """One character as it may be printed."""
    if char.isprintable() or unicodedata.category(char) == "Zs":
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cells(text: str) -> int:
    """How many terminal cells a printable text fills."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def wrap(text: str, width: int, first: int | None = None) -> list[str]:
    """Break visible text at spaces into lines of at most `width` cells, the first one of at most `first`.

    A word that is longer than a line is broken where the line ends. There is always at least one line.
    """
    lines: list[str] = []
    line, used, room = "", 0, width if first is None else first
    for word in _words(_SPACES.sub(" ", text).strip(), max(width, 1)):
        needed = cells(word)
        if line and used + 1 + needed > room:
            lines.append(line)
            line, used, room = word, needed, width
        elif line:
            line, used = f"{line} {word}", used + 1 + needed
        elif not lines and first is not None and needed > room:
            lines.append("")
            line, used, room = word, needed, width
        else:
            line, used = word, needed
    return [*lines, line]


def cut(text: str, length: int) -> str:
    """At most `length` characters of a text, ended by `…` at a word's end when something was left out."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    space = head.rfind(" ")
    return (head[:space] if space > length // 2 else head).rstrip() + "…"


def one_line(text: str) -> str:
    """A text with every run of white space made one space."""
    return _SPACES.sub(" ", text).strip()


def listed(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = list(items) or [""]
    return f"{', '.join(head)} and {last}" if head else last


def counted(number: int, plural: str) -> str:
    """`1 spec`, `2 specs`, `2,900 histories`; the noun is given in the plural."""
    return f"{number:,} {singular(plural) if number == 1 else plural}"


def singular(plural: str) -> str:
    """The singular of the regular plurals that surfaces use as nouns."""
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    if plural.endswith(("sses", "xes", "ches", "shes")):
        return plural[:-2]
    return plural.removesuffix("s")


def _words(text: str, width: int) -> Iterable[str]:
    for word in text.split(" "):
        while cells(word) > width:
            size = _fitting(word, width)
            yield word[:size]
            word = word[size:]
        if word:
            yield word


def _fitting(word: str, width: int) -> int:
    """How many characters of a word fit a width; at least one."""
    used = 0
    for index, char in enumerate(word):
        used += _cells_of(char)
        if used > width:
            return max(index, 1)
    return len(word)


def _cells_of(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
