"""What a module tells of background work, as plain data that crosses process borders."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec import Struct

from archcheck.surfaces.python.routes_form import Spot

TASK: Final = re.compile(r"celery\.(?:app\.task\.|task\.(?:base\.)?|schedules\.)?(?:Task|PeriodicTask)")
"""What Celery calls the class of all tasks, in its present and its older versions."""

Written: TypeAlias = str | int | float | bool | None


class Setting(Struct, frozen=True, array_like=True):
    """One option or setting. `known` is False where its value is not written there: it is then only known to be set."""

    name: str
    value: Written
    known: bool
    at: Spot


class Deed(Struct, frozen=True, array_like=True):
    """Something that a function does: `call`, `insert` or `charge`, and how it is written."""

    kind: str
    what: str
    at: Spot


class Again(Struct, frozen=True, array_like=True):
    """A place in a task's body that has it run again; `wait` is the wait it asks for, unknown where nothing is said."""

    at: Spot
    wait: Setting | None
    limit: Setting | None


class Job(Struct, frozen=True, array_like=True):
    """One task as its module declares it.

    `broker` is `?` where the app of another module decorates it, `arq?` for what a worker of arq may list, and `class?`
    for a class that may be one of Celery's tasks by a class of another module. `app` is the dotted name of what
    decorates it or of that class, `base` says that it is made of one that is not known. `asks` are the dotted names of
    what it calls in other modules.
    """

    broker: str
    name: str
    at: Spot
    app: str
    base: str
    settings: tuple[Setting, ...]
    again: tuple[Again, ...]
    deeds: tuple[Deed, ...]
    asks: tuple[str, ...]
    guarded: bool
    careful: bool
    """Whether a library for retries, or a handler of its own, may have it run again."""
    clocked: bool


class Maker(Struct, frozen=True, array_like=True):
    """A class that tasks may be made of: the dotted name of its own base, and what it says of them."""

    base: str
    settings: tuple[Setting, ...]


class AppForm(Struct, frozen=True, array_like=True):
    """An app that is built here. `open` says that some of its settings come from where they cannot be read."""

    broker: str
    name: str
    at: Spot
    settings: tuple[Setting, ...]
    open: bool


class Enqueued(Struct, frozen=True, array_like=True):
    """A function that is handed to a queue, or listed for a worker, by its name: dotted, with the options of that."""

    broker: str
    target: str
    at: Spot
    settings: tuple[Setting, ...]


class Jobs(Struct, frozen=True, array_like=True):
    """All that a module tells. `settings` are those of Celery by their present names; `scheduled` names tasks
    that a clock starts; `deeds` is what each of its functions does, for tasks of other modules, and `careful` says
    that they may be tried again by something that stands here; `makers` are the classes that tasks may be made of.
    """

    jobs: tuple[Job, ...] = ()
    apps: tuple[AppForm, ...] = ()
    enqueued: tuple[Enqueued, ...] = ()
    settings: tuple[Setting, ...] = ()
    scheduled: tuple[str, ...] = ()
    deeds: dict[str, tuple[Deed, ...]] = {}
    careful: bool = False
    makers: dict[str, Maker] = {}
