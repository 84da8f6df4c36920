"""Celery's tasks that are classes with a `run`, and the classes that they are made of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.frame import spell
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_body import again, asks, deeds, guarded
from archcheck.surfaces.python.tasks_form import TASK, Job, Maker, Setting
from archcheck.surfaces.python.tasks_settings import Reader

_REGISTERS: Final = (".register_task", ".tasks.register")


def classed(reader: Reader, careful: bool) -> Iterator[Job]:
    """The tasks of a module that are classes, and those that may be by a class of another module."""
    named = set(_registered(reader))
    for scope, base in _tasklike(reader.scope, named):
        body = scope.named("run")
        if body is None or scope.bindings.get("abstract"):
            continue
        line = tuple(_line(scope, reader))
        name = reader.name(line[-1][1], reader.scope) if line[-1][1] is not None else ""
        known = TASK.fullmatch(name) is not None
        settings = {each.name: each for made, _ in reversed(line) for each in _settings(made, reader)}
        yield Job(
            "celery" if known or scope.qualname in named else "?" if name.endswith(".Task") else "class?",
            scope.qualname,
            reader.spot(base),
            name,
            "" if known or name.endswith(".Task") else "?",
            tuple(settings.values()),
            tuple(again(body, reader)),
            tuple(dict.fromkeys(deeds(body, reader))),
            tuple(dict.fromkeys(asks(body, reader))),
            guarded(body, reader),
            careful,
            "PeriodicTask" in name,
        )


def makers(reader: Reader) -> Iterator[tuple[str, Maker]]:
    """The classes of a module that tasks of other modules may be made of."""
    for scope, _ in _tasklike(reader.scope, set()):
        last = next(_line(scope, reader))[1]
        name = reader.name(last, reader.scope) if last is not None else ""
        if name:
            full = name if "." in name else f"{reader.context.name}.{name}"
            yield scope.qualname, Maker(full, tuple(_settings(scope, reader)))


def holds_classes(module: Scope) -> bool:
    """Whether anything in a module may be a task that is a class."""
    return any(True for _ in _tasklike(module, set()))


def _tasklike(module: Scope, named: set[str]) -> Iterator[tuple[Scope, ast.ClassDef]]:
    for scope in module.children:
        node = scope.node
        if isinstance(node, ast.ClassDef) and (
            scope.qualname in named or any(spell(base).endswith("Task") for base in node.bases)
        ):
            yield scope, node


def _line(scope: Scope, reader: Reader) -> Iterator[tuple[Scope, ast.expr | None]]:
    """A class and those of its module that it comes from, each with the base that leads on."""
    seen: set[int] = set()
    current: Scope | None = scope
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        assert isinstance(current.node, ast.ClassDef)
        bases = current.node.bases
        base = next((each for each in bases if spell(each).endswith("Task")), bases[0] if bases else None)
        yield current, base
        inner = reader.scope.named(base.id) if isinstance(base, ast.Name) else None
        current = inner if inner is not None and inner.kind == "class" else None


def _settings(scope: Scope, reader: Reader) -> Iterator[Setting]:
    for name, values in scope.bindings.items():
        yield from (reader.setting(name, value) for value in values if value is not None)


def _registered(reader: Reader) -> Iterator[str]:
    """The classes that are given to an app as tasks: `app.register_task(Announce())`."""
    if "celery" not in reader.context.places.text.lower():
        return
    for scope in (reader.scope, *reader.scope.children):
        for call in scope.calls:
            if spell(call.func).endswith(_REGISTERS) and call.args:
                given = call.args[0].func if isinstance(call.args[0], ast.Call) else call.args[0]
                yield spell(given)
