"""The names PostgreSQL gives to constraints and indexes that have none: a later DROP or RENAME uses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final

from archcheck.surfaces.sql.parts import Part

_NAME_BYTES: Final = 63
_CALL: Final = re.compile(r"(?:\w+\.)?(\w+)\s*\([^()]*\)")


class Taken(Container[str]):
    """The names in use, looked up in full only for one that was ever given: histories have thousands."""

    def __init__(self, ever: set[str], in_use: Callable[[], set[str]]) -> None:
        self._ever = ever
        self._in_use = in_use
        self._found: set[str] | None = None

    def __contains__(self, name: object) -> bool:
        if name not in self._ever:
            return False
        if self._found is None:
            self._found = self._in_use()
        return name in self._found


def object_name(table: str, columns: str, label: str, taken: Container[str]) -> str:
    """`table_columns_label`, shortened at the longer part until it fits, with a number when it is taken.

    The rule is that of makeObjectName and ChooseRelationName in PostgreSQL's src/backend/commands/indexcmds.c.
    """
    number = 0
    while True:
        name = _fitted(table, columns, f"{label}{number or ''}")
        if name not in taken:
            return name
        number += 1


def part_name(part: Part) -> str:
    """What a key of an index contributes to its name: the column, the function that is called, or `expr`."""
    text = part.expression
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    call = _CALL.fullmatch(text)
    return part.key or (call.group(1).lower() if call else "expr")


def _fitted(table: str, columns: str, label: str) -> str:
    room = _NAME_BYTES - len(label) - 1 - (1 if columns else 0)
    first, second = table.encode(), columns.encode()
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    names = [part.decode("utf-8", "ignore") for part in (first, second) if part]
    return "_".join([*names, label])
