"""Facts about routes: what a module's statements build, wire and decorate, taken from the survey's scopes as forms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.parse import Places
from archcheck.surfaces.python.routes_builder import ADDS
from archcheck.surfaces.python.routes_expressions import DEEPEST, LARGEST, Forms, spelled
from archcheck.surfaces.python.routes_fields import fields, renames
from archcheck.surfaces.python.routes_form import (
    Attr,
    Bind,
    Choice,
    Deed,
    Do,
    Function,
    Give,
    Glued,
    Invoke,
    Item,
    Kind,
    Loop,
    Mapped,
    Name,
    Opaque,
    Plain,
    Text,
    Throw,
    Web,
)
from archcheck.surfaces.python.routes_traits import STORES, reading, traits
from archcheck.surfaces.python.survey import Scope, Survey
from archcheck.surfaces.python.words import words

FRAMEWORKS: Final = words(
    """
    fastapi starlette flask quart django rest_framework flask_restx flask_restful flask_login flask_jwt_extended
    flask_limiter slowapi fastapi_limiter fastapi_users flask_httpauth flask_security apiflask
    litestar ninja sanic aiohttp falcon tornado flask_appbuilder connexion
    """
)
KITS: Final = words(
    """
    opentelemetry sentry_sdk ddtrace newrelic elasticapm aws_xray_sdk jaeger_client logfire openinference scout_apm
    skywalking instana prometheus_client prometheus_fastapi_instrumentator beeline raven appsignal azure rollbar
    slowapi flask_limiter fastapi_limiter django_ratelimit ratelimit limits axes defender aiolimiter pyrate_limiter
    asgi_correlation_id starlette_context django_guid request_id flask_request_id_header flask_log_request_id
    """
)
"""Packages that limit, trace or number requests."""

_DEFAULTS: Final = ("default_limits", "application_limits", "RATELIMIT_DEFAULT")
_NUMBERED: Final = ("request_id", "equest-I", "request-id", "orrelation", "traceparent", "REQUEST_ID", "REQUEST-ID")
_WELL: Final = regex(
    r"""["']/?(?:\w+/)?_?(?:health(?:z|[-_]?checks?)?|livez|readyz|healthcheck|liveness|readiness)/?["']"""
    r"""|["']status["']: *["'](?:ok|OK|up|UP|healthy|alive)["'] *\}"""
)
"""A path on which something answers that it is well, or that answer."""
WIRES: Final = words(
    """
    include_router register_blueprint add_api_route add_url_rule add_route mount add_resource add_namespace
    add_websocket_route add_api_websocket_route add_middleware before_request before_app_request register as_view
    FastAPI APIRouter Flask Blueprint Starlette Quart Api Namespace Mount Route Router SimpleRouter DefaultRouter
    path re_path url include
    Litestar Sanic NinjaAPI Application RouteTableDef API group blueprint add_routes add_subapp add_handlers add_view
    add_api add_view_no_menu AppBuilder add_router add_get add_post add_put add_patch add_delete add_head add_options
    """
)
_BUILDS: Final = words(
    "FastAPI APIRouter Flask Blueprint Starlette Quart Api Namespace Litestar Sanic NinjaAPI Application "
    "web.Application tornado.web.Application falcon.App falcon.API falcon.asgi.App"
)
_DECORATES: Final = words("get post put patch delete head options trace route api_route websocket websocket_route")
_JOINS: Final = words(
    "include_router register_blueprint add_api_route add_url_rule add_resource add_namespace add_middleware mount "
    "add_routes add_subapp add_handlers add_router add_api add_view add_view_no_menu"
)
_WARY: Final = regex(
    r"auth|forbid|permission|denied|credential|token|login|identity|principal|session_user|current_user|access", re.I
)
_SMALL: Final = 6
_MOST_CALLS: Final = 60


def web(survey: Survey, places: Places) -> Web | None:
    """What a module's statements wire. A module without any framework tells only its settings and its functions."""
    module = survey.module
    framed = (
        not FRAMEWORKS.isdisjoint(survey.tops)
        or "urlpatterns" in places.text
        or _decorates(module)
        or any(map(_joins, (module, *module.children)))
    )
    reader = _Reader(places, framed, framed and reading(places.text), not framed and not STORES.isdisjoint(survey.tops))
    assert isinstance(survey.module.node, ast.Module)
    body = tuple(reader.deeds(survey.module.node.body, survey.module))
    kits = tuple(sorted(KITS & survey.tops))
    if any(mark in places.text for mark in _NUMBERED):
        kits += ("request-id",)
    if _WELL.search(places.text):
        kits += ("health-path",)
    if any(mark in places.text for mark in _DEFAULTS):
        kits += ("default-limits",)
    return Web(body, framed, tuple(reader.branches) if framed else (), kits) if body or kits else None


def _joins(scope: Scope) -> bool:
    """Whether a scope wires an app, or is a function that is given one."""
    if isinstance(scope.node, ast.FunctionDef) and any(
        arg.arg in ("app", "application") for arg in scope.node.args.args
    ):
        return True
    if scope.kind == "class":
        return any(_adds(method) for method in scope.children)
    return any(type(call.func) is ast.Attribute and call.func.attr in _JOINS for call in scope.calls)


def _adds(scope: Scope) -> bool:
    """Whether a method adds classes to a builder of Flask-AppBuilder."""
    return any(type(call.func) is ast.Attribute and call.func.attr in ADDS for call in scope.calls)


def _decorates(scope: Scope) -> bool:
    for child in scope.children:
        if child.kind == "class":
            if _decorates(child):
                return True
        elif isinstance(child.node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in _DECORATES
            for each in child.node.decorator_list
        ):
            return True
    return False


class _Reader(Forms):
    """Turns statements into deeds. In a module of no framework only what can be a setting or a factory is kept."""

    __slots__ = ("branches", "lean", "reads", "stores")

    def __init__(self, places: Places, framed: bool, reads: bool, stores: bool) -> None:
        super().__init__(places, framed)
        self.reads = reads
        self.stores = stores
        self.lean = False
        self.branches: list[tuple[int, int]] = []

    def deeds(self, statements: Iterable[ast.stmt], scope: Scope) -> Iterator[Deed]:
        for statement in statements:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    if not self.lean or _tells(value):
                        for target in targets:
                            yield from self._bind(target, value, scope)
                case ast.AnnAssign(target=target, value=ast.expr() as value) if not self.lean:
                    yield from self._bind(target, value, scope)
                case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value) if self.framed or _stacks(name):
                    yield Bind(Name(name), self.form(value), True)
                case ast.Expr(value=ast.Call() | ast.Await() as value) if self.framed or _stacking(value):
                    if not self.lean or _tells(value):
                        yield Do(self.form(value))
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    inner = scope.child(statement)
                    if inner is not None:
                        yield from self._function(statement, inner)
                case ast.ClassDef():
                    inner = scope.child(statement)
                    if inner is not None:
                        yield from self._kind(statement, inner)
                case ast.Return(value=ast.expr() as value):
                    told = not self.lean or isinstance(value, ast.Call | ast.Constant | ast.Tuple | ast.Name)
                    yield Give(self.form(value) if told else Opaque(""), self.spot(value))
                case ast.Return():
                    yield Give(Plain(None), self.spot(statement))
                case ast.Raise(exc=ast.expr() as value):
                    yield Throw(self.form(value), self.spot(statement))
                case ast.For(target=target, iter=over, body=body) if self.framed:
                    inner_deeds = tuple(self.deeds(body, scope))
                    if inner_deeds:
                        yield Loop(_targets(target), self.form(over), inner_deeds)
                case ast.If() | ast.While() | ast.For() | ast.AsyncFor():
                    self._branch(statement)
                    yield from self.deeds([*statement.body, *statement.orelse], scope)
                case ast.With() | ast.AsyncWith():
                    yield from self.deeds(statement.body, scope)
                case ast.Try() | ast.TryStar():
                    self._branch(statement)
                    yield from self.deeds(statement.body, scope)
                    for each in statement.handlers:
                        yield from self.deeds(each.body, scope)
                    yield from self.deeds([*statement.orelse, *statement.finalbody], scope)
                case ast.Match(cases=cases):
                    self._branch(statement)
                    for case in cases:
                        yield from self.deeds(case.body, scope)

    def _branch(self, statement: ast.stmt) -> None:
        if not self.lean:
            self.branches.append((statement.lineno, statement.end_lineno or statement.lineno))

    def _bind(self, target: ast.expr, value: ast.expr, scope: Scope) -> Iterator[Deed]:
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                for left, right in zip(target.elts, value.elts, strict=True):
                    yield from self._bind(left, right, scope)
            return
        if isinstance(target, ast.Subscript) and spelled(target.value) in _DJANGO:
            # `REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] = ...` is an update with one key.
            pair = self.form(target.slice), self.form(value)
            yield Do(Invoke(Attr(self.form(target.value), "update"), (Mapped((pair,)),), (), self.spot(target)))
        if not isinstance(target, ast.Name | ast.Attribute):
            return
        # A class of names may hold sets of them: `RW = {GET, PUT}`.
        named = scope.kind == "class" and isinstance(value, ast.Set)
        told = self.framed or named or spelled(target) in _DJANGO or _stacks(spelled(target))
        if not told and not (isinstance(value, _SETTINGS) and _is_setting(value, scope)):
            return
        if isinstance(value, ast.Dict) and len(value.keys) > LARGEST:
            return
        form = self.form(value, DEEPEST if self.framed else 5)
        if not isinstance(form, Opaque) or spelled(target) in _DJANGO:
            # What settings nobody can read say of every view is to be known as not known.
            yield Bind(self.form(target), form)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Iterator[Function]:
        if not self.framed and (scope.parent is None or scope.parent.kind != "module") and len(node.body) > _SMALL:
            return
        above = node.decorator_list
        called = tuple(
            dict.fromkeys(name for call in scope.calls if call not in above and (name := spelled(call.func)))
        )[:_MOST_CALLS]
        wary = self._wary(node, scope, called)
        if not self.framed:
            if scope.parent is not None and scope.parent.kind == "function":
                return
            needs = (
                len(node.args.args)
                - len(node.args.defaults)
                - (scope.parent is not None and scope.parent.kind == "class")
            )
            short = needs <= 0 and len(node.body) <= _SMALL and not isinstance(node, ast.AsyncFunctionDef)
            body = tuple(self.deeds(node.body, scope)) if short else ()
            body = body if any(isinstance(deed, Give) and isinstance(deed.value, _TELLING) for deed in body) else ()
            held = traits(node, scope, self.places, False) if self.stores else None
            depended = len(node.args.args) <= _SMALL and (None in scope.returns or _builds(node, scope))
            if body or wary or held or depended:
                # What yields, and a plain class, may be a dependency of a route: what it takes counts.
                params = tuple(self.params(node.args)) if depended else ()
                # A setting may be computed, and what gives the settings may say no more than their class.
                computed = [each for each in node.decorator_list if spelled(each) == "property"]
                yield Function(
                    node.name,
                    scope.qualname,
                    self.spot(node),
                    tuple((self.form(each), self.spot(each)) for each in computed),
                    params,
                    body,
                    gives=self.form(node.returns) if body and isinstance(node.returns, ast.Name) else None,
                    wary=wary,
                    traits=held,
                )
            return
        wires = any(name.rpartition(".")[2] in _JOINS or name in _BUILDS for name in called) or _decorates(scope)
        before, self.lean = self.lean, not wires and len(node.body) > _SMALL
        body = tuple(_kept(self.deeds(node.body, scope)))
        self.lean = before
        yield Function(
            node.name,
            scope.qualname,
            self.named(node),
            tuple((self.form(each), self.spot(each)) for each in node.decorator_list),
            tuple(self.params(node.args)),
            body,
            dict(scope.imports),
            called,
            wires,
            None if node.returns is None else self.form(node.returns),
            wary,
            traits(node, scope, self.places, self.reads),
            self.above(node),
        )

    def _kind(self, node: ast.ClassDef, scope: Scope) -> Iterator[Kind]:
        body = tuple(self.deeds(node.body, scope))
        held = tuple(fields(node)) if node.bases or node.decorator_list else ()
        if not self.framed and not body and not node.bases and not held:
            return
        yield Kind(
            node.name,
            self.named(node),
            tuple(self.form(base, 4) for base in node.bases),
            tuple((self.form(each), self.spot(each)) for each in node.decorator_list) if self.framed or held else (),
            body,
            held,
            renames(node),
        )

    def _wary(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, called: tuple[str, ...]) -> bool:
        """Whether a function by its words may have to do with who is asking."""
        if _WARY.search(node.name) or _WARY.search(" ".join(called)):
            return True
        for thrown in scope.throws:
            value = thrown.func if isinstance(thrown, ast.Call) else thrown
            if _WARY.search(spelled(value)):
                return True
        return False


def _builds(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> bool:
    """Whether a function makes the instances of a class that inherits from nothing."""
    owner = scope.parent.node if scope.parent is not None else None
    return node.name == "__init__" and isinstance(owner, ast.ClassDef) and not owner.bases


_TELLING: Final = (Text, Name, Attr, Invoke, Glued, Choice, Item)
_SETTINGS: Final = (ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.JoinedStr, ast.Dict, ast.Subscript)
_DJANGO: Final = frozenset({"MIDDLEWARE", "REST_FRAMEWORK"})


def _stacks(name: str) -> bool:
    """Whether a name of settings holds the middleware of Django, or a part of it."""
    return "MIDDLEWARE" in name


def _stacking(value: ast.expr) -> bool:
    """Whether a call puts something into the middleware of Django: `MIDDLEWARE.insert(0, "shop.Login")`."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and (_stacks(spelled(value.func.value)) or spelled(value.func.value) in _DJANGO)
    )


_TELLS: Final = ("Exception", "Error", "exception", "error", "Response")


def _tells(value: ast.expr) -> bool:
    """Whether a statement of a function that wires nothing may refuse somebody, or build what it raises."""
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(call, ast.Call):
        return False
    name = spelled(call.func).removesuffix("()").rpartition(".")[2]
    if name == "update":  # `self.routes[0].mapping.update({...})` in a router
        return isinstance(of := getattr(call.func, "value", None), ast.Attribute) and of.attr == "mapping"
    if name == "send":  # `await send({"type": "http.response.start", "status": 401})`
        return any(isinstance(each, ast.Dict) for each in call.args)
    return name in ("abort", "__init__", "redirect") or name.endswith(_TELLS)


def _is_setting(value: ast.expr, scope: Scope) -> bool:
    """Whether a value in a module without a framework may be a setting, or what holds settings."""
    if isinstance(value, ast.Call):
        if scope.kind == "class":
            return spelled(value.func).rpartition(".")[2] in ("Field", "getenv", "get", "config", "env")
        return len(value.args) + len(value.keywords) <= 3
    return scope.kind != "class" or not isinstance(value, ast.Constant) or isinstance(value.value, str)


def _kept(deeds: Iterable[Deed]) -> Iterator[Deed]:
    """The deeds of a function that matter: plain calls that wire nothing are names enough."""
    for deed in deeds:
        if isinstance(deed, Do) and isinstance(deed.value, Invoke):
            called = deed.value.of
            if isinstance(called, Invoke):
                called = called.of
            name = called.name if isinstance(called, Attr) else called.id if isinstance(called, Name) else ""
            if not name or not (name in WIRES or isinstance(called, Name) or _mentions_app(deed.value)):
                continue
        yield deed


def _mentions_app(call: Invoke) -> bool:
    if isinstance(call.of, Attr) and call.of.name in ("abort", "init_app", "append", "extend", "__init__"):
        return True
    if isinstance(call.of, Attr) and isinstance(call.of.of, Attr) and call.of.of.name == "mapping":
        return True
    return any(isinstance(each, Name) for each in call.args)


def _targets(target: ast.expr) -> tuple[str, ...]:
    if isinstance(target, ast.Name):
        return (target.id,)
    if isinstance(target, ast.Tuple | ast.List):
        return tuple(each.id if isinstance(each, ast.Name) else "" for each in target.elts)
    return ()
