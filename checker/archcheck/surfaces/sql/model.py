"""The model of one history: its files read into statements, replayed, and told with what was and was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from archcheck.source import Location, Source, Unread
from archcheck.surface import Allow, Coverage, Files, Gap, Piece
from archcheck.surfaces.sql import interface
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.alembic import AlembicReader
from archcheck.surfaces.sql.conventions import USUAL, Environment, find_convention
from archcheck.surfaces.sql.django import DjangoReader, Settings
from archcheck.surfaces.sql.layouts import MARKED, ORDERED, Step, sections
from archcheck.surfaces.sql.liquibase import read_changelog
from archcheck.surfaces.sql.pymodules import Modules
from archcheck.surfaces.sql.reading import read_chunk
from archcheck.surfaces.sql.replay import Replay
from archcheck.surfaces.sql.sought import UNFOUND
from archcheck.surfaces.sql.splitter import split
from archcheck.surfaces.sql.subjects import History, Migration, subjects
from archcheck.surfaces.sql.transactions import mode, outside
from archcheck.surfaces.sql.undoing import Undo, does_nothing, explained

# Layouts whose files say how to go up and how to go down.
BOTH_WAYS: Final = MARKED | ORDERED


_NO_ENVIRONMENT: Final = Environment()
# Files beside a migration, and the words in them that ask for no transaction.
_BESIDE: Final = {
    "diesel": ("metadata.toml", re.compile(r"^\s*run_in_transaction\s*=\s*false\b", re.MULTILINE)),
    "flyway": (".conf", re.compile(r"^\s*executeInTransaction\s*=\s*false\b", re.MULTILINE)),
}


class SqlModel:
    """One history as subjects, in a single piece."""

    def __init__(self, history: History, coverage: Coverage) -> None:
        self.history = history
        self.coverage = coverage

    def pieces(self) -> Iterator[Piece]:
        """The whole history."""
        yield Piece("history", True, lambda wanted: subjects(self.history, wanted))

    def allows(self) -> Iterable[Allow]:
        """SQL has no acceptances but those in comments."""
        return ()

    def interface(self) -> bytes:
        """The final catalog."""
        return interface.encode(self.history)

    def memory(self) -> bytes:
        """Nothing: the statements of every file are remembered with the file."""
        return b""


def read_history(
    folder: str, layout: str, dialect: str, found: list[Step], files: Files, environment: Environment = _NO_ENVIRONMENT
) -> SqlModel:
    """Read and replay the migrations of one history. A file that cannot be read costs itself, and is a gap.

    `environment` is where Alembic's is, which knows how things are named.
    """
    coverage = Coverage()
    reader = _Reader(layout, dialect, files, coverage, environment)
    replay = Replay(dialect)
    migrations = []
    for step in found:
        before = replay.catalog
        script = reader.script(step.up)
        undo = _undo(step, script, reader) if layout in BOTH_WAYS or step.down else None
        replay.catalog = before.copy()
        replay.migrate(step.up, script.up)
        migrations.append(
            Migration(
                script.revision.id if script.revision else step.version,
                step.name,
                step.up,
                undo.path if undo else "",
                script.up,
                undo.statements if undo else (),
                before,
                replay.catalog,
                undo,
                mode(
                    layout,
                    dialect,
                    script.up,
                    _asked(step.up, layout, files) if script.outside is False else script.outside,
                ),
                parents=script.revision.parents if script.revision else (),
                fresh=layout == "flyway" and step.name.startswith("B"),
                supposed=frozenset(script.supposed),
            )
        )
    history = History(
        folder,
        layout,
        dialect,
        tuple(migrations),
        replay.catalog,
        frozenset(replay.ever),
        beside=_numbered(migrations[-1].path, files) if migrations and layout not in ORDERED else (),
    )
    _count(history, coverage)
    if unfound := sum(map(_unfound, migrations)):
        coverage.opaque[UNFOUND] = unfound
    return SqlModel(history, coverage)


def read_project(folder: str, dialect: str, paths: Iterable[str], extra: str, files: Files, version: int) -> SqlModel:
    """Read and replay the migrations of one Django project, with its settings in `extra`."""
    coverage = Coverage()
    replay = Replay(dialect)
    settings = msgspec.json.decode(extra, type=Settings)
    migrations = DjangoReader(dialect, settings, files, coverage).migrations(paths, replay)
    history = History(folder, "django", dialect, migrations, replay.catalog, frozenset(replay.ever))
    _count(history, coverage)
    return SqlModel(replace(history, postgres_version=version), coverage)


def _numbered(path: str, files: Files) -> tuple[str, ...]:
    """What lies beside a migration under a number and is no SQL: migrations in a language that is not read."""
    names = files.listing(path.rpartition("/")[0])
    return tuple(name for name in names if name[:1].isdigit() and not name.lower().endswith((".sql", "/")))


def _asked(path: str, layout: str, files: Files) -> bool | None:
    """Whether a file beside a migration asks for no transaction."""
    name, pattern = _BESIDE.get(layout, ("", None))
    beside = f"{path}.conf" if layout == "flyway" else f"{path.rpartition('/')[0]}/{name}"
    if pattern is None or not files.exists(beside):
        return False
    try:
        return pattern.search(files.open(beside).text) is not None
    except Unread:
        return None


def _undo(step: Step, script: say.Script, reader: _Reader) -> Undo | None:
    """What a migration says going down: a section of its file, or a file of its own."""
    if reader.layout in BOTH_WAYS:
        if not script.down_line:
            return None
        return Undo(Location(step.up, script.down_line), script.down, script.explained)
    other = reader.script(step.down)
    return Undo(Location(step.down, 1), other.up, other.explained, unread=other.unsplit is not None)


class _Reader:
    """Reads scripts through the memory of files."""

    def __init__(self, layout: str, dialect: str, files: Files, coverage: Coverage, environment: Environment) -> None:
        self.layout = layout
        self.dialect = dialect
        self.files = files
        self.coverage = coverage
        self.modules = Modules(files)
        convention = find_convention(environment, self.modules) if layout == "alembic" else USUAL
        told = "" if convention == USUAL else "-" + repr(sorted(convention.items()))
        self.kind = f"sql-{dialect}-{layout}{told}"
        self.decoder = msgspec.msgpack.Decoder(say.Script)
        self.alembic = AlembicReader(dialect, self.modules, convention)

    def script(self, path: str) -> say.Script:
        """The statements of a file; what cannot be read of it is a gap."""
        try:
            source = self.files.open(path)
            script = self._recalled(source)
            if script is None:
                script = self._read(source)
                self.files.keep(source, self.kind, msgspec.msgpack.encode(script))
        except Unread as unread:
            self.coverage.gaps.append(Gap(path, unread.line, unread.kind, unread.reason, unread.way_out))
            return say.Script(())
        if script.unsplit is not None:
            gap = Gap(path, script.unsplit.line, "unparsable", script.unsplit.reason, "end it, or exclude the file")
            self.coverage.gaps.append(gap)
        return script

    def _read(self, source: Source) -> say.Script:
        if self.layout != "alembic":
            return read_script(source, self.layout, self.dialect)
        self.modules.leans = {}
        script = self.alembic.read(source)
        return msgspec.structs.replace(script, leans=self.modules.leans)

    def _recalled(self, source: Source) -> say.Script | None:
        """What is remembered of a file, while the files that it leans on stand as they stood."""
        data = self.files.recall(source, self.kind)
        try:
            script = self.decoder.decode(data) if data is not None else None
        except msgspec.DecodeError:
            return None
        return script if script is not None and self.modules.stands(script.leans) else None


def read_script(source: Source, layout: str, dialect: str) -> say.Script:
    """All statements of one file."""
    if layout == "liquibase":
        return read_changelog(source, dialect)
    text = source.text
    read: dict[str, list[say.Statement]] = {"up": [], "down": []}
    unsplit = None
    down_line, down = 0, (0, len(text))
    for way, start, end in sections(layout, text):
        if way == "down":
            down_line, down = source.location(start).line, (start, end)
        for chunk in split(text, dialect, start, end):
            if chunk.kind == "broken":
                unsplit = say.Unsplit(source.location(chunk.fault).line, chunk.reason)
            elif (statement := read_chunk(source, dialect, chunk)) is not None:
                read[way].append(statement)
    undoing = read["down"] if down_line else read["up"]
    told = explained(text[slice(*down)], does_nothing(undoing))
    asked = outside(layout, source.path, text)
    return say.Script(tuple(read["up"]), tuple(read["down"]), unsplit, down_line, told, None, asked)


def _count(history: History, coverage: Coverage) -> None:
    """State what was read, what was not understood, and which facts are left open for it."""
    statements = 0
    for migration in history.migrations:
        statements += len(migration.up)
        for kind in _opaque(migration.up):
            coverage.opaque[kind] = coverage.opaque.get(kind, 0) + 1
    coverage.counts = {"histories": 1, "migrations": len(history.migrations), "statements": statements}
    for table in history.tables:
        if not table.permanent:
            continue
        if table.touched_by_opaque and table.primary_key is None:
            _add(coverage.undecided, "primary key")
        if not table.columns_known:
            _add(coverage.undecided, "columns")
        for key in table.foreign_keys:
            if not key.indexed and not key.unindexed:
                _add(coverage.undecided, "index of a foreign key")
    if not history.relational:
        coverage.notes.append(f"{history}: its tables are read as {history.dialect} and not judged")


def _opaque(statements: Iterable[say.Statement]) -> Iterator[str]:
    """The kinds of the statements, and parts of statements, that were not understood."""
    for statement in statements:
        if isinstance(statement, say.Opaque):
            yield statement.kind
        elif isinstance(statement, say.Block):
            yield from _opaque(statement.statements)
        elif isinstance(statement, say.AlterTable):
            yield from ("ALTER TABLE" for action in statement.actions if isinstance(action, say.UnreadAction))
        elif isinstance(statement, say.CreateTable) and not statement.whole and not statement.from_query:
            yield "CREATE TABLE"


def _unfound(migration: Migration) -> int:
    """How many constraints a migration looks up and drops that cannot be told from others."""
    doubts = (doubt for table in migration.after.tables.values() for doubt in table.doubts if doubt.kind == UNFOUND)
    return sum(doubt.at.path == migration.path for doubt in doubts)


def _add(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1
