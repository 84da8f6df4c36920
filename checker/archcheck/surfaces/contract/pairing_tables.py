"""Pairing of schemas and tables: by their names, and because most properties are columns. A tie is silent."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archcheck.surfaces.contract.tables import EnumClash, ExposedSecret, LengthClash, NullableRequired, TypeClash
from archcheck.surfaces.openapi.facts import PropertyFact, SchemaFact
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.openapi.words import is_plural, plural, split
from archcheck.surfaces.sql.interface import ColumnView, HistoryView, TableView

Clash: TypeAlias = NullableRequired | LengthClash | TypeClash | EnumClash | ExposedSecret

_ROLES: Final = frozenset(
    "in out create created new update patch put post read get response request payload base schema dto model entity "
    "draft input output detail details detailed summary public full mini minimal brief record row object resource "
    "serializer view data api nested writable".split()
)
"""Words at the ends of a schema's name that tell what it is used for, and not what it is."""
_SECRET: Final = re.compile(
    r"(?:.*_)?(?:password|passwd|passphrase|pwd)(?:_(?:hash|digest|salt))?|hashed_password|password_.*hash|"
    r"(?:.*_)?(?:secret_key|private_key|totp_secret|mfa_secret|otp_secret|api_key_hash|token_hash|"
    r"secret_hash|refresh_token|access_token|reset_token)"
)
"""What no client needs. A `secret` alone, or a `client_secret`, is often made for the client: for webhooks, to pay."""
_GRANTS: Final = frozenset("token session credential key secret invite invitation grant login auth oauth".split())
"""What is made to be handed over: a response with its token is what was asked for."""
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_FEWEST: Final = 3


class Couple(Struct, frozen=True):
    """A schema and the table behind it, with the properties that are columns."""

    schema: SchemaFact
    table: TableView
    dialect: str
    fields: tuple[tuple[PropertyFact, ColumnView], ...]


def couples(specs: Sequence[Interface], histories: Sequence[HistoryView]) -> Iterator[Couple]:
    """The schemas whose table is known beyond doubt."""
    tables: dict[str, list[tuple[TableView, str]]] = {}
    for history in histories:
        for table in history.tables:
            for key in _table_keys(table.name, history):
                tables.setdefault(key, []).append((table, history.dialect))
    for spec in specs:
        for schema in spec.schemas:
            found = tables.get(_schema_key(schema.name), ())
            if len(found) == 1 and (couple := _couple(schema, *found[0])) is not None:
                yield couple


def clashes(found: Sequence[Couple]) -> Iterator[Clash]:
    """All that schemas and their tables tell differently, the same of one column once."""
    together: dict[Hashable, list[Clash]] = {}
    for couple in found:
        for field, column in couple.fields:
            for clash in _clashes(couple, field, column):
                together.setdefault((type(clash), clash.place), []).append(clash)
    for same in together.values():
        # What is refused weighs more than what is not known, whichever schema comes first.
        same.sort(key=lambda clash: isinstance(clash, EnumClash) and not clash.promised)
        others = dict.fromkeys(clash.schema for clash in same[1:] if clash.schema != same[0].schema)
        yield replace(same[0], others=tuple(others))


def _table_keys(name: str, history: HistoryView) -> Iterator[str]:
    """A table's name in the plural: whole, and without what all tables of the history begin with."""
    words = split(name.rpartition(".")[2])
    heads = {split(table.name.rpartition(".")[2])[:1] for table in history.tables}
    yield _key(words)
    if len(heads) == 1 and len(words) > 1 and len(history.tables) > 2:
        yield _key(words[1:])


def _schema_key(name: str) -> str:
    words = split(name.rpartition(".")[2])
    while len(words) > 1 and words[-1] in _ROLES:
        words = words[:-1]
    while len(words) > 1 and words[0] in ("new", "create", "update", "patch", "get", "public", "base"):
        words = words[1:]
    return _key(words)


def _key(words: Sequence[str]) -> str:
    if not words:
        return ""
    return "_".join((*words[:-1], words[-1] if is_plural(words[-1]) else plural(words[-1])))


def _couple(schema: SchemaFact, table: TableView, dialect: str) -> Couple | None:
    if not (table.certain and table.columns_known):
        return None
    columns = {_plain(column.name): column for column in table.columns}
    scalars = [one for one in schema.properties if _SCALARS.issuperset(one.types)]
    fields = tuple((one, columns[_plain(one.name)]) for one in scalars if _plain(one.name) in columns)
    # A small thing is all in its table; of a large one most of it is.
    enough = len(fields) >= min(_FEWEST, len(scalars)) and len(fields) * 2 > len(scalars) and len(fields) > 1
    return Couple(schema, table, dialect, fields) if enough else None


def _plain(name: str) -> str:
    return "_".join(split(name))


def _clashes(couple: Couple, told: PropertyFact, column: ColumnView) -> Iterator[Clash]:
    schema, table = couple.schema, couple.table
    name, held = schema.name, table.name
    read = schema.in_response and told.only != "in"
    written = schema.in_request and told.only != "out"
    if read and _may_be_null(told, column, table):
        yield NullableRequired(name, held, told, column)
    if written and column.length and told.max_length is not None and told.max_length > column.length:
        yield LengthClash(name, held, told, column)
    if (types := _families(told, column, couple.dialect)) is not None:
        yield TypeClash(name, held, told, column, told=types[0], held=types[1])
    kept = column.labels or column.allowed
    if told.enum and kept:
        # Where no two are spelt alike, the code translates them by their words.
        spelt = _plain if set(told.enum).isdisjoint(kept) else str
        ours, theirs = set(map(spelt, told.enum)), set(map(spelt, kept))
        promised = tuple(one for one in told.enum if spelt(one) not in theirs) if written else ()
        unknown = tuple(one for one in kept if spelt(one) not in ours) if read else ()
        if (promised or unknown) and not _translated(told.enum, kept):
            yield EnumClash(name, held, told, column, promised=promised, kept=unknown)
    if read and _secret(told, column, couple):
        yield ExposedSecret(name, held, told, column)


def _may_be_null(told: PropertyFact, column: ColumnView, table: TableView) -> bool:
    if not told.required or told.nullable or not told.types:
        return False
    return column.nullable and not column.generated and column.name not in table.primary_key


def _families(told: PropertyFact, column: ColumnView, dialect: str) -> tuple[str, str] | None:
    """What the two are where they cannot be the same; None where one may be made of the other, or it is not known."""
    if len(told.types) != 1 or not column.family:
        return None
    kind = told.types[0]
    if kind in ("integer", "number", "boolean") and column.family == "text":
        return (kind, column.type) if dialect == "postgres" or kind != "boolean" else None
    if kind in ("integer", "number") and column.family in ("uuid", "boolean"):
        return kind, column.type
    if kind == "boolean" and column.family in ("uuid", "timestamp", "date", "numeric"):
        return kind, column.type
    if kind == "integer" and told.format == "int32" and column.family == "integer" and column.width == 8:
        return ("int32", column.type) if dialect != "sqlite" else None
    if kind == "number" and not told.format and column.family == "numeric":
        return "number without a format", column.type
    identifies = _plain(told.name).rpartition("_")[2] == "id" and not told.enum
    if kind == "string" and identifies and column.family == "integer" and column.width == 4:
        return kind, column.type
    return None


def _translated(promised: Sequence[str], kept: Sequence[str]) -> bool:
    """Whether the two are spelt so differently that the code must translate them."""
    ours, theirs = {_plain(one) for one in promised}, {_plain(one) for one in kept}
    return ours.isdisjoint(theirs) or ours == theirs


def _secret(told: PropertyFact, column: ColumnView, couple: Couple) -> bool:
    if told.types != ("string",) or not _SECRET.fullmatch(_plain(column.name)):
        return False
    return _GRANTS.isdisjoint(
        (*split(couple.schema.name), *(word.removesuffix("s") for word in split(couple.table.name)))
    )
