"""An operation of a protected API asks for no credentials.

Beside operations that demand a token, one that says nothing was most likely forgotten, and a forgotten write is open to
the world.

Demand credentials, best once at the top of the document, or write `security: []`: that is a choice, and nothing is said
of it, nor of credentials that are optional (`{}`). Login, sign-up, tokens, OAuth, webhooks and health are public by
nature, and reads are often meant to be: a note on each, in strict. The option `public` names further beginnings of
paths. An API most of whose writes are open is reported once as a whole.

```yaml bad
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post: {security: [{bearer: []}], responses: {"201": {description: Created.}}}
  /orders/{id}:
    delete:  # want
      responses: {"204": {description: Gone.}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```

```yaml good
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders/{id}:
    delete: {responses: {"204": {description: Gone.}}}
  /reviews:
    post: {security: [], responses: {"201": {description: Created.}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
```
"""

from __future__ import annotations

from dataclasses import dataclass

from archcheck import Finding, Findings, Profile, Severity, rule
from archcheck.surfaces.openapi import Census, OperationFact


@dataclass(frozen=True, slots=True)
class Options:
    """`public` are beginnings of paths that are meant for everybody."""

    public: tuple[str, ...] = ()


@rule("unprotected-operation", checklist="api.auth", severity="warning", profile="regular", since="0.1", security=7.5)
def unprotected_operation(census: Census, options: Options) -> Findings:
    if not census.requirements:
        return
    judged = [one for one in census.operations if not one.path.startswith(options.public)]
    writes = [one for one in judged if one.writes and not one.nature]
    yield from _open(census, writes, "writes")
    yield from _open(census, [one for one in judged if one not in writes], "reads and public operations", quiet=True)


def _open(census: Census, judged: list[OperationFact], kind: str, *, quiet: bool = False) -> Findings:
    severity: Severity | None = "note" if quiet else None
    profile: Profile | None = "strict" if quiet else None
    open_ones = [one for one in judged if one.demand == "none" and not one.keyed]
    cure = "demand them at the top, or say security: [] where everybody may ask"
    if census.widespread(open_ones, judged):
        lacking = f"{census.share(open_ones, judged)} {kind} of {census} ({census.told(open_ones)})"
        said = f"{lacking} demand no credentials; {cure}."
        yield Finding(open_ones[0].at, said, subject=kind, severity=severity, profile=profile)
        return
    for operation in open_ones:
        said = f"{operation} demands no credentials; {cure}."
        yield Finding(operation.at, said, subject=str(operation), severity=severity, profile=profile)
