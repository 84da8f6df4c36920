"""Who may ask in Django: middleware and defaults of the settings, permission classes, mixins, decorators of views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.route import Auth, Evidence
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_drf import DRF, Defaults, throttles
from archcheck.surfaces.python.routes_guarded import Guarded, slowed
from archcheck.surfaces.python.routes_raises import REFUSES, WARY
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Dict,
    Env,
    Func,
    Instance,
    Module,
    Place,
    Ref,
    Seq,
    Value,
)

_PERMISSIONS: Final[Mapping[str, Auth]] = {
    "AllowAny": "public",
    "IsAuthenticated": "protected",
    "IsAdminUser": "protected",
    "DjangoModelPermissions": "protected",
    "DjangoObjectPermissions": "protected",
    "DjangoModelPermissionsOrAnonReadOnly": "unknown",
    "IsAuthenticatedOrReadOnly": "unknown",
}
_MIXINS: Final = frozenset({"LoginRequiredMixin", "PermissionRequiredMixin", "StaffuserRequiredMixin"})
_DOUBTFUL: Final = frozenset({"AccessMixin", "UserPassesTestMixin"})


class Demands:
    """What the settings of one project demand before every view, and what views demand themselves."""

    def __init__(self, runner: Runner, guards: Guards) -> None:
        self.runner = runner
        self.guards = guards
        self.reader = guards.reader
        self.default: Guarded = Guarded()
        self.before: Guarded = Guarded()
        self.defaults = Defaults(None, Location("", 1))

    def settle(self, env: Env) -> None:
        """What holds for every view: DRF's default permissions, and a middleware that demands a login."""
        self.default = Guarded()
        self.before = Guarded()
        at = Location(env.module.path, 1)
        framework = self._named(env, "REST_FRAMEWORK")
        self.defaults = Defaults(framework, at)
        if isinstance(framework, Dict):
            for key, value in framework.pairs:
                if key == "DEFAULT_PERMISSION_CLASSES" and isinstance(value, Seq):
                    self.default = self.permissions(value, at, env)
        elif framework is not None:
            self.default = Guarded("unknown", (Evidence(at, "the settings of REST framework are not known"),))
        middleware = self._named(env, "MIDDLEWARE")
        if middleware is not None and not (isinstance(middleware, Seq) and not middleware.open):
            self.before = Guarded("unknown", (Evidence(at, "what stands before each view is not known"),))
        for each in middleware.items if isinstance(middleware, Seq) else ():
            if not isinstance(each, str):
                self.before = self.before.join(Guarded("unknown", (Evidence(at, "one middleware is not known"),)))
                continue
            if each.startswith(("django.contrib.", "django.middleware.")):
                if each.endswith("LoginRequiredMiddleware"):
                    self.before = Guarded("protected", (Evidence(at, "`LoginRequiredMiddleware`"),))
                continue
            if WARY.search(each.rpartition(".")[2]) or "Identity" in each:
                self.before = self.before.join(Guarded("unknown", (Evidence(at, f"`{each}` stands before each view"),)))

    def _named(self, env: Env, name: str) -> Value:
        if name in env.names:
            return env.names[name]
        for star in self._shared(env.module):
            found = self.runner.names.dotted(f"{star}.{name}", env.module)
            if isinstance(found, Dict | Seq):
                return found
        return None

    def _shared(self, place: Place) -> Iterator[str]:
        """The modules whose names are a module's own too, and those that some module gathers together with it."""
        names = self.runner.names
        yield from names.stars.get(place, ())
        for gatherer, stars in tuple(names.stars.items()):
            held = [home.place for star in stars if isinstance(home := names.dotted(star, gatherer), Module)]
            if place in held:
                yield gatherer.name
                yield from (each.name for each in held if each is not place)

    def function(self, view: Func) -> Guarded:
        """What a view that is a function demands."""
        found, place, drf, decided = Guarded(), view.env.module, False, False
        for decorator, spot in view.guards:
            name = spelled(decorator).rpartition(".")[2]
            drf = drf or name == "api_view"
            if name == "throttle_classes" and isinstance(decorator, Instance) and decorator.args:
                found = found.join(slowed(name, place.at(spot)) if throttles(decorator.args[0]) else Guarded())
            elif name == "permission_classes" and isinstance(decorator, Instance) and decorator.args:
                found, decided = found.join(self.permissions(decorator.args[0], place.at(spot), view.env)), True
            else:
                found = found.join(self.guards.decorator(decorator, place.at(spot)))
        if drf and not decided:
            found = found.join(self.default)
        if drf and not found.limits:
            found = found.join(self.defaults.limits)
        return found if found.auth == "protected" else found.join(self.own(view))

    def own(self, view: Func) -> Guarded:
        """What a view does itself."""
        raised = self.reader.raises(view)
        code = next((status for status in raised.statuses if status in REFUSES), 0)
        if not (code or raised.wary or raised.redirects):
            return Guarded()
        why = f"refuses with {code}" if code else f"calls `{raised.wary or 'redirect'}`, which we cannot follow"
        return Guarded("unknown", (Evidence(view.at, why),))

    def of_class(self, owner: Class) -> Guarded:
        """What a view that is a class demands."""
        found = self._demanded(owner)
        rest = any(isinstance(each, Ref) and each.name.rpartition(".")[2] in DRF for each in owner.mro())
        rest = rest or owner.find("throttle_classes") is not MISSING
        return found.join(self.defaults.limited(owner)) if rest else found

    def _demanded(self, owner: Class) -> Guarded:
        names = [each.name.rpartition(".")[2] for each in owner.mro() if isinstance(each, Ref)]
        for name in names:
            if name in _MIXINS:
                return Guarded("protected", (Evidence(owner.at, f"`{name}`"),))
        if isinstance(owner.find("get_permissions"), Func) or isinstance(owner.find("initial"), Func):
            return Guarded("unknown", (Evidence(owner.at, "its permissions are decided while it runs"),))
        classes = owner.find("permission_classes")
        if classes is not MISSING:
            return self.permissions(classes, owner.at, owner.env)
        found = Guarded()
        for decorator in owner.decorators:
            held = decorator.args[0] if isinstance(decorator, Instance) and decorator.args else decorator
            found = found.join(self.guards.decorator(held, owner.at))
        for each in owner.mro():
            # One dispatches to the next, and the last of them may be the one that refuses.
            dispatch = each.names.get("dispatch") if isinstance(each, Class) else None
            if isinstance(dispatch, Func):
                found = found.join(self.function(dispatch))
        doubtful = next((name for name in names if name in _DOUBTFUL), "")
        if doubtful:
            found = found.join(Guarded("unknown", (Evidence(owner.at, f"`{doubtful}`"),)))
        return found.join(self.default) if any(name in DRF or "APIView" in name for name in names) else found

    def permissions(self, classes: Value, at: Location, env: Env) -> Guarded:
        """What permission classes demand."""
        if not isinstance(classes, Seq):
            return Guarded("unknown", (Evidence(at, "the permission classes are not known"),))
        found = Guarded()
        for each in classes.items:
            value = self.runner.names.dotted(each, env.module) if isinstance(each, str) else each
            name = spelled(value).rpartition(".")[2].rpartition(":")[2]
            auth: Auth = _PERMISSIONS.get(name, "unknown") if isinstance(value, Ref) else "unknown"
            found = found.join(Guarded(auth, (Evidence(at, f"`{name or 'a permission'}`"),)))
        return found


def spelled(value: Value) -> str:
    """A value as a dotted name."""
    match value:
        case Ref(name):
            return name
        case Instance(Ref(name)):
            return name
        case Bound(of, name):
            return f"{spelled(of)}.{name}"
        case Class():
            return f"{value.env.module.name}:{value.kind.name}"
        case Func():
            return value.dotted
    return "?"
