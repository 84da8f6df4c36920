"""What runners keep beside migrations: a plan, a journal, a sum; by these they are known, and the order with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from archcheck.source import Unread
from archcheck.surface import Files


class _Entry(Struct):
    tag: str
    idx: int = 0


class _Journal(Struct):
    entries: list[_Entry]


_SQLX: Final = re.compile(r"^\s*(?:sqlx\b|\[(?:[\w.-]+\.)?dependencies\.sqlx\])", re.MULTILINE)
_CHANGE: Final = re.compile(r"^\s*([^\s%@#\[+-][^\s]*)", re.MULTILINE)
# How far above its migrations a project states what it is built with.
_ABOVE: Final = 4


def drizzle_journal(folder: str, files: Files) -> list[str]:
    """The names of Drizzle's migrations in the order of its journal; empty without one."""
    path = f"{folder}/meta/_journal.json" if folder else "meta/_journal.json"
    if not files.exists(path):
        return []
    try:
        journal = msgspec.json.decode(files.open(path).data, type=_Journal)
    except (Unread, msgspec.DecodeError):
        return []
    return [f"{entry.tag}.sql" for entry in sorted(journal.entries, key=lambda entry: entry.idx)]


def sqitch_plan(folder: str, files: Files) -> list[str]:
    """The scripts of sqitch's changes in the order of its plan; empty without one. A reworked change comes once."""
    path = f"{folder}/sqitch.plan" if folder else "sqitch.plan"
    if not files.exists(path):
        return []
    try:
        text = files.open(path).text
    except Unread:
        return []
    found: list[str] = []
    tag = ""
    for line in text.splitlines():
        if match := re.match(r"\s*@(\S+)", line):
            tag = match.group(1)
        elif match := _CHANGE.match(line):
            name = match.group(1)
            if f"{name}.sql" in found:
                # Its former script was kept under the last tag before it was reworked.
                found[found.index(f"{name}.sql")] = f"{name}@{tag}.sql"
            found.append(f"{name}.sql")
    return found


def told_beside(folder: str, files: Files) -> str:
    """The runner of a folder of numbered files, as far as something beside it tells: atlas, supabase or sqlx."""
    if folder == "supabase/migrations" or folder.endswith("/supabase/migrations"):
        return "supabase"
    if files.exists(f"{folder}/atlas.sum" if folder else "atlas.sum"):
        return "atlas"
    if folder.rpartition("/")[2] == "migrations":
        for place in _above(folder):
            if files.exists(f"{place}Cargo.toml"):
                return "sqlx" if _says_sqlx(f"{place}Cargo.toml", files) else ""
    return ""


def _says_sqlx(path: str, files: Files) -> bool:
    try:
        return _SQLX.search(files.open(path).text) is not None
    except Unread:
        return False


def _above(folder: str) -> Iterator[str]:
    parts = folder.split("/")
    for count in range(len(parts) - 1, max(len(parts) - _ABOVE, 0) - 1, -1):
        yield "".join(f"{part}/" for part in parts[:count])
