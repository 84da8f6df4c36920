"""What one operation takes and gives, in both documents: parameters, bodies, responses and their headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from archcheck.surfaces.contract.changes import Addition, Demand, Removal, Shift, Side
from archcheck.surfaces.contract.compat_atoms import Atom, Shape, Term, key_of
from archcheck.surfaces.contract.compat_ledger import Ledger, Note
from archcheck.surfaces.contract.compat_styles import style
from archcheck.surfaces.contract.compat_subset import Relation
from archcheck.surfaces.openapi.message import MediaType, Parameter, Response
from archcheck.surfaces.openapi.operation import Operation
from archcheck.surfaces.openapi.place import Place

_IGNORED: Final = frozenset({"accept", "content-type", "authorization"})
"""Header parameters that the specification tells to ignore: media types and security speak for them."""
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Pair:
    """One operation in both documents, and its bit. `turned` where the server calls and the client answers."""

    base: Operation
    revision: Operation
    bit: int
    turned: bool = False

    @property
    def places(self) -> tuple[Place, Place]:
        """Where the method stands in each."""
        return self.base.named or self.base.place, self.revision.named or self.revision.place


@dataclass(frozen=True, slots=True)
class Messages:
    """Compares what goes in and what comes out of one operation."""

    relation: Relation
    ledger: Ledger
    pair: Pair

    def compare(self) -> None:
        """Tell what differs; schemas are handed to the relation."""
        if not self.pair.turned:
            self._parameters()
        self._bodies()
        self._responses()

    def _parameters(self) -> None:
        pair = self.pair
        if pair.base.opaque_parameters or pair.revision.opaque_parameters:
            self.ledger.undecided["parameters that cannot be read"] += 1
            return
        renamed = dict(zip(_variables(pair.base), _variables(pair.revision), strict=False))
        before = {_key(one, renamed): one for one in pair.base.parameters if self._counts(one)}
        after = {_key(one, {}): one for one in pair.revision.parameters if self._counts(one)}
        for key, parameter in before.items():
            other = after.get(key)
            if other is not None:
                self._parameter(parameter, other)
            elif parameter.location != "path":
                self._lost(parameter, [one for new, one in after.items() if new not in before and new[1] == key[1]])
        for key, parameter in after.items():
            if key not in before and not any(key[1] == old[1] and old not in after for old in before):
                self._new(parameter)

    def _counts(self, parameter: Parameter) -> bool:
        if parameter.location == "formData":
            return self._same_kind
        return parameter.location != "header" or parameter.name.lower() not in _IGNORED

    @property
    def _same_kind(self) -> bool:
        """Whether form fields are parameters in both, or in neither."""
        return (self.pair.base.api.version == "2.0") == (self.pair.revision.api.version == "2.0")

    def _lost(self, parameter: Parameter, elsewhere: list[Parameter]) -> None:
        if elsewhere:
            moved = elsewhere[0]
            words = {"of": "parameter place", "before": _where(parameter), "after": _where(moved)}
            self._note(Shift, parameter.place, moved.place, parameter.name, **words)
            return
        deprecated = parameter.flag("deprecated")
        top = self.pair.revision.place.child("parameters") or self.pair.places[1]
        fields = {"of": "parameter", "deprecated": deprecated, "overdue": deprecated, "required": parameter.required}
        self.ledger.add(Note(Removal, parameter.place, top, parameter.name, fields, "base"), self.pair.bit)

    def _new(self, parameter: Parameter) -> None:
        top = self.pair.base.place.child("parameters") or self.pair.places[0]
        make, fields = Addition, {"of": "parameter"}
        if parameter.required and parameter.location != "path":
            make, fields = Demand, {"of": "parameter", "added": True}  # type: ignore[assignment, dict-item]
        self.ledger.add(Note(make, top, parameter.place, parameter.name, dict(fields), "revision"), self.pair.bit)

    def _parameter(self, before: Parameter, after: Parameter) -> None:
        if after.required and not before.required:
            place = after.place.child("required") or after.place
            self._note(Demand, before.place, place, after.name, of="parameter", added=False)
        old, new = _schema(before), _schema(after)
        if old is None or new is None:
            return
        if (was := style(before)) != (now := style(after)) and self.relation.structured(old, new):
            self._note(Shift, before.place, after.place, after.name, of="parameter style", before=was, after=now)
        self.relation.root(old, new, "parameter", self.pair.bit)

    def _bodies(self) -> None:
        before, after = self._content(self.pair.base), self._content(self.pair.revision)
        base, revision = self.pair.places
        old, new = self.pair.base.request_body, self.pair.revision.request_body
        unread = [one for one in (self.pair.base, self.pair.revision) if one.has("requestBody")]
        if any(one.request_body is None for one in unread):
            self.ledger.undecided["bodies that cannot be read"] += 1
            return
        side: Side = "response" if self.pair.turned else "request"
        if new is not None and new.required and not (old is not None and old.required) and not self.pair.turned:
            home = old.place if old is not None else base
            at = new.place.child("required") or new.place
            self._note(Demand, home, at, "the request body", of="body", added=not before)
        elif after and not before:
            self._note(Addition, base, new.place if new is not None else revision, "the request body", of="body")
        if before:
            self._contents(before, after, side, new.place if new is not None else revision)

    def _content(self, operation: Operation) -> Mapping[str, MediaType]:
        """What a body may be; the form fields of 2.0 are one, where the other document has no such parameters."""
        body = operation.request_body
        if body is not None or operation.api.version != "2.0" or self._same_kind:
            return body.content if body is not None else {}
        fields = [one for one in operation.parameters if one.location == "formData"]
        if not fields:
            return {}
        place = operation.place.child("parameters") or fields[0].place
        properties: dict[str, Term] = {one.name: (one.place,) for one in fields}
        required = {one.name: one.place for one in fields if one.flag("required")}
        atom = Atom(place, frozenset({"object"}), True, place, properties=properties, required=required)
        self.relation.base.given[key_of(place)] = self.relation.revision.given[key_of(place)] = Shape(
            place, (atom,), None
        )
        names = [name for name in operation.strings("consumes") if name in _FORMS] or _FORMS[:1]
        return {name: MediaType(operation.api, place, name=name) for name in names}

    def _contents(
        self, before: Mapping[str, MediaType], after: Mapping[str, MediaType], side: Side, top: Place
    ) -> None:
        theirs = {_plain(name): media for name, media in after.items()}
        for name, media in before.items():
            other = theirs.get(_plain(name)) or next((theirs[one] for one in _ranges(name) if one in theirs), None)
            if other is None:
                fields: dict[str, object] = {"of": f"{side} media type"}
                self.ledger.add(Note(Removal, media.place, top, name, fields, "base"), self.pair.bit)
                continue
            for old, new in zip(_schemas(media), _schemas(other), strict=True):
                if old is not None and new is not None:
                    self.relation.root(old, new, side, self.pair.bit)
        known = {_plain(name) for name in before}
        for name, media in after.items():
            if _plain(name) not in known:
                home = next(iter(before.values())).place if before else self.pair.places[0]
                note = Note(Addition, home, media.place, name, {"of": f"{side} media type"}, "revision")
                self.ledger.add(note, self.pair.bit)

    def _responses(self) -> None:
        base, revision = self.pair.base, self.pair.revision
        spoken = "default" in base.statuses or any(one[:1] == "2" for one in revision.statuses)
        for status, response in base.responses.items():
            keys = _statuses(status, spoken)
            other = next((revision.responses[one] for one in keys if one in revision.responses), None)
            if other is not None:
                self._response(response, other)
            elif status[:1] == "2" and revision.statuses and not self.pair.turned:
                if any(one in revision.statuses for one in keys):
                    self.ledger.undecided["responses that cannot be read"] += 1
                    continue
                top = revision.place.child("responses") or self.pair.places[1]
                entry = self._entry(base, status) or response.place
                note = Note(Removal, entry, top, status, {"of": "success status"}, "base")
                self.ledger.add(note, self.pair.bit)
        for status in revision.statuses:
            if status not in base.statuses and not self.pair.turned:
                home = base.place.child("responses") or self.pair.places[0]
                entry = self._entry(revision, status) or self.pair.places[1]
                self.ledger.add(Note(Addition, home, entry, status, {"of": "status"}, "revision"), self.pair.bit)

    def _entry(self, operation: Operation, status: str) -> Place | None:
        return next((entry for entry in operation.entries("responses") if str(entry.key) == status), None)

    def _response(self, before: Response, after: Response) -> None:
        side: Side = "request" if self.pair.turned else "response"
        if before.content and not after.content and after.api.version == "2.0" and after.has("examples"):
            self.ledger.undecided["answers that only examples describe"] += 1
        else:
            self._contents(before.content, after.content, side, after.place)
        if self.pair.turned or before.opaque_headers or after.opaque_headers:
            return
        for name, header in before.headers.items():
            other = after.headers.get(name)
            if other is None:
                top = after.place.child("headers") or after.place
                fields: dict[str, object] = {"of": "response header", "required": header.flag("required")}
                fields |= {"deprecated": header.flag("deprecated"), "overdue": header.flag("deprecated")}
                self.ledger.add(Note(Removal, header.place, top, header.name, fields, "base"), self.pair.bit)
                continue
            if header.flag("required") and not other.flag("required"):
                self._note(Shift, header.place, other.place, other.name, of="optional response")
            if header.schema is not None and other.schema is not None:
                self.relation.root(header.schema.place, other.schema.place, side, self.pair.bit)
        for name, header in after.headers.items():
            if name not in before.headers:
                note = Note(Addition, before.place, header.place, header.name, {"of": "response header"}, "revision")
                self.ledger.add(note, self.pair.bit)

    def _note(
        self, make: type[Shift | Demand | Addition], base: Place, revision: Place, name: str, **fields: object
    ) -> None:
        self.ledger.add(Note(make, base, revision, name, fields), self.pair.bit)


def _variables(operation: Operation) -> Iterator[str]:
    """The variables of the path, in order."""
    for part in operation.path.split("{")[1:]:
        yield part.partition("}")[0]


def _key(parameter: Parameter, renamed: Mapping[str, str]) -> tuple[str, str]:
    name = parameter.name
    if parameter.location == "path":
        return "path", renamed.get(name, name)
    return parameter.location, name.lower() if parameter.location == "header" else name


def _where(parameter: Parameter) -> str:
    return "the form" if parameter.location == "formData" else f"the {parameter.location}"


def _schema(parameter: Parameter) -> Place | None:
    """Where the schema of a parameter stands, its reference not followed."""
    if (place := parameter.place.child("schema")) is not None:
        return place
    if parameter.api.version == "2.0":
        return parameter.place
    return parameter.schema.place if parameter.schema is not None else None


def _schemas(media: MediaType) -> tuple[Place | None, Place | None]:
    """The schema of a whole body, and that of each of its items where it is a stream of them."""
    if media.api.version == "2.0":
        return media.place, None
    return media.place.child("schema"), media.place.child("itemSchema")


def _plain(name: str) -> str:
    """A media type in lower case and without its parameters."""
    return name.partition(";")[0].strip().lower()


def _ranges(name: str) -> tuple[str, str]:
    return f"{_plain(name).partition('/')[0]}/*", "*/*"


def _statuses(status: str, spoken: bool) -> tuple[str, ...]:
    """The keys under which a response may stand in the other document, the nearest first.

    A default speaks for success only where nothing else does: `spoken` tells that something does, or that there was a
    default beside it before.
    """
    if status == "default":
        return ("default",)
    wide = (status, f"{status[:1]}XX", f"{status[:1]}xx")
    return wide if spoken or status[:1] != "2" else (*wide, "default")
