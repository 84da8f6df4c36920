"""Widening: whether PostgreSQL changes a column's type in the catalog alone, or writes every row of the table anew."""

from __future__ import annotations

import re
from typing import Final

from archcheck.surfaces.sql.types import canonical

_SIZED: Final = re.compile(r"([^(]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?")
_UNBOUNDED: Final = frozenset({"text", "character varying"})
# Pairs whose values are stored alike.
_ALIKE: Final = frozenset(
    {
        ("cidr", "inet"),
        ("character varying", "citext"),
        ("text", "citext"),
        ("citext", "text"),
        ("citext", "character varying"),
    }
)
# No other type turns into one of these for free, so what the column was before need not be known.
_NEVER_FREE: Final = frozenset(
    ["double precision", *"smallint integer bigint real boolean uuid json jsonb bytea date money".split()]
)
# Functions whose value differs from row to row: PostgreSQL cannot keep one value for all rows that are there.
_VOLATILE: Final = re.compile(
    r"\b(?:random|gen_random_uuid|uuidv[47]|uuid_generate_v(?:1|1mc|4)|gen_random_bytes|clock_timestamp|timeofday"
    r"|nextval|setseed)\s*\(",
    re.IGNORECASE,
)
_STABLE: Final = re.compile(
    r"(?:\b(?:now|transaction_timestamp|statement_timestamp|to_timestamp|timezone|lower|upper|coalesce|array|cast|row"
    r"|jsonb?_build_(?:object|array)|to_jsonb?|nullif|length|md5|current_setting|numeric|decimal|varchar|char"
    r"|interval|timestamp|timestamptz|time|bit|date_trunc|make_interval|concat|replace|currval)\s*\()",
    re.IGNORECASE,
)
_CALL: Final = re.compile(r"\b([a-z_][\w.]*)\s*\(", re.IGNORECASE)


def rewrites(old: str, new: str, using: str, column: str) -> bool | None:
    """Whether a change of type rewrites the table; None when that cannot be told. An empty `old` is not known."""
    after = canonical(new)
    if using and not _plain(using, column, new):
        return True
    if not old:
        return True if after in _NEVER_FREE else None
    before = canonical(old)
    if before == after:
        return False
    (name, size, scale, zone), (name2, size2, scale2, zone2) = _parts(before), _parts(after)
    if (name, name2) == ("timestamp", "timestamp") and zone != zone2:
        return None  # free where the session's time zone is UTC, and only there
    if name in _UNBOUNDED and not size and name2 in _UNBOUNDED and not size2:
        return False
    if name == "character varying" and (name2 in _UNBOUNDED and (not size2 or (size and size <= size2))):
        return False
    if name == name2 and zone == zone2:
        return not _grows(name, (size, scale), (size2, scale2))
    if (name, name2) in _ALIKE:
        return False
    known = _known(name) and _known(name2)
    return True if known or name2 in _NEVER_FREE else None


def _grows(name: str, old: tuple[int, int], new: tuple[int, int]) -> bool:
    if not new[0]:
        return name not in ("character", "bit")
    growing = bool(old[0]) and new[0] >= old[0]
    if name == "numeric":
        return growing and new[1] == old[1]
    return growing and name not in ("character", "bit")


def _parts(text: str) -> tuple[str, int, int, str]:
    match = _SIZED.fullmatch(text)
    if match is None:
        return text, 0, 0, ""
    name, size, scale, zone = match.groups()
    for tail in (" with time zone", " without time zone"):
        if name.endswith(tail):
            name, zone = name.removesuffix(tail), tail
    return name, int(size or 0), int(scale or 0), zone or ""


def _known(name: str) -> bool:
    """Whether it is a type of the server: a user's own may be a domain over the same type."""
    return name in _NEVER_FREE | _UNBOUNDED or name in ("character", "numeric", "timestamp", "time", "interval", "bit")


def _plain(using: str, column: str, new: str) -> bool:
    """Whether a USING clause says no more than the change itself."""
    text = using.strip().replace('"', "").lower()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    name, _, cast = text.partition("::")
    return name.strip("() ") == column.lower() and (not cast or canonical(cast.strip()) == canonical(new))


def volatile(default: str) -> bool | None:
    """Whether a default is computed anew for each row; None when it calls a function that is not known."""
    if _VOLATILE.search(default):
        return True
    calls = _CALL.findall(re.sub(r"'(?:[^']|'')*'", "''", default))
    return None if any(not _STABLE.match(f"{call.removeprefix('pg_catalog.')}(") for call in calls) else False
