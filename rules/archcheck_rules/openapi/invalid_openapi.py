"""The document breaks the specification.

Tools differ in what they make of a document that is wrong: one ignores the key, another stops, a third guesses.

Write what the official schema of the declared version asks for. A `$ref` may stand wherever an object may, for tools
resolve it there; what it names is held to what is asked for in its place. Keys that start with `x-` are free. What
has a rule of its own is left to it: references, repeated values and parameters, keywords of later versions. Status
keys without quotes, which the specification forbids since 3.0, are a note: some validators stop at a key that is a
number, most read it.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      sumary: All orders  # want
      responses:
        "200": {description: Orders.}
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      summary: All orders
      x-owner: sales
      responses:
        "200": {description: Orders.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Breach, fixing


@rule(
    "invalid-openapi",
    checklist="api.structure",
    severity="error",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def invalid_openapi(breach: Breach) -> Findings:
    yield Finding(
        breach.at,
        f"{breach.problem}; {breach.cure}.",
        subject=breach.subject,
        severity=breach.severity,
        fix=fixing("quote the status keys", breach.edits, safe=True),
    )
