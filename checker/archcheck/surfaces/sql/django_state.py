"""Django's models as a migration sees them: fields with their columns and types, and what they point at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from archcheck.surfaces.sql.django_file import USER_MODEL, Node, Value
from archcheck.surfaces.sql.django_names import FOREIGN, truncated
from archcheck.surfaces.sql.parts import Span

# An app's label and a model's name in lower case.
ModelKey: TypeAlias = tuple[str, str]


class DjangoField(Struct, frozen=True):
    """A field: its name and the call that makes it."""

    name: str
    call: Node

    @property
    def at(self) -> Span:
        """The call, cut at the end of its first line."""
        return self.call.at

    @property
    def many(self) -> bool:
        """Whether it is a ManyToManyField, which has no column; made of one, it only says where it points to."""
        last = self.call.last
        pointing = self.call.get("to") is not None and self.call.get("on_delete") is None
        own = last not in _VIRTUAL and "Generic" not in last and not self.foreign
        return "ManyToMany" in last or (pointing and own)

    @property
    def foreign(self) -> bool:
        """Whether it is a ForeignKey or a OneToOneField, or a field made of one."""
        last = self.call.last
        tied = self.call.get("to") is not None and self.call.get("on_delete") is not None
        return "Generic" not in last and (tied or last.endswith(("ForeignKey", "OneToOneField", "ParentalKey")))

    @property
    def one_to_one(self) -> bool:
        return self.call.last.endswith("OneToOneField")

    @property
    def virtual(self) -> bool:
        """Whether there is no column and no table behind it."""
        last = self.call.last
        return self.many or last in _VIRTUAL or last.endswith("GenericRelation")

    @property
    def through(self) -> bool:
        """Whether a model of the project stands between the two sides."""
        return self.call.get("through") is not None

    @property
    def column(self) -> str:
        """Its column."""
        return self.call.text("db_column") or (f"{self.name}_id" if self.foreign else self.name)

    @property
    def primary(self) -> bool:
        return self.call.get("primary_key") is True

    @property
    def unique(self) -> bool:
        """Whether its column has a unique constraint of its own."""
        return (self.call.get("unique") is True or self.one_to_one) and not self.primary

    @property
    def indexed(self) -> bool:
        """Whether its column has an index of its own."""
        said = self.call.get("db_index")
        implied = (self.foreign and not self.one_to_one) or self.call.last == "SlugField"
        return (said is True or (said is None and implied)) and not self.unique and not self.primary

    @property
    def constrained(self) -> bool:
        """Whether the database keeps its reference."""
        return self.foreign and self.call.get("db_constraint") is not False

    @property
    def nullable(self) -> bool:
        return (self.call.get("null") is True or self.call.last == "NullBooleanField") and not self.primary


class DjangoModel(Struct, frozen=True):
    """A model: its fields in order and what its options hold that the database knows."""

    app: str
    name: str
    fields: dict[str, DjangoField]
    table: str = ""
    managed: bool = True
    proxied: ModelKey | None = None
    unique_together: tuple[tuple[str, ...], ...] = ()
    index_together: tuple[tuple[str, ...], ...] = ()
    constraints: dict[str, Node] = field(default_factory=dict)
    indexes: dict[str, Node] = field(default_factory=dict)
    ordered: bool = False

    @property
    def key(self) -> ModelKey:
        return (self.app, self.name.lower())

    @property
    def stored(self) -> bool:
        """Whether it has a table that Django makes."""
        return self.managed and self.proxied is None


class Project(Struct):
    """The models there are, and the settings that decide what they become. `auto` is empty where it is not known."""

    dialect: str
    user_model: ModelKey
    auto: str
    models: dict[ModelKey, DjangoModel] = field(default_factory=dict)

    def table(self, model: DjangoModel) -> str:
        """A model's table."""
        if model.proxied is not None and model.proxied != model.key:
            return self.table_of(model.proxied)
        return truncated(model.table or f"{model.app}_{model.name.lower()}", self.dialect)

    def table_of(self, key: ModelKey) -> str:
        """The table of a model that may not be in the project."""
        model = self.models.get(key)
        return self.table(model) if model else FOREIGN.get(key, f"{key[0]}_{key[1]}")

    def through_table(self, model: DjangoModel, many: DjangoField) -> str:
        """The table Django makes for a ManyToManyField."""
        return truncated(many.call.text("db_table") or f"{self.table(model)}_{many.name}", self.dialect)

    def target(self, model: DjangoModel, field: DjangoField) -> ModelKey | None:
        """The model a relation points at; None when that is computed."""
        return self.resolved(model, field.call.get("to", 0))

    def resolved(self, model: DjangoModel, to: Value) -> ModelKey | None:
        """The model that `app.Model`, `Model`, `self` or the setting of the user model means."""
        if isinstance(to, Node):
            return self.user_model if to.name == f"={USER_MODEL}" else None
        if not isinstance(to, str) or not to:
            return None
        if to == "self":
            return model.key
        app, _, name = to.rpartition(".")
        return (app or model.app, name.lower())

    def concrete(self, key: ModelKey) -> DjangoModel | None:
        """The model itself, or the one a proxy stands for."""
        model = self.models.get(key)
        for _ in range(10):
            if model is None or model.proxied is None or model.proxied == model.key:
                break
            model = self.models.get(model.proxied)
        return model

    def key_field(self, model: DjangoModel) -> DjangoField:
        """The primary key of a model; the implicit `id` when it names none."""
        found = next((each for each in model.fields.values() if each.primary), None)
        return found or DjangoField("id", Node(f"models.{self.auto or '?'}", kwargs={"primary_key": True}))

    def aim(self, model: DjangoModel, field: DjangoField) -> tuple[str, str, str]:
        """The table, the column and the type a foreign key points at; empty where it is not known."""
        key = self.target(model, field)
        if key is None:
            return "", "", ""
        other = self.concrete(key)
        if other is None:
            return self.table_of(key), "id", "integer" if key in FOREIGN else ""
        to = other.fields.get(field.call.text("to_field")) or self.key_field(other)
        return self.table(other), to.column, self.type(other, to)

    def type(self, model: DjangoModel, field: DjangoField, depth: int = 10) -> str:
        """A field's column type; empty where it is not known."""
        if field.foreign:
            key = self.target(model, field)
            other = self.concrete(key) if key else None
            if other is None:
                return "integer" if key in FOREIGN else ""
            to = other.fields.get(field.call.text("to_field")) or self.key_field(other)
            if self.dialect == "sqlite" and to.call.last in _POINTERS:
                return _POINTERS[to.call.last]
            return self.type(other, to, depth - 1) if depth else ""
        return type_of(field.call, self.dialect)

    def referring(self, key: ModelKey) -> Iterator[tuple[DjangoModel, DjangoField]]:
        """The relations that point at a model."""
        for model in list(self.models.values()):
            for each in model.fields.values():
                if (each.foreign or each.many) and self.target(model, each) == key:
                    yield model, each

    def change(self, key: ModelKey, **changes: object) -> None:
        """Replace facts of a model."""
        if key in self.models:
            self.models[key] = replace(self.models[key], **changes)


# On SQLite every key that counts is an integer; what points at it says how wide it would be.
_POINTERS: Final = {"BigAutoField": "bigint", "SmallAutoField": "smallint"}
_VIRTUAL: Final = frozenset({"TaggableManager", "GenericForeignKey", "GenericRelation", "CompositePrimaryKey"})
_POSTGRES: Final = {
    "AutoField": "integer",
    "BigAutoField": "bigint",
    "SmallAutoField": "smallint",
    "BinaryField": "bytea",
    "BooleanField": "boolean",
    "NullBooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "timestamp with time zone",
    "DurationField": "interval",
    "FloatField": "double precision",
    "IntegerField": "integer",
    "BigIntegerField": "bigint",
    "SmallIntegerField": "smallint",
    "PositiveIntegerField": "integer",
    "PositiveBigIntegerField": "bigint",
    "PositiveSmallIntegerField": "smallint",
    "OrderWrt": "integer",
    "IPAddressField": "inet",
    "GenericIPAddressField": "inet",
    "JSONField": "jsonb",
    "TextField": "text",
    "TimeField": "time without time zone",
    "UUIDField": "uuid",
    "HStoreField": "hstore",
    "CICharField": "citext",
    "CIEmailField": "citext",
    "CITextField": "citext",
    "SearchVectorField": "tsvector",
    "IntegerRangeField": "int4range",
    "BigIntegerRangeField": "int8range",
    "DecimalRangeField": "numrange",
    "DateTimeRangeField": "tstzrange",
    "DateRangeField": "daterange",
    "MultiPolygonField": "geometry",
    "PolygonField": "geometry",
    "PointField": "geometry",
}
_MYSQL: Final = _POSTGRES | {
    "BinaryField": "longblob",
    "BooleanField": "bool",
    "NullBooleanField": "bool",
    "DateTimeField": "datetime(6)",
    "DurationField": "bigint",
    "TextField": "longtext",
    "TimeField": "time(6)",
    "UUIDField": "char(32)",
    "JSONField": "json",
    "IPAddressField": "char(15)",
    "GenericIPAddressField": "char(39)",
    "PositiveIntegerField": "integer unsigned",
    "PositiveBigIntegerField": "bigint unsigned",
    "PositiveSmallIntegerField": "smallint unsigned",
}
_SQLITE: Final = _POSTGRES | {
    "BigAutoField": "integer",
    "SmallAutoField": "integer",
    "BinaryField": "blob",
    "BooleanField": "bool",
    "NullBooleanField": "bool",
    "DateTimeField": "datetime",
    "DurationField": "bigint",
    "FloatField": "real",
    "TimeField": "time",
    "UUIDField": "char(32)",
    "JSONField": "text",
    "IPAddressField": "char(15)",
    "GenericIPAddressField": "char(39)",
    "PositiveIntegerField": "integer unsigned",
    "PositiveBigIntegerField": "bigint unsigned",
    "PositiveSmallIntegerField": "smallint unsigned",
}
_TYPES: Final = {"postgres": _POSTGRES, "mysql": _MYSQL, "sqlite": _SQLITE}
_LENGTHS: Final = {
    "CharField": 0,
    "CommaSeparatedIntegerField": 0,
    "EmailField": 254,
    "FileField": 100,
    "FilePathField": 100,
    "ImageField": 100,
    "SlugField": 50,
    "URLField": 200,
}
POSITIVE: Final = frozenset({"PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"})
AUTOMATIC: Final = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})


def type_of(call: Node, dialect: str) -> str:
    """The type of a field that is no relation; empty for fields from elsewhere."""
    last = call.last
    if last in _LENGTHS:
        length = call.get("max_length")
        if length is None:
            length = _LENGTHS[last] or (None if last == "CharField" else 0)
        if isinstance(length, int) and length:
            return f"varchar({length})"
        return "varchar" if length is None else ""
    if last == "DecimalField":
        digits, places = call.get("max_digits"), call.get("decimal_places")
        known = isinstance(digits, int) and isinstance(places, int)
        return "decimal" if dialect == "sqlite" else f"numeric({digits}, {places})" if known else "numeric"
    if last == "ArrayField":
        base = call.get("base_field", 0)
        inner = type_of(base, dialect) if isinstance(base, Node) else ""
        return f"{inner}[]" if inner else ""
    if last == "GeneratedField":
        output = call.get("output_field")
        return type_of(output, dialect) if isinstance(output, Node) else ""
    return _TYPES.get(dialect, _POSTGRES).get(last, "")
