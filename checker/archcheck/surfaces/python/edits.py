"""Edits of Python source: the few changes that findings propose, made only where every position is certain."""

from __future__ import annotations

from archcheck.finding import Edit, Fix
from archcheck.source import Location

_RETURN = len("return ")


def fixing(title: str, edits: tuple[Edit, ...], *, safe: bool = False) -> Fix | None:
    """A fix of these edits; None where there is nothing to edit."""
    return Fix(title, edits, safe) if edits else None


def raised(value: Location) -> tuple[Edit, ...]:
    """`raise` in place of the `return` before a value that stands on its line.

    Where it is written in another way the result is no Python, and the fix is dropped.
    """
    start = value.column - _RETURN
    return (Edit(value.path, value.line, start, value.line, value.column, "raise "),) if start > 0 else ()


def moved(path: str, line: int, text: str, below: int) -> tuple[Edit, ...]:
    """A whole line, moved to stand above another one further down."""
    return (Edit(path, line, 1, line + 1, 1, ""), Edit(path, below, 1, below, 1, f"{text}\n"))
