"""A keyword is newer than the version that the document declares.

Tools that read the declared version ignore it, or refuse the document. The constraint that it states does not hold.

Declare the version that brought the keyword, or say it in the words of the declared one. Each keyword is reported
once, at its first place, with the count.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Kind:
      type: string
      const: order  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Kind:
      type: string
      enum: [order]
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api, Spot


@rule(
    "newer-keyword",
    checklist="api.structure",
    severity="warning",
    profile="regular",
    since="0.1",
    precision="very-high",
)
def newer_keyword(api: Api) -> Findings:
    groups: dict[str, list[Spot]] = {}
    for spot in api.tally("newer keywords").spots:
        groups.setdefault(spot.label, []).append(spot)
    for label, spots in groups.items():
        since, _, key = label.partition(" ")
        others = f"{len(spots) - 1} other places" if len(spots) > 2 else "one other place"
        times = f", here and in {others}" if len(spots) > 1 else ""
        yield Finding(
            spots[0].at,
            f"'{key}' as it stands here came with OpenAPI {since}, and the document declares {api.version}{times}; "
            f"declare {since}, or say it otherwise.",
            subject=key,
        )
