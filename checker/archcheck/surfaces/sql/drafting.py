"""Drafting: the next migration of a history as its runner names it, with what goes up and what goes down in it.

Nothing is drafted where the name or the last migration is not certain, or where a runner wants more than files: a
journal, a plan, a sum, a changelog.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from archcheck.finding import NewFile
from archcheck.surfaces.sql.dialect import by_name

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import History, Migration


class Text(NamedTuple):
    """What a migration does, up and down, each ending in a line break; `alone` if no transaction may be around it."""

    up: str
    down: str
    alone: bool


class _Next(NamedTuple):
    """The migration before the next one, a file by which one of those before goes down, and the version and title."""

    last: Migration
    undone: str
    version: str
    title: str


_FLAT: Final = re.compile(r"(\d+)[_-].*\.sql")
# How the layouts that can be drafted name a file, or the folder of a migration; the group is the version.
_NAMES: Final = {
    **dict.fromkeys(("dbmate", "golang-migrate", "goose", "plain", "pop", "sql-migrate", "sqlx"), _FLAT),
    "diesel": re.compile(r"(\d{4}-\d\d-\d\d-\d{6}|\d+)_.*"),
    "flyway": re.compile(r"V(\d+(?:[._]\d+)*)__.*\.sql"),
    "prisma": re.compile(r"(\d+)_.*"),
}
_FOLDERS: Final = frozenset({"diesel", "prisma"})
# Runners that send a file statement by statement; to the others it is one request, and so one transaction.
_SPLITTING: Final = frozenset({"flyway", "goose", "sql-migrate"})
_FILE: Final = re.compile(r"\d+([_-])[^.]*((?:\.\w+)*)\.sql")
# Runners that compare versions as text: a longer number would come too early.
_AS_TEXT: Final = frozenset({"dbmate", "diesel", "prisma"})
_WAYS: Final = frozenset({"up", "down", "autocommit"})
_TIMES: Final = {
    14: ("%Y%m%d%H%M%S", timedelta(seconds=1)),
    12: ("%Y%m%d%H%M", timedelta(minutes=1)),
    8: ("%Y%m%d", timedelta(days=1)),
}
# The heads of the section that goes up and of the one that goes down, and what each says to run without a transaction.
_SECTIONS: Final = {
    "dbmate": ("-- migrate:up{}\n", "\n-- migrate:down{}\n", " transaction:false"),
    "goose": ("{}-- +goose Up\n", "\n-- +goose Down\n", "-- +goose NO TRANSACTION\n"),
    "sql-migrate": ("-- +migrate Up{}\n", "\n-- +migrate Down{}\n", " notransaction"),
}


def shared(history: History, *, alone: bool) -> bool:
    """Whether statements may share a migration: not those that stand no transaction where a file is one request."""
    return not alone or history.layout in _SPLITTING


def drafted(history: History, title: str, text: Text, place: int = 0) -> tuple[NewFile, ...]:
    """The files of the next migration, or of one that is `place` further on; none where that is not certain."""
    found = _next(history, title, place)
    if found is None:
        return ()
    if history.layout in _SECTIONS:
        return _sectioned(history.layout, found, text)
    if history.layout in _FOLDERS:
        return _in_folder(found, text)
    if history.layout == "flyway":
        return (_whole(_beside(found.last.path, f"V{found.version}__{title}.sql"), "", text.up),)
    return _flat(history.layout, found, text)


def _next(history: History, title: str, place: int) -> _Next | None:
    found = _last(history)
    if found is None:
        return None
    last, undone, version = found
    version = _after(version, place + 1)
    # One more digit, and names that are compared as text are out of order.
    if len(version) > len(found[2]) and history.layout in _AS_TEXT:
        return None
    return _Next(last, undone, version, title)


@lru_cache(maxsize=1)
def _last(history: History) -> tuple[Migration, str, str] | None:
    """The last migration, the last file that goes down, and the version as the name of the former writes it."""
    steps = [step for step in history.migrations if step.version]
    pattern = _NAMES.get(history.layout)
    if pattern is None or not steps:
        return None
    last = steps[-1]
    written = pattern.fullmatch(last.path.split("/")[-2 if history.layout in _FOLDERS else -1])
    numbers = [_numbers(step.version) for step in steps]
    if written is None or max(numbers) != numbers[-1] or numbers.count(numbers[-1]) > 1:
        return None
    # A migration that is no SQL, one in Go for example, is not among them and may come later.
    if any(_numbers(name)[:1] >= numbers[-1][:1] for name in history.beside):
        return None
    return last, next((step.down_path for step in reversed(steps) if step.down_path), ""), written[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def _after(version: str, count: int) -> str:
    """A version that follows: moments later where it is a time, else with a greater last number."""
    digits = re.sub(r"\D", "", version)
    form, step = _TIMES.get(len(digits), ("", timedelta()))
    if form and digits[:2] in ("19", "20"):
        try:
            later = iter((datetime.strptime(digits, form) + count * step).strftime(form))
        except (ValueError, OverflowError):
            pass
        else:
            return "".join(next(later) if char.isdigit() else char for char in version)
    last = re.findall(r"\d+", version)[-1]
    return f"{version.removesuffix(last)}{int(last) + count:0{len(last)}}"


def _sectioned(layout: str, found: _Next, text: Text) -> tuple[NewFile, ...]:
    """Both directions in one file."""
    up, down, asked = _SECTIONS[layout]
    name = _FILE.fullmatch(found.last.path.rpartition("/")[2])
    if name is None or name[2]:
        return ()
    path = _beside(found.last.path, f"{found.version}{name[1]}{found.title}.sql")
    said = asked if text.alone else ""
    return (NewFile(path, (up.format(said), down.format(said), ""), (text.up, text.down)),)


def _in_folder(found: _Next, text: Text) -> tuple[NewFile, ...]:
    """A folder a migration: Prisma's has one file, Diesel's one a direction and its settings."""
    above, _, name = found.last.path.rpartition("/")
    folder = _beside(above, f"{found.version}_{found.title}")
    if name == "migration.sql":
        return (_whole(f"{folder}/{name}", "", text.up),)
    files = [_whole(f"{folder}/up.sql", "", text.up), _whole(f"{folder}/down.sql", "", text.down)]
    if text.alone:
        files.append(NewFile(f"{folder}/metadata.toml", ("run_in_transaction = false\n",)))
    return tuple(files)


def _flat(layout: str, found: _Next, text: Text) -> tuple[NewFile, ...]:
    """A file, or one a direction, named as the last ones are."""
    head = "-- no-transaction\n" if layout == "sqlx" and text.alone else ""
    files = []
    for path, said in ((found.last.path, text.up), (found.undone, text.down)):
        if not path:
            continue
        name = _FILE.fullmatch(path.rpartition("/")[2])
        ends = [end for end in name[2].split(".")[1:] if end != "autocommit"] if name else []
        if name is None or any(end not in _WAYS and not by_name(end) for end in ends):
            return ()
        if layout == "pop" and text.alone:
            ends.insert(-1, "autocommit")
        title = ".".join((f"{found.version}{name[1]}{found.title}", *ends, "sql"))
        files.append(_whole(_beside(path, title), head, said))
    # `1_x_down.sql` beside `1_x.sql`: how the next two would be called is for their owner to say.
    return tuple(files) if len({file.path for file in files}) == len(files) else ()


def _whole(path: str, head: str, text: str) -> NewFile:
    return NewFile(path, (head, ""), (text,))


def _beside(path: str, name: str) -> str:
    folder, slash, _ = path.rpartition("/")
    return f"{folder}{slash}{name}"
