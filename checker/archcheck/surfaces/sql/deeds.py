"""Deeds are what a migration does besides defining: it writes rows, opens transactions, grants."""

from __future__ import annotations

from archcheck.surfaces.sql.parts import Name, Span, Tagged


class Transact(Tagged, frozen=True):
    """BEGIN, COMMIT or ROLLBACK, or PREPARE TRANSACTION and its like: `kind` is begin, commit, rollback or prepare."""

    at: Span
    kind: str


class SetOption(Tagged, frozen=True):
    """SET of anything but the search path: `name` lower-cased, `value` as written without quotes."""

    at: Span
    name: str
    value: str


class Write(Tagged, frozen=True):
    """UPDATE, DELETE, INSERT, MERGE or TRUNCATE of `tables`; `kind` is that word, lower-cased.

    `whole` says that no condition chooses rows, `from_query` that INSERT takes its rows from a query. `equals` are the
    folded columns that the condition compares with a literal, `literals` the strings in the statement. `secrets` are
    the places of strings in the shape of a well-known key. `first` says that INSERT takes one row of a query.
    """

    at: Span
    kind: str
    tables: tuple[Name, ...]
    whole: bool = False
    from_query: bool = False
    equals: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    secrets: tuple[Span, ...] = ()
    first: bool = False


class Grant(Tagged, frozen=True):
    """GRANT of upper-cased `privileges` on objects of a `kind` (TABLE, SCHEMA ...), `to` folded roles."""

    at: Span
    privileges: tuple[str, ...]
    kind: str
    names: tuple[str, ...]
    to: tuple[str, ...]


class Role(Tagged, frozen=True):
    """CREATE or ALTER of a role, user or connection, with upper-cased `powers` and the places of its secrets."""

    at: Span
    kind: str
    name: str
    powers: tuple[str, ...] = ()
    secrets: tuple[Span, ...] = ()


class Maintain(Tagged, frozen=True):
    """VACUUM FULL, CLUSTER, LOCK, REINDEX or REFRESH in `kind`; `mode` is that of LOCK, or what REINDEX is of."""

    at: Span
    kind: str
    names: tuple[Name, ...]
    concurrently: bool = False
    mode: str = ""


class ChangeFunction(Tagged, frozen=True):
    """ALTER or DROP of functions; `pins` says that it sets their search path."""

    at: Span
    names: tuple[Name, ...]
    drop: bool = False
    pins: bool = False
    cascade: bool = False
