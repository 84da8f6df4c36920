"""A Django project's migrations in the order in which they run, and what each of them does to the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from archcheck.source import Location, Source, Unread
from archcheck.surface import Coverage, Files, Gap
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import Catalog, TableFact
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.django_file import USER_MODEL, DjangoFile, Operation, read_django
from archcheck.surfaces.sql.django_ops import Editor
from archcheck.surfaces.sql.django_state import Project
from archcheck.surfaces.sql.replay import Replay
from archcheck.surfaces.sql.subjects import Migration
from archcheck.surfaces.sql.transactions import mode
from archcheck.surfaces.sql.undoing import Portion, Undo


class Settings(Struct, frozen=True):
    """What a project's settings say that its tables depend on; empty where they do not say it in so many words."""

    auto: str = ""
    user_model: str = ""
    labels: dict[str, str] = {}


_AUTO: Final = re.compile(r"^\s*DEFAULT_AUTO_FIELD\s*=\s*[\"'](?:[\w.]+\.)?(\w+)[\"']", re.MULTILINE)
_USER: Final = re.compile(r"^\s*AUTH_USER_MODEL\s*=\s*[\"'](\w+\.\w+)[\"']", re.MULTILINE)
_LABEL: Final = re.compile(r"^\s+label\s*=\s*[\"'](\w+)[\"']", re.MULTILINE)
_ENGINE: Final = re.compile(r"backends\.(postgresql|postgis|mysql|sqlite3|spatialite|oracle)")
_ENGINES: Final = {"postgis": "postgres", "postgresql": "postgres", "mysql": "mysql"}


def read_settings(texts: Iterable[str]) -> tuple[Settings, str]:
    """What settings files say together, and the dialect of their database: PostgreSQL when it is one of several."""
    text = "\n".join(texts)
    auto, user = _AUTO.findall(text), _USER.findall(text)
    engines = {_ENGINES.get(name, "sqlite") for name in _ENGINE.findall(text)}
    dialect = next((name for name in ("postgres", "mysql", "sqlite") if name in engines), "")
    return Settings(auto[-1] if auto else "", user[-1] if user else ""), dialect


def app_label(text: str) -> str:
    """The label that an `apps.py` gives its app; empty when that is the folder's name."""
    match = _LABEL.search(text)
    return match.group(1) if match else ""


class DjangoReader:
    """Reads the files of one project through the memory of files."""

    def __init__(self, dialect: str, settings: Settings, files: Files, coverage: Coverage) -> None:
        self.dialect = dialect
        self.settings = settings
        self.files = files
        self.coverage = coverage
        self.kind = f"django-{dialect}"
        self.decoder = msgspec.msgpack.Decoder(DjangoFile)

    def migrations(self, paths: Iterable[str], replay: Replay) -> tuple[Migration, ...]:
        """All migrations, replayed in their order."""
        read = {path: found for path in paths if (found := self._file(path)) is not None}
        names = {path: (self._app(path), path.rpartition("/")[2].removesuffix(".py")) for path in read}
        replaced = _replaced(read, names)
        project = Project(self.dialect, _user(self.settings.user_model), self.settings.auto)
        order = _ordered(_graph(read, names, replaced, project.user_model[0]), names)
        return tuple(self._migration(path, names[path], read[path], project, replay) for path in order)

    def _migration(
        self, path: str, name: tuple[str, str], said: DjangoFile, project: Project, replay: Replay
    ) -> Migration:
        before = replay.catalog
        replay.catalog = before.copy()
        replay.path, replay.search = path, ()
        dialect = self.dialect

        def find(table: str) -> TableFact | None:
            schema, _, plain = table.rpartition('"."')
            return replay.catalog.tables.get((replay.schema(fold(schema, True, dialect)), fold(plain, True, dialect)))

        editor = Editor(project, find)
        up: list[say.Statement] = []
        by_hand = _ByHand(before)
        for operation in said.operations:
            by_hand.meet(operation, replay.catalog)
            for statement in editor.made(name[0], operation):
                replay.apply(statement)
                up.append(statement)
                if isinstance(statement, say.CreateTable) and operation.call.last != "RunSQL":
                    key = replay.resolved(statement.name)
                    table = replay.catalog.tables[key]
                    replay.catalog.tables[key] = replace(table, managed_by_orm="django")
        final = next((each for each in _flat(said.operations) if not each.reversible), None)
        portion = by_hand.portion(replay.catalog)
        back = portion.down if portion else ()
        undo = None if final else Undo(Location(path, said.line), back, True, unread=True)
        version = f"{name[0]}.{name[1]}"
        parents = tuple(f"{app}.{title}" for app, title in said.dependencies)
        return Migration(
            version,
            version,
            path,
            path if undo else "",
            tuple(up),
            (),
            before,
            replay.catalog,
            undo,
            mode("django", dialect, up, not said.atomic),
            parents,
            bool(said.replaces),
            final.call.at.within(path) if final else None,
            None if final else portion,
        )

    def _app(self, path: str) -> str:
        folder = path.split("/")[-3:-2]
        key = "/".join(path.split("/")[:-2])
        return self.settings.labels.get(key) or (folder[0] if folder else "")

    def _file(self, path: str) -> DjangoFile | None:
        try:
            source = self.files.open(path)
            found = self._recalled(source)
            if found is None:
                found = read_django(source, self.dialect)
                self.files.keep(source, self.kind, msgspec.msgpack.encode(found))
        except Unread as unread:
            self.coverage.gaps.append(Gap(path, unread.line, unread.kind, unread.reason, unread.way_out))
            return None
        return found

    def _recalled(self, source: Source) -> DjangoFile | None:
        data = self.files.recall(source, self.kind)
        try:
            return self.decoder.decode(data) if data is not None else None
        except msgspec.DecodeError:
            return None


class _ByHand:
    """The SQL of a migration that stands together in it, with the catalogs around it; `first` is that of the migration.

    What stands in several places, between operations that Django undoes, is nothing that is judged; nor is SQL of which
    a part is left on purpose (`RunSQL.noop`).
    """

    def __init__(self, first: Catalog) -> None:
        self.first = first
        self.found: list[Operation] = []
        self.before: Catalog | None = None
        self.after: Catalog | None = None
        self.apart = False

    def meet(self, operation: Operation, catalog: Catalog) -> None:
        """The next operation, and the catalog before it."""
        mine = list(_by_hand(operation))
        if mine and self.before is None:
            self.before = catalog.copy()
        self.apart = self.apart or bool(mine and self.after)
        if self.found and not mine and self.after is None and operation.call.last not in _OF_NO_TABLE:
            self.after = catalog.copy()
        self.found += mine

    def portion(self, last: Catalog) -> Portion | None:
        """All of it, when it stands together."""
        kept = any(not operation.back and any(map(_defines, operation.sql)) for operation in self.found)
        if self.before is None or self.apart or kept:
            return None
        made = self.before.tables.keys() - self.first.tables.keys()
        before, after = self.before, (self.after or last).copy()
        for key in made:
            before.tables.pop(key, None)
            after.tables.pop(key, None)
        up = tuple(statement for operation in self.found for statement in operation.sql)
        down = tuple(statement for operation in reversed(self.found) for statement in operation.back)
        return Portion(before, after, up, down)


_OF_NO_TABLE: Final = frozenset({"RunPython", "AlterModelOptions", "AlterModelManagers"})


def _defines(statement: say.Statement) -> bool:
    """Whether tables or types are not the same after it."""
    return isinstance(statement, _DEFINING)


_DEFINING: Final = (
    say.CreateTable
    | say.AlterTable
    | say.CreateIndex
    | say.AlterIndex
    | say.Drop
    | say.RenameTables
    | say.CreateType
    | say.AlterType
    | say.Block
    | say.Opaque
)


def _by_hand(operation: Operation) -> Iterable[Operation]:
    """The SQL that an operation is, itself or inside."""
    if operation.call.last == "RunSQL":
        yield operation
    elif operation.call.last == "SeparateDatabaseAndState":
        inner = [each for other in operation.database for each in _by_hand(other)]
        yield from inner if len(inner) == len(operation.database) else ()


def _user(text: str) -> tuple[str, str]:
    app, _, name = (text or "auth.User").partition(".")
    return app, name.lower()


def _flat(operations: Iterable[Operation]) -> Iterable[Operation]:
    for operation in operations:
        yield operation
        yield from _flat(operation.database)


def _replaced(read: Mapping[str, DjangoFile], names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The files that a squashed migration stands for, with its path: on a new database only that one runs."""
    paths = {name: path for path, name in names.items()}
    found = {}
    for path, said in sorted(read.items()):
        for name in said.replaces:
            if name in paths:
                found[paths[name]] = path
    return found


def _graph(
    read: Mapping[str, DjangoFile], names: Mapping[str, tuple[str, str]], replaced: Mapping[str, str], user: str
) -> dict[str, set[str]]:
    """The migrations with what each needs; who needs a replaced one needs the one that replaces it."""
    paths = {name: path for path, name in names.items()}
    # The replaced ones may be gone: who still names one of them means the one that replaced it.
    heirs = {name: path for path, said in sorted(read.items()) for name in said.replaces}
    inner: dict[str, set[str]] = {}
    for path, said in read.items():
        inner.setdefault(names[path][0], set()).update(name for app, name in said.dependencies if app == names[path][0])

    def find(app: str, name: str) -> str | None:
        app = user if app == USER_MODEL else app
        if name in ("__first__", "__latest__"):
            mine = sorted(n for a, n in paths if a == app and paths[a, n] not in replaced)
            roots = [n for n in mine if not any(a == app for a, _ in read[paths[app, n]].dependencies)]
            leaves = [n for n in mine if n not in inner.get(app, set())]
            chosen = roots if name == "__first__" else leaves
            path = paths[app, chosen[0]] if chosen else None
        else:
            path = paths.get((app, name)) or heirs.get((app, name))
        for _ in range(len(replaced)):
            if path is None or path not in replaced:
                break
            path = replaced[path]
        return path

    needed: dict[str, set[str]] = {path: set() for path in read if path not in replaced}
    for path, said in read.items():
        owner = replaced.get(path, path)
        while owner in replaced:
            owner = replaced[owner]
        for app, name in said.dependencies:
            if (other := find(app, name)) and other != owner:
                needed[owner].add(other)
        for app, name in said.run_before:
            if (other := find(app, name)) and other != owner:
                needed[other].add(owner)
    return needed


def _ordered(needed: Mapping[str, set[str]], names: Mapping[str, tuple[str, str]]) -> list[str]:
    """The migrations as Django plans them: for each app's last one in turn, all that it needs and then itself.

    The walk is that of MigrationGraph.iterative_dfs in django/db/migrations/graph.py.
    """
    within = {other for path, parents in needed.items() for other in parents if names[other][0] == names[path][0]}
    done: dict[str, None] = {}
    entered: set[str] = set()
    for leaf in sorted((path for path in needed if path not in within), key=lambda path: names[path]):
        stack = [(leaf, False)]
        while stack:
            path, met = stack.pop()
            if met:
                done[path] = None
            elif path not in entered:
                entered.add(path)
                stack.append((path, True))
                stack += [(parent, False) for parent in sorted(needed[path], key=lambda parent: names[parent])]
    return [*done, *sorted(set(needed) - set(done))]
