"""Column types under one name each: `int4`, `INT` and `serial` are all integer."""

from __future__ import annotations

import re
from typing import Final

_POSTGRES: Final = {
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "serial4": "integer",
    "int8": "bigint",
    "bigserial": "bigint",
    "serial8": "bigint",
    "int2": "smallint",
    "smallserial": "smallint",
    "serial2": "smallint",
    "bool": "boolean",
    "float8": "double precision",
    "float": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "dec": "numeric",
    "varchar": "character varying",
    "char varying": "character varying",
    "char": "character",
    "bpchar": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
    "varbit": "bit varying",
}
_SHAPE: Final = re.compile(r"\s*([^(\[]*?)\s*(?:\(([^)]*)\))?\s*([^(\[]*?)\s*((?:\[\d*\]\s*)*|array)", re.DOTALL)
# No type is longer; what claims to be is left as it is.
_LONGEST: Final = 200


def canonical(text: str) -> str:
    """A PostgreSQL type as `format_type` prints it: aliases resolved, length behind the name, `[]` for any array."""
    match = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return text
    name, length, tail, array = (part or "" for part in match.groups())
    if tail == "array":
        tail, array = "", "[]"
    full = f"{name} {tail}".strip()
    full = full.removeprefix("pg_catalog.").removeprefix("public.")
    if full == "float" and length.isdigit():
        return ("real" if int(length) < 25 else "double precision") + ("[]" if array else "")
    full = _POSTGRES.get(full, full)
    length = ",".join(part.strip() for part in length.split(","))
    if full == "character" and not length:
        length = "1"
    if full == "numeric" and length and "," not in length:
        length += ",0"
    if length:
        head, _, rest = full.partition(" ") if full.startswith("time") else (full, "", "")
        full = f"{head}({length}){' ' + rest if rest else ''}"
    return full + ("[]" if array.strip() else "")


def length(text: str) -> int | None:
    """The length of a character type, None where there is none."""
    match = re.match(r"\s*(?:varchar|character varying|char|character|nvarchar|bpchar)\s*\(\s*(\d+)", text)
    return int(match.group(1)) if match else None
