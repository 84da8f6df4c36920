"""A keyword says something of another type than the schema's.

`maxLength` on an integer limits nothing. The author believes that there is a limit, and every validator passes by.

Use the keyword of the type: `maximum` for numbers, `maxLength` for strings, `maxItems` for arrays. The same goes for
formats: `date-time` is a way to write a string. Formats of whole numbers are fine on strings, which is how JSON keeps
large ones exact. The same mistake made more than a few times is said once, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Age:
      type: integer
      maxLength: 3  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Age:
      type: integer
      maximum: 150
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@dataclass(frozen=True, slots=True)
class Options:
    """`most` times the same mistake is named place by place; more are one finding."""

    most: int = 5


@rule("keyword-type-mismatch", checklist="api.validation", severity="warning", profile="regular", since="0.1")
def keyword_type_mismatch(api: Api, options: Options) -> Findings:
    for spots in api.tally("idle keywords").groups:
        if len(spots) > options.most:
            yield Finding(
                spots[0].at,
                f"{spots[0].label}, here and in {len(spots) - 1} more places; write what fits the type that is meant.",
                subject=spots[0].group,
            )
            continue
        for spot in spots:
            yield Finding(spot.at, f"{spot.label}; write what fits the type that is meant.", subject=spot.label)
