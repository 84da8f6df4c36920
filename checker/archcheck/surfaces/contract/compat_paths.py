"""Which path, operation, server and callback of one document is which of the other, and what has none left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from archcheck.surfaces.contract.changes import Addition, Removal, Shift, Sunset
from archcheck.surfaces.contract.compat_access import tightened
from archcheck.surfaces.contract.compat_ledger import Ledger, Note
from archcheck.surfaces.contract.compat_messages import Messages, Pair
from archcheck.surfaces.contract.compat_shapes import Shapes
from archcheck.surfaces.contract.compat_subset import Relation
from archcheck.surfaces.openapi.api import Api, Server
from archcheck.surfaces.openapi.grammar import Role
from archcheck.surfaces.openapi.graph import Node
from archcheck.surfaces.openapi.operation import Operation, PathItem
from archcheck.surfaces.openapi.place import Place

_PARAMETER: Final = re.compile(r"\{[^{}]*\}")
_VERSION: Final = re.compile(r"/v\d[\w.-]*(?=/|$)")
_TOGETHER: Final = 10
_NEARLY_ALL: Final = 0.8
"""So many paths, and so great a part of those that are gone, must have got or lost the same prefix."""
_UNSEEN: Final = Node("", "", "")


@dataclass(slots=True)
class Comparison:
    """Two documents side by side; what differs goes into the ledger."""

    base: Api
    revision: Api
    ledger: Ledger
    today: date | None
    relation: Relation

    def __init__(self, base: Api, revision: Api, ledger: Ledger, today: date | None) -> None:
        self.base, self.revision, self.ledger, self.today = base, revision, ledger, today
        before, after = (Shapes(api.references, modern=api.modern) for api in (base, revision))
        self.relation = Relation(before, after, ledger)

    def run(self) -> None:
        """Compare everything, from the servers down to the last schema that an operation reaches."""
        self._servers()
        self._paths()
        self._webhooks()
        self.relation.run()

    def _servers(self) -> None:
        before, after = (_addresses(api) for api in (self.base, self.revision))
        kept = {_unversioned(address) for address in after}
        for address, place in before.items():
            if after and _unversioned(address) not in kept:
                top = self.revision.place.child("servers") or _top(self.revision)
                self.ledger.add(Note(Removal, place, top, address, {"of": "server"}))
        known = {_unversioned(address) for address in before}
        for address, place in after.items():
            if _unversioned(address) not in known:
                top = self.base.place.child("servers") or _top(self.base)
                self.ledger.add(Note(Addition, top, place, address, {"of": "server"}))

    def _paths(self) -> None:
        twins = dict(matched(self.base, self.revision))
        top = self.revision.place.child("paths") or self.revision.place
        together, prefix = shifted(self.base, self.revision, twins)
        if together:
            twins |= together
            first, *rest = together
            lost = [one for each in together for one in _item(self.base, self.base.keys[each]).operations]
            self._gone("path", f"{first} ({prefix})", lost, self.base.keys[first], top, also=tuple(rest))
        taken = set(twins.values())
        for template, place in self.base.keys.items():
            item = _item(self.base, place)
            if template in twins:
                other = self.revision.keys[twins[template]]
                if self.revision.references.follow(other).place is None:
                    self.ledger.undecided["paths that cannot be read"] += 1
                else:
                    self._item(item, _item(self.revision, other))
            elif item.operations:
                self._gone("path", template, item.operations, place, top)
        for template, place in self.revision.keys.items():
            if template not in taken:
                start = self.base.place.child("paths") or self.base.place
                bits = sum(self.ledger.operation(str(one)) for one in _item(self.revision, place).operations)
                self.ledger.add(Note(Addition, start, place, template, {"of": "path"}, "revision"), bits)

    def _item(self, before: PathItem, after: PathItem) -> None:
        theirs = {operation.method: operation for operation in after.operations}
        for operation in before.operations:
            other = theirs.pop(operation.method, None)
            if other is None:
                base = operation.named or operation.place
                self._gone("operation", str(operation), [operation], base, after.named or after.place)
            else:
                pair = Pair(operation, other, self.ledger.operation(str(operation)))
                self._operation(pair)
        for operation in theirs.values():
            places = before.named or before.place, operation.named or operation.place
            note = Note(Addition, *places, str(operation), {"of": "operation"}, "revision")
            self.ledger.add(note, self.ledger.operation(str(operation)))

    def _operation(self, pair: Pair) -> None:
        before, after = pair.base, pair.revision
        Messages(self.relation, self.ledger, pair).compare()
        for note in tightened(before, after):
            self.ledger.add(note, pair.bit)
        if before.id and after.id and before.id != after.id:
            old, new = (one.place.child("operationId") or one.place for one in (before, after))
            fields: dict[str, object] = {"of": "operation id", "before": before.id, "after": after.id}
            self.ledger.add(Note(Shift, old, new, str(before), fields), pair.bit)
        self._moved(pair)
        self._announced(pair)
        self._callbacks(pair)

    def _moved(self, pair: Pair) -> None:
        """The servers that it loses, where it or its path has some of its own on either side."""
        old, new = _own(pair.base), _own(pair.revision)
        if old is None and new is None:
            return
        before = _spelled(old) if old is not None else _addresses(self.base)
        after = _spelled(new) if new is not None else _addresses(self.revision)
        kept = {_unversioned(address) for address in after}
        told = {_unversioned(address) for address in _addresses(self.revision)}
        home = new[0].place.parent if new else None
        for address, place in before.items():
            gone = after and _unversioned(address) not in kept
            if gone and (old is not None or _unversioned(address) in told):
                top = home or pair.revision.named or pair.revision.place
                # One of its path is gone once, and not from each of its operations.
                anchor = "base" if old is not None else ""
                self.ledger.add(Note(Removal, place, top, address, {"of": "server"}, anchor), pair.bit)

    def _announced(self, pair: Pair) -> None:
        """What the revision says of the end of an operation, where it says it anew."""
        before, after = (_sunset(operation) for operation in (pair.base, pair.revision))
        place = pair.revision.place.child("x-sunset") or pair.revision.place.child("deprecated") or pair.revision.place
        home = pair.base.place.child("x-sunset") or pair.base.named or pair.base.place
        if pair.revision.flag("deprecated") and not pair.base.flag("deprecated"):
            self.ledger.add(Note(Addition, home, place, str(pair.base), {"of": "deprecation"}, "revision"), pair.bit)
        day = _day(after)
        if after != before and day is not None:
            days = (day - self.today).days if self.today is not None else None
            fields: dict[str, object] = {"before": before, "after": after, "days": days}
            self.ledger.add(Note(Sunset, home, place, str(pair.base), fields), pair.bit)

    def _callbacks(self, pair: Pair) -> None:
        theirs = {str(entry.key): entry for entry in pair.revision.entries("callbacks")}
        for entry in pair.base.entries("callbacks"):
            other = theirs.pop(str(entry.key), None)
            if other is None:
                top = pair.revision.place.child("callbacks") or pair.revision.named or pair.revision.place
                note = Note(Removal, entry, top, str(entry.key), self._lost([pair.base]) | {"of": "callback"}, "base")
                self.ledger.add(note, pair.bit)
                continue
            ours = dict(_expressions(pair.base, entry))
            for expression, place in _expressions(pair.revision, other):
                if expression in ours:
                    self._called(_item(self.base, ours[expression]), _item(self.revision, place), pair.bit)
        for name, entry in theirs.items():
            home = pair.base.named or pair.base.place
            self.ledger.add(Note(Addition, home, entry, name, {"of": "callback"}, "revision"), pair.bit)

    def _webhooks(self) -> None:
        theirs = {str(entry.key): entry for entry in self.revision.entries("webhooks")}
        for entry in self.base.entries("webhooks"):
            item, other = _item(self.base, entry), theirs.get(str(entry.key))
            if other is not None:
                bit = sum(self.ledger.operation(str(operation)) for operation in item.operations)
                self._called(item, _item(self.revision, other), bit)
            else:
                top = self.revision.place.child("webhooks") or _top(self.revision)
                self._gone("callback", str(entry.key), item.operations, entry, top)

    def _called(self, before: PathItem, after: PathItem, reach: int) -> None:
        """What the server sends of its own accord, or no longer sends."""
        theirs = {operation.method: operation for operation in after.operations}
        for operation in before.operations:
            if operation.method in theirs:
                Messages(self.relation, self.ledger, Pair(operation, theirs[operation.method], reach, True)).compare()

    def _gone(
        self, of: str, name: str, operations: Iterable[Operation], base: Place, revision: Place, **more: object
    ) -> None:
        own = list(operations)
        bits = sum(self.ledger.operation(str(operation)) for operation in own)
        self.ledger.add(Note(Removal, base, revision, name, self._lost(own) | {"of": of} | more, "base"), bits)

    def _lost(self, operations: list[Operation]) -> dict[str, object]:
        """What the base announced of operations that are gone: the last of their days."""
        days = sorted(_sunset(operation) for operation in operations)
        last = days[-1] if days else ""
        day = _day(last)
        return {
            "deprecated": bool(operations) and all(operation.flag("deprecated") for operation in operations),
            "sunset": last,
            "overdue": day is None or (self.today is not None and day <= self.today),
        }


def matched(base: Api, revision: Api) -> Iterator[tuple[str, str]]:
    """The paths of both that match the same requests, whatever their parameters are called.

    A path that is not found by its template is looked for behind the prefixes of the servers, which may have taken a
    part of it, or have given one.
    """
    exact = {template: template for template in revision.paths}
    loose = {_shape(template): template for template in revision.paths}
    left: list[str] = []
    taken: set[str] = set()
    for template in base.paths:
        twin = exact.get(template) or loose.get(_shape(template))
        if twin is not None and twin not in taken:
            taken.add(twin)
            yield template, twin
        else:
            left.append(template)
    start, end = _prefix(base), _prefix(revision)
    if start == end:
        return
    whole = {_shape(end + template): template for template in revision.paths if template not in taken}
    for template in left:
        twin = whole.pop(_shape(start + template), None)
        if twin is not None:
            yield template, twin


def shifted(base: Api, revision: Api, twins: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The paths that got or lost one prefix, all of those that are left at once, and what happened to them in words."""
    left = {_shape(one): one for one in base.paths if one not in twins}
    right = {_shape(one): one for one in revision.paths if one not in twins.values()}
    votes: Counter[tuple[str, str]] = Counter()
    for shape in left:
        votes.update((before, "") for before, rest in _cut(shape) if rest in right)
    for shape in right:
        votes.update(("", before) for before, rest in _cut(shape) if rest in left)
    (lost, new), count = min(votes.items(), key=lambda vote: (-vote[1], vote[0]), default=(("", ""), 0))
    if count < _TOGETHER or count < len(left) * _NEARLY_ALL:
        return {}, ""
    pairs = ((one, right.get(new + shape.removeprefix(lost))) for shape, one in left.items() if shape.startswith(lost))
    return {
        one: twin for one, twin in pairs if twin is not None
    }, f"moved out of {lost}" if lost else f"moved under {new}"


def _cut(shape: str) -> Iterator[tuple[str, str]]:
    return ((shape[:at], shape[at:]) for at, letter in enumerate(shape) if letter == "/" and at)


def _shape(template: str) -> str:
    return _PARAMETER.sub("{}", template)


def _prefix(api: Api) -> str:
    """The path of its first server."""
    addresses = api.servers[0].addresses if api.servers else ()
    return _split(addresses[0])[1] if addresses else ""


def _addresses(api: Api) -> Mapping[str, Place]:
    """Where it is served, without the scheme and a slash at the end."""
    return _spelled(api.servers)


def _own(operation: Operation) -> tuple[Server, ...] | None:
    """The servers of an operation alone, else those of its path; None where the document speaks for it."""
    for holder in (operation, operation.item):
        if holder is not None and holder.has("servers"):
            return tuple(Server(operation.api, each, url=_url(each)) for each in holder.entries("servers"))
    return None


def _url(place: Place) -> str:
    node = place.node.get("url") if isinstance(place.node, dict) else None
    return node if isinstance(node, str) else ""


def _spelled(servers: Iterable[Server]) -> Mapping[str, Place]:
    found: dict[str, Place] = {}
    for server in servers:
        for address in server.addresses:
            host, path = _split(address)
            if host:
                found.setdefault(host + path, server.place.child("url") or server.place)
    return found


def _split(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:  # a host in broken brackets
        return "", ""
    return parts.netloc.lower(), parts.path.rstrip("/")


def _unversioned(address: str) -> str:
    """An address without its version: where the next one is served is no loss of this one."""
    return _VERSION.sub("/v", address)


def _expressions(operation: Operation, entry: Place) -> Iterator[tuple[str, Place]]:
    resolved = operation.resolved(entry)
    for child in resolved[0].children() if resolved is not None else ():
        if not str(child.key).startswith("x-"):
            yield str(child.key), child


def _item(api: Api, named: Place) -> PathItem:
    return PathItem.at_key(api, named, Role(path=named), _UNSEEN)


def _sunset(operation: Operation) -> str:
    return operation.text("x-sunset")[:10]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _top(api: Api) -> Place:
    return next(api.place.children(), api.place)
