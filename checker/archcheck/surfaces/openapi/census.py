"""The API as a whole, from the facts that its pieces left: what it has, and what most of it does.

Only the facts are read, never the operations themselves, so that after an edit the whole costs no more than its parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sized
from functools import cached_property
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surfaces.openapi.access import scopes_of
from archcheck.surfaces.openapi.envelopes import Shape, alike, prevailing, shown, telling
from archcheck.surfaces.openapi.facts import (
    ErrorFact,
    ListFact,
    OperationFact,
    PageSizeFact,
    PieceFacts,
    RequirementFact,
)
from archcheck.surfaces.openapi.pagination import SHORT_LISTS, plain
from archcheck.surfaces.openapi.paths import Deed, deeds, ruled_by_verbs
from archcheck.surfaces.openapi.segments import shape_of
from archcheck.surfaces.openapi.statuses import Debt, Debtor, debtors, debts
from archcheck.surfaces.openapi.versions import in_address, in_prose, without_version
from archcheck.surfaces.openapi.view import View

Fact = TypeVar("Fact")

_LIMITS = re.compile(r"rate[- ]?limit|throttl|\b429\b|too many requests", re.I)
_ITEM = re.compile(r"/\{\}")
LEAST = 3
"""Fewer than this are no habit."""


def most(part: Sized, whole: Sized) -> bool:
    """Whether a part is what the whole does: more than half of it, and three at least."""
    return len(part) >= LEAST and 2 * len(part) > len(whole)


class OddError(Struct, frozen=True):
    """Errors with one schema that is not the envelope of the rest: whose and what they are, and where one is given."""

    at: Location
    owner: str
    told: str
    usual: str
    given: Location


def told(names: Iterable[object]) -> str:
    """A few names, as a sentence lists them: `GET /a, GET /b and 3 more`."""
    known = [str(name) for name in names]
    if len(known) > LEAST:
        return f"{', '.join(known[:2])} and {len(known) - 2} more"
    return " and ".join((", ".join(known[:-1]), known[-1])) if len(known) > 1 else "".join(known)


class Census(View, frozen=True, eq=False):
    """The whole of an API. Its place is that of the root document; it is settled after all pieces are known."""

    facts: tuple[PieceFacts, ...] = ()
    whole: bool = True
    """Whether every piece was read, so that what is not there is absent."""

    def __str__(self) -> str:
        return f"'{self.api}'"

    @property
    def at(self) -> Location:
        """Where the root document names its paths: the anchor of what is said of all of them."""
        place = self.place.child("paths") or self.place.child("webhooks") or self.place
        return place.at

    @cached_property
    def operations(self) -> tuple[OperationFact, ...]:
        """What it serves, in document order."""
        return tuple(fact for part in self.facts for fact in part.operations if fact.served)

    @cached_property
    def messages(self) -> tuple[OperationFact, ...]:
        """What it sends of its own accord: webhooks and callbacks."""
        return tuple(fact for part in self.facts for fact in part.operations if not fact.served)

    @cached_property
    def errors(self) -> tuple[ErrorFact, ...]:
        """How it answers requests that fail: each answer once, wherever it is used."""
        return _joined(
            (fact for part in self.facts for fact in part.errors),
            lambda fact: fact.at,
            _error,
        )

    @cached_property
    def requirements(self) -> tuple[RequirementFact, ...]:
        """The credentials that operations name: each scheme with the same scopes once, where it stands first."""
        return _joined(
            (fact for part in self.facts for fact in part.requirements),
            lambda fact: (fact.scheme, fact.scopes),
            lambda same: replace(same[0], uses=sum(fact.uses for fact in same)),
        )

    @cached_property
    def page_sizes(self) -> tuple[PageSizeFact, ...]:
        """The parameters that say how long a page is, each once."""
        return _joined(
            (fact for part in self.facts for fact in part.page_sizes),
            lambda fact: fact.at,
            lambda same: replace(same[0], uses=sum(fact.uses for fact in same)),
        )

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths it serves, each once."""
        return tuple(dict.fromkeys(operation.path for operation in self.operations))

    @property
    def same_ids(self) -> tuple[tuple[OperationFact, ...], ...]:
        """The operations that are called alike, each group in document order; one that is shared by paths is one."""
        called: dict[str, dict[Location, OperationFact]] = {}
        for operation in (*self.operations, *self.messages):
            if operation.id:
                called.setdefault(operation.id, {}).setdefault(operation.at, operation)
        return tuple(tuple(same.values()) for same in called.values() if len(same) > 1)

    @cached_property
    def debts(self) -> tuple[Debt, ...]:
        """The failures that operations owe, status by status, and who does not document them."""
        return debts(self.operations)

    def debtors(self, debts: Iterable[Debt]) -> Iterator[Debtor]:
        """Who does not document them: the API where most do not, else the operations one by one."""
        return debtors(debts, self.at)

    @cached_property
    def deeds(self) -> tuple[Deed, ...]:
        """The segments of paths that say what is done instead of what there is."""
        return tuple(deeds(self))

    def ruled_by(self, found: Iterable[Deed]) -> bool:
        """Whether most of its paths are named after what is done, as these are."""
        return ruled_by_verbs(found, len(self.paths))

    @cached_property
    def envelope(self) -> Shape:
        """The shape that most of its errors have; empty where there is none."""
        shapes: Counter[Shape] = Counter()
        for error in self.errors:
            if error.shape:
                shapes[error.shape] += error.count
        return prevailing(shapes)

    @cached_property
    def odd_errors(self) -> tuple[OddError, ...]:
        """The errors that a client of the prevailing envelope cannot read, those with the same schema together.

        OAuth ordains a shape of its own, and a body that is no error's was meant for something else.
        """
        found: dict[Location, list[ErrorFact]] = {}
        public = self._apart
        for error in self.errors if self.envelope else ():
            ordained = public.issuperset(error.uses) or "error_description:string" in error.shape
            ordained = ordained or not telling(error.shape)
            if error.shape and error.schema_at is not None and not ordained and not alike(error.shape, self.envelope):
                found.setdefault(error.schema_at, []).append(error)
        return tuple(_odd(at, errors, self.envelope) for at, errors in found.items())

    def failures(self, without: Iterable[str] = ()) -> tuple[ErrorFact, ...]:
        """The errors that have a status of their own other than those; health and protocols answer in their own way."""
        left_out = {"default", *without}
        public = self._apart
        return tuple(
            error
            for error in self.errors
            if not left_out.issuperset(error.statuses) and not public.issuperset(error.uses)
        )

    def by_owner(self, errors: Iterable[ErrorFact]) -> Iterator[tuple[str, list[ErrorFact]]]:
        """Errors that are written in one operation together, a shared one by itself."""
        found: dict[str, list[ErrorFact]] = {}
        for error in errors:
            found.setdefault(f"{error.owner} {error.at.path}" if error.shared else error.owner, []).append(error)
        for same in found.values():
            yield same[0].owner, same

    @cached_property
    def _apart(self) -> frozenset[str]:
        """The operations whose errors are their own matter: health, protocols, and what another address answers."""
        return frozenset(
            str(operation)
            for operation in self.operations
            if operation.nature == "public" or "elsewhere" in operation.versions
        )

    def unpaged(self, parameters: Iterable[str], short: Iterable[str]) -> Iterator[tuple[OperationFact, ListFact]]:
        """The lists that are returned whole: no parameter pages, none of those named does, and they are not short."""
        known = {plain(name) for name in parameters}
        few = SHORT_LISTS.union(short)
        for operation in self.operations:
            listed = operation.listed
            if listed is None or listed.paged or operation.blind or listed.word in few:
                continue
            if known.isdisjoint(plain(parameter.name) for parameter in operation.parameters):
                yield operation, listed

    def grows(self, operation: OperationFact) -> bool:
        """Whether what it lists becomes more: clients add to it, or change single ones, or these tell when they came.

        Without any of that it may be a catalogue, written once and short.
        """
        listed, shape = operation.listed, shape_of(operation.path)
        if listed is None:
            return False
        posts = self._posts.get(shape, ())
        if any(post.adds for post in posts):
            return True
        if not listed.rooted and (posts or not listed.items):
            return False
        return listed.dated or shape in self._changed

    @cached_property
    def _posts(self) -> dict[str, list[OperationFact]]:
        found: dict[str, list[OperationFact]] = {}
        for operation in self.operations:
            if operation.method == "POST":
                found.setdefault(shape_of(operation.path), []).append(operation)
        return found

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The collections below whose items something can be changed."""
        shapes = (shape_of(operation.path) for operation in self.operations if operation.writes)
        return frozenset(shape[: at.start()] for shape in set(shapes) for at in _ITEM.finditer(shape))

    @cached_property
    def paging(self) -> tuple[str, ...]:
        """The ways to page that most of its paged lists accept; none where there is no habit."""
        lists = [operation for operation in self.operations if operation.styles]
        counts = Counter(style for operation in lists for style in operation.styles)
        return tuple(style for style, count in counts.items() if most(range(count), lists))

    def renews(self, operation: OperationFact) -> bool:
        """Whether it is a later version of a list that stands there in the usual style: `/v2/orders`, `/orders`."""
        ways = frozenset(self.paging)
        return any(
            other.path != operation.path and not ways.isdisjoint(other.styles)
            for other in self._versions.get(without_version(operation.path), ())
        )

    @cached_property
    def _versions(self) -> dict[str, list[OperationFact]]:
        """The paged lists by their path without its version."""
        found: dict[str, list[OperationFact]] = {}
        for operation in self.operations:
            if operation.styles:
                found.setdefault(without_version(operation.path), []).append(operation)
        return found

    @cached_property
    def undefined_schemes(self) -> tuple[RequirementFact, ...]:
        """The demands that name a scheme nobody defines, one for each name; since 3.2 a name may be an address."""
        if self._schemes is None:
            return ()
        found: dict[str, list[RequirementFact]] = {}
        for demand in self.requirements:
            address = self.api.version == "3.2" and not {"/", "#", ".", ":"}.isdisjoint(demand.scheme)
            if demand.scheme not in self._schemes and not address:
                found.setdefault(demand.scheme, []).append(demand)
        return tuple(replace(same[0], uses=sum(one.uses for one in same)) for same in found.values())

    @cached_property
    def undefined_scopes(self) -> tuple[RequirementFact, ...]:
        """The demands for a scope that no flow of an OAuth scheme defines: each scope once, alone in its `scopes`."""
        found: dict[tuple[str, str], list[RequirementFact]] = {}
        for demand in self.requirements:
            scheme = self.api.security_schemes.get(demand.scheme)
            defined = scopes_of(scheme) if scheme is not None and demand.scopes else None
            for scope in demand.scopes if defined is not None else ():
                if scope not in defined:  # type: ignore[operator]
                    found.setdefault((demand.scheme, scope), []).append(demand)
        return tuple(
            replace(same[0], scopes=(scope,), uses=sum(one.uses for one in same)) for (_, scope), same in found.items()
        )

    @cached_property
    def secured(self) -> bool:
        """Whether something in it demands a credential that it defines."""
        return any(demand.scheme in self.api.security_schemes for demand in self.requirements)

    @cached_property
    def _schemes(self) -> frozenset[str] | None:
        """The names of the schemes that are defined, readable or not; None where nobody can tell."""
        if self.api.version == "2.0":
            return frozenset(str(entry.key) for entry in self.api.entries("securityDefinitions"))
        components = self.place.child("components")
        if components is None:
            return frozenset()
        resolved = self.resolved(components)
        if resolved is None:
            return None
        schemes = resolved[0].child("securitySchemes")
        if schemes is not None and self.resolved(schemes) is None:
            return None
        return frozenset(str(entry.key) for entry in View(self.api, resolved[0]).entries("securitySchemes"))

    @cached_property
    def strategies(self) -> tuple[str, ...]:
        """The ways in which versions are told apart: `server`, `path`, `media`, `header:NAME`, `query:NAME`."""
        found = dict.fromkeys(version for operation in self.operations for version in operation.versions)
        servers = any(in_address(address) for server in self.api.servers for address in server.addresses)
        return (*(("server",) if servers else ()), *found)

    @cached_property
    def told_of_versions(self) -> bool:
        """Whether its description tells how a version is chosen."""
        info = self.api.value("info")
        text = info.get("description") if isinstance(info, dict) else None
        return isinstance(text, str) and in_prose(text)

    @cached_property
    def told_of_limits(self) -> bool:
        """Whether its description tells of limits."""
        info = self.api.value("info")
        text = info.get("description") if isinstance(info, dict) else None
        return isinstance(text, str) and bool(_LIMITS.search(text))

    def widespread(self, part: Sized, whole: Sized) -> bool:
        """Whether it is a habit of the API and no slip: more than half, and three at least. It is then said once."""
        return most(part, whole)

    def share(self, part: Sized, whole: Sized) -> str:
        """How much of it, to begin a sentence with: `All 16`, or `13 of the 16`."""
        return f"All {len(whole)}" if len(part) == len(whole) else f"{len(part)} of the {len(whole)}"

    def told(self, names: Iterable[object]) -> str:
        """A few names, as a sentence lists them."""
        return told(names)


def _joined(
    facts: Iterable[Fact], key: Callable[[Fact], Hashable], join: Callable[[list[Fact]], Fact]
) -> tuple[Fact, ...]:
    """Facts of several pieces about the same thing as one."""
    found: dict[Hashable, list[Fact]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return tuple(join(same) if len(same) > 1 else same[0] for same in found.values())


def _odd(at: Location, errors: list[ErrorFact], envelope: Shape) -> OddError:
    first, shape = errors[0], shown(errors[0].shape)
    if not first.schema:
        return OddError(at, first.owner, f"{first.owner} fails with {shape}", shown(envelope), first.at)
    uses = list(dict.fromkeys(use for error in errors for use in error.uses))
    more = f" and {len(uses) - 1} more" if len(uses) > 1 else ""
    owner = f"The error '{first.schema}'"
    return OddError(at, owner, f"{owner} of {uses[0]}{more} is {shape}", shown(envelope), first.at)


def _error(same: list[ErrorFact]) -> ErrorFact:
    return replace(
        same[0],
        statuses=tuple(sorted({status for fact in same for status in fact.statuses})),
        uses=tuple(use for fact in same for use in fact.uses),
        count=sum(fact.count for fact in same),
    )
