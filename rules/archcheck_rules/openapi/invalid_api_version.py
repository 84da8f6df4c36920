"""The document's version is none.

Changelogs, packages and comparisons of two documents order them by `info.version`. What is neither a number nor a date
(`latest`, `dev`, an unfilled placeholder) has no order.

Give it a semantic version (`2.4.0`, with fewer numbers if you like) or a date (`2026-03-01`). The option `pattern` is a
regular expression for a scheme of your own.

```yaml bad
openapi: 3.1.0
info:
  title: Shop
  version: latest  # want
paths: {}
```

```yaml good
openapi: 3.1.0
info:
  title: Shop
  version: 2.4.0-beta.1
paths: {}
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Api

ORDERED = re.compile(
    r"[vV]?\d+(?:\.\d+){0,3}(?:[-.+]?[A-Za-z][0-9A-Za-z.-]*|-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
    r"|\d{4}[-.]\d{1,2}(?:[-.]\d{1,2})?(?:[-._]?[\w.-]+)?|\d{6,8}"
)


@dataclass(frozen=True, slots=True)
class Options:
    """`pattern` describes further versions."""

    pattern: str = ""


@rule("invalid-api-version", checklist="api.versioning", severity="note", profile="strict", since="0.1")
def invalid_api_version(api: Api, options: Options) -> Findings:
    place = api.release
    version = str(place.node) if place is not None and isinstance(place.node, str) else ""
    if place is None or not isinstance(place.node, str) or ORDERED.fullmatch(version.strip()):
        return
    if options.pattern and re.fullmatch(options.pattern, version):
        return
    yield Finding(
        place.at,
        f"'{api}' has the version '{version}', which has no order; give it a semantic version or a date."
        if version
        else f"'{api}' leaves its version empty; give it a semantic version or a date.",
        subject="info.version",
    )
