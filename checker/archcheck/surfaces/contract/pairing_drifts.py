"""Drifts: what an operation says of itself and the route that serves it does otherwise. What is not known is silent."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.surfaces.contract.pairing_routes import Matched, Matching
from archcheck.surfaces.contract.routes import AuthDrift, BodyDrift, LimitDrift, ParameterDrift, StatusDrift
from archcheck.surfaces.python.route import Input

Drift: TypeAlias = ParameterDrift | BodyDrift | StatusDrift | AuthDrift | LimitDrift

_CREDENTIAL: Final = re.compile(r"auth|token|api-?key|secret|signature|session|cookie|csrf|identity", re.I)
_TRANSPORT: Final = frozenset(
    "accept accept-encoding accept-language content-type content-length host user-agent origin referer connection "
    "x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip".split()
)
_CONVERTERS: Final = {"int": "integer", "float": "number", "uuid": "string", "str": "string", "string": "string"}
_NAME: Final = re.compile(r"\{([^{}/]+)\}")
_TOGETHER: Final = 4
"""So many operations with the same drift for the same cause are said once."""


def drifts(matching: Matching) -> Iterator[Drift]:
    """All that the matched operations and their routes tell differently, the same for the same cause once."""
    found: list[tuple[Hashable, Drift]] = []
    for each in matching.matched:
        for look in (_parameters, _body, _statuses, _auth, _limit):
            found += look(each, matching)
    together: dict[Hashable, list[Drift]] = {}
    for cause, drift in found:
        together.setdefault((type(drift), cause), []).append(drift)
    for same in together.values():
        if len(same) < _TOGETHER:
            yield from same
        else:
            yield replace(same[0], others=tuple(str(drift.operation) for drift in same[1:]))


_Found: TypeAlias = Iterator[tuple[Hashable, Drift]]


def _parameters(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    yield from _kinds(each)
    if operation.blind:
        matching.withhold("route-parameter-mismatch")
        return
    documented = {
        (str(p.where), _key(p.name, p.where)): p for p in operation.parameters if p.where in ("query", "header")
    }
    read = {(str(i.where), _key(i.name, i.where)): i for i in route.inputs if i.where in ("query", "header")}
    for key, one in read.items():
        if one.required is not True or _apart(one.name, one.where):
            continue
        there = documented.get(key)
        if there is None:
            yield _parameter(each, one, "undocumented")
        elif not there.required:
            yield _parameter(each, one, "stricter")
    for key, told in documented.items():
        if not told.required or _apart(told.name, told.where):
            continue
        known = read.get(key)
        if known is not None and known.required is False:
            yield (
                _cause(told.name, told.where, "looser"),
                ParameterDrift(operation, route, told.name, told.where, "looser"),
            )
        elif known is None and route.inputs_known:
            yield (
                _cause(told.name, told.where, "unread"),
                ParameterDrift(operation, route, told.name, told.where, "unread"),
            )
        elif known is None:
            matching.withhold("route-parameter-mismatch")


def _parameter(each: Matched, one: Input, problem: str) -> tuple[Hashable, Drift]:
    assert problem in ("undocumented", "stricter")
    drift = ParameterDrift(
        each.operation, each.route, one.name, one.where, "undocumented" if problem == "undocumented" else "stricter"
    )
    return _cause(one.name, one.where, problem), drift


def _cause(name: str, where: str, problem: str) -> Hashable:
    return name.lower(), where, problem


def _kinds(each: Matched) -> _Found:
    """The types of path parameters, by where they stand: names may differ."""
    operation, route = each.operation, each.route
    told = _NAME.findall(operation.path)
    read = _NAME.findall(route.template)
    documented = {p.name: p.kind for p in operation.parameters if p.where == "path"}
    typed = dict(route.parameters)
    inputs = {i.name: i.kind for i in route.inputs if i.where == "path"}
    # The prefix of one side may hold parameters of its own: what stands last is compared with what stands last.
    for name, own in zip(reversed(told), reversed(read), strict=False):
        kind = inputs.get(own) or _CONVERTERS.get(typed.get(own, ""), "")
        there = documented.get(name, "")
        if kind and there and kind != there and kind in _COMPARED and there in _COMPARED:
            drift = ParameterDrift(operation, route, name, "path", "kind", there, kind)
            yield (_cause(name, "path", "kind"), there, kind), drift


_COMPARED: Final = frozenset({"integer", "number", "string", "boolean"})


def _key(name: str, where: str) -> str:
    return name.lower().replace("_", "-") if where == "header" else name


def _apart(name: str, where: str) -> bool:
    """Whether a parameter belongs to the transport, or proves who asks: documents put that elsewhere."""
    return where == "header" and (name.lower() in _TRANSPORT or _CREDENTIAL.search(name) is not None)


def _body(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    taken = operation.takes
    if route.body == "schema" and taken is None and not operation.blind:
        yield ("undocumented", operation), BodyDrift(operation, route, "undocumented")
    elif route.body == "none" and taken is not None and taken.required:
        yield ("unread", operation), BodyDrift(operation, route, "unread")
    elif taken is not None and route.model is not None:
        model = route.model
        if not taken.whole:
            matching.withhold("route-body-mismatch")
            return
        needed = tuple(name for name, required in model.properties if required and name not in taken.names)
        if needed:
            yield ("missing", model.name, model.at, needed), BodyDrift(operation, route, "missing", needed)
        names = {name for name, _ in model.properties}
        unknown = tuple(name for name in taken.demanded if name not in names)
        if unknown and model.whole:
            yield ("unknown", model.name, model.at, unknown), BodyDrift(operation, route, "unknown", unknown)
        elif unknown:
            matching.withhold("route-body-mismatch")
    elif taken is not None and route.body == "unknown":
        matching.withhold("route-body-mismatch")


def _statuses(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    documented = {status.upper() for status in operation.statuses}
    if not documented:
        return
    for status, at in route.raised:
        if status < 500 and not _told(status, documented):
            yield ("undocumented", status), StatusDrift(operation, route, "undocumented", (str(status),), at)
    successes = tuple(status for status in operation.statuses if status[:1] == "2")
    if not route.success:
        matching.withhold("route-status-mismatch")
    elif (
        successes
        and not _told(route.success, documented)
        and not any(_told(s, documented) for s in route.responses if s < 300)
    ):
        drift = StatusDrift(operation, route, "never", successes, route.at, route.success)
        yield ("never", successes, route.success), drift


def _told(status: int, documented: Iterable[str]) -> bool:
    return str(status) in documented or f"{status // 100}XX" in documented or "DEFAULT" in documented


def _auth(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    if route.auth == "protected" and each.spec.secures and operation.demand in ("none", "waived"):
        if not operation.keyed and not operation.blind:
            yield ("closed", operation.demand), AuthDrift(operation, route, True)
    elif route.auth == "public" and operation.demand == "required":
        yield "open", AuthDrift(operation, route, False)
    elif route.auth == "unknown" and operation.demand != "none":
        matching.withhold("route-auth-mismatch")


def _limit(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    told = _told(429, {status.upper() for status in operation.statuses})
    if route.limited and not told:
        yield "limited", LimitDrift(operation, route, True)
    elif route.limited is False and "429" in operation.statuses:
        yield "unlimited", LimitDrift(operation, route, False)
    elif route.limited is None and "429" in operation.statuses:
        matching.withhold("route-limit-mismatch")
