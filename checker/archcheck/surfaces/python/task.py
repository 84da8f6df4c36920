"""Background work as rules see it: tasks, the apps that run them, the queues they wait in and who takes from them."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location

Broker: TypeAlias = Literal["celery", "rq", "dramatiq", "arq", "huey"]

Kind: TypeAlias = Literal["call", "insert", "charge"]

Wait: TypeAlias = Literal["backoff", "constant", "none", "unknown"]
"""How long a task waits before it is tried again: longer each time, always as long, not at all, or nobody can tell."""


class Act(Struct, frozen=True):
    """Something that a task does to the world outside: `what` as it is called in the code."""

    kind: Kind
    what: str
    at: Location


class Task(Struct, frozen=True):
    """A function that a worker runs, with what its decorator and its app say about it.

    `retried` is None where nobody can tell from here. `seconds` is its constant wait before another attempt, `attempts`
    the most that are made after the first (None for any number that is not known). `unlimited` is the place where
    the limit on attempts is taken away, `late` the place where it is acknowledged only when it is done. `acts` is what
    it does, `guarded` says that it looks whether it was done before, `scheduled` that a clock runs it again anyway.
    `alike` counts further tasks that make the same call through the same function, and `told` says that it is one of
    them: the first stands for all.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    broker: Broker
    retried: bool | None
    wait: Wait
    wait_at: Location
    seconds: float
    attempts: int | None
    unlimited: Location | None
    late: Location | None
    acts: tuple[Act, ...]
    guarded: bool
    scheduled: bool
    alike: int = 0
    told: bool = False

    def __str__(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def call(self) -> Act | None:
        """The first thing it asks of somebody else."""
        return next((act for act in self.acts if act.kind != "insert"), None)

    @property
    def repeatable(self) -> bool:
        """Whether nothing it does is done twice when it runs twice."""
        return self.guarded or all(act.kind == "call" for act in self.acts)


class TaskApp(Struct, frozen=True):
    """What runs tasks of one kind, with all of them; `limited` is None where its settings cannot all be read.

    `unlimited` names the tasks that set no limit of their own on their time, `limited` says whether the app sets one.
    `visible` is how many seconds the broker waits for an acknowledgement before it hands a task out again, 0 where it
    does not; `longest` is the time that a task of late acknowledgement is allowed, by the app's limit or its own.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    broker: Broker
    tasks: tuple[str, ...]
    limited: bool | None
    unlimited: tuple[str, ...]
    visible: float
    visible_at: Location
    longest: float
    longest_at: Location

    def __str__(self) -> str:
        return self.name.rpartition(":")[2]


class Queue(Struct, frozen=True):
    """A queue that is declared with no place for what cannot be done, or a consumer that drops what it cannot do.

    `drops` tells how: an argument as it is written; it is empty for a declaration.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    name: str
    at: Location
    broker: Literal["rabbitmq", "sqs"]
    drops: str = ""

    def __str__(self) -> str:
        return self.name


class Consumer(Struct, frozen=True):
    """A consumer of a Kafka topic that acts on messages, while its client commits them on a clock of its own."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    name: str
    at: Location
    library: str
    function: str

    def __str__(self) -> str:
        return self.name
