"""The catalog of a SQLite database in the form in which ours is compared with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from archcheck.surfaces.sql.catalog import Catalog

Facts = Mapping[str, set[tuple[object, ...]]]


def pragmas(connection: sqlite3.Connection) -> Facts:
    """What SQLite says of each kind of thing."""
    found: dict[str, set[tuple[object, ...]]] = {"columns": set(), "keys": set(), "references": set(), "indexes": set()}
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in connection.execute(names).fetchall():
        key = []
        for _, name, kind, required, default, primary in connection.execute(f'PRAGMA table_info("{table}")'):
            known = None if primary else not required
            found["columns"].add((table.lower(), name.lower(), kind.lower().replace(", ", ","), known, default))
            key += [(primary, name.lower())] if primary else []
        found["keys"] |= {(table.lower(), "primary", tuple(name for _, name in sorted(key)))} if key else set()
        references: dict[int, list[tuple[object, ...]]] = {}
        for number, place, to, own, other, updated, deleted, _ in connection.execute(
            f'PRAGMA foreign_key_list("{table}")'
        ):
            references.setdefault(number, []).append((place, own.lower(), to.lower(), other.lower(), updated, deleted))
        for parts in references.values():
            parts.sort()
            _, _, to, _, updated, deleted = parts[0]
            columns, others = tuple(part[1] for part in parts), tuple(part[3] for part in parts)
            found["references"].add((table.lower(), columns, to, others, str(updated).lower(), str(deleted).lower()))
        for _, name, unique, origin, partial in connection.execute(f'PRAGMA index_list("{table}")').fetchall():
            columns = tuple((row[2] or "").lower() for row in connection.execute(f'PRAGMA index_info("{name}")'))
            # A unique constraint that says what the primary key says has no index of its own, or has one: both is well.
            if origin == "u" and (table.lower(), "primary", columns) not in found["keys"]:
                found["keys"].add((table.lower(), "unique", columns))
            elif origin == "c":
                found["indexes"].add((table.lower(), name.lower(), columns, bool(unique), bool(partial)))
    return found


def our_pragmas(catalog: Catalog) -> Facts:
    """A catalog of ours in the same form."""
    found: dict[str, set[tuple[object, ...]]] = {"columns": set(), "keys": set(), "references": set(), "indexes": set()}
    for table in catalog.tables.values():
        name = table.key[1]
        primary = table.primary.columns if table.primary else ()
        for column in table.columns:
            known = None if column.key in primary else column.nullable
            found["columns"].add((name, column.key, column.type.replace(", ", ","), known, column.default))
        found["keys"] |= {(name, "primary", primary)} if primary else set()
        found["keys"] |= {(name, "unique", unique.columns) for unique in table.uniques if unique.columns != primary}
        for key in table.foreigns:
            actions = (key.on_update or "no action", key.on_delete or "no action")
            found["references"].add((name, key.columns, key.table[1], key.referenced, *actions))
        for index in table.indexes:
            columns = tuple(part.key for part in index.parts)
            found["indexes"].add((name, index.name, columns, index.unique, bool(index.predicate)))
    return found
