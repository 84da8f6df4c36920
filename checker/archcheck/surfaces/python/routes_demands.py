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
    Unknown,
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
_SET: Final = frozenset({"MIDDLEWARE", "REST_FRAMEWORK"})


class Demands:
    """What the settings of one project demand before every view, and what views demand themselves."""

    def __init__(self, runner: Runner, guards: Guards, modules: Mapping[str, Env]) -> None:
        self.runner = runner
        self.modules = modules
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
        atop = list(self._atop(env))
        framework = self._named(env, "REST_FRAMEWORK")
        over = [each.names["REST_FRAMEWORK"] for each in atop if "REST_FRAMEWORK" in each.names]
        for settings in over if over and isinstance(framework, Unknown) else [framework]:
            self._framework(settings, env, at)
        for module in (env, *atop):
            self._stack(self._named(module, "MIDDLEWARE"), module)

    def _framework(self, settings: Value, env: Env, at: Location) -> None:
        self.defaults = Defaults(settings, at)
        if isinstance(settings, Dict):
            given = [value for key, value in settings.pairs if key == "DEFAULT_PERMISSION_CLASSES"]
            classes = given[-1] if given else MISSING
            if classes is not MISSING:
                self.default = self.default.join(self.permissions(classes, at, env))
            signing = [value for key, value in settings.pairs if key == "DEFAULT_AUTHENTICATION_CLASSES"]
            self.default = self.default.join(self._signed(signing[-1] if signing else MISSING, at, env))
            if classes is MISSING and settings.open:
                self.default = self.default.join(_unknown(at, "the permissions that hold by default are not known"))
        elif settings is not None:
            self.default = self.default.join(_unknown(at, "the settings of REST framework are not known"))

    def _stack(self, middleware: Value, env: Env) -> None:
        at = Location(env.module.path, 1)
        if middleware is not None and not (isinstance(middleware, Seq) and not middleware.open):
            self.before = self.before.join(_unknown(at, "what stands before each view is not known"))
        for each in middleware.items if isinstance(middleware, Seq) else ():
            self.before = self.before.join(self._layer(each, env, at))

    def _layer(self, name: Value, env: Env, at: Location) -> Guarded:
        """What one middleware demands: of Django, of the project, or of a library."""
        if not isinstance(name, str):
            return _unknown(at, "one middleware is not known")
        if name == "django.contrib.auth.middleware.LoginRequiredMiddleware":
            return Guarded("protected", (Evidence(at, "`LoginRequiredMiddleware`"),))
        if name.startswith(("django.contrib.", "django.middleware.")):
            return Guarded()
        found = self.runner.names.dotted(name, env.module)
        own = self.guards.middleware([(found, at)]) if isinstance(found, Class | Func) else Guarded()
        outside = [each.name for each in found.mro() if isinstance(each, Ref)] if isinstance(found, Class) else []
        if "Identity" in name or any(WARY.search(_last(each)) for each in (name, *outside)):
            own = own.join(_unknown(at, f"`{name}` stands before each view"))
        return own

    def _atop(self, env: Env) -> Iterator[Env]:
        """Settings that take all of these and add to them, as those for production do."""
        for module in self.modules.values():
            stars = self.runner.names.stars.get(module.module, ())
            if not _SET.isdisjoint(module.names) and any(
                isinstance(found := self.runner.names.dotted(star, module.module), Module) and found.place is env.module
                for star in stars
            ):
                yield module

    def _named(self, env: Env, name: str) -> Value:
        """What a setting holds: here, imported, or brought by a star; not known where only another module says so."""
        if name in env.names:
            return env.names[name]
        if name in env.imports:
            return self.runner.lookup(name, env)
        for star in self._shared(env.module):
            found = self.runner.names.dotted(f"{star}.{name}", env.module)
            if isinstance(found, Dict | Seq):
                return found
        folder = env.module.path.rpartition("/")[0]
        beside = any(name in each.names and path.startswith(folder) for path, each in self.modules.items())
        return Unknown(name) if beside else None

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
        classes, signing = owner.find("permission_classes"), owner.find("authentication_classes")
        if classes is not MISSING:
            return self.permissions(classes, owner.at, owner.env).join(self._signed(signing, owner.at, owner.env))
        found = Guarded()
        for decorator in owner.decorators:
            held = decorator.args[0] if isinstance(decorator, Instance) and decorator.args else decorator
            found = found.join(self.guards.decorator(held, owner.at))
        for each in owner.mro():
            # One dispatches to the next, and the last of them may be the one that refuses.
            dispatch = each.names.get("dispatch") if isinstance(each, Class) else None
            if isinstance(dispatch, Func):
                found = found.join(self.function(dispatch))
        if "RedirectView" in names:
            found = found.join(Guarded("public", (Evidence(owner.at, "`RedirectView`"),)))
        doubtful = next((name for name in names if name in _DOUBTFUL), "")
        if doubtful:
            found = found.join(Guarded("unknown", (Evidence(owner.at, f"`{doubtful}`"),)))
        found = found.join(self._signed(signing, owner.at, owner.env))
        return found.join(self.default) if any(name in DRF or "APIView" in name for name in names) else found

    def _signed(self, classes: Value, at: Location, env: Env) -> Guarded:
        """Whether what reads the credentials refuses whoever brings none, as some of the project's own do."""
        found = Guarded()
        for each in classes.items if isinstance(classes, Seq) else ():
            value = self.runner.names.dotted(each, env.module) if isinstance(each, str) else each
            reads = value.find("authenticate") if isinstance(value, Class) else MISSING
            raised = self.reader.raises(reads) if isinstance(reads, Func) else None
            if raised is not None and (raised.wary or not REFUSES.isdisjoint(raised.statuses)):
                found = found.join(_unknown(at, f"`{spelled(value).rpartition(':')[2]}` may refuse"))
        return found

    def permissions(self, classes: Value, at: Location, env: Env) -> Guarded:
        """What permission classes demand."""
        if not isinstance(classes, Seq):
            return _unknown(at, "the permission classes are not known")
        found = Guarded()
        for each in classes.items:
            value = self.runner.names.dotted(each, env.module) if isinstance(each, str) else each
            name = spelled(value).rpartition(".")[2].rpartition(":")[2]
            auth: Auth = _PERMISSIONS.get(name, "unknown") if isinstance(value, Ref) else "unknown"
            found = found.join(Guarded(auth, (Evidence(at, f"`{name or 'a permission'}`"),)))
        return found


def _unknown(at: Location, why: str) -> Guarded:
    return Guarded("unknown", (Evidence(at, why),))


def _last(name: str) -> str:
    return name.rpartition(".")[2]


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
