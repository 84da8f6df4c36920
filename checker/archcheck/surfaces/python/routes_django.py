"""Django's routes: urlconfs from the root that the settings name, views and their guards, and the routers of DRF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.route import App, Evidence, Hook, Route, Router
from archcheck.surfaces.python.routes_answers import Answers
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_demands import Demands, spelled
from archcheck.surfaces.python.routes_drf import GENERICS, actions, foreign, kept_out, unlisted
from archcheck.surfaces.python.routes_entry import answers
from archcheck.surfaces.python.routes_guarded import Guarded
from archcheck.surfaces.python.routes_handling import Handling
from archcheck.surfaces.python.routes_inputs import plain
from archcheck.surfaces.python.routes_kin_facts import mounted
from archcheck.surfaces.python.routes_patterns import converted, expression
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
    Node,
    Options,
    Place,
    Ref,
    Seq,
    Value,
)

_VERBS: Final = ("get", "post", "put", "patch", "delete")
_PATHS: Final = frozenset({"path", "re_path", "url"})
_LISTS: Final = {"api_view": "http_method_names", "require_http_methods": "request_method_list"}
_REGEX: Final = frozenset({"re_path", "url"})
_DEEPEST: Final = 20
Row = tuple[str, str, tuple[tuple[str, str], ...], Value, Location, Guarded, bool]


class Django:
    """Walks urlconfs. `modules` are those that were run, by path."""

    def __init__(self, runner: Runner, guards: Guards, handling: Handling, modules: Mapping[str, Env]) -> None:
        self.runner = runner
        self.guards = guards
        self.reader = reader = guards.reader
        self.answers = Answers(guards, reader)
        self.modules = modules
        self.lost: list[tuple[str, Location]] = []
        self.open: list[str] = []
        self.hidden: set[tuple[str, str]] = set()
        self.reached: set[str] = set()
        self.handling = handling
        self.demands = Demands(runner, guards, modules)
        self.hooks: list[Hook] = []

    def apps(self) -> Iterator[App]:
        """One app for each root urlconf that settings name."""
        seen: set[str] = set()
        for path, env in self.modules.items():
            named = env.names.get("ROOT_URLCONF")
            for root in named.values if isinstance(named, Options) else [named]:
                if not isinstance(root, str) or root in seen:
                    continue
                seen.add(root)
                self.demands.settle(env)
                conf = self.runner.names.dotted(root, Place(path, env.module.name))
                if not isinstance(conf, Module) or conf.place.env is None:
                    continue
                before, self.open = len(self.lost), []
                routes = tuple(dict.fromkeys(self._routes(conf)))
                if routes:
                    at = Location(conf.place.path, 1)
                    whole, opened = len(self.lost) == before, tuple(dict.fromkeys(self.open))
                    yield App(root, at, "django", routes, whole, open=opened)

    def orphans(self, rooted: bool) -> Iterator[Router]:
        """Urlconfs that no root includes."""
        for path, env in self.modules.items():
            patterns = env.names.get("urlpatterns")
            if path in self.reached or not isinstance(patterns, Seq) or not path.endswith("urls.py"):
                continue
            count = sum(isinstance(each, Instance) for each in patterns.items)
            if count and rooted:
                yield Router(env.module.name, "urlconf", Location(path, 1), "django", count, not self.lost)

    def _routes(self, conf: Module) -> Iterator[Route]:
        for method, path, parameters, view, at, guarded, _ in self._conf(conf, "/", (), 0):
            yield self._route(method, path, parameters, view, at, guarded)

    def _route(
        self,
        method: str,
        path: str,
        parameters: tuple[tuple[str, str], ...],
        view: Value,
        at: Location,
        guarded: Guarded,
    ) -> Route:
        handler = _function(view)
        where = handler.at if handler is not None else view.at if isinstance(view, Class) else None
        raised: tuple[tuple[int, Location], ...] = ()
        success, answered, unchecked = 0, set[int](), None
        unbounded: tuple[Evidence, ...] = ()
        if handler is not None:
            success, answered = self.answers.returned(handler, None)
            raised = tuple(self.reader.raises(handler).own)
            guarded = guarded.join(self.handling.limited(handler))
            if method not in ("GET", "DELETE"):
                unchecked = self.handling.unchecked(handler, (), False)
            unbounded = self.handling.whole(handler) if method in ("GET", "ANY") else ()
            hook = self.handling.hook(handler, None, method, path, guarded.auth in ("public", "optional"))
            self.hooks += [hook] if hook is not None else []
        elif isinstance(view, Class):
            unbounded = self.demands.defaults.unbounded(view) if method == "GET" else ()
        return Route(
            method,
            path,
            parameters,
            handler.dotted if handler is not None else spelled(view),
            at,
            where,
            "django",
            guarded.auth,
            guarded.evidence,
            guarded.limited,
            limits=guarded.limits,
            raised=raised,
            inputs=plain(parameters),
            success=success,
            answered=tuple(sorted(answered)),
            unchecked=unchecked,
            conditional=handler is not None and not answers(handler, handler.owner, parameters, 2),
            in_schema=(method, path) not in self.hidden and not (handler is not None and unlisted(handler.guards)),
            unbounded=() if path.rstrip("/").endswith("}") else unbounded,
        )

    def _conf(self, conf: Module, prefix: str, given: tuple[tuple[str, str], ...], depth: int) -> Iterator[Row]:
        self.reached.add(conf.place.path)
        env = conf.place.env
        patterns = env.names.get("urlpatterns") if env is not None else None
        if isinstance(patterns, Seq):
            yield from self._patterns(patterns, prefix, given, conf.place, depth)
        elif isinstance(patterns, Node):
            yield from self._registered(patterns, prefix, given)
        elif env is not None:
            self.lost.append(("what stands in `urlpatterns` is not known", Location(conf.place.path, 1)))

    def _patterns(
        self, patterns: Seq, prefix: str, given: tuple[tuple[str, str], ...], place: Place, depth: int
    ) -> Iterator[Row]:
        if depth > _DEEPEST:
            return
        for each in patterns.items:
            if isinstance(each, Node):
                yield from self._registered(each, prefix, given)
                continue
            if not (isinstance(each, Instance) and isinstance(each.of, Ref) and each.of.name.startswith("django.")):
                continue
            kind = each.of.name.rpartition(".")[2]
            if kind == "i18n_patterns":
                yield from self._patterns(Seq(list(each.args)), f"{prefix}{{language}}/", given, place, depth + 1)
            elif kind in _PATHS:
                yield from self._pattern(each, kind, prefix, given, place, depth)

    def _pattern(
        self, each: Instance, kind: str, prefix: str, given: tuple[tuple[str, str], ...], place: Place, depth: int
    ) -> Iterator[Row]:
        text = self.runner.wiring.text(each.get("route", 0))
        path, found = expression(text) if kind in _REGEX else converted(text)
        view = each.get("view", 1)
        here, known = prefix + path, (*given, *found)
        if isinstance(view, Seq) and view.items and isinstance(view.items[0], Seq):
            view = view.items[0]
        if isinstance(view, Instance) and isinstance(view.of, Ref) and view.of.name.endswith(".include"):
            yield from self._included(view, here, known, place, depth)
        elif isinstance(view, Node) and view.family == "ninja":
            yield from mounted(view, here, known, self.guards)
        elif isinstance(view, Seq):
            yield from self._patterns(view, here, known, place, depth + 1)
        elif isinstance(view, Ref | Bound) and spelled(view).endswith("site.urls"):
            return
        else:
            yield from self._view(view, here, known, each.at)

    def _included(
        self, include: Instance, prefix: str, given: tuple[tuple[str, str], ...], place: Place, depth: int
    ) -> Iterator[Row]:
        target = include.get("arg", 0)
        if isinstance(target, Seq) and target.items and isinstance(target.items[0], Seq | str | Module | Node):
            target = target.items[0]
        if isinstance(target, str):
            target = self.runner.names.dotted(target, place)
        match target:
            case Module():
                yield from self._conf(target, prefix, given, depth + 1)
            case Seq():
                yield from self._patterns(target, prefix, given, place, depth + 1)
            case Node():
                yield from self._registered(target, prefix, given)
            case Ref():
                self.open.append(prefix)
            case _:
                self.lost.append(("what is included here is not known", include.at))

    # -- views

    def _view(self, view: Value, path: str, known: tuple[tuple[str, str], ...], at: Location) -> Iterator[Row]:
        guarded, bare = self.demands.before, view
        while isinstance(bare, Instance) and isinstance(bare.of, Ref) and bare.of.name != "<as_view>" and bare.args:
            inner = bare.args[0]
            if isinstance(inner, Instance) and isinstance(inner.of, Ref) and inner.of.name.startswith("<called>"):
                inner = inner.args[0]
            guarded = guarded.join(self.guards.decorator(Ref(bare.of.name), at))
            bare = inner
        if isinstance(bare, Instance) and isinstance(bare.of, Ref) and bare.of.name == "<as_view>":
            owner = bare.args[0]
            if isinstance(owner, Class):
                actions = bare.args[1] if len(bare.args) > 1 else None
                yield from self._class(owner, actions, path, known, at, guarded)
            return
        if isinstance(bare, Func):
            for method in self._methods(bare):
                full = guarded.join(self.demands.function(bare))
                yield method, path, known, bare, at, full, False
        elif isinstance(bare, Ref):
            doubt = Guarded("unknown", (Evidence(at, f"`{bare.name}` comes from a library"),))
            yield "ANY", path, known, bare, at, guarded.join(doubt), False
        else:
            doubt = Guarded("unknown", (Evidence(at, "the view is not known"),))
            yield "ANY", path, known, bare, at, guarded.join(doubt), False

    def _methods(self, view: Func) -> tuple[str, ...]:
        for decorator, _ in view.guards:
            name = spelled(decorator).rpartition(".")[2]
            listed = decorator.get(_LISTS.get(name, ""), 0) if isinstance(decorator, Instance) else None
            if name in ("api_view", "require_http_methods"):
                found = (
                    [each.upper() for each in listed.items if isinstance(each, str)] if isinstance(listed, Seq) else []
                )
                return tuple(found) or (("GET",) if name == "api_view" else ("ANY",))
            if name in ("require_GET", "require_safe"):
                return ("GET",)
            if name == "require_POST":
                return ("POST",)
        return ("ANY",)

    def _class(
        self,
        owner: Class,
        actions: Value,
        path: str,
        known: tuple[tuple[str, str], ...],
        at: Location,
        guarded: Guarded,
    ) -> Iterator[Row]:
        guarded = guarded.join(self.demands.of_class(owner))
        if isinstance(actions, Dict):
            for verb, name in actions.pairs:
                if isinstance(verb, str) and isinstance(name, str):
                    self._hide(owner, verb.upper(), path, name)
                    yield verb.upper(), path, known, owner.find(name), at, guarded, True
            return
        found: dict[str, Value] = {}
        for each in owner.mro():
            if isinstance(each, Ref):
                for verb in GENERICS.get(each.name.rpartition(".")[2], "").split():
                    found.setdefault(verb, owner)
            else:
                for verb in _VERBS:
                    if isinstance(each.names.get(verb), Func):
                        found[verb.upper()] = owner.find(verb)
        allowed = owner.find("http_method_names")
        if isinstance(allowed, Seq):
            found = {verb: held for verb, held in found.items() if verb.lower() in allowed.items}
        for verb in sorted(found) or ["ANY"]:
            self._hide(owner, verb, path, verb.lower())
            held = found.get(verb, owner)
            own = self.demands.own(held) if isinstance(held, Func) and guarded.auth != "protected" else Guarded()
            yield verb, path, known, held if isinstance(held, Func) else owner, at, guarded.join(own), True

    # -- routers of DRF

    def _registered(self, router: Node, prefix: str, given: tuple[tuple[str, str], ...]) -> Iterator[Row]:
        slash = "" if router.options.get("trailing_slash") is False else "/"
        for entry in router.entries:
            owner = entry.handler
            if not isinstance(owner, Class):
                self.lost.append(("the view set is not known", entry.at))
                continue
            base, found = expression(entry.path)
            lookup = owner.find("lookup_url_kwarg")
            lookup = lookup if isinstance(lookup, str) else owner.find("lookup_field")
            key = lookup if isinstance(lookup, str) else "pk"
            known = (*given, *found)
            # A router adds no slash of its own to what is registered under no name.
            listed, inner = (f"{prefix}{base}{slash}", f"{prefix}{base}/") if base else (prefix, prefix)
            one = f"{inner}{{{key}}}{slash}"
            if any(isinstance(each, Class) and each.open for each in owner.mro()):
                self.lost.append(("what the view set inherits is not known", entry.at))
            if foreign(owner):
                self.open.append(inner)
            allowed = owner.find("http_method_names")
            guarded = self.demands.before.join(self.demands.of_class(owner))
            for name, verb, detail in actions(owner):
                if isinstance(allowed, Seq) and verb.lower() not in allowed.items:
                    continue
                params = (*known, (key, "")) if detail else known
                self._hide(owner, verb, one if detail else listed, name)
                held = owner.find(name)
                view: Value = held if isinstance(held, Func) else owner
                yield verb, one if detail else listed, params, view, entry.at, guarded, True
            more = router.options.get("<list>")
            for further, named in more.pairs if isinstance(more, Dict) else ():
                action = owner.find(named) if isinstance(named, str) else MISSING
                if isinstance(further, str) and isinstance(action, Func):
                    yield further.upper(), listed, known, action, entry.at, guarded, True
            yield from self._extra(owner, inner, slash, key, known, guarded)
        for link in router.links:
            if isinstance(link.child, Node):
                yield from self._registered(link.child, prefix, given)

    def _hide(self, owner: Class, verb: str, path: str, action: str) -> None:
        """Remember what a view keeps out of the document."""
        if kept_out(owner, action):
            self.hidden.add((verb, path))

    def _extra(
        self, owner: Class, base: str, slash: str, key: str, known: tuple[tuple[str, str], ...], guarded: Guarded
    ) -> Iterator[Row]:
        seen: set[str] = set()
        more_verbs = _mapped(owner)
        for each in owner.mro():
            for name, held in each.names.items() if isinstance(each, Class) else ():
                if not isinstance(held, Func) or name in seen:
                    continue
                seen.add(name)
                for decorator, spot in held.guards:
                    if not (
                        isinstance(decorator, Instance) and spelled(decorator) == "rest_framework.decorators.action"
                    ):
                        continue
                    part = decorator.get("url_path")
                    tail, more = expression(part if isinstance(part, str) else name)
                    detail = decorator.get("detail", 1) is True
                    methods = decorator.get("methods", 0)
                    verbs = (
                        [v.upper() for v in methods.items if isinstance(v, str)]
                        if isinstance(methods, Seq)
                        else ["GET"]
                    )
                    own = decorator.get("permission_classes")
                    at = held.env.module.at(spot)
                    full = (
                        guarded
                        if own is MISSING
                        else self.demands.before.join(self.demands.permissions(own, at, held.env))
                    )
                    path = f"{base}{{{key}}}/{tail}{slash}" if detail else f"{base}{tail}{slash}"
                    params = (*known, *(((key, ""),) if detail else ()), *more)
                    for verb, view in (*((verb, held) for verb in verbs), *more_verbs.get(name, ())):
                        self._hide(owner, verb, path, name)
                        yield verb, path, params, view, at, full, True


def _mapped(owner: Class) -> dict[str, list[tuple[str, Func]]]:
    """What other methods an action answers: `@favorite.mapping.delete`."""
    found: dict[str, list[tuple[str, Func]]] = {}
    for each in owner.mro():
        for held in each.names.values() if isinstance(each, Class) else ():
            for decorator, _ in held.guards if isinstance(held, Func) else ():
                match decorator:
                    case Bound(Bound(Func() as action, "mapping"), verb):
                        if isinstance(held, Func):
                            found.setdefault(action.function.name, []).append((verb.upper(), held))
    return found


def _function(view: Value) -> Func | None:
    return view if isinstance(view, Func) else None
