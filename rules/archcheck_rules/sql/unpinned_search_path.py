"""A function runs with its owner's rights and finds its tables by the caller's search path.

A caller who may create objects in any schema of that path puts a table or function of the same name there, and the
function uses it with the rights of its owner. Write `SET search_path = ''` (and names with their schema) into every
SECURITY DEFINER function.

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql bad migrations/0002_change.sql
CREATE FUNCTION wipe() RETURNS void  -- want
LANGUAGE sql SECURITY DEFINER
AS $$ DELETE FROM orders $$;
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql good migrations/0002_change.sql
CREATE FUNCTION wipe() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
AS $$ DELETE FROM public.orders $$;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Privileges


@rule(
    "unpinned-search-path",
    checklist="db.least-privilege",
    severity="warning",
    profile="regular",
    since="0.1",
    security=6.5,
    cwe="CWE-426",
)
def unpinned_search_path(privileges: Privileges) -> Findings:
    for at, name in privileges.unpinned:
        yield Finding(
            at,
            f"{name} is SECURITY DEFINER and has no search path of its own; add SET search_path = ''.",
            subject=name,
        )
