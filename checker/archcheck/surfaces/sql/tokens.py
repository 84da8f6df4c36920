"""Tokens are the words, names, strings and signs of SQL, with their exact places and nothing interpreted.

One pattern per dialect family finds the next token; quantifiers are possessive, so that scanning stays linear and an
unterminated quote is seen as such instead of being matched some other way.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["word", "name", "string", "number", "sign", "line", "block", "open", "dollar", "back"]


class Token(NamedTuple):
    """`text[start:end]` of its source. `key` is the upper-cased word or the sign; empty for quoted things and numbers.

    A quoted name is never a keyword: its `key` is empty, so `"primary"` and `PRIMARY` cannot be mixed up.
    """

    kind: Kind
    start: int
    end: int
    key: str


_PLAIN_STRING: Final = r"'[^']*+(?:''[^']*+)*+'"
_BACKSLASH_STRING: Final = r"'(?:[^'\\]++|\\.|'')*+'"
_DOUBLE: Final = r'"[^"]*+(?:""[^"]*+)*+"'
_DOUBLE_BACKSLASH: Final = r'"(?:[^"\\]++|\\.|"")*+"'
_BACKTICK: Final = r"`[^`]*+(?:``[^`]*+)*+`"
_BRACKET: Final = r"\[[^\]\r\n]*+\]"
_TEMPLATED: Final = r"\{\{[^{}]*+\}\}(?=\s*+\.)"
"""A schema that a template puts in: `{{ index .Options "Namespace" }}.users`."""


def pattern(dialect: str) -> re.Pattern[str]:
    """The token pattern of a dialect; the name of the group that matched is the token's kind."""
    if dialect in ("mysql", "clickhouse"):
        return _MYSQL
    return {"sqlite": _SQLITE, "tsql": _TSQL}.get(dialect, _POSTGRES)


def _build(string: str, name: str, *, line: str = "--", dollar: bool = False, back: bool = False) -> re.Pattern[str]:
    parts = [
        rf"(?P<string>{string})",
        rf"(?P<name>{name}|{_TEMPLATED})",
        r"""(?P<open>[eE]'|['"`])""",
        r"(?P<word>[^\W\d][\w$]*+)",
        rf"(?P<line>(?:{line})[^\r\n]*+)",
        r"(?P<block>/\*)",
        r"(?P<number>\d[\w.]*+)",
    ]
    if dollar:
        parts.append(r"(?P<dollar>\$(?:[^\W\d]\w*+)?+\$)")
    if back:
        parts.append(r"(?P<back>\\[^\r\n]*+)")
    return re.compile(rf"\s*+(?:{'|'.join(parts)}|(?P<sign>::|.))", re.DOTALL)


_POSTGRES: Final = _build(
    rf"[eE]{_BACKSLASH_STRING}|(?:[bBxXnN]|[uU]&)?{_PLAIN_STRING}",
    rf"(?:[uU]&)?{_DOUBLE}|{_BACKTICK}",
    dollar=True,
    back=True,
)
_MYSQL: Final = _build(rf"{_BACKSLASH_STRING}", rf"{_BACKTICK}|{_DOUBLE_BACKSLASH}", line="--|[#]")
_SQLITE: Final = _build(_PLAIN_STRING, rf"{_DOUBLE}|{_BACKTICK}|{_BRACKET}")
_TSQL: Final = _build(rf"[nN]?{_PLAIN_STRING}", rf"{_DOUBLE}|{_BRACKET}")

_NESTING: Final = re.compile(r"/\*|\*/")


def comment_end(text: str, start: int, end: int, *, nested: bool) -> int:
    """Where the block comment that starts at `start` ends (exclusive), or -1. PostgreSQL nests them, others do not."""
    if not nested:
        close = text.find("*/", start + 2, end)
        return -1 if close < 0 else close + 2
    depth = 0
    for mark in _NESTING.finditer(text, start, end):
        depth += 1 if mark.group() == "/*" else -1
        if not depth:
            return mark.end()
    return -1
