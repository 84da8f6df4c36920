"""What Django's schema editor makes of fields, indexes and constraints: columns, keys, names and all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.catalog import TableFact
from archcheck.surfaces.sql.cursor import fold
from archcheck.surfaces.sql.django_file import Node, Value, listed
from archcheck.surfaces.sql.django_names import index_name
from archcheck.surfaces.sql.django_state import AUTOMATIC, POSITIVE, DjangoField, DjangoModel, Project
from archcheck.surfaces.sql.parts import Column, Constraint, Index, Name, Part, Span, Word

# What a field may say that its column does not hear of.
_UNHEARD: Final = frozenset(
    "blank choices db_column editable error_messages help_text limit_choices_to on_delete related_name "
    "related_query_name validators verbose_name".split()
)
_METHODS: Final = {
    "GinIndex": "gin",
    "GistIndex": "gist",
    "BrinIndex": "brin",
    "HashIndex": "hash",
    "SpGistIndex": "spgist",
    "BloomIndex": "bloom",
}
_EMPTY_TEXT: Final = frozenset(
    "CharField TextField EmailField SlugField URLField FileField ImageField FilePathField "
    "CommaSeparatedIntegerField BinaryField".split()
)


class Columns:
    """Makes the parts of statements for the models of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def name(self, text: str, at: Span) -> Name:
        """The name of a table or an index; `schema"."table` is Django's way to write a schema."""
        schema, _, plain = text.rpartition('"."')
        key = fold(plain, True, self.project.dialect)
        return Name(fold(schema, True, self.project.dialect), key, f"{schema}.{plain}" if schema else plain, at)

    def word(self, text: str, at: Span) -> Word:
        """The name of a column or a constraint."""
        return Word(fold(text, True, self.project.dialect), text, at)

    def words(self, texts: Iterable[str], at: Span) -> tuple[Word, ...]:
        return tuple(self.word(text, at) for text in texts)

    def rename(self, old: str, new: str, at: Span) -> say.RenameColumn:
        return say.RenameColumn(at, self.word(old, at), self.word(new, at))

    def stored(self, model: DjangoModel) -> list[DjangoField]:
        """The fields that have a column."""
        return [each for each in model.fields.values() if not each.virtual]

    def of(self, model: DjangoModel, names: Iterable[str]) -> tuple[str, ...]:
        """The columns of fields by name."""
        return tuple(model.fields[name].column if name in model.fields else name for name in names)

    def column(self, model: DjangoModel, each: DjangoField) -> Column:
        """A field's column with the constraints that it brings with it."""
        word = self.word(each.column, each.at)
        constraints = []
        if each.primary:
            constraints.append(Constraint("primary", each.at, None, (word,)))
        if each.unique:
            constraints.append(Constraint("unique", each.at, None, (word,)))
        if each.call.last in POSITIVE and self.project.dialect != "mysql":
            constraints.append(Constraint("check", each.at, None, check=f'"{each.column}" >= 0'))
        if each.constrained and (foreign := self.foreign(model, each)):
            constraints.append(foreign)
        generated = ""
        if each.call.last in AUTOMATIC:
            generated = "identity" if self.project.dialect == "postgres" else "auto"
        elif each.call.last == "GeneratedField":
            generated = "virtual" if each.call.get("db_persist") is False else "stored"
        kind = self.project.type(model, each)
        return Column(word, kind, each.nullable, self._default(each.call), generated, "", tuple(constraints))

    def foreign(self, model: DjangoModel, each: DjangoField) -> Constraint | None:
        """A field's foreign key; ON DELETE is Django's affair and not the database's."""
        table, column, _ = self.project.aim(model, each)
        if not table:
            return None
        own = self.project.table(model)
        suffix = f"_fk_{table.rpartition('.')[2]}_{column}"
        name = index_name(own, (each.column,), suffix, self.project.dialect)
        columns = (self.word(each.column, each.at),)
        referenced = (self.word(column, each.at),)
        to = self.name(table, each.at)
        return Constraint("foreign", each.at, self.word(name, each.at), columns, to, referenced, deferrable=True)

    def indexes(self, model: DjangoModel, each: DjangoField) -> Iterator[say.CreateIndex]:
        """The indexes that come with a field."""
        # InnoDB has an index for every foreign key, and Django leaves it to that.
        if each.indexed and not (self.project.dialect == "mysql" and each.constrained):
            yield self._index(model, each, "")
        if each.indexed or each.unique or each.primary:
            yield from self._like(model, each)

    def _index(self, model: DjangoModel, each: DjangoField, suffix: str) -> say.CreateIndex:
        table = self.project.table(model)
        name = index_name(table, (each.column,), suffix, self.project.dialect)
        part = Part(fold(each.column, True, self.project.dialect))
        method = "gist" if self.project.type(model, each) == "geometry" else ""
        said = each.call.get("db_index") is True
        index = Index(each.at, self.word(name, each.at), (part,), method=method, implied=not said)
        return say.CreateIndex(each.at, self.name(table, each.at), index)

    def _like(self, model: DjangoModel, each: DjangoField) -> Iterator[say.CreateIndex]:
        """PostgreSQL gets a second index on texts, for LIKE."""
        kind = self.project.type(model, each)
        if self.project.dialect == "postgres" and kind.startswith(("varchar", "text")) and "[" not in kind:
            made = self._index(model, each, "_like")
            part = Part(made.index.parts[0].key, operators=f"{kind.partition('(')[0]}_pattern_ops")
            yield say.CreateIndex(made.at, made.table, Index(made.at, made.index.name, (part,), implied=True))

    def together(self, model: DjangoModel, names: tuple[str, ...], suffix: str, at: Span) -> Constraint:
        """A unique constraint over several fields."""
        columns = self.of(model, names)
        name = index_name(self.project.table(model), columns, suffix, self.project.dialect)
        return Constraint("unique", at, self.word(name, at), self.words(columns, at))

    def index_together(self, model: DjangoModel, names: tuple[str, ...], at: Span) -> say.CreateIndex:
        """An index over several fields."""
        columns, table = self.of(model, names), self.project.table(model)
        name = index_name(table, columns, "_idx", self.project.dialect)
        parts = tuple(Part(fold(column, True, self.project.dialect)) for column in columns)
        return say.CreateIndex(at, self.name(table, at), Index(at, self.word(name, at), parts))

    def apart(
        self, table: str, columns: tuple[str, ...], unique: bool, fact: TableFact | None, at: Span
    ) -> Iterator[say.Statement]:
        """Drop the unique constraint, or the index, over these columns, whatever its name."""
        keys = tuple(fold(column, True, self.project.dialect) for column in columns)
        name = self.name(table, at)
        if fact is None:
            yield say.Opaque(at, "a table that is not known", (name.key,))
        elif unique:
            for found in fact.uniques:
                if found.columns == keys:
                    kind = "index" if self.project.dialect == "mysql" else ""
                    gone = say.DropConstraint(at, self.word(found.name, at), kind, True)
                    yield say.AlterTable(at, name, (gone,))
        else:
            for index in fact.indexes:
                if tuple(part.key for part in index.parts) == keys and not index.unique and not index.predicate:
                    yield self._drop(index.name, name, at)

    def _drop(self, index: str, table: Name, at: Span) -> say.Drop:
        owner = table if self.project.dialect == "mysql" else None
        return say.Drop(at, "INDEX", (Name("", index, index, at),), True, table=owner)

    def index(self, model: DjangoModel, node: Node, concurrently: bool) -> say.CreateIndex:
        """An index of `Meta.indexes`, or the one behind a conditional unique constraint."""
        at, dialect = node.at, self.project.dialect
        parts = []
        for name in _texts(node.get("fields")):
            column = self.of(model, (name.removeprefix("-"),))[0]
            parts.append(Part(fold(column, True, dialect), descending=name.startswith("-")))
        for expression in node.args if not parts else ():
            text = " ".join(self._mentioned(model, expression))
            plain = isinstance(expression, str) or (isinstance(expression, Node) and expression.last == "F")
            parts.append(Part(fold(text, True, dialect)) if plain else Part("", f"{_function(expression)}({text})"))
        predicate, not_null = self._condition(model, node.get("condition"))
        name = node.text("name")
        if not name and parts and dialect in ("postgres", "mysql", "sqlite"):
            name = index_name(self.project.table(model), tuple(part.key for part in parts), "_idx", dialect)[:30]
        index = Index(
            at,
            self.word(name, at) if name else None,
            tuple(parts),
            unique=node.last == "UniqueConstraint",
            method=_METHODS.get(node.last, ""),
            include=self.of(model, _texts(node.get("include"))),
            predicate=predicate,
            not_null=not_null,
            nulls_not_distinct=node.get("nulls_distinct") is False,
        )
        return say.CreateIndex(at, self.name(self.project.table(model), at), index, concurrently)

    def constraint(self, model: DjangoModel, node: Node, not_valid: bool = False) -> say.Statement:
        """A constraint of `Meta.constraints`."""
        at, table = node.at, self.project.table(model)
        name = self.word(node.text("name"), at) if node.text("name") else None
        if self.behind_index(node):
            return self.index(model, node, False)
        if node.last == "UniqueConstraint":
            columns = self.words(self.of(model, _texts(node.get("fields"))), at)
            deferrable = node.get("deferrable") is not None
            made = Constraint("unique", at, name, columns, deferrable=deferrable)
        elif node.last == "CheckConstraint":
            check = node.get("condition") if "condition" in node.kwargs else node.get("check", 0)
            text = " AND ".join(self._mentioned(model, check)) or "?"
            made = Constraint("check", at, name, check=text, not_valid=not_valid)
        elif node.last == "ExclusionConstraint":
            keys = self._mentioned(model, node.get("expressions"))
            made = Constraint("exclude", at, name, parts=tuple(Part("", key) for key in keys))
        else:
            return say.Opaque(at, node.last, (self.name(table, at).key,))
        return say.AlterTable(at, self.name(table, at), (say.AddConstraint(at, made),))

    def behind_index(self, node: Node) -> bool:
        """Whether a unique constraint is no constraint in the database but a unique index."""
        if node.last != "UniqueConstraint":
            return False
        return bool(node.args) or any(node.get(name) is not None for name in ("condition", "include", "opclasses"))

    def _condition(self, model: DjangoModel, condition: Value) -> tuple[str, tuple[str, ...]]:
        """The condition of an index, roughly, and its columns when it only says that they are not NULL."""
        if not isinstance(condition, Node):
            return "", ()
        columns = self._mentioned(model, condition)
        tested = condition.kwargs.items() if condition.last == "Q" and not condition.args else ()
        if tested and all(key.endswith("__isnull") and value is False for key, value in tested):
            return " AND ".join(f"{column} IS NOT NULL" for column in columns), tuple(columns)
        return " AND ".join(columns) or "?", ()

    def _mentioned(self, model: DjangoModel, value: Value) -> list[str]:
        """The columns of the fields that an expression is about."""
        if isinstance(value, str):
            name = value.removeprefix("-").partition("__")[0]
            return list(self.of(model, (name,))) if name in model.fields or name == value else []
        if isinstance(value, Node) and value.listed:
            return [column for item in value.args for column in self._mentioned(model, item)]
        if not isinstance(value, Node):
            return []
        found = [column for item in value.args for column in self._mentioned(model, item) if value.name != "?"]
        if value.name == "?" and value.args:
            words = set("".join(c if c.isalnum() or c == "_" else " " for c in str(value.args[0])).split())
            roots = {word.partition("__")[0] for word in words}
            found += [each.column for name, each in model.fields.items() if name in roots]
        names = (name.partition("__")[0] for name in value.kwargs)
        found += [model.fields[name].column for name in names if name in model.fields]
        for item in value.kwargs.values():
            if isinstance(item, Node):
                found += self._mentioned(model, item)
        return list(dict.fromkeys(found))

    def through(self, model: DjangoModel, each: DjangoField) -> Iterator[say.Statement]:
        """The table behind a ManyToManyField, with its two foreign keys, their indexes and the pair as a key."""
        key = self.project.target(model, each)
        if key is None:
            unknown = self.name(self.project.through_table(model, each), each.at)
            yield say.CreateTable(each.at, unknown, whole=False)
            return
        own = key == model.key
        sides = (("from_" if own else "", model.key), ("to_" if own else "", key))
        fields = {"id": DjangoField("id", self.project.key_field(DjangoModel("", "", {})).call)}
        for side, (app, name) in sides:
            to = Node("models.ForeignKey", kwargs={"to": f"{app}.{name}"}, at=each.at)
            fields[f"{side}{name}"] = DjangoField(f"{side}{name}", to)
        fields["id"] = DjangoField("id", Node(fields["id"].call.name, kwargs={"primary_key": True}, at=each.at))
        made = DjangoModel(model.app, each.name, fields, self.project.through_table(model, each))
        pair = tuple(name for name in fields if name != "id")
        columns = tuple(self.column(made, field) for field in fields.values())
        unique = (self.together(made, pair, "_uniq", each.at),)
        title = self.name(self.project.table(made), each.at)
        yield say.CreateTable(each.at, title, columns=columns, constraints=unique)
        for field in fields.values():
            yield from self.indexes(made, field)

    def filled(self, each: DjangoField) -> str:
        """The value that Django writes into the rows there are when a column is added; empty for none."""
        default = each.call.get("default")
        if default is not None:
            return _literal(default) or "?"
        if not each.nullable and each.call.get("blank") is True and each.call.last in _EMPTY_TEXT:
            return "''"
        if not self.project.type(DjangoModel("", "", {}), each) and not each.foreign and each.call.get("blank") is True:
            return "?"  # a text of somebody's own, most likely
        return "now()" if each.call.get("auto_now") is True or each.call.get("auto_now_add") is True else ""

    def _default(self, call: Node) -> str | None:
        """The default the database knows. SQLite's truth is a number."""
        given = call.get("db_default")
        if isinstance(given, bool) and self.project.dialect == "sqlite":
            given = int(given)
        return None if given is None else _literal(given)

    def unbound(self, fact: TableFact | None, each: DjangoField, at: Span) -> Iterator[say.Action]:
        """Drop the foreign key of a field, whatever its name."""
        key = fold(each.column, True, self.project.dialect)
        for foreign in fact.foreigns if fact else ():
            if foreign.columns == (key,):
                yield say.DropConstraint(at, self.word(foreign.name, at), _kind(self.project, "foreign"), True)

    def altered(
        self, model: DjangoModel, old: DjangoField, kind: str, new: DjangoField, fact: TableFact | None, at: Span
    ) -> Iterator[say.Action]:
        """The actions that make one field's column another's; `kind` is the old one's type."""
        if _heard(old) == _heard(new) and old.column == new.column:
            return
        word = self.word(old.column, at)
        after = self.column(model, new)
        if old.constrained:
            yield from self.unbound(fact, old, at)
        if old.unique and not new.unique:
            for unique in fact.uniques if fact else ():
                if unique.columns == (word.key,) and unique.name not in model.constraints:
                    yield say.DropConstraint(at, self.word(unique.name, at), _kind(self.project, "index"), True)
        if old.call.last in POSITIVE and new.call.last not in POSITIVE:
            for check in fact.checks if fact else ():
                if check.text == f'"{old.column}" >= 0' and check.name not in model.constraints:
                    yield say.DropConstraint(at, self.word(check.name, at), _kind(self.project, "check"), True)
        if old.column != new.column:
            yield self.rename(old.column, new.column, at)
            word = self.word(new.column, at)
        if kind != after.type:
            yield say.SetType(at, word, after.type)
        if (old.call.last in AUTOMATIC) != (new.call.last in AUTOMATIC):
            yield say.SetGenerated(at, word, after.generated)
        if self._default(old.call) != self._default(new.call):
            yield say.SetDefault(at, word, self._default(new.call))
        if old.nullable != new.nullable:
            yield say.SetNullable(at, word, new.nullable)
        yield from self._added(model, old, new, fact, at)

    def _added(
        self, model: DjangoModel, old: DjangoField, new: DjangoField, fact: TableFact | None, at: Span
    ) -> Iterator[say.Action]:
        """The constraints that a changed field has and had not."""
        table, dialect = self.project.table(model), self.project.dialect
        word = self.word(new.column, at)
        if new.unique and not old.unique:
            name = self.word(index_name(table, (new.column,), "_uniq", dialect), at)
            yield say.AddConstraint(at, Constraint("unique", at, name, (word,)))
        if new.primary and not old.primary:
            if fact is not None and fact.primary is not None:
                yield say.DropConstraint(at, self.word(fact.primary.name, at), "primary", True)
            name = self.word(index_name(table, (new.column,), "_pk", dialect), at)
            yield say.AddConstraint(at, Constraint("primary", at, name, (word,)))
        if new.call.last in POSITIVE and old.call.last not in POSITIVE and dialect != "mysql":
            name = self.word(index_name(table, (new.column,), "_check", dialect), at)
            yield say.AddConstraint(at, Constraint("check", at, name, check=f'"{new.column}" >= 0'))
        if new.constrained and (foreign := self.foreign(model, new)):
            yield say.AddConstraint(at, foreign)

    def reindexed(
        self, model: DjangoModel, old: DjangoField, new: DjangoField, fact: TableFact | None, at: Span
    ) -> Iterator[say.Statement]:
        """The indexes that come and go when a field changes."""
        if _heard(old) == _heard(new) and old.column == new.column:
            return
        table = self.name(self.project.table(model), at)
        key = fold(old.column, True, self.project.dialect)
        like = index_name(self.project.table(model), (old.column,), "_like", self.project.dialect)
        kept = not new.unique and not new.primary
        before, now = old.indexed, new.indexed
        had, has = (each.indexed or each.unique or each.primary for each in (old, new))
        text = self.project.type(model, new).startswith(("varchar", "text"))
        for index in fact.indexes if fact else ():
            plain = tuple(part.key for part in index.parts) == (key,) and not index.predicate and not index.unique
            if plain and index.name not in model.indexes:
                dropped = (before and not now) or (index.name == like and had and not (has and text))
                if dropped and (index.name != like or not kept or not has or before or not text):
                    yield self._drop(index.name, table, at)
        mine = new.call.kwargs | {}
        field = DjangoField(new.name, Node(new.call.name, new.call.args, mine, at))
        if now and not before and not (self.project.dialect == "mysql" and new.constrained):
            yield self._index(model, field, "")
        if (has and not had) or (new.unique and not (old.unique or old.primary)):
            yield from self._like(model, field)


def _kind(project: Project, kind: str) -> str:
    return kind if project.dialect == "mysql" else ""


def _heard(each: DjangoField) -> tuple[object, ...]:
    """What of a field its column hears of."""
    kwargs = {k: v.lower() if k == "to" and isinstance(v, str) else v for k, v in each.call.kwargs.items()}
    return each.call.last, each.call.args, sorted((k, repr(v)) for k, v in kwargs.items() if k not in _UNHEARD)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(item for item in listed(value) if isinstance(item, str))


def _function(value: Value) -> str:
    return value.last.lower() if isinstance(value, Node) and value.name != "?" else ""


def _literal(value: Value) -> str:
    """A value as SQL; empty for what is computed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Node):
        return "now()" if value.last in ("Now", "=now") or value.name.endswith("timezone.now") else ""
    return str(value) if isinstance(value, int | float) else ""
