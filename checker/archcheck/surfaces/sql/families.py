"""Type families: what a column's type is under its many names, and how wide it is.

`int4`, `serial`, `INT(11) UNSIGNED` and a domain over integer are one family. A type nobody here knows has no family,
and nothing is concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from archcheck.surfaces.sql.catalog import TypeFact
from archcheck.surfaces.sql.lookup import type_name
from archcheck.surfaces.sql.types import canonical


class Kind(NamedTuple):
    """A family, and its width: bytes of a number, the bound of a text; 0 where there is none or it is not known."""

    family: str = ""
    width: int = 0


_NUMBERS: Final = {
    "tinyint": Kind("integer", 1),
    "smallint": Kind("integer", 2),
    "year": Kind("integer", 2),
    "mediumint": Kind("integer", 3),
    "integer": Kind("integer", 4),
    "bigint": Kind("integer", 8),
    "real": Kind("float", 4),
    "double": Kind("float", 8),
    "double precision": Kind("float", 8),
}
_FAMILIES: Final = {
    "numeric": "numeric",
    "fixed": "numeric",
    "money": "money",
    "text": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "character varying": "text",
    "character": "text",
    "nvarchar": "text",
    "nchar": "text",
    "uuid": "uuid",
    "boolean": "boolean",
    "timestamp with time zone": "timestamp",
    "timestamp without time zone": "timestamp",
    "datetime": "timestamp",
    "date": "date",
    "time without time zone": "time",
    "time with time zone": "time",
    "json": "json",
    "jsonb": "json",
    "bytea": "binary",
    "binary": "binary",
    "varbinary": "binary",
    "blob": "binary",
    "tinyblob": "binary",
    "mediumblob": "binary",
    "longblob": "binary",
    "inet": "inet",
    "cidr": "inet",
}
_BRACKETS: Final = re.compile(r"\s*\(([^()]*)\)")
_MODIFIERS: Final = re.compile(
    r"\s+(?:unsigned|signed|zerofill|binary|ascii|unicode|character set \S+|charset \S+)\b", re.IGNORECASE
)
# Domains over domains over domains: nobody goes deeper, and a circle ends.
_DEEPEST: Final = 5


def kind_of(text: str, dialect: str, types: Iterable[TypeFact] = ()) -> Kind:
    """The family and width of a type as written. `types` are those of the user's own."""
    if not text:
        return Kind()
    if dialect == "sqlite":
        return _affinity(text)
    return _kind(text, tuple(types), _DEEPEST)


def _kind(text: str, types: tuple[TypeFact, ...], depth: int) -> Kind:
    if text.endswith(("]", " array")):
        return Kind("array")
    bounds = _BRACKETS.search(text)
    bare = _MODIFIERS.sub("", _BRACKETS.sub("", text)).strip()
    name = canonical(text if bare == "float" else bare).removesuffix("(1)")
    if name in _NUMBERS:
        return _NUMBERS[name]
    if name in _FAMILIES:
        bound = bounds.group(1).strip() if bounds and _FAMILIES[name] == "text" else ""
        return Kind(_FAMILIES[name], int(bound) if bound.isdigit() and len(bound) < 10 else 0)
    folded = type_name(text)
    own = next((fact for fact in types if fact.key[1] == folded), None)
    if own is not None and own.kind == "domain" and depth:
        return _kind(own.base, types, depth - 1)
    if own is not None and own.kind == "enum":
        return Kind(f"enum {folded}")
    return Kind()


def _affinity(text: str) -> Kind:
    """SQLite's rule: what a type is called decides how values are kept; all integers have 64 bits."""
    upper = text.upper()
    if "INT" in upper:
        return Kind("integer", 8)
    if any(word in upper for word in ("CHAR", "CLOB", "TEXT")):
        return Kind("text")
    if "BLOB" in upper:
        return Kind("binary")
    if any(word in upper for word in ("REAL", "FLOA", "DOUB")):
        return Kind("float", 8)
    return Kind()
