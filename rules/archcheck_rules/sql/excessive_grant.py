"""A role may do more than its work needs.

Whoever gets hold of the role's connection can do all of it: GRANT ALL includes TRUNCATE, triggers and references,
anything granted TO PUBLIC holds for every role there is and will be, and a superuser passes every check. Grant the
privileges that the code uses, by name, to the role that uses them.

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql bad migrations/0002_change.sql
GRANT ALL ON orders TO app;  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql good migrations/0002_change.sql
GRANT SELECT, INSERT, UPDATE ON orders TO app;
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Privileges


@rule(
    "excessive-grant",
    checklist="db.least-privilege",
    severity="warning",
    profile="regular",
    since="0.1",
    security=5.5,
    cwe="CWE-732",
)
def excessive_grant(privileges: Privileges) -> Findings:
    for at, name in privileges.powers:
        yield Finding(at, f"The role {name} is made a superuser; give it what it needs instead.", subject=name)
    for said in privileges.excessive:
        grant, more = said.grant, said.more
        objects = ", ".join(grant.names[:2])
        rest = f", and {more} more grants in this file do the same" if more > 1 else ""
        rest = ", and another grant in this file does the same" if more == 1 else rest
        yield Finding(
            said.at,
            f"{'Every role' if 'public' in grant.to else grant.to[0]} gets {', '.join(grant.privileges)} on {objects}"
            f"{rest}; grant what is used, by name.",
            subject=f"{objects} {grant.to[0]}",
        )
