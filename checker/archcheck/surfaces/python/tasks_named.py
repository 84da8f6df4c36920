"""Background work that is known by being named somewhere: the lists of arq's workers, and what RQ is given to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.frame import spell
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_form import Enqueued, Setting
from archcheck.surfaces.python.tasks_settings import Reader
from archcheck.surfaces.python.words import words

_ENQUEUES: Final = words("enqueue enqueue_at enqueue_in enqueue_call")
_WORKERS: Final = words("arq.Worker arq.worker.Worker arq.run_worker arq.worker.run_worker arq.worker.create_worker")
_DEEPEST: Final = 4


def named(reader: Reader) -> Iterator[Enqueued]:
    """What a module hands to RQ, and what of other modules it lists for workers of arq."""
    own = f"{reader.context.name}."
    yield from (each for each in listed(reader) if not each.target.startswith(own))
    if not {"rq", "django_rq"}.isdisjoint(reader.context.survey.tops):
        yield from _enqueued(reader)


def listed(reader: Reader) -> Iterator[Enqueued]:
    """The functions that the settings of an arq worker list, with their options."""
    for value in _lists(reader, "functions"):
        for item, settings in _items(value, reader):
            name = reader.name(item, reader.scope) if isinstance(item, (ast.Name, ast.Attribute)) else ""
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                name = item.value
            if name:
                full = name if "." in name else f"{reader.context.name}.{name}"
                yield Enqueued("arq", full, reader.spot(item), settings)


def clocked(reader: Reader) -> Iterator[str]:
    """The names of the functions that a clock of arq starts."""
    for value in _lists(reader, "cron_jobs"):
        for item, _ in _items(value, reader):
            yield item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else spell(item)


def serves_arq(module: Scope) -> bool:
    """Whether the settings of an arq worker stand here: they need no import of the library."""
    return any(child.qualname == "WorkerSettings" for child in module.children)


def _lists(reader: Reader, name: str) -> Iterator[ast.expr]:
    if "arq" not in reader.context.survey.tops and not serves_arq(reader.scope):
        return
    for scope in reader.scope.children:
        if scope.kind == "class":
            yield from (value for value in scope.bindings.get(name, ()) if value is not None)
    for scope in (reader.scope, *reader.scope.children):
        for call in scope.calls:
            if reader.target(call, scope) in _WORKERS:
                yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


def _items(value: ast.expr, reader: Reader, depth: int = 0) -> Iterator[tuple[ast.expr, tuple[Setting, ...]]]:
    """The members of a list, through names, sums and stars; a call around one of them holds its options."""
    if depth > _DEEPEST:
        return
    match value:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                if isinstance(item, ast.Starred):
                    yield from _items(item.value, reader, depth + 1)
                elif isinstance(item, ast.Call):
                    yield from ((given, tuple(reader.options(item))) for given in item.args[:1])
                else:
                    yield item, ()
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _items(left, reader, depth + 1)
            yield from _items(right, reader, depth + 1)
        case ast.Name(id=name):
            for bound in reader.scope.bindings.get(name, ()):
                if bound is not None:
                    yield from _items(bound, reader, depth + 1)


def _enqueued(reader: Reader) -> Iterator[Enqueued]:
    for scope in _all(reader.scope):
        for call in scope.calls:
            last = spell(call.func).rpartition(".")[2]
            if last not in _ENQUEUES:
                continue
            position = 1 if last in ("enqueue_at", "enqueue_in") else 0
            target = call.args[position] if len(call.args) > position else None
            target = next((keyword.value for keyword in call.keywords if keyword.arg in ("f", "func")), target)
            name = ""
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                name = target.value
            elif isinstance(target, (ast.Name, ast.Attribute)):
                name = reader.name(target, scope)
            if name:
                full = name if "." in name else f"{reader.context.name}.{name}"
                yield Enqueued("rq", full, reader.spot(call), tuple(reader.options(call)))


def _all(scope: Scope) -> Iterator[Scope]:
    yield scope
    for child in scope.children:
        yield from _all(child)
