"""Drifts: what an operation says of itself and the route that serves it does otherwise. What is not known is silent."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.surfaces.contract.pairing_routes import Matched, Matching
from archcheck.surfaces.contract.routes import (
    AuthDrift,
    BodyDrift,
    LimitDrift,
    MethodDrift,
    ParameterDrift,
    ParameterProblem,
    StatusDrift,
)
from archcheck.surfaces.python.route import Route

Drift: TypeAlias = ParameterDrift | BodyDrift | StatusDrift | AuthDrift | LimitDrift | MethodDrift

_CREDENTIAL: Final = re.compile(r"auth|token|api-?key|secret|signature|session|cookie|csrf|identity", re.I)
_TRANSPORT: Final = frozenset(
    "accept accept-encoding accept-language content-type content-length host user-agent origin referer connection "
    "x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip".split()
)
_CONVERTERS: Final = {"int": "integer", "float": "number", "uuid": "string", "str": "string", "string": "string"}
_COMPARED: Final = frozenset({"integer", "number", "string", "boolean"})
_NAME: Final = re.compile(r"\{([^{}/]+)\}")
_TOGETHER: Final = 4
"""So many operations with the same drift for the same cause are said once."""


def drifts(matching: Matching) -> Iterator[Drift]:
    """All that operations and their routes tell differently, the same for the same cause once."""
    found: list[tuple[Hashable, Drift]] = []
    for each in matching.matched:
        for look in (_parameters, _body, _statuses, _auth, _limit):
            found += look(each, matching)
    found += [((drift.operation.method, drift.methods), drift) for drift in matching.methods if drift.instead is None]
    yield from (drift for drift in matching.methods if drift.instead is not None)
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
    documented = {(str(p.where), _key(p.name, p.where)): p for p in operation.parameters}
    read = {(str(i.where), _key(i.name, i.where)): i for i in route.inputs}
    for key, one in read.items():
        told = documented.get(key)
        if one.required is True and not _apart(one.name, one.where) and (told is None or not told.required):
            yield _parameter(each, one.name, one.where, "stricter" if told is not None else "undocumented")
    for key, told in documented.items():
        if not told.required or _apart(told.name, told.where):
            continue
        known = read.get(key)
        if known is not None and known.required is False:
            yield _parameter(each, told.name, told.where, "looser")
        elif known is None and route.inputs_known:
            yield _parameter(each, told.name, told.where, "unread")
        elif known is None:
            matching.withhold("route-parameter-mismatch")


def _parameter(each: Matched, name: str, where: str, problem: ParameterProblem) -> tuple[Hashable, Drift]:
    drift = ParameterDrift(each.operation, each.route, name=name, where=where, problem=problem)
    return (name.lower(), where, problem), drift


def _kinds(each: Matched) -> _Found:
    """The types of path parameters, by where they stand: names may differ."""
    operation, route = each.operation, each.route
    documented = {p.name: p.kind for p in operation.parameters if p.where == "path"}
    converters = dict(route.parameters)
    inputs = {i.name: i.kind for i in route.inputs if i.where == "path"}
    # The prefix of one side may hold parameters of its own: what stands last is compared with what stands last.
    told, read = _NAME.findall(operation.path), _NAME.findall(route.template)
    for name, own in zip(reversed(told), reversed(read), strict=False):
        kind = inputs.get(own) or _CONVERTERS.get(converters.get(own, ""), "")
        there = documented.get(name, "")
        if kind != there and kind in _COMPARED and there in _COMPARED:
            drift = ParameterDrift(
                operation, route, name=name, where="path", problem="kind", documented=there, read=kind
            )
            yield (name.lower(), there, kind), drift


def _key(name: str, where: str) -> str:
    return name.lower().replace("_", "-") if where == "header" else name


def _apart(name: str, where: str) -> bool:
    """Whether it is no matter of a query or a header, or proves who asks, or belongs to the transport."""
    if where != "header":
        return where != "query"
    return name.lower() in _TRANSPORT or _CREDENTIAL.search(name) is not None


def _body(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    taken = operation.takes
    if route.body == "schema" and taken is None and not operation.blind:
        yield ("undocumented", operation), BodyDrift(operation, route, problem="undocumented")
    elif route.body == "none" and taken is not None and taken.required:
        yield ("unread", operation), BodyDrift(operation, route, problem="unread")
    elif taken is not None and route.model is not None:
        model = route.model
        if not taken.whole:
            matching.withhold("route-body-mismatch")
            return
        needed = tuple(name for name, required in model.properties if required and name not in taken.names)
        if needed:
            yield (
                ("missing", model.name, model.at, needed),
                BodyDrift(operation, route, problem="missing", names=needed),
            )
        names = {name for name, _ in model.properties}
        unknown = tuple(name for name in taken.demanded if name not in names)
        if unknown and model.whole:
            yield (
                ("unknown", model.name, model.at, unknown),
                BodyDrift(operation, route, problem="unknown", names=unknown),
            )
        elif unknown:
            matching.withhold("route-body-mismatch")
    elif taken is not None and route.body == "unknown":
        matching.withhold("route-body-mismatch")


def _statuses(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    documented = {status.upper() for status in operation.statuses}
    if not documented:
        return
    first = dict(reversed(route.raised))
    for status, at in sorted(first.items()):
        if status < 500 and "DEFAULT" not in documented and not _told(status, documented):
            drift = StatusDrift(operation, route, problem="undocumented", statuses=(str(status),), raised_at=at)
            yield ("undocumented", status), drift
    successes = tuple(status for status in operation.statuses if status[:1] == "2")
    given = [status for status in (route.success, *route.responses) if status and status < 300]
    if not route.success:
        matching.withhold("route-status-mismatch")
    elif successes and not any(_told(status, documented) for status in given):
        drift = StatusDrift(
            operation, route, problem="never", statuses=successes, raised_at=route.at, answers=route.success
        )
        yield ("never", successes, route.success), drift


def _told(status: int, documented: Iterable[str]) -> bool:
    return str(status) in documented or f"{status // 100}XX" in documented


def _auth(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    if route.auth == "protected" and each.spec.secures and operation.demand in ("none", "waived"):
        if not operation.keyed and not operation.blind:
            yield ("closed", operation.demand), AuthDrift(operation, route, closed=True)
    elif route.auth == "public" and operation.demand == "required":
        yield "open", AuthDrift(operation, route, closed=False)
    elif route.auth == "unknown" and operation.demand != "none":
        matching.withhold("route-auth-mismatch")


def _turns_away(route: Route) -> bool:
    """Whether it is known to answer with 429: a handler that counts callers may answer with anything."""
    return route.throttled or any(step.label == "answers with 429" for step in route.limits)


def _limit(each: Matched, matching: Matching) -> _Found:
    operation, route = each.operation, each.route
    statuses = {status.upper() for status in operation.statuses}
    told = _told(429, statuses) or "DEFAULT" in statuses
    if route.limited and not told and _turns_away(route):
        yield "limited", LimitDrift(operation, route, limited=True, usual=True)
    elif route.limited and not told:
        matching.withhold("route-limit-mismatch")
    elif route.limited is False and "429" in operation.statuses:
        usual = any(other.route.limited for other in matching.matched)
        yield "unlimited", LimitDrift(operation, route, limited=False, usual=usual)
    elif route.limited is None and "429" in operation.statuses:
        matching.withhold("route-limit-mismatch")
