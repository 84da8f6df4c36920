"""Facts about background work in one module: its tasks, the apps that it builds, and Celery's settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_body import CLIENTS, again, asks, deeds, guarded
from archcheck.surfaces.python.tasks_classes import classed, holds_classes, makers
from archcheck.surfaces.python.tasks_form import AppForm, Deed, Job, Jobs, Setting
from archcheck.surfaces.python.tasks_named import clocked, listed, named, serves_arq
from archcheck.surfaces.python.tasks_settings import Reader
from archcheck.surfaces.python.words import words

LIBRARIES: Final = words("celery dramatiq rq django_rq arq huey kombu")
_TASKS: Final = words("task shared_task actor job periodic_task db_task db_periodic_task")
_RETRIERS: Final = words("tenacity backoff retrying stamina retry")
_CLASS: Final = re.compile(r"[:.][A-Z]\w*[a-z]\w*$")
_APPS: Final = {
    "Celery": "celery",
    "Huey": "huey",
    "RedisHuey": "huey",
    "PriorityRedisHuey": "huey",
    "SqliteHuey": "huey",
}


def jobs(context: Context) -> Jobs | None:
    """What a module tells of background work; None where it tells nothing."""
    survey = context.survey
    module = survey.module
    if rehearses(context.places.path):
        return None
    uses = not LIBRARIES.isdisjoint(survey.tops)
    reader = Reader(context)
    found = tuple(_jobs(reader)) if uses or _decorated(module) or serves_arq(module) else ()
    classes = holds_classes(module)
    found += tuple(classed(reader, _careful(reader))) if uses or classes else ()
    apps = tuple(_apps(reader)) if uses else ()
    settings = list(reader.celery())
    if apps or ("celery" in survey.tops and any(spell(call.func).endswith("conf.update") for call in _calls(module))):
        assert isinstance(module.node, ast.Module)
        settings += reader.configured(module.node)
    scheduled = [name for setting, value in settings if setting.name == "beat_schedule" for name in _scheduled(value)]
    if uses:
        scheduled += _periodic(module)
    scheduled += clocked(reader)
    does = dict(_deeds(reader)) if _acts(context) else {}
    plain = tuple(setting for setting, _ in settings if setting.name != "beat_schedule")
    careful = bool(does) and (_careful(reader) or "arq" in survey.tops)
    told = Jobs(
        found,
        apps,
        tuple(named(reader)),
        plain,
        tuple(scheduled),
        does,
        careful,
        dict(makers(reader)) if classes else {},
    )
    return told if told != Jobs() else None


def _acts(context: Context) -> bool:
    return not CLIENTS.isdisjoint(context.survey.tops) or any(
        origin.startswith("django.core.mail") for origin in context.survey.module.imports.values()
    )


def _deeds(reader: Reader) -> Iterator[tuple[str, tuple[Deed, ...]]]:
    for scope in _functions(reader.scope):
        if "." not in scope.qualname and (
            done := tuple(each for each in deeds(scope, reader) if each.kind != "insert")
        ):
            yield scope.qualname, done[:1]


def _jobs(reader: Reader) -> Iterator[Job]:
    arq = {each.target: each.settings for each in listed(reader)}
    careful = _careful(reader)
    for scope in _functions(reader.scope):
        assert isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
        declared = _declared(scope, reader)
        full = f"{reader.context.name}.{scope.qualname}"
        if declared is None and full in arq:
            declared = ("arq", scope.node, "", arq[full])
        if declared is None and _for_arq(scope, reader):
            declared = ("arq?", scope.node, "", ())
        if declared is None:
            continue
        broker, at, app, settings = declared
        base = next((each for each in settings if each.name == "base"), None)
        yield Job(
            broker,
            scope.qualname,
            reader.spot(at),
            app,
            "?" if base is not None else "",
            (*settings, *_of_base(scope, reader)),
            tuple(again(scope, reader)),
            tuple(dict.fromkeys(deeds(scope, reader))),
            tuple(dict.fromkeys(asks(scope, reader))),
            guarded(scope, reader),
            careful,
            app.rpartition(".")[2].endswith("periodic_task") or any(each.name == "crontab" for each in settings),
        )


def _careful(reader: Reader) -> bool:
    """Whether a library for retries stands in a module, or a client that may have been told to try again."""
    return not _RETRIERS.isdisjoint(reader.context.survey.tops) or any(
        name in ("Retry", "HTTPAdapter", "HTTPTransport", "AsyncHTTPTransport") and not origin.startswith(("rq", "arq"))
        for name, origin in reader.scope.imports.items()
    )


def _for_arq(scope: Scope, reader: Reader) -> bool:
    """Whether a function has the form of a job of arq, in a module that knows of arq."""
    node = scope.node
    if "arq" not in reader.context.survey.tops or not isinstance(node, ast.AsyncFunctionDef) or "." in scope.qualname:
        return False
    return bool(node.args.args) and node.args.args[0].arg.lstrip("_") in ("ctx", "context")


def _declared(scope: Scope, reader: Reader) -> tuple[str, ast.expr | ast.stmt, str, tuple[Setting, ...]] | None:
    """The decorator that makes a function a task: whose, its place, its name and its options."""
    assert isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
    for decorator in scope.node.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = spell(function).rpartition(".")[2]
        if last not in _TASKS:
            continue
        name = reader.name(function, scope.parent or reader.scope)
        broker = _broker(last, name, reader)
        if broker:
            return broker, decorator, name, tuple(reader.options(decorator))
    return None


def _broker(last: str, name: str, reader: Reader) -> str:
    """Whose task a decorator makes; `?` for an app of another module, which is known only when all are."""
    top = name.partition(".")[0]
    if last == "shared_task" or (last == "task" and top == "celery"):
        return "celery" if top == "celery" else ""
    if last == "actor":
        return "dramatiq" if top == "dramatiq" else ""
    if last == "job":
        return "rq" if top in ("rq", "django_rq") else ""
    if top == "huey":
        return "huey"
    if last not in ("task", "periodic_task", "db_task", "db_periodic_task"):
        return ""
    head = name.rpartition(".")[0].rpartition(".")[2]
    return next((broker for own, broker in _built(reader) if own == head), "?") if head else ""


def _built(reader: Reader) -> Iterator[tuple[str, str]]:
    for name, values in reader.scope.bindings.items():
        for value in values:
            if isinstance(value, ast.Call) and (broker := _app_kind(value, reader, reader.scope)):
                yield name, broker


def _apps(reader: Reader) -> Iterator[AppForm]:
    for scope in (reader.scope, *_functions(reader.scope)):
        for call in scope.calls:
            broker = _app_kind(call, reader, scope)
            if broker:
                name = next(
                    (n for n, values in reader.scope.bindings.items() if call in values),
                    "celery" if broker == "celery" else "huey",
                )
                yield AppForm(broker, name, reader.spot(call), tuple(reader.options(call)), _open(reader))


def _app_kind(call: ast.Call, reader: Reader, scope: Scope) -> str:
    name = reader.name(call.func, scope)
    top, _, last = name.rpartition(".")
    broker = _APPS.get(last, "")
    return broker if top.partition(".")[0] == broker or (broker == "huey" and "huey" in top) else ""


def _open(reader: Reader) -> bool:
    """Whether the app takes settings from where nobody can follow: an expression, `**`, a class with its own bases."""
    for call in _calls(reader.scope):
        name = spell(call.func)
        first = call.args[0] if call.args else None
        named = str(first.value) if isinstance(first, ast.Constant) else ""
        if name.endswith(".config_from_object") and _CLASS.search(named):
            return True
        spread = any(keyword.arg is None for keyword in call.keywords)
        if name.endswith("conf.update") and (spread or not all(isinstance(arg, ast.Dict) for arg in call.args)):
            return True
        if name.endswith(".add_defaults") and not all(isinstance(arg, ast.Dict) for arg in call.args):
            return True
    return False


def _of_base(scope: Scope, reader: Reader) -> Iterator[Setting]:
    """What the class says that a task is made of, where it stands in the same module."""
    assert isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
    for decorator in scope.node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "base" and isinstance(keyword.value, ast.Name):
                for inner in reader.scope.children:
                    if inner.kind == "class" and inner.qualname == keyword.value.id:
                        for name, values in inner.bindings.items():
                            yield from (reader.setting(name, value) for value in values if value is not None)


def _scheduled(value: ast.expr) -> Iterator[str]:
    """The names of the tasks in a schedule of Celery's clock."""
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "task" and isinstance(item, ast.Constant):
                    yield str(item.value)


def _periodic(module: Scope) -> Iterator[str]:
    """The names of the tasks that are given to Celery's clock by a call: `add_periodic_task(hourly, sync.s())`."""
    for call in _calls(module):
        if spell(call.func).endswith("add_periodic_task"):
            for given in call.args:
                signed = given.func if isinstance(given, ast.Call) else given
                if isinstance(signed, ast.Attribute) and signed.attr in ("s", "si", "signature"):
                    yield spell(signed.value)


def _functions(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        if child.kind == "function":
            yield child
        yield from _functions(child)


def _calls(scope: Scope) -> Iterator[ast.Call]:
    yield from scope.calls
    for child in scope.children:
        yield from _calls(child)


def _decorated(scope: Scope) -> bool:
    """Whether any function is decorated as an app's task is, be it the app of another module."""
    for child in _functions(scope):
        assert isinstance(child.node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in child.node.decorator_list:
            function = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(function, ast.Attribute) and function.attr in _TASKS:
                return True
    return False
