"""Subjects are what a rule about databases may ask for: a history, its migrations, and its final tables part by part.

They are views over immutable facts. Names print as the user wrote them: `str(table)` is `orders`, `str(key)` is
`orders.user_id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import Catalog, Key
from archcheck.surfaces.sql.dialect import RELATIONAL
from archcheck.surfaces.sql.final import Table
from archcheck.surfaces.sql.given import Given, given_names
from archcheck.surfaces.sql.indexing import held
from archcheck.surfaces.sql.members import Column, ForeignKey, Index
from archcheck.surfaces.sql.privileges import Privileges
from archcheck.surfaces.sql.stated import Judged
from archcheck.surfaces.sql.symmetry import Residue, Way, residues
from archcheck.surfaces.sql.transactions import Mode
from archcheck.surfaces.sql.undoing import Portion, Undo, does_nothing
from archcheck.surfaces.sql.upgrades import Rollout, Upgrade, upgrades


class History(Judged, frozen=True, eq=False):
    """All migrations of one folder and one dialect, replayed. `final` is the catalog after the last of them.

    `names` are all that were ever given to tables, constraints and indexes. `applied` is how many of the migrations are
    known to have run everywhere. `beside` are the names in its folder that start with a number and end in no `.sql`.
    """

    folder: str
    layout: str
    dialect: str
    migrations: tuple[Migration, ...]
    final: Catalog
    names: frozenset[str] = frozenset()
    postgres_version: int = 14
    applied: int = 0
    beside: tuple[str, ...] = ()

    @property
    def relational(self) -> bool:
        """Whether its dialect is one whose tables are judged."""
        return self.dialect in RELATIONAL

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables there are at the end, in the order of the places that made them."""
        facts = sorted(self.final.tables.values(), key=lambda fact: (fact.at, fact.key))
        return tuple(Table(fact, self) for fact in facts)

    def table(self, key: Key) -> Table | None:
        """The final table of that schema and folded name."""
        fact = self.final.tables.get(key)
        return Table(fact, self) if fact else None

    @property
    def without_undo(self) -> tuple[Migration, ...]:
        """The migrations that cannot be taken back although most can. Repeated ones and baselines have no way back."""
        owing = [step for step in self.migrations if step.version and not _BASELINE.match(step.name)]
        lacking = tuple(step for step in owing if step.undo is None)
        return lacking if 2 * len(lacking) < len(owing) else ()

    @property
    def claimed_twice(self) -> tuple[tuple[Migration, ...], ...]:
        """The migrations that share a version, where the runner tells them apart by it.

        A runner that refuses two of a version refuses all that come after them: where a history went on, its runner
        goes by whole names.
        """
        if self.layout in _TOLD_BY_NAME:
            return ()
        found: dict[str, list[Migration]] = {}
        for step in self.migrations:
            found.setdefault(step.version.lstrip("0"), []).append(step)
        claims = {index: steps for index, steps in enumerate(found.values()) if len(steps) > 1}
        if any(index < len(found) - _WENT_ON for index in claims):
            return ()
        return tuple(tuple(steps) for steps in claims.values() if steps[0].version.strip("0"))

    @property
    def cockroach(self) -> bool:
        """Whether it is for CockroachDB, as names in its paths tell."""
        return any(word in step.path.lower() for step in self.migrations for word in ("cockroach", "crdb"))

    def transaction(self, step: Migration) -> Mode:
        """How the runner of this layout runs a migration."""
        return step.transaction

    def keeps(self, key: str) -> bool:
        """Whether something has that folded name at the end."""
        return any(key in held(table) for table in self.final.tables.values())

    @property
    def steps(self) -> Iterator[tuple[Migration, ...]]:
        """The migrations, those together that follow each other under one title or were cut from one second.

        Generators cut what a migration says into one file a statement, and only all of them undo each other.
        """
        found: list[Migration] = []
        for step in self.migrations:
            if found and not found[-1].goes_on(step):
                yield tuple(found)
                found = []
            found.append(step)
        if found:
            yield tuple(found)

    def residues(self, steps: tuple[Migration, ...]) -> list[Residue]:
        """What is not as before after these migrations went up and down; empty where one of them has no way down."""
        if any(step.portion for step in steps):
            return [residue for step in steps for residue in self._by_hand(step)]
        undone = [(step, step.undo) for step in steps if step.undo is not None and not step.undo.unread]
        if len(undone) < len(steps) or all(undo.idle for _, undo in undone):
            return []
        ways = [Way(undo.path, step.up, undo.statements) for step, undo in undone]
        found = residues(self.dialect, self.names, steps[0].before, steps[-1].after, ways)
        if any(undo.explained for _, undo in undone):
            # The common remark: PostgreSQL cannot take a label back.
            found = [residue for residue in found if residue.kind != "label" or residue.fate != "left"]
        return found

    def _by_hand(self, step: Migration) -> list[Residue]:
        part = step.portion
        if part is None or does_nothing(part.down):
            return []
        return residues(self.dialect, self.names, part.before, part.after, [Way(step.path, part.up, part.down)])

    def forgotten(self, steps: tuple[Migration, ...]) -> list[Residue]:
        """What would stay of these migrations if nothing were undone."""
        ways = [Way(step.path, step.up, ()) for step in steps]
        return residues(self.dialect, self.names, steps[0].before, steps[-1].after, ways)

    def __str__(self) -> str:
        return self.folder or "."


class Migration(Judged, frozen=True, eq=False):
    """One step of a history: what it says going up and down, and the catalogs around it.

    `down` is empty where the layout has no such file for it. `transaction` is how its runner runs it. `parents` are the
    versions it says that it follows. A `fresh` one runs on new databases only (a baseline, a squashed migration).
    `final` is the place of a part that cannot be taken back, where that is what takes its way down away. `portion` is
    what is undone by hand, where a framework undoes the rest. `supposed` are the statements in `up`, by number, that
    another run may send in another way.
    """

    version: str
    name: str
    path: str
    down_path: str
    up: tuple[say.Statement, ...]
    down: tuple[say.Statement, ...]
    before: Catalog
    after: Catalog
    undo: Undo | None = None
    transaction: Mode = "unknown"
    parents: tuple[str, ...] = ()
    fresh: bool = False
    final: Location | None = None
    portion: Portion | None = None
    supposed: frozenset[int] = frozenset()

    @property
    def at(self) -> Location:
        """The first line of its file."""
        return Location(self.path, 1)

    @property
    def title(self) -> str:
        """Its name without the number in front."""
        return self.name[len(self.version) :].lstrip("._-") if self.name.startswith(self.version) else ""

    def goes_on(self, other: Migration) -> bool:
        """Whether the next one is a part of the same: by its title, or by the second in a version that counts on."""
        cut = len(self.version) > _SECOND and self.version.isdigit() and other.version.isdigit()
        return (self.title or self.name) == (other.title or other.name) or (
            cut and self.version[:_SECOND] == other.version[:_SECOND]
        )

    @property
    def starts_down(self) -> Location:
        """Its first word going down, or the first line of its file where it has no way down."""
        if self.undo is None or not self.undo.statements:
            return self.undo.at if self.undo else self.at
        return self.undo.statements[0].at.within(self.undo.path)

    @property
    def idles(self) -> bool:
        """Whether its way down does nothing and does not say why."""
        return self.undo is not None and self.undo.idle and not self.undo.explained

    def __str__(self) -> str:
        return self.name


class Statement(Judged, frozen=True, eq=False):
    """One statement of a migration going up, with its migration; `says` is its typed content."""

    history: History
    migration: Migration
    says: say.Statement

    @property
    def at(self) -> Location:
        """Its first word."""
        return self.says.at.within(self.migration.path)

    @property
    def names(self) -> Iterator[Given]:
        """The names it gives."""
        return given_names(self.says)


# The digits of a time up to its second; what follows them counts the parts of one migration.
_SECOND: Final = 14
_BASELINE: Final = re.compile(r"B\d")
# Runners that tell migrations apart by their whole names; they do not mind two of one number.
_TOLD_BY_NAME: Final = frozenset({"prisma", "sql-migrate", "node-pg-migrate"})
_WENT_ON: Final = 4
"""So many versions, the claimed one among them, are no accident that the next run refuses."""


def subjects(history: History, wanted: frozenset[type]) -> Iterator[object]:
    """The subjects of a history whose type is wanted, in the order of the places that made them."""
    if History in wanted:
        yield history
    if Privileges in wanted and history.migrations:
        yield Privileges(history)
    if Upgrade in wanted or Rollout in wanted:
        steps = tuple(upgrades(history))
        yield from steps if Upgrade in wanted else ()
        yield from (Rollout(history, steps),) if steps and Rollout in wanted else ()
    for migration in history.migrations:
        if Migration in wanted:
            yield migration
        if Statement in wanted:
            yield from (Statement(history, migration, statement) for statement in migration.up)
    for table in history.tables:
        if Table in wanted:
            yield table
        if Column in wanted:
            yield from table.columns
        if ForeignKey in wanted:
            yield from table.foreign_keys
        if Index in wanted:
            yield from table.indexes
