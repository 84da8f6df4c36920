"""Wiring: which calls build apps and routers, and what each of their methods adds to the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_acts import VERBS, acted, layer, listed
from archcheck.surfaces.python.routes_builder import ADDS, added
from archcheck.surfaces.python.routes_declare import ROUTES
from archcheck.surfaces.python.routes_form import Attr, Do, Invoke, Item, Name, Plain
from archcheck.surfaces.python.routes_kin import DECLARES, KIN, KIN_BUILDS, built, called
from archcheck.surfaces.python.routes_reduce import textual
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Dict,
    Env,
    Func,
    Instance,
    Link,
    Node,
    Options,
    Ref,
    Seq,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from archcheck.surfaces.python.routes_run import Runner

BUILDS: Final[dict[str, tuple[str, str, bool]]] = {
    "fastapi.FastAPI": ("fastapi", "app", True),
    "fastapi.applications.FastAPI": ("fastapi", "app", True),
    "fastapi.APIRouter": ("fastapi", "router", False),
    "fastapi.routing.APIRouter": ("fastapi", "router", False),
    "fastapi.router.APIRouter": ("fastapi", "router", False),
    "starlette.applications.Starlette": ("starlette", "app", True),
    "starlette.routing.Router": ("starlette", "router", False),
    "flask.Flask": ("flask", "app", True),
    "flask.app.Flask": ("flask", "app", True),
    "apiflask.APIFlask": ("flask", "app", True),
    "apiflask.APIBlueprint": ("flask", "blueprint", False),
    "quart.Quart": ("flask", "app", True),
    "flask.Blueprint": ("flask", "blueprint", False),
    "flask.blueprints.Blueprint": ("flask", "blueprint", False),
    "quart.Blueprint": ("flask", "blueprint", False),
    "flask_smorest.Blueprint": ("flask", "blueprint", False),
    "flask_restx.Api": ("restx", "api", False),
    "flask_restx.Namespace": ("restx", "namespace", False),
    "flask_restplus.Api": ("restx", "api", False),
    "flask_restplus.Namespace": ("restx", "namespace", False),
    "flask_restful.Api": ("restx", "bare api", False),
    "rest_framework.routers.DefaultRouter": ("drf", "router", False),
    "rest_framework.routers.SimpleRouter": ("drf", "router", False),
    "flask_appbuilder.AppBuilder": ("flask", "builder", False),
    "flask_appbuilder.base.AppBuilder": ("flask", "builder", False),
    **KIN_BUILDS,
}
_OWN_WAYS: Final = frozenset({"get_urls", "get_routes", "get_lookup_regex", "get_method_map", "routes"})
_LIST: Final = Attr(Item(Attr(Name("self"), "routes"), Plain(0)), "mapping")
_SURE: Final = frozenset({"register_blueprint", "include_router", "add_url_rule", "add_api_route"})


class Wiring:
    """What the calls of a run add to the graph; `nodes` holds every app and router that was built, in order."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.nodes: list[Node] = []
        self.assumed: dict[tuple[str, str], Node] = {}
        self.lost: list[tuple[str, Location]] = []
        self.limiters: list[Instance] = []

    def constructed(self, name: str, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Value | None:
        """What a call of a library's name builds; None when it is nothing we know."""
        build = BUILDS.get(name)
        if build is not None:
            return self.build(build, args, keywords, at)
        if name.rpartition(".")[2] == "Limiter" and name.startswith(("flask_limiter", "slowapi")):
            self.limiters.append(Instance(Ref(name), args, keywords, at))
            return self.limiters[-1]
        if name in DECLARES:
            return Instance(Ref(name), args, keywords, at)
        if name in ("functools.partial", "typing.cast", "t.cast") and args:
            return args[-1] if name.endswith("cast") else args[0]
        if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed") and args and isinstance(args[0], Seq):
            return args[0]
        if name.rpartition(".")[2] in ("ProxyFix", "format_suffix_patterns") and args:
            return args[0]
        return None

    def build(
        self,
        build: tuple[str, str, bool],
        args: tuple[Value, ...],
        keywords: dict[str, Value],
        at: Location,
    ) -> Node:
        """A new node of the graph."""
        family, what, app = build
        options = dict(keywords)
        # What a function builds and gives back may be meant for others.
        node = Node(family, what, at, app, options=options, escapes=self.runner.depth > 1)
        if what == "namespace":
            first = args[0] if args else keywords.get("name")
            path = keywords.get("path", args[2] if len(args) > 2 else None)
            node.prefix = self.text(path) if path is not None else f"/{self.text(first)}"
        elif what == "builder":
            if args and isinstance(args[0], Node):
                args[0].links.append(Link(node, None, at))
        elif what.endswith("api"):
            node.prefix = self.text(keywords.get("prefix", ""))
            holder = args[0] if args else keywords.get("app", keywords.get("blueprint"))
            if isinstance(holder, Node):
                holder.links.append(Link(node, None, at))
        else:
            prefix = keywords.get("prefix", keywords.get("url_prefix", ""))
            node.prefix = self.text(prefix) if prefix is not None else ""
        routes = keywords.get("routes")
        if isinstance(routes, Seq):
            listed(self, node, routes)
        middleware = keywords.get("middleware")
        if isinstance(middleware, Seq):
            for each in middleware.items:
                if isinstance(each, Instance) and each.args:
                    node.middleware.append((layer(each.args[0], each.keywords), each.at))
        self.nodes.append(node)
        if family in KIN:
            built(self, node, args)
        return node

    def subclass(self, of: Class, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Node | None:
        """The node a class of the project builds when it inherits from one we know."""
        outside = [each.name for each in of.mro() if isinstance(each, Ref) and each.name in BUILDS]
        if not outside:
            return None
        given = dict(keywords)
        positional = args
        for each in of.mro():
            if not isinstance(each, Class):
                continue
            init = each.names.get("__init__")
            if isinstance(init, Func):
                positional, given = self._super(init, positional, given)
        for name in ("prefix", "url_prefix", "dependencies"):
            held = of.find(name)
            if held is not MISSING and name not in given:
                given[name] = held
        node = self.build(BUILDS[outside[0]], positional, given, at)
        if node.family == "drf":
            self._mapped(of, node, at)
        return node

    def wraps(self, node: Node, by: Value) -> bool:
        """Whether an app is put into something, which stands before its routes then: `app = Login(app)`."""
        given = (*by.args, *by.keywords.values()) if isinstance(by, Instance) else ()
        if not any(
            each is node or (isinstance(each, Bound) and each.of is node) or self.wraps(node, each) for each in given
        ):
            return False
        assert isinstance(by, Instance)
        node.middleware.append((by.of, by.at))
        return True

    def _mapped(self, of: Class, node: Node, at: Location) -> None:
        """What a router of the project's own maps beside the usual: more methods of its list, or what nobody knows."""
        for each in of.mro():
            if not isinstance(each, Class):
                continue
            if not each.names.keys().isdisjoint(_OWN_WAYS):
                self.lost.append(("a router makes routes in its own way", at))
            init = each.names.get("__init__")
            for deed in init.function.body if isinstance(init, Func) else ():
                if not (isinstance(deed, Do) and isinstance(deed.value, Invoke) and isinstance(deed.value.of, Attr)):
                    continue
                if deed.value.of.name != "update" or not isinstance(init, Func):
                    continue
                first = deed.value.of.of == _LIST and len(deed.value.args) == 1
                more = self.runner.value(deed.value.args[0], init.env) if first else None
                if isinstance(more, Dict):
                    node.options["<list>"] = more
                else:
                    self.lost.append(("what a router maps is not known", at))

    def _super(
        self, init: Func, args: tuple[Value, ...], keywords: dict[str, Value]
    ) -> tuple[tuple[Value, ...], dict[str, Value]]:
        """The arguments an `__init__` hands on to the class above it."""
        for deed in init.function.body:
            if not (isinstance(deed, Do) and isinstance(deed.value, Invoke)):
                continue
            call = deed.value
            if not (isinstance(call.of, Attr) and call.of.name == "__init__" and isinstance(call.of.of, Invoke)):
                continue
            if call.of.of.of != Name("super"):
                continue
            from archcheck.surfaces.python.routes_run import fill

            env = Env(init.env.module, init.env, imports=init.function.imports)
            fill(env, init.function, (Unknown("self"), *args), keywords, self.runner, init)
            given: dict[str, Value] = {}
            for name, form in call.keywords:
                value = self.runner.value(form, env)
                if name:
                    given[name] = value
                elif isinstance(value, Dict):
                    given.update((k, v) for k, v in value.pairs if isinstance(k, str))
            return tuple(self.runner.value(form, env) for form in call.args), given
        return args, keywords

    def method(
        self, holder: Value, name: str, args: tuple[Value, ...], keywords: dict[str, Value], at: Location
    ) -> Value | None:
        """What a method of a node does; None when it is none of a node, or none we know."""
        if isinstance(holder, Options):
            for each in holder.values:
                self.method(each, name, args, keywords, at)
            return None
        if isinstance(holder, Unknown):
            node = self.assume(holder, name in _SURE, at)
            if node is None:
                return Instance(Ref(f"?.{name}"), (holder, *args), keywords, at)
            holder = node
        if not isinstance(holder, Node):
            return None
        if holder.family in KIN and called(self, holder, name, args, keywords, at):
            return None
        if holder.what == "builder" and name in ADDS:
            entries, doubt = added(args[0] if args else MISSING, at)
            holder.entries += entries
            self.lost += [(doubt, at)] if doubt else []
            return None
        if acted(self, holder, name, args, keywords, at):
            return None
        if name in VERBS or name in ROUTES:
            # A decorator about to be applied, or `app.get("/x")(handler)`.
            return Instance(Ref(f"<route>.{name}"), (holder, *args), keywords, at)
        return Instance(Ref(f"<{holder.family}>.{name}"), (holder, *args), keywords, at)

    def assume(self, holder: Unknown, sure: bool, at: Location) -> Node | None:
        """The app that an argument is, when nobody here gives it: by its annotation, or by what is done to it."""
        note = holder.note
        build = BUILDS.get(note.name) if isinstance(note, Ref) else None
        if not holder.param or (build is None and not sure):
            return None
        family = build[0] if build else ""
        key = (at.path, holder.text)
        node = self.assumed.get(key)
        if node is None:
            what, app = (build[1], build[2]) if build else ("app", True)
            node = self.assumed[key] = Node(family or "any", what, at, app, name=holder.text, assumed=True)
            self.nodes.append(node)
        return node

    def methods(self, options: dict[str, Value], otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """The methods that are named in the options."""
        named = options.get("methods")
        if isinstance(named, Seq):
            found = [each.upper() for each in named.items if isinstance(each, str)]
            return tuple(dict.fromkeys(found)) if len(found) == len(named.items) else ("ANY",)
        return otherwise if named is None else ("ANY",)

    def text(self, value: Value) -> str:
        """A value as a path."""
        return "" if value is None or value is MISSING else textual(value)

    def link(self, node: Node, child: Value, prefix: Value, options: dict[str, Value], at: Location) -> None:
        if isinstance(child, Options):
            nodes = [each for each in child.values if isinstance(each, Node)]
            for each in nodes:
                self.link(node, each, prefix, options, at)
            if nodes:
                return
        if isinstance(child, Unknown) and child.param:
            return
        if not isinstance(child, Node):
            self.lost.append((f"what is included here{_called(child)} is not known", at))
            return
        node.links.append(Link(child, None if prefix is None else self.text(prefix), at, dict(options)))


def _called(value: Value) -> str:
    if isinstance(value, Ref):
        return f", `{value.name}`,"
    if isinstance(value, Unknown | Bound):
        return f", `{value.text if isinstance(value, Unknown) else value.name}`,"
    if isinstance(value, Instance) and isinstance(value.of, Ref):
        return f", made by `{value.of.name.removeprefix('?.')}`,"
    return ""
