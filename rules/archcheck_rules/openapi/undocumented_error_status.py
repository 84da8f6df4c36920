"""Failures that an operation certainly has are not documented.

Who writes a client handles what the contract names: an unnamed 404 becomes a crash, an unnamed 401 an endless retry.

Owed is 400 or 422 where something is taken that can be wrong, 401 where credentials are demanded, 403 where scopes are,
404 where an id stands in the path, and a 5xx or `default` always; a range (`4XX`) and `default` cover all they stand
for. What most operations lack is said once for the API; the others are told each what it lacks. 409 where something is
created is a note in the strict profile. The options `input`, `unauthorized`, `forbidden`, `missing`, `failure` and
`conflict` switch each off.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:  # want
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
        "500": {description: Failed.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One order.}
        "404": {description: No such order.}
        "500": {description: Failed.}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """Owed are 400 or 422 (`input`), 401 (`unauthorized`), 403 (`forbidden`), 404 (`missing`), 5xx (`failure`), 409
    (`conflict`).
    """

    input: bool = True
    unauthorized: bool = True
    forbidden: bool = True
    missing: bool = True
    failure: bool = True
    conflict: bool = True


@rule("undocumented-error-status", checklist="api.status-codes", severity="warning", profile="regular", since="0.1")
def undocumented_error_status(census: Census, options: Options) -> Findings:
    asked = (options.input, options.unauthorized, options.forbidden, options.missing, options.failure, options.conflict)
    debts = [debt for debt, on in zip(census.debts, asked, strict=True) if on]
    for strict in (False, True):
        for debtor in census.debtors([debt for debt in debts if (debt.status == "409") is strict]):
            yield Finding(
                debtor.at,
                f"{debtor.told}; add what clients must handle.",
                subject=f"{debtor.name} 409" if strict else debtor.name,
                severity="note" if strict else None,
                profile="strict" if strict else None,
            )
