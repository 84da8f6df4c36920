"""GitHub's hash of a line, by which code scanning recognises an alert after the file has changed.

Computed exactly as the upload action of code scanning does, because it warns about any other value: it is a polynomial
of base 37 modulo 2**64 over the 100 UTF-16 units that follow the start of the line, without spaces and tabs, every
line break one line feed, the end of the file marked by 0xFFFF and followed by zeros; in hexadecimal, with a number
that counts equal hashes up to that line.
"""

from __future__ import annotations

import itertools
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

_BASE = 37
_WINDOW = 100
_MASK = 2**64 - 1
_DROP = _BASE**_WINDOW & _MASK
_STRETCH = 1 << 16
_NATIVE = f"utf-16-{'le' if sys.byteorder == 'little' else 'be'}"
_BREAKS = re.compile("\r\n?")


def line_hashes(data: bytes, numbers: Iterable[int]) -> dict[int, str]:
    """The hashes of the given lines, counted from 1, of a file; lines it does not have are left out.

    The bytes are read as UTF-8 whatever they are, with a byte order mark as a character, as the action reads them.
    """
    wanted = set(numbers)
    last = max(wanted, default=0)
    text = _BREAKS.sub("\n", data.decode("utf-8", "replace")).replace(" ", "").replace("\t", "")
    seen: Counter[int] = Counter()
    found: dict[int, str] = {}
    for number, value in zip(range(1, last + 1), _hashes(text), strict=False):
        seen[value] += 1
        if number in wanted:
            found[number] = f"{value:x}:{seen[value]}"
    return found


def _hashes(text: str) -> Iterator[int]:
    """The hash of every line of a text that is already stripped, in order."""
    units = array("H", f"{text}\uffff".encode(_NATIVE))
    units.extend([0] * _WINDOW)
    # With the polynomial of every prefix at hand, that of a window is one subtraction. Only the prefixes of one stretch
    # are kept, and of the window before it: those of a large file would fill the memory.
    base, prefixes = 0, [0]
    for start in itertools.chain([0], _starts(units)):
        while start + _WINDOW >= base + len(prefixes):
            done = base + len(prefixes) - 1
            prefixes = prefixes[-_WINDOW - 1 : -1] + list(
                itertools.accumulate(units[done : done + _STRETCH], _step, initial=prefixes[-1])
            )
            base = max(done - _WINDOW, 0)
        yield prefixes[start + _WINDOW - base] - prefixes[start - base] * _DROP & _MASK


def _starts(units: array[int]) -> Iterator[int]:
    """The offset after each line feed."""
    at = 0
    while True:
        try:
            at = units.index(10, at) + 1
        except ValueError:
            return
        yield at


def _step(value: int, unit: int) -> int:
    return (value * _BASE + unit) & _MASK
