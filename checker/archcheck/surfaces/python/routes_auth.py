"""Who may ask: whether a dependency, a decorator or a middleware refuses strangers, with the reason as a chain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.route import Auth, Evidence
from archcheck.surfaces.python.routes_form import Deed, Give, Invoke, Name
from archcheck.surfaces.python.routes_guarded import Guarded, slowed
from archcheck.surfaces.python.routes_raises import REFUSES, WARY, Reader
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Func,
    Instance,
    Node,
    Options,
    Ref,
    Seq,
    Unknown,
    Value,
)

_SCHEMES: Final = frozenset(
    "OAuth2PasswordBearer OAuth2AuthorizationCodeBearer OAuth2 HTTPBearer HTTPBasic HTTPDigest APIKeyHeader "
    "APIKeyQuery APIKeyCookie OpenIdConnect SecurityBase HTTPBase".split()
)
_DEPENDS: Final = frozenset({"Depends", "Security"})
_GUARDS: Final = re.compile(
    r"flask_login\.(?:login_required|fresh_login_required|utils\.login_required)"
    r"|flask_jwt_extended\.(?:jwt_required|fresh_jwt_required)"
    r"|flask_appbuilder\.(?:\w+\.)*(?:has_access|has_access_api|protect)"
    r"|flask_security\.(?:\w+_required|roles_accepted|permissions_accepted)"
    r"|flask_httpauth\.\w+\(\)\.login_required"
    r"|django\.contrib\.auth\.decorators\.(?:login_required|permission_required|user_passes_test)"
    r"|django\.contrib\.admin\.views\.decorators\.staff_member_required"
    r"|starlette\.authentication\.requires|tornado\.web\.authenticated|sanic_jwt(?:\.decorators)?\.protected"
    r"|fastapi_users\.FastAPIUsers\(\)\.current_user"
)
_LIMITS: Final = re.compile(
    r"(?:flask_limiter|slowapi)(?:\.\w+)*\.Limiter\(\)\.(?:limit|shared_limit)|fastapi_limiter\.depends\.\w*RateLimiter"
    r"|django_ratelimit\.decorators\.ratelimit|ratelimit\.decorators\.\w+|fastapi_limiter\.\w+"
)
_LIMIT_NAMES: Final = re.compile(r"rate_?limit|throttl|Limiter$", re.I)
_NEUTRAL: Final = re.compile(
    r"CORS|GZip|TrustedHost|HTTPSRedirect|Session|ProxyHeaders|Correlation|RequestID|Sentry|Prometheus|Brotli|Timing|Logging",
    re.I,
)
_DEEPEST: Final = 12


class Guards:
    """Reads guards, each once."""

    def __init__(self, runner: Runner, reader: Reader) -> None:
        self.runner = runner
        self.reader = reader
        self.known: dict[int, Guarded] = {}
        self.depth = 0

    # -- FastAPI: dependencies

    def dependencies(self, func: Func) -> Guarded:
        """What the dependencies of a function demand: those of its parameters, transitively."""
        found = Guarded()
        for target, at in self.depended(func):
            found = found.join(self._step(self.target(target, at), func.at, ""))
        return found

    def depended(self, func: Func) -> Iterator[tuple[Value, Location]]:
        """The dependencies that a function's parameters name, with their place."""
        for param in func.function.params:
            for form in (param.default, param.note):
                if form is None:
                    continue
                value = self.runner.value(form, func.env)
                at = func.env.module.at(param.at) if param.at else func.at
                yield from ((each, at) for each in self.named(value))

    def of_list(self, value: Value, at: Location) -> Guarded:
        """What a `dependencies=[...]` demands."""
        found = Guarded()
        if value is MISSING or value is None:
            return found
        if not isinstance(value, Seq):
            return Guarded("unknown", (Evidence(at, "the list of dependencies is not known"),))
        for item in value.items:
            targets = list(self.named(item))
            if not targets and isinstance(item, Unknown | Bound):
                found = found.join(Guarded("unknown", (Evidence(at, "a dependency is not known"),)))
            for target in targets:
                found = found.join(self.target(target, at))
        return found

    def named(self, value: Value, depth: int = 0) -> Iterator[Value]:
        """The targets of `Depends(...)` in a value: bare, in `Annotated`, in a union."""
        if depth > 4:
            return
        match value:
            case Instance(Ref(name), args, keywords):
                last = name.rpartition(".")[2]
                if last in _DEPENDS:
                    target = args[0] if args else keywords.get("dependency", MISSING)
                    yield target
                elif last in ("Annotated", "Optional", "Union") or name.endswith("Annotated"):
                    first = args[0] if args else None
                    for each in args:
                        for target in self.named(each, depth + 1):
                            yield first if target is MISSING and last == "Annotated" else target
            case Options(values):
                for each in values:
                    yield from self.named(each, depth + 1)

    def demanded(self, options: Mapping[str, Value]) -> tuple[Value, ...]:
        """The targets in the `dependencies=[...]` of a router, an include or a route."""
        listed = options.get("dependencies")
        return tuple(
            target for each in (listed.items if isinstance(listed, Seq) else ()) for target in self.named(each)
        )

    def target(self, value: Value, at: Location) -> Guarded:
        """What one dependency demands."""
        if self.depth > _DEEPEST:
            return Guarded()
        known = self.known.get(id(value)) if isinstance(value, Func | Class | Instance) else None
        if known is not None:
            return known
        self.depth += 1
        try:
            found = self._target(value, at)
        finally:
            self.depth -= 1
        if isinstance(value, Func | Class | Instance):
            self.known[id(value)] = found
        return found

    def _target(self, value: Value, at: Location) -> Guarded:
        match value:
            case Func():
                return self.function(value)
            case Instance(Ref(name)):
                return self._of_library(name, value, at)
            case Instance(Class() as owner):
                scheme = self._scheme(owner, value)
                if scheme is not None:
                    return scheme
                call = owner.find("__call__")
                if isinstance(call, Func):
                    return self._step(self.function(call), call.at, owner.kind.name)
                return Guarded("unknown", (Evidence(at, f"`{owner.kind.name}` is called in a way we do not know"),))
            case Class():
                init = value.find("__init__")
                return self.dependencies(init) if isinstance(init, Func) else self._fields(value)
            case Ref(name):
                if _LIMITS.search(name):
                    return slowed(_last(name), at)
                if WARY.search(name) and not name.endswith(("RequestForm", "RequestFormStrict")):
                    return Guarded("unknown", (Evidence(at, f"`{name}` comes from a library we do not know"),))
                return Guarded()
            case Bound(Instance(Class() as owner), name):
                method = owner.find(name)
                if isinstance(method, Func):
                    return self.function(method)
            case Options(values):
                states = [self.target(each, at) for each in values]
                if len({each.auth for each in states}) == 1:
                    return states[0]
            case _ if value is MISSING or value is None:
                return Guarded()
        return Guarded("unknown", (Evidence(at, f"the dependency{_spelled(value)} is not known"),))

    def function(self, func: Func) -> Guarded:
        """What a dependency that is a function demands."""
        below = self.dependencies(func)
        name = func.function.qualname
        raised = self.reader.raises(func)
        refused = next((at for status, at in raised.statuses.items() if status in REFUSES), None)
        code = next((status for status in raised.statuses if status in REFUSES), 0)
        if below.auth == "protected":
            return self._step(below, func.at, name)
        if below.auth == "optional":
            code = next((status for status, _ in raised.own if status in REFUSES), 0)
            if code and not raised.silent:
                return Guarded(
                    "protected", (Evidence(func.at, name), Evidence(at_of(raised, code), f"refuses with {code}"))
                )
            return self._step(below, func.at, name)
        if refused is not None:
            own = Evidence(at_of(raised, code), f"refuses with {code}")
            return Guarded("protected", (Evidence(func.at, f"`{name}`"), own), below.limits)
        if raised.wary or (func.function.wary and not func.function.body and not func.function.calls):
            why = raised.wary or name
            unknown = Guarded("unknown", (Evidence(func.at, f"`{name}` depends on `{why}`, which we cannot follow"),))
            return below.join(unknown)
        limited = bool(_LIMIT_NAMES.search(name)) or 429 in raised.statuses
        return Guarded(below.auth, below.evidence, below.limits or (slowed(name, func.at).limits if limited else ()))

    def _fields(self, owner: Class) -> Guarded:
        found = Guarded()
        for each in owner.mro():
            for value in each.names.values() if isinstance(each, Class) else ():
                for target in self.named(value):
                    found = found.join(self.target(target, owner.at))
        return found

    def of_owner(self, owner: Class | None) -> Guarded:
        """What the class around a handler demands: dependencies among its attributes."""
        return Guarded() if owner is None else self._fields(owner)

    def _scheme(self, owner: Class, made: Instance) -> Guarded | None:
        if not any(isinstance(each, Ref) and each.name.rpartition(".")[2] in _SCHEMES for each in owner.mro()):
            return None
        call = owner.find("__call__")
        optional = made.get("auto_error") is False
        if isinstance(call, Func) and not optional:
            raised = self.reader.raises(call)
            if not REFUSES & raised.statuses.keys() and "super().__call__" not in call.function.calls:
                return Guarded("optional", (Evidence(call.at, f"`{owner.kind.name}` reads credentials"),))
        auth: Auth = "optional" if optional else "protected"
        return Guarded(auth, (Evidence(made.at, f"`{owner.kind.name}` demands credentials"),))

    def _of_library(self, name: str, made: Instance, at: Location) -> Guarded:
        last = name.rpartition(".")[2]
        if last in _SCHEMES and "fastapi" in name:
            if made.get("auto_error") is False:
                return Guarded("optional", (Evidence(made.at, f"`{last}` takes credentials if there are any"),))
            return Guarded("protected", (Evidence(made.at, f"`{last}` demands credentials"),))
        if _LIMITS.search(name):
            return slowed(_last(name), at)
        if _GUARDS.fullmatch(name):
            auth: Auth = "optional" if made.get("optional") is True else "protected"
            return Guarded(auth, (Evidence(made.at, f"`{last}`"),))
        if WARY.search(name):
            return Guarded(
                "unknown", (Evidence(at, f"`{name.removeprefix('?.')}` comes from a library we do not know"),)
            )
        return Guarded()

    # -- decorators

    def decorator(self, value: Value, at: Location) -> Guarded:
        """What a decorator on a handler demands."""
        match value:
            case Func():
                return self._decorating(value, at)
            case Instance(Ref(name)):
                if name.startswith("<"):
                    return Guarded()
                if _GUARDS.fullmatch(name):
                    optional = value.get("optional") is True
                    return Guarded("optional" if optional else "protected", (Evidence(at, f"`{_last(name)}`"),))
                return self._foreign(name, at)
            case Ref(name):
                if _GUARDS.fullmatch(name):
                    return Guarded("protected", (Evidence(at, f"`{_last(name)}`"),))
                return self._foreign(name, at)
            case Bound(Instance(Ref(name)), attribute):
                return self.decorator(Ref(f"{name}().{attribute}"), at)
            case Bound(Node()):
                return Guarded()
            case Options(values):
                states = [self.decorator(each, at) for each in values]
                return states[0] if len({each.auth for each in states}) == 1 else Guarded("unknown", states[0].evidence)
            case Class() | Instance():
                return Guarded("unknown", (Evidence(at, "a decorator is a class"),))
            case Unknown(text) | Bound(_, text):
                if WARY.search(text) or text in ("...", "call", "item"):
                    return Guarded("unknown", (Evidence(at, f"the decorator `{text}` is not known"),))
        return Guarded()

    def _foreign(self, name: str, at: Location) -> Guarded:
        limited = bool(_LIMITS.search(name) or _LIMIT_NAMES.search(_last(name)))
        if WARY.search(_last(name)) and not limited:
            return Guarded("unknown", (Evidence(at, f"`{name}` comes from a library we do not know"),))
        return slowed(_last(name), at) if limited else Guarded()

    def _decorating(self, func: Func, at: Location) -> Guarded:
        known, wary = slowed(func.function.name, at).limits, ""
        limits = known if _LIMIT_NAMES.search(func.function.qualname) else ()
        wrapped = {param.name for param in func.function.params}
        names: set[str] = set()
        for each in self.reader.inner(func):
            names |= {param.name for param in each.function.params if not param.star}
            for held, _ in each.guards:
                inner = self.decorator(held, at)
                if inner.auth == "protected":
                    return Guarded("protected", (Evidence(at, f"`{func.function.name}`"), *inner.evidence), limits)
            raised = self.reader.raises(each)
            code = next((status for status in raised.statuses if status in REFUSES), 0)
            if code:
                own = Evidence(raised.statuses[code], f"refuses with {code}")
                if _ways_through(each.function.body, wrapped | names) > 1:
                    # It lets some through without asking: which, its conditions decide.
                    return Guarded("unknown", (Evidence(at, f"`{func.function.name}`"), own), limits)
                return Guarded("protected", (Evidence(at, f"`{func.function.name}`"), own), limits)
            if raised.redirects is not None:
                own = Evidence(raised.redirects, "sends strangers to the login")
                return Guarded("protected", (Evidence(at, f"`{func.function.name}`"), own), limits)
            limits = limits or (known if 429 in raised.statuses else ())
            wary = wary or raised.wary
        if wary or WARY.search(func.function.name):
            label = f"`{func.function.name}` depends on `{wary or func.function.name}`, which we cannot follow"
            return Guarded("unknown", (Evidence(at, label),), limits)
        return Guarded(limits=limits)

    # -- whole apps

    def before(self, checks: Iterable[tuple[Value, Location]], app: bool) -> Guarded:
        """What runs before the requests of an app or a blueprint demands."""
        found = Guarded()
        for value, at in checks:
            if not isinstance(value, Func):
                doubt: Auth = "unknown"
                found = found.join(Guarded(doubt, (Evidence(at, "what runs before each request is not known"),)))
                continue
            inner = self._decorating(value, value.at)
            if inner.auth == "unknown" and app and not any(WARY.search(name) for name in value.function.calls):
                inner = Guarded(limits=inner.limits)
            if inner.auth == "protected" and app:
                # A check before every request of an app lets some of them through, at least the login.
                inner = Guarded("unknown", inner.evidence, inner.limits)
            found = found.join(inner)
        return found

    def middleware(self, layers: Iterable[tuple[Value, Location]]) -> Guarded:
        """What the middleware of an app demands."""
        found = Guarded()
        for value, at in layers:
            found = found.join(self._layer(value, at))
        return found

    def _layer(self, value: Value, at: Location) -> Guarded:
        match value:
            case Ref(name) | Unknown(name) | Bound(_, name) | Instance(Ref(name)):
                last = _last(name)
                doubtful = WARY.search(last) or last in ("...", "call", "item")
                found = slowed(last, at) if _LIMIT_NAMES.search(last) else Guarded()
                if doubtful and not _NEUTRAL.search(last):
                    found = found.join(Guarded("unknown", (Evidence(at, f"`{last}` stands before every route"),)))
                return found
            case Class():
                found = self.middleware([(each, at) for each in value.mro() if isinstance(each, Ref)])
                for name in ("dispatch", "__call__", "process_request", "process_view"):
                    method = value.find(name)
                    if isinstance(method, Func):
                        found = found.join(self._doubted(method, at, value.kind.name))
                return found
            case Func():
                return self._doubted(value, at, value.function.name)
            case Options(values):
                return self.middleware([(each, at) for each in values])
        return Guarded()

    def _doubted(self, func: Func, at: Location, name: str) -> Guarded:
        inner = self._decorating(func, at)
        if inner.auth == "public":
            return inner
        return Guarded("unknown", (Evidence(at, f"`{name}` stands before every route"), *inner.evidence), inner.limits)

    def _step(self, inner: Guarded, at: Location, name: str) -> Guarded:
        if not name or inner.auth == "public":
            return inner
        return Guarded(inner.auth, (Evidence(at, f"`{name}`"), *inner.evidence)[:6], inner.limits)


def _ways_through(deeds: Iterable[Deed], wrapped: set[str]) -> int:
    """In how many places a wrapper calls what it wraps."""
    return sum(
        isinstance(deed, Give)
        and isinstance(deed.value, Invoke)
        and isinstance(deed.value.of, Name)
        and deed.value.of.id in wrapped
        for deed in deeds
    )


def at_of(raised: object, code: int) -> Location:
    """The place where a status is raised."""
    statuses: dict[int, Location] = getattr(raised, "statuses")  # noqa: B009
    return statuses[code]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _spelled(value: Value) -> str:
    match value:
        case Unknown(text):
            return f" `{text}`"
        case Bound(_, name):
            return f" `{name}`"
    return ""
