"""The names that constraints and indexes of an Alembic operation get by the convention of the project."""

from __future__ import annotations

from msgspec.structs import replace

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.conventions import Convention, conventional
from archcheck.surfaces.sql.cursor import fold


def with_names(statement: say.Statement, convention: Convention, dialect: str) -> say.Statement:
    """A statement with names for what has none."""
    if isinstance(statement, say.CreateTable):
        names = _Names(convention, dialect, statement.name)
        columns = tuple(names.column(column) for column in statement.columns)
        constraints = tuple(map(names.constraint, statement.constraints))
        return replace(statement, columns=columns, constraints=constraints)
    if isinstance(statement, say.AlterTable):
        names = _Names(convention, dialect, statement.name)
        return replace(statement, actions=tuple(map(names.action, statement.actions)))
    if isinstance(statement, say.CreateIndex):
        return replace(statement, index=_Names(convention, dialect, statement.table).index(statement.index))
    return statement


class _Names:
    """The names within one table."""

    def __init__(self, convention: Convention, dialect: str, table: say.Name) -> None:
        self.convention = convention
        self.dialect = dialect
        self.table = table.text.rpartition(".")[2]

    def action(self, action: say.Action) -> say.Action:
        if isinstance(action, say.AddColumn):
            return replace(action, column=self.column(action.column))
        if isinstance(action, say.AddConstraint):
            return replace(action, constraint=self.constraint(action.constraint))
        return action

    def column(self, column: say.Column) -> say.Column:
        if not column.constraints:
            return column
        return replace(column, constraints=tuple(map(self.constraint, column.constraints)))

    def constraint(self, constraint: say.Constraint) -> say.Constraint:
        if constraint.name is not None or (constraint.kind == "primary" and self.dialect == "mysql"):
            return constraint
        columns = [word.text for word in constraint.columns]
        target = constraint.references.key if constraint.references is not None else ""
        name = conventional(self.convention, constraint.kind, self.dialect, self.table, columns, target)
        return replace(constraint, name=self._word(name, constraint.at)) if name else constraint

    def index(self, index: say.Index) -> say.Index:
        if index.name is not None or not all(part.key for part in index.parts):
            return index
        name = conventional(self.convention, "index", self.dialect, self.table, [part.key for part in index.parts])
        return replace(index, name=self._word(name, index.at)) if name else index

    def _word(self, name: str, at: say.Span) -> say.Word:
        return say.Word(fold(name, True, self.dialect), name, at)
