"""An operation has another operationId.

Generated clients name their methods by it: code that calls the old name does not build against the new client.

Keep the operationId, and put a better name into the summary.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: Done.}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: getOrders  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: Done.}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from archcheck import Findings, rule
from archcheck.surfaces.contract import Shift


@rule("changed-operation-id", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1")
def changed_operation_id(shift: Shift) -> Findings:
    if shift.of == "operation id":
        called = f"{shift.name}, whose operationId was {shift.before}, is called {shift.after}"
        rest = f", and {len(shift.also)} more have new names" if shift.also else ""
        yield shift.finding(f"{called}{rest}; keep the names that generated clients use.")
