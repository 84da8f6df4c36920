"""Histories of Python files: which files are migrations of Alembic or Django, and which of them belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from archcheck.source import Source, Unread
from archcheck.surface import Files, Tree
from archcheck.surfaces.sql.dialect import by_name
from archcheck.surfaces.sql.django import app_label, read_settings
from archcheck.surfaces.sql.histories import Found
from archcheck.surfaces.sql.revisions import read_revision, trees
from archcheck.surfaces.sql.statements import Revision

_DJANGO: Final = re.compile(r"^class\s+Migration\s*\(", re.MULTILINE)
_DIALECTS: Final = {
    "postgres": ("postgresql", "JSONB", "TSVECTOR"),
    "mysql": ("mysql", "MEDIUMTEXT"),
    "sqlite": ("sqlite",),
}
_URL: Final = re.compile(r"^\s*sqlalchemy\.url\s*=\s*[\"']?([a-z0-9]+)", re.MULTILINE)
_DRIVERS: Final = (
    ("postgres", re.compile(r"\b(?:psycopg|asyncpg|pg8000)")),
    ("mysql", re.compile(r"\b(?:pymysql|mysqlclient|aiomysql|asyncmy|mysql-connector)", re.IGNORECASE)),
    ("sqlite", re.compile(r"\b(?:aiosqlite|pysqlite)")),
)
_MOST_SETTINGS: Final = 12
_PROJECT_FILES: Final = ("pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "requirements/base.txt")


def python_mark(source: Source) -> str:
    """What a Python file says of itself: its runner, the dialect it names, and its place in Alembic's graph."""
    text = source.text
    votes = {name: sum(text.count(word) for word in words) for name, words in _DIALECTS.items()}
    best = max(votes, key=lambda name: votes[name])
    told = best if votes[best] else ""
    if revision := read_revision(text):
        fields = ("alembic", told, "ddl", revision.id, *map(",".join, (revision.parents, revision.depends)))
        return "|".join(fields)
    if source.path.split("/")[-2:-1] == ["migrations"] and _DJANGO.search(text) and "migrations" in text:
        return f"django|{told}|ddl"
    return ""


def python_histories(tree: Tree, files: Files) -> Iterator[Found]:
    """The trees of Alembic revisions, and the Django projects."""
    yield from _alembic(tree, files)
    yield from _django(tree, files)


def _alembic(tree: Tree, files: Files) -> Iterator[Found]:
    found: dict[str, Revision] = {}
    told: dict[str, str] = {}
    for path, mark in tree.marks.items():
        runner, dialect, *rest = mark.split("|")
        if runner == "alembic" and len(rest) == 4:
            found[path] = Revision(rest[1], *(tuple(filter(None, names.split(","))) for names in rest[2:]))
            told[path] = dialect
    for paths in trees(found):
        folder = _common(paths)
        votes = Counter(told[path] for path in paths if told[path])
        best = max(sorted(votes), key=lambda name: votes[name]) if votes else ""
        stated = _stated(folder, files)
        yield Found(folder, "alembic", tuple(paths), stated, best or _driver(folder, files))


def _django(tree: Tree, files: Files) -> Iterator[Found]:
    """All apps below one `manage.py` are one history; those outside join the only one there is."""
    homes = {path.rpartition("/")[0] for path in tree.paths if path.rpartition("/")[2] == "manage.py"}
    groups: dict[str, list[str]] = {}
    for path in sorted(path for path, mark in tree.marks.items() if mark.startswith("django|")):
        outer = (place.removesuffix("/") for place in _ancestors(path.rpartition("/")[0]))
        only = next(iter(homes)) if len(homes) == 1 else ""
        groups.setdefault(next((place for place in outer if place in homes), only), []).append(path)
    for home, members in sorted(groups.items()):
        for paths in _apart(members):
            folder = _common(paths)
            settings, stated = read_settings(_text(path, files) for path in _settings(tree, home))
            labels = {}
            for app in sorted({path.rpartition("/migrations/")[0] for path in paths}):
                name = _join(app, "apps.py")
                if files.exists(name) and (label := app_label(_text(name, files))):
                    labels[app] = label
            extra = msgspec.json.encode(msgspec.structs.replace(settings, labels=labels)).decode()
            yield Found(folder, "django", tuple(paths), stated, "", extra=extra)


def _apart(paths: list[str]) -> list[list[str]]:
    """The files in as many groups as it takes for no two apps of a group to have the same name."""
    groups: list[dict[str, str]] = []
    members: list[list[str]] = []
    for path in paths:
        app, _, _ = path.rpartition("/migrations/")
        label = app.rpartition("/")[2]
        index = next((i for i, taken in enumerate(groups) if taken.get(label, app) == app), len(groups))
        if index == len(groups):
            groups.append({})
            members.append([])
        groups[index][label] = app
        members[index].append(path)
    return members


def _settings(tree: Tree, home: str) -> list[str]:
    """The files of a project that look like its settings, a few at most."""
    start = f"{home}/" if home else ""
    found = (
        path
        for path in tree.paths
        if path.startswith(start)
        and path.endswith(".py")
        and ("settings" in path.split("/")[-2:-1] or path.rpartition("/")[2].removesuffix(".py").endswith("settings"))
        and "test" not in path
    )
    return sorted(found, key=lambda path: (path.count("/"), path))[:_MOST_SETTINGS]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _common(paths: list[str]) -> str:
    """The innermost folder that holds all of these files."""
    first, last = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
    count = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return "/".join(first[:count])


def _ancestors(folder: str) -> Iterator[str]:
    parts = folder.split("/") if folder else []
    for count in range(len(parts), -1, -1):
        yield "".join(f"{part}/" for part in parts[:count])


def _stated(folder: str, files: Files) -> str:
    """The dialect of the address in the nearest `alembic.ini`."""
    for place in _ancestors(folder):
        if files.exists(f"{place}alembic.ini"):
            match = _URL.search(_text(f"{place}alembic.ini", files))
            return by_name(match.group(1)) if match else ""
    return ""


def _driver(folder: str, files: Files) -> str:
    """The dialect of the only driver that the project asks for."""
    for place in _ancestors(folder):
        present = [name for name in _PROJECT_FILES if files.exists(f"{place}{name}")]
        text = "\n".join(_text(f"{place}{name}", files) for name in present)
        named = [dialect for dialect, pattern in _DRIVERS if pattern.search(text)]
        if len(named) == 1:
            return named[0]
    return ""


def _text(path: str, files: Files) -> str:
    try:
        return files.open(path).text
    except Unread:
        return ""
