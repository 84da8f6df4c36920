"""Layouts: how a runner names its files, in which order it runs them, and which part of them goes up and which down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from archcheck.surfaces.sql.dialect import by_name


class Step(Struct, frozen=True):
    """One migration: its version as the runner compares it, its name, the file that goes up and the one that goes down.

    `down` is empty where there is none; in a layout with both directions in one file it is the same file.
    """

    version: str
    name: str
    up: str
    down: str = ""


# Layouts whose files hold both directions, between comments of the runner.
SECTIONED: Final = frozenset({"goose", "sql-migrate", "dbmate", "node-pg-migrate"})

# Layouts whose files state their place themselves: they come in order.
ORDERED: Final = frozenset({"alembic", "django"})

# Layouts that are told by comments in their files, and whose files hold one direction or more.
MARKED: Final = SECTIONED | {"liquibase"}

GOLANG: Final = re.compile(r"([0-9]+)_(.*)\.(down|up)\.sql")
FLYWAY: Final = re.compile(r"(?:([VUB])(\d+(?:[._]\d+)*)|(R))__(.+)\.sql")
NUMBERED: Final = re.compile(r"(\d[\d._-]*)(.*)\.sql", re.IGNORECASE)
_DOWN: Final = re.compile(r"[._-](down|rollback|undo|revert)$", re.IGNORECASE)
_COCKROACH: Final = frozenset({"cockroach", "cockroachdb", "crdb"})
_UP: Final = re.compile(r"[._-](up|forward)$", re.IGNORECASE)


def steps(layout: str, files: Iterable[str], flavour: str = "") -> list[Step]:
    """The migrations among the files of one history, in the order in which the layout's runner applies them.

    `flavour` is the dialect to take where file names state one (`.mysql.up.sql`).
    """
    if layout in ORDERED:
        titles = ((path, path.rpartition("/")[2].removesuffix(".py")) for path in files)
        return [Step("", title, path, path) for path, title in titles]
    found = _LAYOUTS[layout if layout not in SECTIONED else "sectioned"]
    return found(list(files) if layout in _AS_FOUND else sorted(files), flavour)


def _diesel(files: list[str], _: str) -> list[Step]:
    """`<version>_<name>/up.sql`; the version is what stands before the first `_`, without `-`, compared as text."""
    present = set(files)
    result = []
    for path in files:
        folder, _, name = path.rpartition("/")
        if name == "up.sql":
            title = folder.rpartition("/")[2]
            down = f"{folder}/down.sql"
            version = title.partition("_")[0].replace("-", "")
            result.append(Step(version, title, path, down if down in present else ""))
    return sorted(result, key=lambda step: (step.version, step.name))


def _prisma(files: list[str], _: str) -> list[Step]:
    """`<folder>/migration.sql`, in the order of the folders' names."""
    found = (path.split("/")[-2] for path in files)
    return [Step(title.partition("_")[0], title, path) for title, path in zip(found, files, strict=True)]


def _golang(files: list[str], flavour: str) -> list[Step]:
    """`<number>_<name>.up.sql` and `.down.sql`, by number. A file for one dialect goes before the one for all."""
    chosen: dict[tuple[str, str], dict[str, str]] = {}
    exact: set[tuple[str, str, str]] = set()
    for path in files:
        match = GOLANG.fullmatch(path.rpartition("/")[2])
        if match is None:
            continue
        version, title, way = match.groups()
        named = file_flavour(title)
        if named and named != flavour:
            continue
        bare = title.split(".")[0]
        key = (version, bare)
        if named or (*key, way) not in exact:
            chosen.setdefault(key, {})[way] = path
        if named:
            exact.add((*key, way))
    result = [
        Step(version, f"{version}_{title}", ways["up"], ways.get("down", ""))
        for (version, title), ways in chosen.items()
        if "up" in ways
    ]
    return sorted(result, key=lambda step: (int(step.version), step.name))


def file_flavour(title: str) -> str:
    """The server in a file's name (`create_users.mysql`) under one name each, or nothing."""
    for part in title.lower().split(".")[1:]:
        if part in _COCKROACH:
            return "cockroach"
        if dialect := by_name(part):
            return dialect
    return ""


def _flyway(files: list[str], _: str) -> list[Step]:
    """The latest baseline `B`, the `V` above it by version, then every `R` by description; `U` goes down."""
    found: dict[str, list[tuple[tuple[int, ...], str, str]]] = {"V": [], "U": [], "B": [], "R": []}
    for path in files:
        if match := FLYWAY.fullmatch(path.rpartition("/")[2]):
            kind, version, repeatable, title = match.groups()
            found[kind or repeatable].append((_version(version or ""), title, path))
    undo = {version: path for version, _, path in found["U"]}
    base = max(found["B"], default=None)
    ordered = [base] if base else []
    ordered += sorted(entry for entry in found["V"] if base is None or entry[0] > base[0])
    result = [
        Step(".".join(map(str, version)), path.rpartition("/")[2].removesuffix(".sql"), path, undo.get(version, ""))
        for version, _, path in ordered
    ]
    repeatable_steps = sorted(found["R"], key=lambda entry: entry[1])
    return result + [Step("", path.rpartition("/")[2].removesuffix(".sql"), path) for _, _, path in repeatable_steps]


def _given(files: list[str], _: str) -> list[Step]:
    """Files in the order in which they were found: a journal or a changelog said it."""
    names = (path.rpartition("/")[2].removesuffix(".sql") for path in files)
    found = ((NUMBERED.fullmatch(f"{name}.sql"), name, path) for name, path in zip(names, files, strict=True))
    return [Step(match.group(1).rstrip("._-") if match else "", name, path) for match, name, path in found]


def _liquibase(files: list[str], _: str) -> list[Step]:
    """Formatted SQL, both directions in each file, in the order of the names: a changelog that includes a folder."""
    titles = ((path, path.rpartition("/")[2].removesuffix(".sql")) for path in sorted(files, key=natural))
    return [Step("", title, path, path) for path, title in titles]


def _sqitch(files: list[str], _: str) -> list[Step]:
    """`deploy/x.sql` in the order of the plan, undone by `revert/x.sql`."""
    present = set(files)
    result = []
    for path in files:
        top, deployed, name = f"/{path}".rpartition("/deploy/")
        if deployed:
            undo = f"{top}/revert/{name}".removeprefix("/")
            result.append(Step("", name.removesuffix(".sql"), path, undo if undo in present else ""))
    return result


def _either(files: list[str], flavour: str) -> list[Step]:
    """A file a direction (`.up.sql`), or files that only go up, by number."""
    found = _golang(files, flavour)
    return found or _plain(files, flavour)


def _version(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.split(r"[._]", text) if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _plain(files: list[str], _: str) -> list[Step]:
    """Numbered files in the order of their numbers; `_down` and `_rollback` belong to the file of the same number."""
    ups: list[tuple[str, str, str]] = []
    downs: dict[str, str] = {}
    for path in files:
        name = path.rpartition("/")[2]
        match = NUMBERED.fullmatch(name)
        if match is None:
            continue
        version, stem = match.group(1).rstrip("._-"), name.rpartition(".")[0]
        if _DOWN.search(stem):
            downs[version] = path
        else:
            ups.append((version, _UP.sub("", stem), path))
    ups.sort(key=lambda entry: natural(entry[2].rpartition("/")[2]))
    return [Step(version, stem, path, downs.get(version, "")) for version, stem, path in ups]


def _sectioned(files: list[str], _: str) -> list[Step]:
    """Numbered files with both directions in each, by number."""
    return [Step(step.version, step.name, step.up, step.up) for step in _plain(files, "")]


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts the numbers in a name by value: 2 before 10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part)


_AS_FOUND: Final = frozenset({"drizzle", "sqitch"})
_LAYOUTS: Final[dict[str, Callable[[list[str], str], list[Step]]]] = {
    "diesel": _diesel,
    "prisma": _prisma,
    "golang-migrate": _golang,
    "flyway": _flyway,
    "plain": _plain,
    "atlas": _plain,
    "drizzle": _given,
    "liquibase": _liquibase,
    "pop": _golang,
    "sqitch": _sqitch,
    "sqlx": _either,
    "supabase": _plain,
    "sectioned": _sectioned,
}


_SECTIONS: Final = {
    "goose": re.compile(r"^[ \t]*--.*\+goose[ \t]+(up|down)\b.*$", re.MULTILINE | re.IGNORECASE),
    "sql-migrate": re.compile(r"^--[ \t]*\+migrate[ \t]+(up|down)\b.*$", re.MULTILINE | re.IGNORECASE),
    "dbmate": re.compile(r"^--[ \t]*migrate:(up|down)(?:[ \t].*)?$", re.MULTILINE),
    "node-pg-migrate": re.compile(r"^[ \t]*--[ \t-]*(up|down)[ \t]+migration.*$", re.MULTILINE | re.IGNORECASE),
}


def sections(layout: str, text: str) -> list[tuple[str, int, int]]:
    """The parts of a file as (`up` or `down`, start, end): one part up where the layout has a file a direction."""
    pattern = _SECTIONS.get(layout)
    if pattern is None:
        return [("up", 0, len(text))]
    marks = [(match.group(1).lower(), match.end()) for match in pattern.finditer(text)]
    starts = [match.start() for match in pattern.finditer(text)]
    return [(way, begin, end) for (way, begin), end in zip(marks, [*starts[1:], len(text)], strict=True)]
