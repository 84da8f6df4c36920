"""The document leans on others that are not in the project.

What stands behind an address on the network changes without a commit, and one day the address is gone. A path that
leaves the project exists on one machine.

Copy what is named into the project. It is never fetched, so each such reference is also reported as unread, at its
line; this finding stands once for the API and names the sources, for they are what has to be brought in.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "500":
          $ref: "https://example.com/shared.yaml#/responses/Error"  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "500":
          $ref: "#/components/responses/Error"
components:
  responses:
    Error: {description: Something went wrong.}
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api


@rule("remote-ref", checklist="api.structure", severity="note", profile="regular", since="0.1", precision="very-high")
def remote_ref(api: Api) -> Findings:
    spots = api.tally("references out").spots
    sources = list(dict.fromkeys(spot.label for spot in spots))
    if spots:
        listed = ", ".join(f"'{source}'" for source in sources[:3]) + (" and others" if len(sources) > 3 else "")
        times = f"{len(spots)} references lead" if len(spots) > 1 else "A reference leads"
        yield Finding(
            spots[0].at,
            f"{times} out of the project, to {listed}; copy what is named into it.",
            subject="references out",
        )
