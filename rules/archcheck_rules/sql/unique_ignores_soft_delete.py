"""A unique key counts rows that are marked as deleted.

Whoever deletes their account and comes back is told that the address is taken, by a row that no query shows. Make it
a unique index over the living rows (`WHERE deleted_at IS NULL`); in MySQL, take the mark into the key. Keys that a
foreign key points at, ids that come from elsewhere and columns that are random by nature (the words in `random`) are
left alone; what people do not ask for again is a note (`identity` holds the words for what they do). Only the code
tells whether it renames what it deletes, or keeps an address taken on purpose: hence the strict profile.

```sql bad migrations/0001_users.sql
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,  -- want "deleted_at"
    deleted_at timestamptz
);
```
```sql good migrations/0001_users.sql
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table

IDENTITY = "email mail username login handle nickname slug domain subdomain phone sku"
RANDOM = "token tokens hash digest uuid guid secret key nonce fingerprint checksum url uri sid"


@dataclass(frozen=True)
class Options:
    """A column with a word of `random` in its name is never given twice, whatever is deleted.

    Keys with a word of `identity` are what people ask for again; for others there is a note.
    """

    identity: tuple[str, ...] = tuple(IDENTITY.split())
    random: tuple[str, ...] = tuple(RANDOM.split())


@rule("unique-ignores-soft-delete", checklist="db.soft-delete", severity="warning", profile="strict", since="0.1")
def unique_ignores_soft_delete(table: Table, options: Options) -> Findings:
    mark = table.soft_deletion
    if mark is None or not table.permanent or table.touched_by_opaque:
        return
    for order in table.unique_orders:
        columns = table.columns_of(order)
        lasting = any(column.words.intersection(options.random) or column.lasting for column in columns)
        if lasting or mark.name.lower() in order.text or table.referred_by([column.name for column in columns]):
            continue
        mysql = table.history.dialect == "mysql"
        way_out = f"take {mark.fact.text} into the key" if mysql else f"make it a unique index WHERE {mark.living}"
        name = ", ".join(column.fact.text for column in columns) or order.name
        # Whether other things are ever made a second time is for the code to know.
        asked = any(column.words.intersection(options.identity) for column in columns)
        yield Finding(
            order.at,
            f"The unique key of {table} on {name} counts rows that {mark.fact.text} marks as deleted; {way_out}.",
            subject=f"{table} {order.name}",
            related=(Related(mark.at, "the mark"),),
            severity=None if asked else "note",
        )
