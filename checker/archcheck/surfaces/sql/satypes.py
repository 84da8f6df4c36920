"""SQLAlchemy's column types as the server's: what `sa.String(50)` or `postgresql.JSONB()` becomes in CREATE TABLE."""

from __future__ import annotations

import ast
from typing import Final, NamedTuple

from archcheck.surfaces.sql.pynodes import Bound, dotted
from archcheck.surfaces.sql.pytexts import UNKNOWN
from archcheck.surfaces.sql.pyvalues import followed, value


class SaType(NamedTuple):
    """A type's text, empty where it is not known; `labels` and `named` when it is a native enum of that name.

    `schema` is the enum's; `creates` is false where its author said that it exists already.
    """

    text: str
    named: str = ""
    labels: tuple[str, ...] = ()
    schema: str = ""
    creates: bool = True


_POSTGRES: Final = {
    **dict.fromkeys(("Integer", "INTEGER", "INT"), "integer"),
    **dict.fromkeys(("BigInteger", "BIGINT"), "bigint"),
    **dict.fromkeys(("SmallInteger", "SMALLINT", "TINYINT"), "smallint"),
    **dict.fromkeys(("Text", "UnicodeText", "TEXT", "LONGTEXT", "MEDIUMTEXT"), "text"),
    **dict.fromkeys(("String", "Unicode", "VARCHAR", "NVARCHAR", "AutoString"), "varchar"),
    **dict.fromkeys(("CHAR", "NCHAR"), "char"),
    **dict.fromkeys(("Boolean", "BOOLEAN"), "boolean"),
    **dict.fromkeys(("Float", "FLOAT"), "float"),
    **dict.fromkeys(("Double", "DOUBLE", "DOUBLE_PRECISION"), "double precision"),
    **dict.fromkeys(("Numeric", "NUMERIC", "DECIMAL"), "numeric"),
    **dict.fromkeys(("Date", "DATE"), "date"),
    **dict.fromkeys(("LargeBinary", "BYTEA", "BLOB", "BINARY", "VARBINARY"), "bytea"),
    **dict.fromkeys(("Uuid", "UUID"), "uuid"),
    **dict.fromkeys(("Interval", "INTERVAL"), "interval"),
    **dict.fromkeys(("JSON",), "json"),
    **dict.fromkeys(("JSONB",), "jsonb"),
    **dict.fromkeys(("PickleType",), "bytea"),
    "REAL": "real",
    "TSVectorType": "tsvector",
    **{
        name: name.lower()
        for name in (
            *("TSVECTOR", "TSQUERY", "INET", "CIDR", "MACADDR", "HSTORE", "OID", "MONEY", "BIT", "LTREE", "XML"),
            *("INT4RANGE", "INT8RANGE", "NUMRANGE", "DATERANGE", "TSRANGE", "TSTZRANGE", "REGCLASS", "CITEXT"),
        )
    },
}
_OTHERS: Final = {
    "mysql": {
        **dict.fromkeys(("Boolean", "BOOLEAN"), "bool"),
        **dict.fromkeys(("LargeBinary", "PickleType"), "blob"),
        **{
            name: name.lower()
            for name in (
                *("TINYINT", "MEDIUMINT", "LONGTEXT", "MEDIUMTEXT", "TINYTEXT", "BLOB", "LONGBLOB", "MEDIUMBLOB"),
                *("BINARY", "VARBINARY", "YEAR", "DOUBLE"),
            )
        },
        **dict.fromkeys(("Uuid", "UUID"), "char(32)"),
        **dict.fromkeys(("Interval",), "datetime"),
        **dict.fromkeys(("DateTime", "DATETIME"), "datetime"),
        **dict.fromkeys(("TIMESTAMP",), "timestamp"),
    },
    "sqlite": {
        **dict.fromkeys(("LargeBinary", "PickleType"), "blob"),
        **dict.fromkeys(("Uuid", "UUID"), "char(32)"),
        **dict.fromkeys(("Interval", "DateTime", "DATETIME"), "datetime"),
        **dict.fromkeys(("TIMESTAMP",), "timestamp"),
    },
}
_SIZED: Final = frozenset({"varchar", "char", "numeric", "bit", "binary", "varbinary", "float"})
_IMPLEMENTED: Final = {"EmailType": "varchar(255)", "UUIDType": "uuid", "ArrowType": "timestamp", "JSONType": "json"}


def read_type(bound: Bound, dialect: str) -> SaType:
    """The type that an expression such as `sa.String(length=50)` stands for."""
    node, scope = followed(bound)
    name = dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "with_variant":
        return _variant(node, Bound(node.func.value, scope), dialect)
    arguments = [Bound(item, scope) for item in node.args] if isinstance(node, ast.Call) else []
    keywords = {k.arg: Bound(k.value, scope) for k in node.keywords if k.arg} if isinstance(node, ast.Call) else {}
    if name in ("Enum", "ENUM"):
        return _enum(arguments, keywords, dialect)
    if name == "ARRAY" and arguments:
        inner = read_type(arguments[0], dialect)
        return inner._replace(text=f"{inner.text}[]" if inner.text else "")
    if name in ("DateTime", "DATETIME", "TIMESTAMP", "Time", "TIME") and dialect not in _OTHERS:
        return SaType(_time(name, arguments, keywords))
    if name in _IMPLEMENTED:
        return SaType(_IMPLEMENTED[name])
    text = _OTHERS.get(dialect, {}).get(name) or _POSTGRES.get(name, "time" if name in ("Time", "TIME") else "")
    if text in _SIZED and "(" not in text:
        return SaType(_sized(text, arguments, keywords))
    if text == "interval" and keywords.get("fields"):
        return SaType("")
    return SaType(text)


def _variant(node: ast.Call, base: Bound, dialect: str) -> SaType:
    names = {value(Bound(item, base.scope)) for item in node.args[1:]}
    wanted = {"postgres": "postgresql"}.get(dialect, dialect)
    return read_type(Bound(node.args[0], base.scope) if wanted in names else base, dialect)


def _enum(arguments: list[Bound], keywords: dict[str, Bound], dialect: str) -> SaType:
    labels = [value(item) for item in arguments]
    known = tuple(label for label in labels if isinstance(label, str))
    longest = max(map(len, known), default=0)
    name = value(keywords["name"]) if "name" in keywords else ""
    native = "native_enum" not in keywords or value(keywords["native_enum"]) is not False
    whole = len(known) == len(labels) and bool(known)
    if native and dialect == "postgres" and isinstance(name, str) and name:
        creates = "create_type" not in keywords or value(keywords["create_type"]) is not False
        schema = value(keywords["schema"]) if "schema" in keywords else ""
        plain = f'"{name}"' if name != name.lower() else name
        return SaType(plain, name, known if whole else (), schema if isinstance(schema, str) else "", creates)
    if native and dialect == "mysql" and whole:
        return SaType("enum(" + ",".join(f"'{label}'" for label in known) + ")")
    length = value(keywords["length"]) if "length" in keywords else 0
    size = max(longest, length if isinstance(length, int) else 0)
    return SaType(f"varchar({size})" if (whole and dialect != "postgres") or (not native and whole) else "")


def _time(name: str, arguments: list[Bound], keywords: dict[str, Bound]) -> str:
    zone = keywords.get("timezone") or (arguments[0] if arguments else None)
    kind = "time" if name.lower() == "time" else "timestamp"
    zoned = value(zone) if zone else False
    if not isinstance(zoned, bool):
        return ""
    precision = value(keywords["precision"]) if "precision" in keywords else None
    size = f"({precision})" if isinstance(precision, int) else ""
    return f"{kind}{size} with{'' if zoned else 'out'} time zone"


def _sized(text: str, arguments: list[Bound], keywords: dict[str, Bound]) -> str:
    if text == "numeric":
        places = [*arguments[:2], *(keywords[key] for key in ("precision", "scale") if key in keywords)]
    else:
        names = ("length", "precision")
        places = [*arguments[:1], *(keywords[key] for key in names if key in keywords)]
    sizes = [value(place) for place in places]
    if UNKNOWN in sizes:
        return ""
    numbers = [str(size) for size in sizes if isinstance(size, int) and not isinstance(size, bool)]
    return f"{text}({','.join(numbers)})" if numbers else text
