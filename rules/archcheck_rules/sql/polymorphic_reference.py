"""A column points into one table or another.

With `target_type` and `target_id` no foreign key can hold: rows point at what is gone, a join needs a CASE, and each
reader knows the list of types by heart. Use one nullable foreign key for each table with a check that one is set, or a
table in between. Logs tell of rows that may be gone; the words of `unbound` in a table's name exempt it.

```sql bad migrations/0001_comments.sql
CREATE TABLE comments (
    id uuid PRIMARY KEY,
    target_type text NOT NULL,
    target_id uuid NOT NULL  -- want "comments.target_id"
);
```
```sql good migrations/0001_comments.sql
CREATE TABLE articles (id uuid PRIMARY KEY);
CREATE TABLE photos (id uuid PRIMARY KEY);
CREATE TABLE comments (
    id uuid PRIMARY KEY,
    article_id uuid REFERENCES articles (id) ON DELETE CASCADE,
    photo_id uuid REFERENCES photos (id) ON DELETE CASCADE,
    CHECK (num_nonnulls(article_id, photo_id) = 1)
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Related, rule
from archcheck.surfaces.sql import Table

UNBOUND = "log logs event events history audit audits activity archive archived changelog"


@dataclass(frozen=True)
class Options:
    """A table with a word of `unbound` in its name tells of rows that may be gone."""

    unbound: tuple[str, ...] = tuple(UNBOUND.split())


@rule("polymorphic-reference", checklist="db.normalization", severity="note", profile="strict", since="0.1")
def polymorphic_reference(table: Table, options: Options) -> Findings:
    if not table.permanent or table.named_with(options.unbound):
        return
    for kind, pointer in table.polymorphic_pairs:
        yield Finding(
            pointer.at,
            f"{pointer} points where {kind.fact.text} says, so no foreign key can hold it; "
            "use one column for each table.",
            subject=str(pointer),
            related=(Related(kind.at, "what says where"),),
        )
