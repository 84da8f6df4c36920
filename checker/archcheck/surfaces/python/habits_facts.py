"""Finding a module's habits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.source import Location
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.habits import Ask, Habits, Setup, Stall
from archcheck.surfaces.python.invocations import Invocation, invocations, scopes
from archcheck.surfaces.python.logs_facts import prints
from archcheck.surfaces.python.remote import CALLING, HTTP_CALLS, MAIL, STALLING, stalls
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.words import words

_HARMLESS: Final = words("staticmethod classmethod lru_cache cache wraps retry override final")
_GUARDS: Final = ("retr", "Retr", "backoff", "breaker", "Breaker", "tenacity", "stamina", "attempt", "deadline")
_SETUPS: Final = words("logging.basicConfig logging.config.dictConfig logging.config.fileConfig")
_STRUCTURED: Final = words(
    "structlog pythonjsonlogger json_log_formatter logstash logstash_async ecs_logging watchtower python_json_logger"
    " jsonlogger logging_loki aws_lambda_powertools logfire fluent google_cloud_logging loguru json_logging"
)
_FORMATTER: Final = regex(
    r"json\w*formatter|formatter\w*json|google\.cloud\.logging|(?<!to)json_log|opentelemetry.*log|mozlogformatter"
    r"""|["']json\w*["']: *\{\s*["'](?:\(\)|class|format)["']""",
    re.I,
)
_OWN_FORMATTER: Final = regex(r"^class \w+\((?:logging\.)?Formatter\):", re.M)
_STARTS: Final = regex(r"(?:^|_)(?:lifespan|start_?up|shut_?down|on_start|main|setup|bootstrap|init)(?:_|$)")
_SETTLED: Final = 4


def habits(context: Context) -> Habits | None:
    """What a module tells the project; None when that is nothing."""
    if not context.deployed:
        return None
    tops, text = context.survey.tops, context.places.text
    stalling = _stalls(context) if _may_stall(tops, text) else {}
    loops = context.place == "service" and "async def" in text and not rehearses(context.places.path)
    asks = tuple(_asks(context)) if loops else ()
    printed = prints(context) if "print(" in text else ()
    setup = _setup(context) if context.place == "service" and ("Config(" in text or "LOGGING" in text) else None
    structured = not tops.isdisjoint(_STRUCTURED) or _formats(context)
    outside = _outside(context) if context.place == "service" and not tops.isdisjoint(CALLING) else None
    guards = any(word in text for word in _GUARDS)
    brings = tuple(sorted(_brought(context.survey.module)))
    if not (brings or stalling or asks or printed or setup or structured or outside or guards):
        return None
    return Habits(stalling, asks, printed, setup, structured, outside, guards, brings)


def _may_stall(tops: set[str], text: str) -> bool:
    """Whether a module imports anything that waits; the clock and the system only when they are asked to."""
    if tops.isdisjoint(STALLING):
        return False
    return not tops.isdisjoint(STALLING - {"os", "time"}) or "sleep" in text or "os.system" in text


def _brought(module: Scope) -> set[str]:
    """What is imported inside functions and classes."""
    return {name for scope in scopes(module) if scope is not module for name in scope.imports.values()}


def _stalls(context: Context) -> dict[str, Stall]:
    """The functions of a module that wait, also through others of the module."""
    found: dict[str, Stall] = {}
    inside: list[tuple[str, str]] = []
    for call in invocations(context):
        scope, own = call.scope, call.target.startswith(f"{context.name}.")
        kind = _kind(call)
        if not (kind or own) or not isinstance(scope.node, ast.FunctionDef) or not _followed(scope):
            continue
        if call.declares or call.deferred:
            continue
        if kind:
            found.setdefault(scope.qualname, Stall(spell(call.node.func), kind, call.at))
        else:
            inside.append((scope.qualname, call.target[len(context.name) + 1 :]))
    for _ in range(_SETTLED):
        reached = [(caller, called) for caller, called in inside if caller not in found and called in found]
        for caller, called in reached:
            found.setdefault(caller, found[called])
    return found


def _kind(call: Invocation) -> str:
    if call.unpacks:
        return ""
    kind = stalls(call.target)
    if (
        kind == "sleep"
        and call.node.args
        and isinstance(call.node.args[0], ast.Constant)
        and not call.node.args[0].value
    ):
        return ""
    return kind


def _followed(scope: Scope) -> bool:
    """Whether a call of a function runs it at once on the caller's thread: no generator, no decorator that moves it."""
    node = scope.node
    if not isinstance(node, Function) or scope.yields:
        return False
    names = [spell(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in node.decorator_list]
    return all(name in _HARMLESS for name in names)


def _asks(context: Context) -> Iterator[Ask]:
    """The calls on the event loop that wait, or are of the project and may."""
    for call in invocations(context):
        if not call.target or not isinstance(call.scope.node, ast.AsyncFunctionDef) or call.awaited or not call.on_loop:
            continue
        if _STARTS.search(call.scope.qualname.rpartition(".")[2]):
            # Before an application serves, and once it does no more, nobody waits.
            continue
        kind = _kind(call)
        if kind:
            spelled = spell(call.node.func)
            yield Ask(call.at, call.function, spelled, "", Stall(spelled, kind, call.at))
        elif _may_be_of_project(call, context):
            yield Ask(call.at, call.function, spell(call.node.func), call.target)


def _may_be_of_project(call: Invocation, context: Context) -> bool:
    """Whether a name may be that of a function of the project: of this package, or of a package that is no library."""
    top = call.target.partition(".")[0]
    return top == context.name.partition(".")[0]


def _setup(context: Context) -> Setup | None:
    module = context.survey.module
    if "alembic" in context.survey.tops and "alembic.context" in module.imports.values():
        # The environment of migrations sets up its own.
        return None
    if "logging" in context.survey.tops:
        for call in invocations(context):
            # What the constructor of one thing sets up, for a look at it, is no setup of the service.
            if call.target in _SETUPS and not call.scope.qualname.endswith(".__init__") and _readable(call, module):
                return Setup(call.at, spell(call.node.func))
    values = module.bindings.get("LOGGING")
    if values and isinstance(values[0], ast.Dict) and "INSTALLED_APPS" in module.bindings and _writes(values[0]):
        return Setup(context.places.of(values[0]), "LOGGING")
    return None


def _writes(settings: ast.Dict) -> bool:
    """Whether settings of logs have lines written: how a handler of the project's own keeps records is its matter."""
    texts = [
        node.value for node in ast.walk(settings) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return "formatters" in texts or any(text.startswith("logging.") for text in texts)


def _readable(call: Invocation, module: Scope) -> bool:
    """Whether it can be read what is set up: something, no file of settings, and no value from elsewhere."""
    if call.target.endswith("basicConfig"):
        return bool(call.node.args or call.node.keywords)
    given = call.argument("config", 0)
    return isinstance(given, ast.Dict) or (
        isinstance(given, ast.Name)
        and given.id in module.bindings
        and any(isinstance(value, ast.Dict) for value in module.bindings[given.id])
    )


def _formats(context: Context) -> bool:
    """Whether a formatter of JSON stands in a module that has to do with logs, or one that the project wrote."""
    text = context.places.text
    if "logging" in context.survey.tops and "dumps(" in text and _OWN_FORMATTER.search(text):
        return True
    named = "ormatter" in text or "google" in text or "json_log" in text or "opentelemetry" in text
    logs = "logging" in context.survey.tops or "LOGGING" in context.survey.module.bindings
    return named and logs and _FORMATTER.search(context.places.text) is not None


def _outside(context: Context) -> tuple[int, str, Location] | None:
    calls = [call for call in invocations(context) if call.target in HTTP_CALLS or call.target in MAIL]
    if not calls:
        return None
    first = min(calls, key=lambda call: (call.node.lineno, call.node.col_offset))
    return len(calls), spell(first.node.func), first.at
