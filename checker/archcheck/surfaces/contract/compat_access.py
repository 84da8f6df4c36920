"""Who may call an operation: whether the credentials that were enough before are enough now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from archcheck.surfaces.contract.changes import Demand
from archcheck.surfaces.contract.compat_ledger import Note
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.operation import Operation
from archcheck.surfaces.openapi.place import Place

Identity: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One way to be let in: the schemes that must be met together, each with the scopes that it must hold."""

    schemes: dict[Identity, frozenset[str]]
    names: tuple[str, ...]

    def opens(self, door: Ticket) -> bool:
        """Whether who holds this is let in by that one."""
        return all(scopes <= self.schemes[key] for key, scopes in door.schemes.items() if key in self.schemes) and (
            door.schemes.keys() <= self.schemes.keys()
        )


def tightened(before: Operation, after: Operation) -> Iterator[Note]:
    """What a caller must show now who was let in before without it."""
    old, new = _tickets(before), _tickets(after)
    if old is None or new is None:
        return
    base, revision = _declared(before), _declared(after)
    for ticket in old:
        if any(ticket.opens(door) for door in new):
            continue
        same = [door for door in new if door.schemes.keys() <= ticket.schemes.keys()]
        sure = before.secured is not None
        if same:
            missing = sorted(
                {
                    scope
                    for door in same[:1]
                    for key, scopes in door.schemes.items()
                    for scope in scopes - ticket.schemes[key]
                }
            )
            for scope in missing:
                yield Note(Demand, base, revision, scope, {"of": "scope", "added": True})
        else:
            asked = " or ".join(" and ".join(door.names) for door in new if door.names) or "credentials"
            yield Note(Demand, base, revision, asked, {"of": "credentials", "added": not ticket.schemes, "sure": sure})


def _declared(operation: Operation) -> Place:
    """Where it says what it asks for: at the operation, else for the whole document."""
    own, whole = operation.place.child("security"), operation.api.place.child("security")
    return own or whole or operation.api.place.child("paths") or operation.place


def _tickets(operation: Operation) -> list[Ticket] | None:
    declared = operation.value("security") if operation.has("security") else operation.api.value("security")
    if declared is None or declared == []:
        return [Ticket({}, ())]
    if not isinstance(declared, list) or not all(isinstance(one, dict) for one in declared):
        return None
    found: list[Ticket] = []
    for one in declared:
        schemes = {
            _identity(operation.api, str(name)): frozenset(str(scope) for scope in scopes)
            for name, scopes in (one.items() if isinstance(one, dict) else ())
            if isinstance(scopes, list)
        }
        found.append(Ticket(schemes, tuple(str(name) for name in one) if isinstance(one, dict) else ()))
    return found


def _identity(api: Api, name: str) -> Identity:
    """What a scheme asks for, whatever it is called: a name alone tells nothing to a client."""
    scheme = api.security_schemes.get(name)
    if scheme is None:
        return ("", name)
    if scheme.type == "apiKey":
        return (scheme.type, scheme.location, scheme.text("name").lower())
    return (scheme.type, scheme.scheme) if scheme.type == "http" else (scheme.type,)
