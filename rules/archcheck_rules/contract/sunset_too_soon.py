"""An operation leaves sooner than its clients can.

Clients need a release of their own, and their users an update, before the day; a day that moves forward breaks what
was promised.

Give at least the days that the option `days` asks for, and never move an announced day forward.

```yaml bad before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml bad after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      deprecated: true
      x-sunset: "2026-01-31"  # want
      responses: {"200": {description: Done.}}
```

```yaml good before/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {"200": {description: Done.}}}
```

```yaml good after/openapi.yaml
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      deprecated: true
      x-sunset: "2026-12-31"
      responses: {"200": {description: Done.}}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Findings, rule
from archcheck.surfaces.contract import Sunset


@dataclass(frozen=True)
class Options:
    """`days` is how long an operation stays at least once its end is announced."""

    days: int = 90


@rule("sunset-too-soon", checklist="contract.compatibility", severity="warning", profile="regular", since="0.1")
def sunset_too_soon(sunset: Sunset, options: Options) -> Findings:
    if sunset.earlier:
        yield sunset.finding(
            f"{sunset.name} leaves on {sunset.after} and was to stay until {sunset.before}; keep that day."
        )
    elif sunset.days is not None and sunset.days < options.days:
        left = f"{max(sunset.days, 0)} days; give them {options.days}"
        yield sunset.finding(f"{sunset.name} leaves on {sunset.after}, which leaves its clients {left}.")
