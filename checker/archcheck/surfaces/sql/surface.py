"""The SQL surface as the engine meets it: marks, units, and the reading of one history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from archcheck.source import Source
from archcheck.surface import Files, Memory, Model, Settings, Tree, Unit
from archcheck.surfaces.sql.claims import concerns, for_tests, named_so
from archcheck.surfaces.sql.conventions import Environment
from archcheck.surfaces.sql.dialect import DIALECTS
from archcheck.surfaces.sql.histories import Found, histories
from archcheck.surfaces.sql.layouts import steps
from archcheck.surfaces.sql.marks import Mark, mark
from archcheck.surfaces.sql.model import read_history, read_project
from archcheck.surfaces.sql.pyhistories import python_histories, python_mark
from archcheck.surfaces.sql.upgrades import applied_steps

_DEFAULT: Final = "postgres"
# A file of tests, which is no migration wherever it lies.
_TEST: Final = re.compile(r"/(?:test_[^/]*|[^/]*_test|conftest)\.py$")


class Sql:
    """Migration histories, written in SQL or in Python for Alembic and Django."""

    name = "sql"
    suffixes = (".sql", ".py")
    sniffs = True

    def concerns(self, path: str) -> bool:
        """Any script, and the Python files that lie or are named as migrations do."""
        return concerns(path)

    def sniff(self, source: Source) -> str:
        """What a file says about itself."""
        if source.path[-3:].lower() == ".py":
            return python_mark(source)
        return str(mark(source))

    def units(self, tree: Tree, files: Files) -> Iterable[Unit]:
        """One unit a history."""
        everything = [*histories(tree, files), *python_histories(tree, files)]
        found = sorted(everything, key=lambda history: (_name(history), history.layout))
        names: dict[str, int] = {}
        for history in found:
            name = _name(history)
            names[name] = names.get(name, 0) + 1
            # Two layouts in one folder are two histories.
            unique = name if names[name] == 1 else f"{name} ({history.layout})"
            yield Unit(self.name, unique, history.files, msgspec.json.encode(_facts(history)).decode())

    def notes(self, tree: Tree) -> Iterable[str]:
        """How many files look like migrations, and lie among tests."""
        count = sum(
            named_so(path) and not _TEST.search(path)
            if path.endswith(".py")
            else self.owed(path, tree.marks.get(path, ""))
            for path in tree.paths
            if for_tests(path) and path.endswith(self.suffixes)
        )
        if count:
            files, look, were = ("files", "look", "were") if count > 1 else ("file", "looks", "was")
            yield f"{count:,} {files} in folders of tests {look} like migrations and {were} not read"

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Model:
        """Replay one history."""
        facts = msgspec.json.decode(unit.facts, type=dict[str, str])
        layout, folder = facts["layout"], facts["folder"]
        dialect = facts["stated"] or _chosen(settings.dialect) or facts["told"] or _DEFAULT
        if layout == "django":
            model = read_project(folder, dialect, unit.files, facts["extra"], files, settings.postgres_version)
        else:
            found = steps(layout, unit.files, facts["flavour"])
            environment = msgspec.json.decode(facts["extra"] or "{}", type=Environment)
            model = read_history(folder, layout, dialect, found, files, environment)
        applied = applied_steps(model.history.migrations, settings.applied)
        model.history = replace(model.history, postgres_version=settings.postgres_version, applied=applied)
        return model

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Model | None:
        """Histories do not concern each other."""
        return None

    def owed(self, path: str, mark: str) -> bool:
        """A file that defines something is owed; seeds, queries and dumps are not."""
        found = Mark.parse(mark)
        return found.defines and found.style != "dump"


def _name(history: Found) -> str:
    return (history.folder or ".") + (f"[{history.flavour}]" if history.flavour else "")


def _facts(history: Found) -> dict[str, str]:
    return {
        "folder": history.folder,
        "layout": history.layout,
        "stated": history.stated,
        "told": history.told,
        "flavour": history.flavour,
        "extra": history.extra,
    }


def _chosen(dialect: str) -> str:
    return dialect if dialect in DIALECTS else ""
