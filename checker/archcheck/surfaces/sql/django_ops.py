"""The operations of Django's migrations as the statements that its schema editor sends.

Names of constraints and indexes are Django's own. What Django finds by asking the database (the name of an old unique
constraint) is found in the catalog under replay; so every statement is applied before the next one is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.django_file import Node, Operation, listed
from archcheck.surfaces.sql.django_models import Made, Models, groups_of, ordering, replaced
from archcheck.surfaces.sql.django_state import DjangoField, DjangoModel
from archcheck.surfaces.sql.parts import Span

_NOTHING: Final = frozenset(
    "AlterModelOptions AlterModelManagers AlterModelTableComment ValidateConstraint CreateExtension CreateCollation "
    "RemoveCollation TrigramExtension UnaccentExtension HStoreExtension CITextExtension CryptoExtension "
    "BtreeGinExtension BtreeGistExtension BloomExtension".split()
)


class Editor(Models):
    """Turns operations into statements, and keeps the models as they become."""

    def made(self, app: str, operation: Operation) -> Made:
        """The statements of one operation of a migration of `app`."""
        call = operation.call
        build = _OPERATIONS.get(call.last)
        if call.last == "SeparateDatabaseAndState":
            yield from self._separate(app, operation)
        elif call.last == "RunSQL":
            yield from operation.sql
            for inner in operation.state:
                self._silently(app, inner)
        elif call.last == "RunPython":
            yield say.Ignored(call.at, "RunPython")
            yield from operation.sql
        elif build is not None:
            yield from build(self, app, call)
        elif call.last in _NOTHING:
            if call.last == "AlterModelOptions":
                self._options(app, call)
            yield say.Ignored(call.at, call.last)
        else:
            yield say.Opaque(call.at, call.last if call.last != "?" else "a computed operation", ("*",))

    def _separate(self, app: str, operation: Operation) -> Made:
        before = dict(self.project.models)
        for inner in operation.database:
            yield from self.made(app, inner)
        self.project.models = before
        for inner in operation.state:
            self._silently(app, inner)

    def _silently(self, app: str, operation: Operation) -> None:
        for _ in self.made(app, operation):
            pass

    def _options(self, app: str, call: Node) -> None:
        options = call.get("options", 1)
        managed = options.get("managed") if isinstance(options, Node) else None
        if isinstance(managed, bool):
            self.project.change((app, call.text("name", 0).lower()), managed=managed)

    # Fields

    def _add_field(self, app: str, call: Node) -> Made:
        model, node = self._model(app, call), call.get("field", 2)
        name = call.text("name", 1)
        if model is None or not isinstance(node, Node) or not name:
            yield from self._unknown(app, call)
            return
        each = DjangoField(name, node)
        model = replace(model, fields={**model.fields, name: each})
        self.project.models[model.key] = model
        if not model.stored or (each.virtual and (not each.many or each.through)):
            yield say.Ignored(call.at, "AddField")
        elif each.many:
            yield from self.columns.through(model, each)
        else:
            column = self.columns.column(model, each)
            given = self.columns.filled(each)
            table = self.project.table(model)
            if given and column.default is None:
                filled = say.Column(
                    column.name, column.type, column.nullable, given, column.generated, "", column.constraints
                )
                yield self._alter(call.at, table, say.AddColumn(call.at, filled))
                yield self._alter(call.at, table, say.SetDefault(call.at, column.name, None))
            else:
                yield self._alter(call.at, table, say.AddColumn(call.at, column))
            yield from self.columns.indexes(model, each)

    def _remove_field(self, app: str, call: Node) -> Made:
        model = self._model(app, call)
        name = call.text("name", 1)
        each = model.fields.get(name) if model else None
        if model is None or each is None:
            yield from self._unknown(app, call)
            return
        if not model.stored or (each.virtual and (not each.many or each.through)):
            yield say.Ignored(call.at, "RemoveField")
        elif each.many:
            through = self.columns.name(self.project.through_table(model, each), call.at)
            yield say.Drop(call.at, "TABLE", (through,))
        else:
            gone = say.DropColumn(call.at, self.columns.word(each.column, call.at))
            yield self._alter(call.at, self.project.table(model), gone)
        fields = {key: value for key, value in model.fields.items() if key != name}
        self.project.change(model.key, fields=fields)

    def _rename_field(self, app: str, call: Node) -> Made:
        model = self._model(app, call)
        old, new = call.text("old_name", 1), call.text("new_name", 2)
        each = model.fields.get(old) if model else None
        if model is None or each is None or not new:
            yield from self._unknown(app, call)
            return

        def groups(found: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
            return tuple(tuple(new if name == old else name for name in group) for group in found)

        renamed = replace(each, name=new)
        if each.many and not each.through and model.stored:
            tables = [self.project.through_table(model, field) for field in (each, renamed)]
            if tables[0] != tables[1]:
                yield self._alter(call.at, tables[0], say.RenameTo(call.at, self.columns.name(tables[1], call.at)))
        elif not each.virtual and model.stored and each.column != renamed.column:
            table = self.project.table(model)
            action = self.columns.rename(each.column, renamed.column, call.at)
            lost = [*self.columns.unbound(self.find(table), each, call.at)] if each.constrained else []
            made = self.columns.foreign(model, replace(renamed, call=replaced(each.call, call.at))) if lost else None
            bound = [say.AddConstraint(call.at, made)] if made else []
            yield self._alter(call.at, table, *lost, action, *bound)
        self.project.change(
            model.key,
            fields={new if key == old else key: renamed if key == old else f for key, f in model.fields.items()},
            unique_together=groups(model.unique_together),
            index_together=groups(model.index_together),
        )

    def _alter_field(self, app: str, call: Node) -> Made:
        model, node = self._model(app, call), call.get("field", 2)
        name = call.text("name", 1)
        old = model.fields.get(name) if model else None
        if model is None or old is None or not isinstance(node, Node):
            yield from self._unknown(app, call)
            return
        new = DjangoField(name, node)
        after = replace(model, fields={**model.fields, name: new})
        waiting = [
            (owner, each, self.project.type(owner, each))
            for owner, each in (self.project.referring(model.key) if old.primary else ())
            if each.foreign
        ]
        kind = "" if old.virtual else self.project.type(model, old)
        self.project.models[model.key] = after
        if not model.stored or old.virtual or new.virtual:
            same = old.many and new.many and not old.through and not new.through
            if same and self.project.target(model, old) != self.project.target(after, new):
                yield from self._repoint(call.at, after, old, new)
            yield say.Ignored(call.at, "AlterField")
            return
        table = self.project.table(model)
        fact = self.find(table)
        changed = list(self.columns.altered(after, old, kind, new, fact, call.at))
        if changed:
            yield self._alter(call.at, table, *changed)
        yield from self.columns.reindexed(after, old, new, fact, call.at)
        if old.primary and new.primary and kind != self.project.type(after, new):
            yield from self._follow(call.at, after, waiting)
        elif not changed:
            yield say.Ignored(call.at, "AlterField")

    def _repoint(self, at: Span, model: DjangoModel, old: DjangoField, new: DjangoField) -> Made:
        """The table behind a ManyToManyField points at another model."""
        table = self.project.through_table(model, new)
        keys = self.project.target(model, old), self.project.target(model, new)
        if keys[0] is None or keys[1] is None or model.key in keys:
            yield say.Opaque(at, "AlterField", (table,))
            return
        made = DjangoField(keys[1][1], Node("models.ForeignKey", kwargs={"to": ".".join(keys[1])}, at=at))
        before = DjangoField(keys[0][1], Node("models.ForeignKey", kwargs={"to": ".".join(keys[0])}, at=at))
        through = DjangoModel(model.app, new.name, {}, table)
        actions: list[say.Action] = [*self.columns.unbound(self.find(table), before, at)]
        if before.column != made.column:
            actions.append(self.columns.rename(before.column, made.column, at))
        kind = self.project.type(through, made)
        if kind != self.project.type(through, before):
            actions.append(say.SetType(at, self.columns.word(made.column, at), kind))
        if foreign := self.columns.foreign(through, made):
            actions.append(say.AddConstraint(at, foreign))
        yield self._alter(at, table, *actions)

    def _follow(self, at: Span, model: DjangoModel, waiting: list[tuple[DjangoModel, DjangoField, str]]) -> Made:
        """The columns that point at a key get its new type."""
        for owner, each, before in waiting:
            owner = self.project.models.get(owner.key, owner)
            kind = self.project.type(owner, each)
            if owner.stored and kind != before:
                action = say.SetType(at, self.columns.word(each.column, at), kind)
                yield self._alter(at, self.project.table(owner), action)
        for owner, each in list(self.project.referring(model.key)):
            if each.many and not each.through and owner.stored:
                yield from self._follow_through(at, owner, each, model)
        for each in model.fields.values():
            if each.many and not each.through and self.project.target(model, each) != model.key:
                yield from self._follow_through(at, model, each, model)

    def _follow_through(self, at: Span, owner: DjangoModel, many: DjangoField, model: DjangoModel) -> Made:
        kind = self.project.type(model, self.project.key_field(model))
        own = self.project.target(owner, many) == owner.key
        for side in ("from_", "to_") if own else ("",):
            word = self.columns.word(f"{side}{model.name.lower()}_id", at)
            yield self._alter(at, self.project.through_table(owner, many), say.SetType(at, word, kind))

    # Constraints and indexes

    def _together(self, app: str, call: Node) -> Made:
        unique = call.last == "AlterUniqueTogether"
        model = self._model(app, call, "name")
        option = "unique_together" if unique else "index_together"
        if model is None:
            yield from self._unknown(app, call)
            return
        before = model.unique_together if unique else model.index_together
        after = groups_of(call.get(option, 1))
        self.project.change(model.key, **{option: after})
        if not model.stored:
            return
        table = self.project.table(model)
        for names in (group for group in before if group not in after):
            yield from self.columns.apart(table, self.columns.of(model, names), unique, self.find(table), call.at)
        for names in (group for group in after if group not in before):
            if unique:
                made = self.columns.together(model, names, "_uniq", call.at)
                yield self._alter(call.at, table, say.AddConstraint(call.at, made))
            else:
                yield self.columns.index_together(model, names, call.at)

    def _add_index(self, app: str, call: Node) -> Made:
        model, node = self._model(app, call), call.get("index", 1)
        if model is None or not isinstance(node, Node):
            yield from self._unknown(app, call)
            return
        self.project.change(model.key, indexes={**model.indexes, node.text("name"): node})
        if model.stored:
            made = self.columns.index(model, node, call.last == "AddIndexConcurrently")
            yield say.CreateIndex(call.at, made.table, made.index, made.concurrently)

    def _remove_index(self, app: str, call: Node) -> Made:
        model, name = self._model(app, call), call.text("name", 1)
        if model is None or not name:
            yield from self._unknown(app, call)
            return
        self.project.change(model.key, indexes={k: v for k, v in model.indexes.items() if k != name})
        if model.stored:
            yield self._drop_index(model, name, call, call.last == "RemoveIndexConcurrently")

    def _drop_index(self, model: DjangoModel, name: str, call: Node, concurrently: bool) -> say.Drop:
        table = self.columns.name(self.project.table(model), call.at) if self.project.dialect == "mysql" else None
        found = self.columns.name(name, call.at)
        return say.Drop(call.at, "INDEX", (found,), False, False, concurrently, table)

    def _rename_index(self, app: str, call: Node) -> Made:
        model, new = self._model(app, call), call.text("new_name", 1)
        if model is None or not new:
            yield from self._unknown(app, call)
            return
        old = call.text("old_name", 2)
        group = tuple(name for name in listed(call.get("old_fields", 3)) if isinstance(name, str))
        table = self.find(self.project.table(model))
        if not old and table is not None:
            columns = tuple(fold(column, True, self.project.dialect) for column in self.columns.of(model, group))
            keys = (i.name for i in table.indexes if tuple(part.key for part in i.parts) == columns)
            old = next(keys, "")
        indexes = {k: v for k, v in model.indexes.items() if k != old}
        if old in model.indexes:
            indexes[new] = model.indexes[old]
        rest = tuple(g for g in model.index_together if g != group)
        self.project.change(model.key, indexes=indexes, index_together=rest)
        if model.stored and old:
            to = say.RenameTo(call.at, self.columns.name(new, call.at))
            yield say.AlterIndex(call.at, self.columns.name(old, call.at), to)

    def _add_constraint(self, app: str, call: Node) -> Made:
        model, node = self._model(app, call), call.get("constraint", 1)
        if model is None or not isinstance(node, Node):
            yield from self._unknown(app, call)
            return
        self.project.change(model.key, constraints={**model.constraints, node.text("name"): node})
        if model.stored:
            yield self.columns.constraint(model, node, call.last == "AddConstraintNotValid")

    def _remove_constraint(self, app: str, call: Node) -> Made:
        model, name = self._model(app, call), call.text("name", 1)
        node = model.constraints.get(name) if model else None
        if model is None or not name:
            yield from self._unknown(app, call)
            return
        self.project.change(model.key, constraints={k: v for k, v in model.constraints.items() if k != name})
        if not model.stored:
            return
        if node is not None and self.columns.behind_index(node):
            yield self._drop_index(model, name, call, False)
        else:
            kind = "index" if self.project.dialect == "mysql" and node and node.last == "UniqueConstraint" else ""
            gone = say.DropConstraint(call.at, self.columns.word(name, call.at), kind, node is None)
            yield self._alter(call.at, self.project.table(model), gone)

    def _alter_constraint(self, app: str, call: Node) -> Made:
        model, node = self._model(app, call), call.get("constraint", 2)
        if model is not None and isinstance(node, Node):
            self.project.change(model.key, constraints={**model.constraints, call.text("name", 1): node})
        yield say.Ignored(call.at, "AlterConstraint")

    def _order(self, app: str, call: Node) -> Made:
        model = self._model(app, call, "name")
        if model is None:
            yield from self._unknown(app, call)
            return
        wanted, there = call.get("order_with_respect_to", 1) is not None, "_order" in model.fields
        table = self.project.table(model)
        if wanted and not there:
            each = ordering(call.at)
            self.project.change(model.key, fields={**model.fields, "_order": each})
            column = self.columns.column(model, each)
            filled = say.Column(column.name, column.type, column.nullable, "0")
            yield self._alter(call.at, table, say.AddColumn(call.at, filled))
            yield self._alter(call.at, table, say.SetDefault(call.at, column.name, None))
        elif there and not wanted:
            self.project.change(model.key, fields={k: v for k, v in model.fields.items() if k != "_order"})
            yield self._alter(call.at, table, say.DropColumn(call.at, self.columns.word("_order", call.at)))


_OPERATIONS: Final[dict[str, Callable[[Editor, str, Node], Made]]] = {
    "CreateModel": Editor._create_model,
    "DeleteModel": Editor._delete_model,
    "RenameModel": Editor._rename_model,
    "AlterModelTable": Editor._alter_table,
    "AddField": Editor._add_field,
    "RemoveField": Editor._remove_field,
    "RenameField": Editor._rename_field,
    "AlterField": Editor._alter_field,
    "AlterUniqueTogether": Editor._together,
    "AlterIndexTogether": Editor._together,
    "AddIndex": Editor._add_index,
    "AddIndexConcurrently": Editor._add_index,
    "RemoveIndex": Editor._remove_index,
    "RemoveIndexConcurrently": Editor._remove_index,
    "RenameIndex": Editor._rename_index,
    "AddConstraint": Editor._add_constraint,
    "AddConstraintNotValid": Editor._add_constraint,
    "RemoveConstraint": Editor._remove_constraint,
    "AlterConstraint": Editor._alter_constraint,
    "AlterOrderWithRespectTo": Editor._order,
}
