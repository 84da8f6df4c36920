"""The line hash is the one that GitHub's upload action computes.

The expected values were printed by the action's own code (codeql-action, `src/fingerprints.ts`) run under Node.
"""

from __future__ import annotations

import pytest

from archcheck.reports.linehash import line_hashes

EMPTY = "c129715d7a2bc9a3:1"

CASES = {
    "empty": (b"", [EMPTY]),
    "spaces and tabs are dropped": (
        b" a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    "CRLF": (b"one\r\ntwo\r\n", ["4459a8970ff1f2cf:1", "339c9e69aebadc6b:1", EMPTY]),
    "CR and LF apart": (
        b"one\r \ntwo\r\r\nthree",
        ["606a741ff8763b83:1", "db3ef2d3121e2ddf:1", "b7f8f27b9f3c0ed1:1", "5ff58b2f1ce0cba9:1", "e65cf7c92d5cdd03:1"],
    ),
    "equal lines are counted": (
        b"same line\n" * 3 + b"end",
        ["c6d6693ce6aef5fa:1", "cbd3f8671708f312:1", "64c337e568a4e08a:1", "43b6461eda086fe2:1"],
    ),
    "longer than the window": (
        b"x" * 250 + b"\n" + b"y" * 99 + b"\n" + b"z" * 100,
        ["52b56201ffb58620:1", "cadd4b5b9d92c4ad:1", "430534b53b700418:1"],
    ),
    "byte order mark is a character": (b"\xef\xbb\xbfopenapi: 3.1.0\n", ["a2a38d2a36f29e62:1", EMPTY]),
    "an emoji is two units": (
        "title: \U0001f4e6 注文\nnext: é\n".encode(),
        ["18d1b07de2d025af:1", "b80e0571a3954e23:1", EMPTY],
    ),
    "not UTF-8": (b"caf\xe9 \xf0\x9f\x93 \xff\xfe\nnext\n", ["8421e7534211a12c:1", "a5f9e5dec441e0b8:1", EMPTY]),
    "UTF-16 is read as UTF-8": (
        "ab\ncd\n".encode("utf-16-le"),
        ["ccdc6a3139f4eda1:1", "869068b5f48812d8:1", "dbb503105d3f7427:1"],
    ),
    "unequal lines of equal hash are counted together": (
        b"a~" + b"k" * 98 + b"\nbY" + b"k" * 98 + b"\n",
        ["c4c6d75e16f294cd:1", "c4c6d75e16f294cd:2", EMPTY],
    ),
    "other separators are text": ("a\u2028b\x0bc\x0cd\x85e\nf".encode(), ["c9fdeb95ed69ae9e:1", "b58ed36d58db1d35:1"]),
}


@pytest.mark.parametrize("name", CASES)
def test_hash_is_that_of_the_action(name: str) -> None:
    data, expected = CASES[name]
    assert list(line_hashes(data, range(1, len(expected) + 1)).values()) == expected


def test_only_asked_lines_that_exist_are_hashed() -> None:
    assert line_hashes(b"same line\n" * 3 + b"end", [3, 99]) == {3: "64c337e568a4e08a:1"}


def test_hash_does_not_depend_on_where_a_stretch_ends() -> None:
    """A large file is hashed in stretches; the slow definition, line by line, knows of none."""
    data = b"".join(b"%d:%s\n" % (number, b"v" * (number % 300)) for number in range(2_000))
    lines = data.split(b"\n")
    wanted = [1, 400, 401, 437, 438, 439, 874, 875, 1_000, 1_999, 2_000, 2_001]
    assert line_hashes(data, wanted) == {number: _slow(lines, number) for number in wanted}


def _slow(lines: list[bytes], number: int) -> str:
    units = [*b"\n".join(lines[number - 1 :])[:100], 0xFFFF, *[0] * 100][:100]
    value = 0
    for unit in units:
        value = value * 37 + unit
    return f"{value % 2**64:x}:1"
