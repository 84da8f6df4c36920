"""Paths: how they join, and what stands in them as parameters."""

from __future__ import annotations

import re
from typing import Final

from archcheck.surfaces.python.routes_kin import KIN
from archcheck.surfaces.python.routes_kin_facts import templated
from archcheck.surfaces.python.routes_values import Func

_CURLY: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")
_ANGLE: Final = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


def joined(prefix: str, path: str) -> str:
    """A path behind its prefix."""
    if prefix.endswith("/") and path.startswith("/"):
        return prefix[:-1] + path
    return prefix + path


def parsed(path: str, handler: Func | None, family: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The path with its parameters as `{name}`, and their names and types."""
    found: list[tuple[str, str]] = []
    notes = {param.name: param.note for param in handler.function.params} if handler is not None else {}

    def curly(match: re.Match[str]) -> str:
        name, kind = match.group(1), match.group(2) or ""
        note = notes.get(name)
        found.append((name, kind or (getattr(note, "id", "") if note is not None else "")))
        return f"{{{name}}}"

    def angle(match: re.Match[str]) -> str:
        found.append((match.group(2), match.group(1) or "string"))
        return f"{{{match.group(2)}}}"

    if family in KIN:
        return templated(path, family)
    text = _ANGLE.sub(angle, path) if family in ("flask", "restx") else _CURLY.sub(curly, path)
    if not text.startswith("/"):
        text = f"/{text}"
    return text, tuple(found)
