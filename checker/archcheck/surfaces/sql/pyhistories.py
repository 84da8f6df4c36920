"""Histories of Python files: which files are migrations of Alembic or Django, and which of them belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from archcheck.source import Source, Unread
from archcheck.surface import Files, Tree
from archcheck.surfaces.sql.alembic_settings import Told, environment
from archcheck.surfaces.sql.alembic_settings import told as told_settings
from archcheck.surfaces.sql.claims import concerns, for_tests
from archcheck.surfaces.sql.conventions import Environment
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
# An environment of Flask-Migrate, and the modules that usually make what it asks the app for.
_APP: Final = re.compile(r"current_app|extensions\[")
_METADATA: Final = frozenset("models model extensions database db base orm meta metadata core __init__ app".split())
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
    settings = list(told_settings(tree, {path.rpartition("/")[0] for path in found}, files))
    for path in _unnamed(tree, settings, found):
        source = _source(path, files)
        if source is not None and (revision := read_revision(source.text)):
            found[path], told[path] = revision, python_mark(source).split("|")[1]
    for paths in trees(found, [_members(each, found) for each in settings]):
        folder = _common(paths)
        votes = Counter(told[path] for path in paths if told[path])
        best = max(sorted(votes), key=lambda name: votes[name]) if votes else ""
        stated = _stated(folder, files)
        env = environment(paths[0].rpartition("/")[0], settings, files)
        extra = msgspec.json.encode(Environment(env, _beside(env, tree, files))).decode()
        yield Found(folder, "alembic", tuple(paths), stated, best or _driver(folder, files), extra=extra)


def _unnamed(tree: Tree, settings: list[Told], found: Mapping[str, Revision]) -> Iterator[str]:
    """The files in folders of revisions that are not told by where they lie or how they are named."""
    for path in tree.paths:
        folder, _, name = path.rpartition("/")
        if path in found or not name.endswith(".py") or name == "__init__.py" or concerns(path) or for_tests(path):
            continue
        if any(_holds(each, folder) for each in settings):
            yield path


def _members(settings: Told, found: Mapping[str, Revision]) -> frozenset[str]:
    """The folders with revisions that these settings make one history."""
    folders = {path.rpartition("/")[0] for path in found}
    return frozenset(folder for folder in folders if _holds(settings, folder))


def _holds(settings: Told, folder: str) -> bool:
    below = settings.recursive and any(folder.startswith(f"{version}/") for version in settings.versions)
    return folder in settings.versions or below


def _beside(env: str, tree: Tree, files: Files) -> tuple[str, ...]:
    """Where an environment has its metadata from the app that runs: the files that may make it, a few at most."""
    if not env or not _APP.search(_text(env, files)):
        return ()
    near = (
        path
        for path in tree.paths
        if path.rpartition("/")[2].removesuffix(".py") in _METADATA and path.endswith(".py") and not for_tests(path)
    )
    return tuple(sorted(near, key=lambda path: (path.count("/"), path))[:_MOST_SETTINGS])


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
    source = _source(path, files)
    return source.text if source is not None else ""


def _source(path: str, files: Files) -> Source | None:
    """A file that is there and can be decoded."""
    try:
        source = files.open(path)
        return source if source.text else None
    except Unread:
        return None
