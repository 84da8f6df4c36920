"""Allowing: the edits that accept a finding beside what it is about, in a comment, or as data where there are none.

A comment goes on a line of its own above, or behind the line where that would tear something apart. Whether it means
what it is meant to is asked of what reads such comments, so that none ends up within a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from archcheck.allow import scan
from archcheck.finding import Edit, Verdict
from archcheck.fixing import edited
from archcheck.source import Source, Unread

REASONS: Final = ("it is intended here", "it is a false alarm", "it is known, to be mended later")
"""What the editor offers to say. An acceptance without a reason would be a finding of its own."""

_KEY: Final = "x-archcheck-allow"
_OUTWARD: Final = 4
# Behind a value some readers of settings take a comment for a part of it.
_SETTINGS: Final = ("toml", "ini", "cfg", "env")
_SIGNS: Final = dict.fromkeys(("py", "pyi", "yaml", "yml", *_SETTINGS), "#") | dict.fromkeys(
    ("sql", "psql", "pgsql", "ddl"), "--"
)
_JSON: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_SPACE: Final = re.compile(r"\s*")


def comments(verdict: Verdict, source: Source, reason: str) -> Iterator[Edit]:
    """The edits that accept a finding in a comment, the best first; none where the file has no comments."""
    suffix = source.path.rpartition(".")[2].lower()
    sign = _SIGNS.get(suffix)
    if sign is None or verdict.at.path != source.path:
        return
    words = f"{sign} archcheck: allow[{verdict.rule}] {reason}"
    row = verdict.at.line
    line = source.line(row)
    indent = line[: len(line) - len(line.lstrip())]
    above = Edit(source.path, row, 1, row, 1, f"{indent}{words}\n")
    behind = Edit(source.path, row, len(line) + 1, row, len(line) + 1, f"  {words}")
    if not source.line(row - 1).rstrip().endswith("\\") and _covers(above, verdict, source, row + 1):
        yield above
    # Where the finding is about the file, it stays on the first line.
    if suffix not in _SETTINGS and _covers(behind, verdict, source, row):
        yield behind


def _covers(edit: Edit, verdict: Verdict, source: Source, row: int) -> bool:
    """Whether an edit brings an acceptance that holds for a row of the file as it is then."""
    after = source.with_text(edited(source, [edit]))
    before = len(scan(source))
    allows = scan(after)
    return len(allows) == before + 1 and any(
        verdict.rule in allow.rules and allow.first <= row <= allow.last and not allow.whole_file for allow in allows
    )


def entries(verdict: Verdict, source: Source, reason: str) -> Iterator[Edit]:
    """The edits that accept a finding in a JSON document, as data of an object around it, the innermost first."""
    if not source.path.lower().endswith(".json") or verdict.at.path != source.path:
        return
    try:
        text, starts = source.text, source.starts
    except Unread:
        return
    if verdict.at.line > len(starts):
        return
    member = f"{json.dumps(verdict.rule)}: {json.dumps(reason)}"
    for opening in _around(text, starts[verdict.at.line - 1] + verdict.at.column - 1)[:_OUTWARD]:
        held = _held(text, opening)
        if held:
            yield _inserted(source, held, member)
        elif held is not None:
            yield _inserted(source, opening, f"{json.dumps(_KEY)}: {{{member}}}")


def _around(text: str, offset: int) -> list[int]:
    """Where the objects around an offset open, from the inside out; the first may be the value of the key there."""
    open_at: list[int] = []
    for token in _JSON.finditer(text):
        if token.start() >= offset:
            break
        if token.group() in "{[":
            open_at.append(token.start())
        elif token.group() in "}]" and open_at:
            open_at.pop()
    key = _JSON.match(text, offset)
    if key is not None and key.group()[0] == '"':
        colon = _after(text, key.end())
        value = _after(text, colon + 1)
        if text[colon : colon + 1] == ":" and text[value : value + 1] == "{":
            open_at.append(value)
    elif key is not None and key.group() == "{":
        open_at.append(offset)
    return [at for at in reversed(open_at) if text[at] == "{"]


def _held(text: str, opening: int) -> int | None:
    """Where the acceptances that an object has open; 0 where it has none, None where they are no object."""
    depth = 0
    for token in _JSON.finditer(text, opening):
        word = token.group()
        depth += (word in "{[") - (word in "}]")
        if depth == 0:
            return 0
        colon = _after(text, token.end())
        if depth == 1 and word == f'"{_KEY}"' and text[colon : colon + 1] == ":":
            value = _after(text, colon + 1)
            return value if text[value : value + 1] == "{" else None
    return 0


def _inserted(source: Source, opening: int, member: str) -> Edit:
    """The edit that gives an object one more member, before its first and in its style."""
    text = source.text
    following = _after(text, opening + 1)
    gap = text[opening + 1 : following]
    empty = text[following : following + 1] == "}"
    at = source.location(opening)
    column = at.column + 1
    inside = member if empty else f"{member}, "
    if not empty and ("\n" in gap or "\r" in gap):
        next_line = source.location(following)
        inside = f"\n{source.line(next_line.line)[: next_line.column - 1]}{member},"
    return Edit(source.path, at.line, column, at.line, column, inside)


def _after(text: str, offset: int) -> int:
    space = _SPACE.match(text, offset)
    return space.end() if space is not None else offset
