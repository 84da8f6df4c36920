"""Rows of several tenants share a table, and only the code keeps them apart.

One forgotten condition in one query shows a customer the rows of another. Row level security lets the database keep
them apart: ENABLE ROW LEVEL SECURITY, and a policy that compares the tenant's column with a setting of the session. The
columns that tell a tenant are those of common names (`tenant_id`, `org_id`, `workspace_id` ...).

```sql bad migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql bad migrations/0002_change.sql
CREATE TABLE invoices (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);  -- want
```
```sql good migrations/0001_init.sql
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
```
```sql good migrations/0002_change.sql
CREATE TABLE invoices (id bigint PRIMARY KEY, tenant_id bigint NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invoices USING (tenant_id = current_setting('app.tenant')::bigint);
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.sql import Privileges


@rule(
    "table-without-row-security",
    checklist="db.least-privilege",
    severity="note",
    profile="audit",
    since="0.1",
    security=4.0,
    cwe="CWE-284",
)
def table_without_row_security(privileges: Privileges) -> Findings:
    shared = privileges.shared
    if not shared:
        return
    if privileges.secures:
        for table in shared:
            yield Finding(
                table.at, f"{table} holds rows of several tenants; enable row level security.", subject=str(table)
            )
        return
    more = len(shared) - 1
    others = f" and {more} other table{'s' if more > 1 else ''}" if more else ""
    yield Finding(
        shared[0].at,
        f"No table has row level security, and {shared[0]}{others} may hold rows of several tenants; enable it.",
        subject=str(privileges),
    )
