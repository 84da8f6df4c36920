"""What Alembic is told of a project: where its revisions lie, and where the environment is that runs them."""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from archcheck.source import Unread
from archcheck.surface import Files, Tree

_FILES: Final = ("alembic.ini", "pyproject.toml")
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One section of settings: the folder of `env.py`, and the folders of the revisions that are one history."""

    script: str
    versions: tuple[str, ...]
    recursive: bool


def told(tree: Tree, folders: Iterable[str], files: Files) -> Iterator[Told]:
    """The settings beside or above these folders, and above every environment of the tree."""
    environments = [path.rpartition("/")[0] for path in tree.paths if path.rpartition("/")[2] == "env.py"]
    places: dict[str, None] = {}
    for folder in [*sorted(folders), *environments[:_MOST]]:
        places.update(dict.fromkeys(above(folder)))
    for place in places:
        for name in _FILES:
            if files.exists(f"{place}{name}"):
                yield from _read(place, name, files)


def environment(folder: str, settings: Iterable[Told], files: Files) -> str:
    """The `env.py` that runs the revisions of a folder; empty when there is none."""
    said = [each.script for each in settings if any(folder == v or folder.startswith(f"{v}/") for v in each.versions)]
    for place in (*(f"{script}/" if script else "" for script in said), *above(folder)):
        if files.exists(f"{place}env.py"):
            return f"{place}env.py"
    return ""


def above(folder: str) -> Iterator[str]:
    """A folder and those above it, as prefixes."""
    parts = folder.split("/") if folder else []
    for count in range(len(parts), -1, -1):
        yield "".join(f"{part}/" for part in parts[:count])


def _read(place: str, name: str, files: Files) -> Iterator[Told]:
    try:
        text = files.open(f"{place}{name}").text
        sections = _toml(text) if name.endswith(".toml") else _ini(text)
    except (Unread, configparser.Error, tomllib.TOMLDecodeError, RecursionError):
        return
    for section in sections:
        script = _folder(place, str(section.get("script_location", "")))
        versions = tuple(_folder(place, item) for item in _locations(section))
        if script is None or (not script and not versions):
            continue
        wanted = tuple(item for item in versions if item is not None) or (f"{script}/versions",)
        yield Told(script, wanted, str(section.get("recursive_version_locations", "")).lower() == "true")


def _ini(text: str) -> list[dict[str, object]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    sections = [dict(parser.items(name)) for name in parser.sections()]
    return [dict(each) for each in sections if "script_location" in each or "version_locations" in each]


def _toml(text: str) -> list[dict[str, object]]:
    if "alembic" not in text:
        return []
    tool = tomllib.loads(text).get("tool", {})
    table = tool.get("alembic") if isinstance(tool, dict) else None
    return [table] if isinstance(table, dict) else []


def _locations(section: dict[str, object]) -> list[str]:
    said = section.get("version_locations", "")
    if isinstance(said, list):
        return [item for item in said if isinstance(item, str)]
    separator = str(section.get("path_separator", section.get("version_path_separator", "")))
    between = r"[\s,;:]+" if separator == "os" or re.search(r"\S:\S*/", str(said)) else r"[\s,;]+"
    return [item for item in re.split(between, str(said)) if item]


def _folder(place: str, said: str) -> str | None:
    """A folder relative to the root; None for one outside of it."""
    said = re.sub(r"%%?\(here\)s", ".", said.strip())
    package, colon, inner = said.partition(":")
    if colon:
        said = f"{package.replace('.', '/')}/{inner}"
    path = posixpath.normpath(posixpath.join(place, said)) if said else ""
    return None if path.startswith(("..", "/")) else "" if path == "." else path
