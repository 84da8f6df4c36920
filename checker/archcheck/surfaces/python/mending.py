"""Mending finds the edits that a call, a comparison or a log message needs; none where its text is not a plain one."""

from __future__ import annotations

import ast
import re
from typing import Final

from archcheck.finding import Edit
from archcheck.surfaces.python.parse import Places

_EQUALS: Final = re.compile(r"\s*[!=]=\s*")
_HOLE: Final = re.compile(r"\{([A-Za-z_][\w.]*(?:\[\w+\]|\(\))?)(?:!([rs]))?\}")
_MESSAGE: Final = re.compile(r"[fF]([\"'])((?:(?!\1)[^\\])*)\1")


def with_argument(call: ast.Call, text: str, places: Places) -> tuple[Edit, ...]:
    """A call with one more keyword argument, at its end."""
    line, column = call.end_lineno or 0, (call.end_col_offset or 0) - 1
    given: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
    if any(isinstance(node, ast.GeneratorExp) for node in call.args) and len(given) == 1:
        return ()  # a lone generator has the call's own parentheses
    last = max(given, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0), default=None)
    start = (last or call.func).end_lineno, (last or call.func).end_col_offset
    if start[0] is None or start[1] is None:
        return ()
    tail = _between(start[0], start[1], line, column, places)
    if last is None:
        return _insert(line, column, text, places) if tail == "(" else ()
    if re.fullmatch(r"\)*\s*,\s*", tail) and start[0] == line:
        return _insert(line, column, f" {text}" if tail.endswith(",") else text, places)
    if re.fullmatch(r",\n\s*", tail):
        indent = re.match(r"\s*", places.written(start[0]))
        margin = indent.group() if indent is not None else ""
        return _insert(start[0], start[1] + 1, f"\n{margin}{text},", places)
    return _insert(line, column, f", {text}", places) if re.fullmatch(r"\)*\s*", tail) else ()


def compared_safely(node: ast.Compare, name: str, places: Places) -> tuple[Edit, ...]:
    """A comparison by `==` or `!=` as a call of `name`."""
    left, right = node.left, node.comparators[0]
    line, column = left.end_lineno or 0, left.end_col_offset or 0
    between = _between(line, column, right.lineno, right.col_offset, places)
    if not _EQUALS.fullmatch(between):
        return ()  # an operand in parentheses, or a comment
    head = f"not {name}(" if isinstance(node.ops[0], ast.NotEq) else f"{name}("
    first, last = places.column(line, column), places.column(right.lineno, right.col_offset)
    return (
        *_insert(left.lineno, left.col_offset, head, places),
        Edit(places.path, line, first, right.lineno, last, ", "),
        *_insert(right.end_lineno or 0, right.end_col_offset or 0, ")", places),
    )


def with_arguments(call: ast.Call, message: ast.expr, places: Places) -> tuple[Edit, ...]:
    """A log call whose f-string becomes a message with `%s` and its values beside it.

    Only plain names in an f-string of one line are taken out; the interpreters count columns in others differently.
    """
    alone = call.args[-1] is message and not call.keywords
    if not alone or not isinstance(message, ast.JoinedStr) or message.lineno != message.end_lineno:
        return ()
    line = message.lineno
    start, end = (places.column(line, offset) for offset in (message.col_offset, message.end_col_offset or 0))
    text = places.written(line)[start - 1 : end - 1]
    match = _MESSAGE.fullmatch(text)
    if match is None:
        return ()
    quote, body = match.groups()
    plain = _HOLE.sub("", body)
    if "{" in plain or "}" in plain or quote * 3 in text:
        return ()
    values = [hole.group(1) for hole in _HOLE.finditer(body)]
    constant = "".join(
        f"%{hole.group(2) or 's'}" if (hole := _HOLE.fullmatch(part)) else part.replace("%", "%%")
        for part in re.split(r"(\{[^{}]*\})", body)
    )
    return (Edit(places.path, line, start, line, end, f"{quote}{constant}{quote}, {', '.join(values)}"),)


def _between(line: int, column: int, end_line: int, end_column: int, places: Places) -> str:
    """The text between two positions, which count bytes as `ast` does."""
    if line == end_line:
        return places.written(line).encode()[column:end_column].decode("utf-8", "replace")
    first = places.written(line).encode()[column:].decode("utf-8", "replace")
    inner = [places.written(number) for number in range(line + 1, end_line)]
    return "\n".join([first, *inner, places.written(end_line).encode()[:end_column].decode("utf-8", "replace")])


def _insert(line: int, column: int, text: str, places: Places) -> tuple[Edit, ...]:
    at = places.column(line, column)
    return (Edit(places.path, line, at, line, at, text),)
