"""Facts about layers in one module: what it imports and where, what it asks the database, what it says to the web."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.surface import Layers
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import around
from archcheck.surfaces.python.layers_form import Imported, Leaning, Traffic
from archcheck.surfaces.python.libraries import DATABASES
from archcheck.surfaces.python.names import absolute
from archcheck.surfaces.python.routes_form import Spot
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.words import words

_SESSION: Final = regex(r"(?:^|[._])(?:db|session|s|conn|connection|cursor|database)(?:\(\))?$", re.I)
_ASKS: Final = words(
    """
    execute executemany scalars scalar query exec fetch fetchrow fetchval fetch_all fetch_one fetchall add add_all
    get delete merge
    """
)
_STATEMENTS: Final = words("execute executemany scalars scalar query exec fetchrow fetchval fetch_all fetch_one")
_DRIVERS: Final = DATABASES | words("sqlalchemy sqlmodel flask_sqlalchemy django tortoise peewee motor pymongo beanie")
_WEB: Final = words(
    """
    HTTPException StarletteHTTPException JSONResponse RedirectResponse HTMLResponse PlainTextResponse abort jsonify
    make_response Http404 HttpResponse JsonResponse HttpResponseRedirect HttpResponseNotFound HttpResponseForbidden
    get_object_or_404 get_list_or_404 APIException NotFound PermissionDenied
    """
)
"""The names with which a module answers or refuses. To read the request at hand is no more than to know who asks."""

_FRAMEWORKS: Final = ("fastapi", "starlette", "flask", "quart", "django.http", "django.shortcuts", "rest_framework")
_HEALTH: Final = regex(r"health|ready|readiness|alive|liveness|ping", re.I)
_GLUE: Final = regex(
    r"Middleware|View|ViewSet|Resource|Depends|Security|Form|Admin|Serializer|Schema|Permission|Blueprint|APIRouter|FastAPI"
    r"|Flask|Namespace|Router"
)


def leaning(context: Context, layers: Layers) -> Leaning:
    """What a module imports, wherever in it."""
    return Leaning(layers, tuple(_imports(context)))


def traffic(context: Context) -> Traffic | None:
    """What a module has to do with the database and with the web; None for nothing with the first."""
    survey = context.survey
    if (
        _DRIVERS.isdisjoint(survey.tops)
        and not any(_SESSION.search(name) for name in (*survey.module.imports, *survey.module.bindings))
        and not any("session" in origin or ".models" in origin for origin in survey.module.imports.values())
    ):
        return None
    asks = tuple(_asks(context))
    if not asks:
        return None
    web = (
        tuple(_web(context))
        if not context.survey.tops.isdisjoint(words("fastapi starlette flask quart django rest_framework"))
        else ()
    )
    return Traffic(asks, web, _glue(context), sum(1 for _ in _functions(survey.module)))


def _imports(context: Context) -> Iterator[Imported]:
    package = context.places.path.endswith("__init__.py")
    for node, scope in context.survey.imported:
        at = context.places.of(node)
        spot = Spot(at.line, at.column, at.end_column)
        typing = any(isinstance(block, ast.If) and _typing(block) for block in around(node, scope))
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, spot, typing) for alias in node.names)
            continue
        module = absolute(context.name, package, node.level, node.module or "")
        for alias in node.names:
            name = f"{module}.{alias.name}" if alias.name != "*" else module
            yield Imported(name, spot, typing)


def _typing(block: ast.If) -> bool:
    return spell(block.test).rpartition(".")[2] == "TYPE_CHECKING"


def _asks(context: Context) -> Iterator[tuple[str, str, Spot]]:
    for scope in _functions(context.survey.module):
        if _HEALTH.search(scope.qualname) or _HEALTH.search(posixpath.basename(context.places.path)):
            continue  # to ask whether the database is there is no query
        for call in scope.calls:
            what = _query(call)
            if what:
                at = context.places.of(call.func)
                yield scope.qualname, what, Spot(at.line, at.column, at.end_column)
                break


def _query(call: ast.Call) -> str:
    """How a query is written, by the manager of a model or on a session; empty for other calls."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return ""
    receiver = spell(function.value)
    if receiver.endswith((".objects", ".query")) and receiver[:1].isupper():
        # One row by its key, from the model's own manager, is no question about the data.
        return "" if function.attr in ("get", "get_or_404") else f"{receiver}.{function.attr}"
    if function.attr not in _ASKS or not _SESSION.search(receiver):
        return ""
    if function.attr in _STATEMENTS or (function.attr in ("add", "delete", "merge", "add_all") and call.args):
        # `session.get("user")` and `session["user"]` are those of a web session as often as not.
        return f"{receiver}.{function.attr}"
    model = call.args[0] if len(call.args) > 1 else None
    return (
        f"{receiver}.get" if function.attr == "get" and isinstance(model, ast.Name) and model.id[:1].isupper() else ""
    )


def _web(context: Context) -> Iterator[tuple[str, Spot]]:
    """The names of a web framework with which a module answers or refuses, at their import."""
    for node, scope in context.survey.imported:
        if not isinstance(node, ast.ImportFrom) or node.level or not (node.module or "").startswith(_FRAMEWORKS):
            continue
        if any(isinstance(block, ast.If) and _typing(block) for block in around(node, scope)):
            continue
        for alias in node.names:
            if alias.name in _WEB:
                at = context.places.of(node)
                yield alias.name, Spot(at.line, at.column, at.end_column)


def _glue(context: Context) -> bool:
    """Whether a module is built as a part of the web: dependencies, middleware, views, functions of a request."""
    if any(_GLUE.search(name) for name in context.survey.module.imports):
        return True
    for scope in _functions(context.survey.module):
        assert isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
        arguments = scope.node.args
        if any(
            arg.arg in ("request", "req") for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        ):
            return True
        if any(_GLUE.search(spell(each)) for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None):
            return True
    return any(
        isinstance(scope.node, ast.ClassDef) and any(_GLUE.search(spell(base)) for base in scope.node.bases)
        for scope in context.survey.module.children
    )


def _functions(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        if child.kind == "function":
            yield child
        yield from _functions(child)
