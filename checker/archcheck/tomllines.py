"""The line of every key in a TOML text, which the standard library's reader does not tell.

The text has been read by `tomllib` before, so it is well formed; this scan only follows tables, keys and brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Key: TypeAlias = tuple[str, ...]

_TOKEN = re.compile(
    r'''(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^']|'(?!''))*\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"""|(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<break>\n)|(?P<sign>[\[\]{}=.,])|(?P<bare>[^\s\[\]{}=.,"'\#]+|.)""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def key_lines(text: str) -> dict[Key, int]:
    """The 1-based line of each key by its full path, and of each string in a list under the list's path.

    `select = ["sql"]` gives a line to `("select",)` and to `("select", "sql")`. The first place of a key counts.
    """
    lines: dict[Key, int] = {}
    table: Key = ()
    for tokens in _statements(text):
        line = tokens[0][2]
        if tokens[0][1] == "[":
            table = tuple(_plain(kind, word) for kind, word, _ in tokens if kind != "sign")
            _remember(lines, table, line)
            continue
        key, value = _split(tokens)
        _remember(lines, table + key, line)
        _remember_inside(lines, table + key, value)
    return lines


_Token: TypeAlias = tuple[str, str, int]


def _statements(text: str) -> Iterator[list[_Token]]:
    """The tokens of one header or one `key = value` at a time, with their lines."""
    line, depth = 1, 0
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "", match.group()
        if kind in ("text", "bare", "sign"):
            tokens.append((kind, word, line))
            depth += (word in ("[", "{")) - (word in ("]", "}")) if kind == "sign" else 0
        elif kind == "break" and depth <= 0 and tokens:
            yield tokens
            tokens, depth = [], 0
        line += word.count("\n")
    if tokens:
        yield tokens


def _split(tokens: list[_Token]) -> tuple[Key, list[_Token]]:
    for index, (kind, word, _) in enumerate(tokens):
        if kind == "sign" and word == "=":
            return tuple(_plain(k, w) for k, w, _ in tokens[:index] if k != "sign"), tokens[index + 1 :]
    return (), []


def _remember_inside(lines: dict[Key, int], key: Key, value: list[_Token]) -> None:
    """Keys of inline tables one level down, and the strings of lists; deeper ones fall back on these lines."""
    for index, (kind, word, line) in enumerate(value):
        if kind == "sign":
            continue
        follows = value[index + 1][1] if index + 1 < len(value) else ""
        if kind == "text" or follows in ("=", "."):
            _remember(lines, (*key, _plain(kind, word)), line)


def _remember(lines: dict[Key, int], key: Key, line: int) -> None:
    """The line of a key, and of the tables above it that are named here first."""
    for depth in range(len(key), -1, -1):
        if key[:depth] in lines:
            break
        lines[key[:depth]] = line


def _plain(kind: str, word: str) -> str:
    if kind != "text":
        return word
    if word.startswith("'"):
        return word.strip("'")
    return _ESCAPE.sub(_unescaped, word.strip('"'))


def _unescaped(match: re.Match[str]) -> str:
    digits = match.group(1) or match.group(2)
    return chr(int(digits, 16)) if digits else _ESCAPED.get(match.group(3), match.group(3))
