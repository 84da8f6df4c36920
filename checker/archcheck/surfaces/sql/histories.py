"""Histories are found in the tree of a project by evidence: names in a folder, files of a runner, marks of files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from archcheck.source import Unread
from archcheck.surface import Files, Tree
from archcheck.surfaces.sql.claims import for_tests
from archcheck.surfaces.sql.dialect import by_name, by_path
from archcheck.surfaces.sql.layouts import FLYWAY, GOLANG, MARKED, NUMBERED, file_flavour, steps
from archcheck.surfaces.sql.marks import Mark
from archcheck.surfaces.sql.runners import drizzle_journal, sqitch_plan, told_beside


class Found(Struct, frozen=True):
    """A history: its folder, layout and files in order.

    `stated` is the dialect that a name or metadata states, `told` the one that the files' words tell.
    `extra` is what a layout wants to know when it is read.
    `flavour` is set when the folder holds several dialects by file name and this is one of them.
    """

    folder: str
    layout: str
    files: tuple[str, ...]
    stated: str
    told: str
    flavour: str = ""
    extra: str = ""


_PROVIDER: Final = re.compile(r"^\s*provider\s*=\s*[\"']([\w-]+)[\"']", re.MULTILINE)
_MIGRATION_FOLDERS: Final = frozenset({"migrations", "migration", "migrate"})
_NO_HISTORY: Final = frozenset({"queries", "query", "seeds", "seed", "testdata", "fixtures", "snapshots"})


def histories(tree: Tree, files: Files) -> Iterator[Found]:
    """Every history of the tree."""
    folders: dict[str, dict[str, Mark]] = {}
    for path in tree.paths:
        if path.endswith(".sql") and (text := tree.marks.get(path)) is not None and not for_tests(path):
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, {})[name] = Mark.parse(text)
    # The lock is no file of ours and so not in the tree: the disk is asked, and remembers the question.
    parents = {folder.rpartition("/")[0] for folder, names in folders.items() if "migration.sql" in names}
    locks = {parent for parent in parents if files.exists(_join(parent, "migration_lock.toml"))}
    yield from _nested(folders, locks, files)
    yield from _planned(folders, files)
    yield from _flyways(folders)
    for folder, names in folders.items():
        yield from _flat(folder, names, files)


def _nested(folders: dict[str, dict[str, Mark]], locks: set[str], files: Files) -> Iterator[Found]:
    """Layouts with a folder for each migration: Prisma and Diesel. Their folders are taken out of `folders`."""
    taken: dict[tuple[str, str], list[str]] = {}
    for folder in list(folders):
        parent, _, title = folder.rpartition("/")
        names = folders[folder]
        if "migration.sql" in names and (parent in locks or title[:1].isdigit()):
            taken.setdefault((parent, "prisma"), []).append(folder)
        elif "up.sql" in names and title[:1].isdigit():
            taken.setdefault((parent, "diesel"), []).append(folder)
    for (parent, layout), members in sorted(taken.items()):
        marks = {}
        for folder in members:
            wanted = ("migration.sql",) if layout == "prisma" else ("up.sql", "down.sql")
            marks.update({f"{folder}/{name}": mark for name, mark in folders.pop(folder).items() if name in wanted})
        stated = _provider(parent, files) if parent in locks else ""
        yield _found(parent, layout, marks, stated or by_path(parent))


def _planned(folders: dict[str, dict[str, Mark]], files: Files) -> Iterator[Found]:
    """Layouts whose order stands in a file of its own: sqitch and Drizzle. Their folders are taken out of `folders`."""
    for folder in list(folders):
        parent, _, title = folder.rpartition("/")
        names = folders.get(folder, {})
        if title == "deploy" and (order := sqitch_plan(parent, files)):
            undo = folders.get(_join(parent, "revert"), {})
            marks = {}
            for name in order:
                marks.update({f"{folder}/{name}": names[name]} if name in names else {})
                marks.update({_join(parent, f"revert/{name}"): undo[name]} if name in undo else {})
            for gone in ("deploy", "revert", "verify"):
                folders.pop(_join(parent, gone), None)
            yield _found(parent, "sqitch", marks, by_path(parent))
        elif any(NUMBERED.fullmatch(name) for name in names) and (order := drizzle_journal(folder, files)):
            del folders[folder]
            marks = {_join(folder, name): names[name] for name in order if name in names}
            yield _found(folder, "drizzle", marks, by_path(folder))


def _provider(folder: str, files: Files) -> str:
    try:
        match = _PROVIDER.search(files.open(_join(folder, "migration_lock.toml")).text)
    except Unread:
        return ""
    return by_name(match.group(1)) if match else ""


def _flyways(folders: dict[str, dict[str, Mark]]) -> Iterator[Found]:
    """Flyway looks into the folders below its location: they are one history up to a folder that names a dialect."""
    taken: dict[str, dict[str, Mark]] = {}
    for folder, names in folders.items():
        found = {name for name in names if FLYWAY.fullmatch(name)}
        if any(name[0] in "VB" for name in found):
            location = _location(folder)
            taken.setdefault(location, {}).update({_join(folder, name): names.pop(name) for name in found})
    for location, marks in sorted(taken.items()):
        yield _found(location, "flyway", marks, by_path(location))


def _location(folder: str) -> str:
    parts = folder.split("/")
    for index in range(len(parts) - 1, -1, -1):
        if by_name(parts[index]) or parts[index].lower() in _MIGRATION_FOLDERS:
            return "/".join(parts[: index + 1])
    return folder


def _flat(folder: str, names: dict[str, Mark], files: Files) -> Iterator[Found]:
    """Layouts with all migrations in one folder."""
    style = Counter(mark.style for mark in names.values() if mark.style in MARKED)
    golang = {name: mark for name, mark in names.items() if GOLANG.fullmatch(name)}
    numbered = {name: mark for name, mark in names.items() if NUMBERED.fullmatch(name) and mark.style != "dump"}
    if style:
        layout = max(sorted(style), key=lambda name: style[name])
        chosen = names if layout == "liquibase" else numbered
        chosen = {name: mark for name, mark in chosen.items() if mark.style == layout}
        yield from _one(folder, layout, chosen)
    elif any(".up." in name for name in golang):
        flavours = sorted({flavour for name in golang if (flavour := file_flavour(_title(name)))})
        # Only pop has servers in file names.
        layout = "pop" if flavours else told_beside(folder, files) or "golang-migrate"
        for flavour in flavours or [""]:
            yield from _one(folder, "golang-migrate" if layout == "atlas" else layout, golang, flavour)
    elif _is_plain(folder, names, numbered):
        yield from _one(folder, told_beside(folder, files) or "plain", numbered)


def _title(name: str) -> str:
    match = GOLANG.fullmatch(name)
    return match.group(2) if match else ""


def _is_plain(folder: str, names: dict[str, Mark], numbered: dict[str, Mark]) -> bool:
    """Numbered files that define something: two or more and no minority, or any where the folder's name tells."""
    parts = folder.lower().split("/")
    if parts[-1] in _NO_HISTORY or not any(mark.defines for mark in numbered.values()):
        return False
    if _MIGRATION_FOLDERS.intersection(parts[-2:]) or by_name(parts[-1]):
        return True
    return len(numbered) > 1 and 2 * len(numbered) >= len(names)


def _one(folder: str, layout: str, names: dict[str, Mark], flavour: str = "") -> Iterator[Found]:
    if names:
        stated = by_name(flavour) or by_path(folder)
        yield _found(folder, layout, {_join(folder, name): mark for name, mark in names.items()}, stated, flavour)


def _found(folder: str, layout: str, marks: dict[str, Mark], stated: str, flavour: str = "") -> Found:
    found = steps(layout, marks, flavour)
    ordered = list(dict.fromkeys(path for step in found for path in (step.up, step.down) if path))
    votes = Counter(marks[path].dialect for path in ordered if marks[path].dialect)
    told = max(sorted(votes), key=lambda name: votes[name]) if votes else ""
    return Found(folder, layout, tuple(ordered), stated, told, flavour)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
