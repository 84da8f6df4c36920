"""Django's operations on whole models: what a model becomes as a table, and what moves when it gets another name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec.structs import replace

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import TableFact
from archcheck.surfaces.sql.django_fields import Columns
from archcheck.surfaces.sql.django_file import Node, Value, listed
from archcheck.surfaces.sql.django_state import DjangoField, DjangoModel, Project
from archcheck.surfaces.sql.parts import Span

Made: TypeAlias = Iterator[say.Statement]


class Models:
    """The models as they become, and the operations on them. `find` asks the catalog for a table."""

    def __init__(self, project: Project, find: Callable[[str], TableFact | None]) -> None:
        self.project = project
        self.find = find
        self.columns = Columns(project)

    def _model(self, app: str, call: Node, name: str = "model_name", position: int = 0) -> DjangoModel | None:
        return self.project.models.get((app, call.text(name, position).lower()))

    def _unknown(self, app: str, call: Node) -> Made:
        """An operation on a model that no migration of the project makes."""
        name = call.text("model_name", 0) or call.text("name", 0)
        yield say.Opaque(call.at, call.last, (f"{app}_{name.lower()}",) if name else ("*",))

    def _alter(self, at: Span, table: str, *actions: say.Action) -> say.AlterTable:
        return say.AlterTable(at, self.columns.name(table, at), actions)

    def _create_model(self, app: str, call: Node) -> Made:
        model = self._read_model(app, call)
        if model is None:
            yield say.Opaque(call.at, "CreateModel with computed parts", ("*",))
            return
        self.project.models[model.key] = model
        if not model.stored:
            yield say.Ignored(call.at, "CreateModel")
            return
        table = self.project.table(model)
        whole = all(len(listed(pair)) == 2 for pair in listed(call.get("fields", 1)))
        parts = [self.columns.column(model, each) for each in self.columns.stored(model)]
        composite = next((f for f in model.fields.values() if f.call.last == "CompositePrimaryKey"), None)
        constraints = [self.columns.together(model, names, "_uniq", call.at) for names in model.unique_together]
        if composite is not None:
            names = tuple(name for name in composite.call.args if isinstance(name, str))
            words = self.columns.words(self.columns.of(model, names), composite.at)
            constraints.append(say.Constraint("primary", composite.at, None, words))
        yield say.CreateTable(
            call.at,
            self.columns.name(table, call.at),
            columns=tuple(parts),
            constraints=tuple(constraints),
            whole=whole,
        )
        for each in self.columns.stored(model):
            yield from self.columns.indexes(model, each)
        for names in model.index_together:
            yield self.columns.index_together(model, names, call.at)
        for node in model.indexes.values():
            yield self.columns.index(model, node, False)
        for node in model.constraints.values():
            yield self.columns.constraint(model, node)
        for each in model.fields.values():
            if each.many and not each.through:
                yield from self.columns.through(model, each)

    def _read_model(self, app: str, call: Node) -> DjangoModel | None:
        name, pairs = call.text("name", 0), call.get("fields", 1)
        if not name or not isinstance(pairs, Node) or not pairs.listed:
            return None
        fields: dict[str, DjangoField] = {}
        for pair in map(listed, pairs.args):
            if len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], Node):
                fields[pair[0]] = DjangoField(pair[0], pair[1])
        options = call.get("options", 2)
        options = options if isinstance(options, Node) else Node("{}")
        model = DjangoModel(app, name, fields)
        bases = [base for base in listed(call.get("bases", 3)) if isinstance(base, str)]
        proxied = self.project.resolved(model, bases[0]) if options.get("proxy") is True and bases else None
        if options.get("order_with_respect_to") is not None:
            fields["_order"] = ordering(call.at)
        if not any(f.primary or f.call.last == "CompositePrimaryKey" for f in fields.values()) and proxied is None:
            key = self.project.key_field(model)
            implied = replace(key, call=Node(key.call.name, kwargs=key.call.kwargs, at=call.at))
            fields = {"id": implied, **fields}
        return replace(
            model,
            fields=fields,
            table=options.text("db_table"),
            managed=options.get("managed") is not False,
            proxied=proxied or (model.key if options.get("proxy") is True else None),
            unique_together=groups_of(options.get("unique_together")),
            index_together=groups_of(options.get("index_together")),
            indexes=_named(options.get("indexes")),
            constraints=_named(options.get("constraints")),
        )

    def _delete_model(self, app: str, call: Node) -> Made:
        model = self._model(app, call, "name")
        if model is None:
            name = self.columns.name(f"{app}_{call.text('name', 0).lower()}", call.at)
            yield say.Drop(call.at, "TABLE", (name,))
            return
        if model.stored:
            for each in model.fields.values():
                if each.many and not each.through:
                    through = self.columns.name(self.project.through_table(model, each), call.at)
                    yield say.Drop(call.at, "TABLE", (through,))
            table = self.columns.name(self.project.table(model), call.at)
            yield say.Drop(call.at, "TABLE", (table,))
        del self.project.models[model.key]

    def _rename_model(self, app: str, call: Node) -> Made:
        model = self._model(app, call, "old_name")
        new = call.text("new_name", 1)
        if model is None or not new:
            yield from self._unknown(app, call)
            return
        renamed = replace(model, name=new)
        relations = list(self.project.referring(model.key))
        yield from self._move(call.at, model, renamed)
        del self.project.models[model.key]
        self.project.models[renamed.key] = renamed
        for each in model.fields.values() if model.stored else ():
            if each.many and not each.through:
                through = self.project.through_table(renamed, each)
                own = self.project.target(model, each) == model.key
                for side in ("from_", "to_") if own else ("",):
                    yield from self._rebind(call.at, through, model, renamed, side)
        for owner, each in relations:
            holder = renamed if owner.key == model.key else owner
            to = Node(each.call.name, each.call.args, {**each.call.kwargs, "to": f"{app}.{new}"}, each.at)
            fields = {**self.project.models[holder.key].fields, each.name: replace(each, call=to)}
            self.project.change(holder.key, fields=fields)
            if each.many and not each.through and holder.stored and owner.key != model.key:
                through = self.project.through_table(holder, each)
                yield from self._rebind(call.at, through, model, renamed)
            elif each.constrained and holder.stored:
                table = self.project.table(holder)
                made = self.columns.foreign(holder, DjangoField(each.name, replaced(to, call.at)))
                lost = [*self.columns.unbound(self.find(table), each, call.at)]
                if made and lost:
                    yield self._alter(call.at, table, *lost, say.AddConstraint(call.at, made))

    def _move(self, at: Span, old: DjangoModel, new: DjangoModel) -> Made:
        """Rename a model's table, with the tables Django made for its ManyToManyFields."""
        if not old.stored:
            return
        before, after = self.project.table(old), self.project.table(new)
        if before != after:
            yield self._alter(at, before, say.RenameTo(at, self.columns.name(after, at)))
        for each in old.fields.values():
            if each.many and not each.through:
                first, second = self.project.through_table(old, each), self.project.through_table(new, each)
                if first != second:
                    yield self._alter(at, first, say.RenameTo(at, self.columns.name(second, at)))

    def _rebind(self, at: Span, table: str, old: DjangoModel, new: DjangoModel, side: str = "") -> Made:
        """The column for a model in a table that Django made for a ManyToManyField, and its key, get the new name."""
        if old.key == new.key:
            return
        to = Node("models.ForeignKey", kwargs={"to": ".".join(new.key)}, at=at)
        before, after = (DjangoField(f"{side}{model.name.lower()}", to) for model in (old, new))
        lost = [*self.columns.unbound(self.find(table), before, at)]
        made = self.columns.foreign(DjangoModel(new.app, "", {}, table), after) if lost else None
        bound = [say.AddConstraint(at, made)] if made else []
        yield self._alter(at, table, *lost, self.columns.rename(before.column, after.column, at), *bound)

    def _alter_table(self, app: str, call: Node) -> Made:
        model = self._model(app, call, "name")
        table = call.get("table", 1)
        if model is None or isinstance(table, Node):
            yield from self._unknown(app, call)
            return
        new = replace(model, table=table if isinstance(table, str) else "")
        yield from self._move(call.at, model, new)
        self.project.models[model.key] = new


def replaced(call: Node, at: Span) -> Node:
    """The same call, placed where an operation changes it."""
    return Node(call.name, call.args, call.kwargs, at)


def ordering(at: Span) -> DjangoField:
    return DjangoField("_order", Node("models.OrderWrt", at=at))


def groups_of(value: Value) -> tuple[tuple[str, ...], ...]:
    """`unique_together` as groups of names: one group may stand alone."""
    if isinstance(value, Node) and value.name in ("set", "list", "tuple"):
        value = value.args[0] if value.args else None
    items = listed(value)
    groups = {tuple(name for name in listed(item) if isinstance(name, str)) for item in items}
    groups.add(tuple(item for item in items if isinstance(item, str)))
    return tuple(sorted(filter(None, groups)))


def _named(value: Value) -> dict[str, Node]:
    return {node.text("name"): node for node in listed(value) if isinstance(node, Node)}
