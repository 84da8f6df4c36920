"""A pattern is no regular expression.

A validator that meets it fails to start, or lets everything through; which of the two, depends on the language.

Correct it. JSON Schema's patterns are those of ECMA-262. Only what its grammar refuses with and without the flag `u`
is reported: an unclosed group, a range that runs backwards, flags in the middle as in `(?i)`, possessive quantifiers.
What other languages know and ECMA-262 merely reads differently is left alone.

```yaml bad
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Code:
      type: string
      pattern: "^[A-Z{3}$"  # want
```

```yaml good
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Code:
      type: string
      pattern: "^[A-Z]{3}$"
```
"""

from __future__ import annotations

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Schema


@rule("invalid-pattern", checklist="api.validation", severity="error", profile="regular", since="0.1")
def invalid_pattern(schema: Schema) -> Findings:
    for place, problem in schema.flaw("pattern"):
        yield Finding(place.at, f"{problem}; correct it as ECMA-262 has it.", subject=place.pointer)
