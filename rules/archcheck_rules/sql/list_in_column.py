"""A text column holds a list.

What stands in `tag_ids` as `1,7,12` cannot be joined, indexed or kept true by a foreign key, and a search for 1 finds
12. Use a table of its own, or an array where the server has one. The words that mean a list are in the option `lists`.

```sql bad migrations/0001_articles.sql
CREATE TABLE articles (
    id uuid PRIMARY KEY,
    tag_ids text NOT NULL DEFAULT ''  -- want "articles.tag_ids"
);
```
```sql good migrations/0001_articles.sql
CREATE TABLE articles (id uuid PRIMARY KEY);
CREATE TABLE article_tags (
    article_id uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    tag text NOT NULL,
    PRIMARY KEY (article_id, tag)
);
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Column


@dataclass(frozen=True)
class Options:
    """A text column whose name ends in a word of `lists` is taken for a list."""

    lists: tuple[str, ...] = ("ids", "uuids", "csv", "list", "tags", "emails")


@rule("list-in-column", checklist="db.normalization", severity="note", profile="strict", since="0.1")
def list_in_column(column: Column, options: Options) -> Findings:
    if not column.table.permanent or column.kind.family != "text":
        return
    named = column.word_list[-1:] and column.word_list[-1] in options.lists
    if named or (column.fact.default or "").startswith("'["):
        yield Finding(
            column.at,
            f"{column} holds a list in a {column.type}; keep its values as rows of a table, or in an array.",
            subject=str(column),
        )
