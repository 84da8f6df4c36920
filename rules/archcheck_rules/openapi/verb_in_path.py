"""A path says what is done instead of what there is.

The method already says what is done. `POST /createOrder` has `GET /getOrder` and `POST /deleteOrder` for siblings, and
no client can guess one from the other, nor can a cache or a proxy tell which of them only reads.

Name the thing, and let the method speak: `POST /orders`, `GET /orders/{id}`, `DELETE /orders/{id}`. Words that are
nouns as well (`posts`, `orders`, `exports`, `search`) are silent. An action on one thing that no method expresses, such
as `POST /orders/{id}/cancel`, `POST /orders/validate` or `/orders/{id}:cancel`, is a note in the strict profile. An API
most of whose paths are named after actions is told so once. The option `nouns` takes words that are no verbs for you.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /createOrder:  # want
    post:
      responses:
        "201": {description: Created.}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Census


@dataclass(frozen=True, slots=True)
class Options:
    """`nouns` are words that name a thing where they stand first in a segment."""

    nouns: tuple[str, ...] = ()


@rule("verb-in-path", checklist="api.resources", severity="warning", profile="regular", since="0.1")
def verb_in_path(census: Census, options: Options) -> Findings:
    deeds = [deed for deed in census.deeds if deed.verb.word not in options.nouns]
    plain = [deed for deed in deeds if not deed.action]
    if census.ruled_by(plain):
        yield Finding(
            census.at,
            f"{len(plain)} segments of the {len(census.paths)} paths say what is done, '{plain[0].text}' for one; "
            "name what there is, and let the methods say what is done with it.",
            subject="paths",
        )
        return
    for deed in deeds:
        cure = "keep it where no method says the same" if deed.action else "name the thing, and let the method say it"
        yield Finding(
            deed.at,
            f"'{deed.text}' in {deed.path} says what is done; {cure}.",
            subject=deed.prefix,
            severity="note" if deed.action else None,
            profile="strict" if deed.action else None,
        )
