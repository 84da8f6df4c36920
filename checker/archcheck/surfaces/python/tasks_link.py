"""Joining what modules tell of background work: tasks with the settings of their app, wherever those are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import replace

from archcheck.source import Location
from archcheck.surface import Coverage
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.reach import definition
from archcheck.surfaces.python.routes_form import Spot
from archcheck.surfaces.python.task import Act, Broker, Task, TaskApp, Wait
from archcheck.surfaces.python.tasks_form import TASK, Deed, Enqueued, Job, Setting

Find = Callable[[str, Interface], Interface | None]

_LIMITS: Final = ("time_limit", "soft_time_limit", "task_time_limit", "task_soft_time_limit", "timeout", "job_timeout")
_PROBES: Final = re.compile(r"health|probe|(?:^|_)ping(?:$|_)|heartbeat", re.I)
"""Tasks that ask whether somebody answers: that nobody does is what they are there to tell."""
_REDIS_VISIBILITY: Final = 3600.0
_CELERY_DELAY: Final = 180.0
_FARTHEST: Final = 5


def tasks(modules: Sequence[Interface], find: Find, coverage: Coverage) -> Iterator[Task | TaskApp]:
    """Every task of a project, and the apps that run them."""
    telling = [module for module in modules if module.jobs is not None]
    if telling:
        yield from _Joining(telling, find, coverage).subjects()


class _Placed(Struct, frozen=True):
    """A setting with the module that holds it."""

    setting: Setting
    path: str

    @property
    def at(self) -> Location:
        return _location(self.path, self.setting.at)


class _Joining:
    def __init__(self, modules: Sequence[Interface], find: Find, coverage: Coverage) -> None:
        self.coverage = coverage
        self.modules = modules
        self.find = find
        self.settings = {
            setting.name: _Placed(setting, module.path)
            for module in modules
            if module.jobs is not None
            for setting in module.jobs.settings
        }
        self.apps = [(module, app) for module in modules if module.jobs is not None for app in module.jobs.apps]
        self.scheduled = {
            name.rpartition(".")[2] for module in modules if module.jobs is not None for name in module.jobs.scheduled
        }
        self.bases = {
            maker.base for module in modules if module.jobs is not None for maker in module.jobs.makers.values()
        }
        self.homes = {module.path: module for module in modules}
        self.given: dict[tuple[str, str], list[tuple[Interface, Enqueued]]] = {}
        for module in modules:
            for each in module.jobs.enqueued if module.jobs is not None else ():
                home = definition(each.target, module, find, _does)
                if home is not None:
                    self.given.setdefault((home[0].path, home[1]), []).append((module, each))

    def subjects(self) -> Iterator[Task | TaskApp]:
        found: dict[str, list[tuple[Task, Job, Interface]]] = {}
        for module in self.modules:
            for job in map(self._made(module), module.jobs.jobs if module.jobs is not None else ()):
                if f"{module.module}.{job.name}" in self.bases:
                    continue  # what tasks are made of is none
                broker = self._broker(job, module)
                if broker:
                    found.setdefault(broker, []).append((self._task(job, broker, module), job, module))
        everything = _alike([*(task for group in found.values() for task, _, _ in group), *self._named()])
        withheld = sum(task.retried is None and task.call is not None for task in everything)
        if withheld:
            self.coverage.undecided["task-without-retry"] = withheld
        yield from everything
        if "celery" in found:
            app = self._celery(found["celery"])
            if app.limited is None:
                self.coverage.undecided["task-without-time-limit"] = 1
            yield app
        for task, job, module in found.get("rq", []):
            endless = next((each for each in job.settings if each.name == "timeout" and each.value == -1), None)
            if endless is not None:
                yield _endless(task, _location(module.path, endless.at))

    def _named(self) -> Iterator[Task]:
        """What is a task only because somebody queues it, or lists it for a worker, where it is said."""
        for (path, function), several in self.given.items():
            home = self.homes[path]
            assert home.jobs is not None
            acts = tuple(_act(deed, path) for deed in home.jobs.deeds.get(function, ()))
            if not acts or any(job.name == function for job in home.jobs.jobs):
                continue
            module, first = several[0]
            options = {setting.name for _, each in several for setting in each.settings}
            retried = True if "retry" in options else None if home.jobs.careful or "" in options else False
            at = _location(module.path, first.at)
            yield Task(
                name=f"{home.module}:{function}",
                at=at,
                broker=cast(Broker, first.broker),
                retried=retried,
                wait="unknown",
                wait_at=at,
                seconds=0.0,
                attempts=None,
                unlimited=None,
                late=None,
                acts=acts,
                guarded=False,
                scheduled=function in self.scheduled,
            )

    def _made(self, module: Interface) -> Callable[[Job], Job]:
        """What turns a job of a module into one of Celery where the classes it is made of lead there."""

        def made(job: Job) -> Job:
            name, home, settings = job.app, module, {each.name: each for each in job.settings}
            for _ in range(_FARTHEST if job.broker == "class?" else 0):
                found = definition(name, home, self.find, _makes)
                if found is None or found[0].jobs is None:
                    break
                home, maker = found[0], found[0].jobs.makers[found[1]]
                name = maker.base
                # Where something is said in another module, its place is told by its class.
                settings = {**{each.name: replace(each, at=job.at) for each in maker.settings}, **settings}
                if TASK.fullmatch(name):
                    settings.pop("abstract", None)
                    return replace(job, broker="celery", base="", settings=tuple(settings.values()))
            return job

        return made

    def _broker(self, job: Job, module: Interface) -> Broker | None:
        """Whose task it is. That of another module's app is a task only where such an app is built somewhere."""
        if job.broker == "class?":
            return None
        if job.broker == "arq?":
            return "arq" if (module.path, job.name) in self.given else None
        if job.broker != "?":
            return cast(Broker, job.broker)
        head = job.app.rpartition(".")[0].rpartition(".")[2]
        brokers = {app.broker for _, app in self.apps if app.name == head}
        return cast(Broker, brokers.pop()) if len(brokers) == 1 else None

    def _task(self, job: Job, broker: Broker, module: Interface) -> Task:
        at = _location(module.path, job.at)
        options = {each.name: each for each in job.settings}
        limit = _limit(job, options)
        acts = tuple(_act(deed, module.path) for deed in job.deeds) or tuple(self._asked(job, module))
        if _PROBES.search(job.name):
            acts = tuple(act for act in acts if act.kind != "call")
        wait, seconds, spot = _wait(broker, job, options)
        late = self._late(options, module)
        return Task(
            name=f"{module.module}:{job.name}",
            at=at,
            broker=broker,
            retried=self._retried(broker, job, options, module),
            wait=wait,
            wait_at=_location(module.path, spot),
            seconds=seconds,
            attempts=limit.value if limit is not None and type(limit.value) is int else None,
            unlimited=_location(module.path, limit.at) if limit is not None and _endlessly(broker, limit) else None,
            late=late if broker == "celery" else None,
            acts=acts,
            guarded=job.guarded,
            scheduled=job.clocked or job.name.rpartition(".")[2] in self.scheduled or "run_every" in options,
        )

    def _retried(self, broker: Broker, job: Job, options: dict[str, Setting], module: Interface) -> bool | None:
        """Whether a task that fails is tried again; None where that is said elsewhere."""
        if job.again or _true(options.get("autoretry_for")) or _true(options.get("retry")):
            return True
        if broker == "dramatiq":
            return not (options.get("max_retries") and options["max_retries"].value == 0)
        if broker == "huey":
            return "retries" in options or (None if "" in options else False)
        if broker == "rq":
            calls = [each.settings for _, each in self.given.get((module.path, job.name), [])]
            if any(setting.name == "retry" for settings in calls for setting in settings):
                return True
        elsewhere = job.careful or "task_annotations" in self.settings or "" in options or bool(job.base)
        return None if elsewhere else False

    def _late(self, options: dict[str, Setting], module: Interface) -> Location | None:
        own = options.get("acks_late")
        if own is not None:
            return _location(module.path, own.at) if own.value is True else None
        shared = self.settings.get("task_acks_late")
        return shared.at if shared is not None and shared.setting.value is True else None

    def _asked(self, job: Job, module: Interface) -> Iterator[Act]:
        """What functions of other modules do for a task: one step, and nothing of what those call."""
        for name in job.asks:
            home, _, function = name.rpartition(".")
            found = self.find(home, module) if home else None
            if found is not None and found.jobs is not None and found.module.endswith(home):
                yield from (_act(deed, found.path) for deed in found.jobs.deeds.get(function, ()))

    def _celery(self, group: Sequence[tuple[Task, Job, Interface]]) -> TaskApp:
        module, app = next(((m, a) for m, a in self.apps if a.broker == "celery"), (None, None))
        first = group[0][0]
        name = f"{module.module}:{app.name}" if module is not None and app is not None else first.name
        at = _location(module.path, app.at) if module is not None and app is not None else first.at
        shared = [self.settings[each] for each in _LIMITS if each in self.settings]
        limited: bool | None = any(_true(each.setting) for each in shared)
        if not limited and (
            app is None or any(each.open for _, each in self.apps) or "task_annotations" in self.settings
        ):
            limited = None
        bare = tuple(task.name for task, job, _ in group if not _limits(job) and not job.base)
        visible, visible_at = self._visible(at)
        longest, longest_at = self._longest(group, shared, at)
        return TaskApp(
            name,
            at,
            "celery",
            tuple(task.name for task, _, _ in group),
            limited,
            bare,
            visible,
            visible_at,
            longest,
            longest_at,
        )

    def _visible(self, at: Location) -> tuple[float, Location]:
        """How long the broker waits for an acknowledgement; 0 where it does not work that way, or nobody can tell."""
        options = self.settings.get("broker_transport_options")
        url = self.settings.get("broker_url")
        texts = [str(each.value) for _, app in self.apps for each in app.settings if each.name == "broker"]
        texts += [str(url.setting.value)] if url is not None else []
        if options is not None and type(options.setting.value) in (int, float):
            return float(cast(float, options.setting.value)), options.at
        if texts and all(text.startswith(("redis://", "rediss://")) for text in texts):
            return _REDIS_VISIBILITY, at
        return 0.0, at

    def _longest(
        self, group: Sequence[tuple[Task, Job, Interface]], shared: Sequence[_Placed], at: Location
    ) -> tuple[float, Location]:
        """The longest time that a task of late acknowledgement is allowed."""
        found = [(0.0, at)]
        for task, job, module in group:
            if task.late is None:
                continue
            own = [each for each in _limits(job) if type(each.value) in (int, float)]
            if own:
                found += [(float(cast(float, each.value)), _location(module.path, each.at)) for each in own]
            elif not _limits(job):
                numbers = [each for each in shared if type(each.setting.value) in (int, float)]
                found += [(float(cast(float, each.setting.value)), each.at) for each in numbers]
        return max(found, key=lambda pair: pair[0])


def _does(module: Interface, name: str) -> bool:
    """Whether a module has a function of that name that may be a task."""
    jobs = module.jobs
    return jobs is not None and (name in jobs.deeds or any(job.name == name for job in jobs.jobs))


def _makes(module: Interface, name: str) -> bool:
    return module.jobs is not None and name in module.jobs.makers


def _alike(tasks: Sequence[Task]) -> list[Task]:
    """The tasks; of those that make one call through a function of another module the first stands for all."""
    groups: dict[object, list[int]] = {}
    for index, task in enumerate(tasks):
        if task.call is not None and task.retried is False and task.call.at.path != task.at.path:
            groups.setdefault(task.call.at, []).append(index)
    found = list(tasks)
    for indexes in groups.values():
        found[indexes[0]] = replace(found[indexes[0]], alike=len(indexes) - 1)
        for index in indexes[1:]:
            found[index] = replace(found[index], told=True)
    return found


def _limits(job: Job) -> list[Setting]:
    """The limits on its time that a task sets itself."""
    return [each for each in job.settings if each.name in _LIMITS and not (each.known and each.value is None)]


def _limit(job: Job, options: dict[str, Setting]) -> Setting | None:
    """The limit on attempts: that of the place which asks for another one before that of the declaration."""
    own = next((each.limit for each in job.again if each.limit is not None), None)
    return own or options.get("max_retries") or options.get("max_tries") or options.get("retries")


def _endlessly(broker: Broker, limit: Setting) -> bool:
    """Whether a limit takes the limit away; only these two brokers understand that."""
    return broker in ("celery", "dramatiq") and limit.name == "max_retries" and limit.known and limit.value is None


def _wait(broker: Broker, job: Job, options: dict[str, Setting]) -> tuple[Wait, float, Spot]:
    """How long a task waits before it is tried again, and where that is said."""
    if broker == "dramatiq" or "retry_backoff" in options or "" in options:
        known = options.get("retry_backoff")
        off = known is not None and known.known and not known.value
        if not off:
            return "backoff", 0.0, job.at
    if _true(options.get("autoretry_for")):
        return (
            _delay(options, options["autoretry_for"].at) if "retry_kwargs" not in options else ("unknown", 0.0, job.at)
        )
    for each in job.again:
        if each.wait is None:
            return "unknown", 0.0, each.at
        if not each.wait.known or each.wait.name != "wait":
            return "backoff", 0.0, each.at
        if each.wait.value:
            seconds = each.wait.value
            return (
                ("constant", float(seconds), each.at) if isinstance(seconds, int | float) else ("unknown", 0.0, each.at)
            )
        return _delay(options, each.at) if broker == "celery" else ("none", 0.0, each.at)
    if broker == "huey" and "retries" in options:
        return ("unknown" if "retry_delay" in options else "none"), 0.0, options["retries"].at
    return "unknown", 0.0, job.at


def _delay(options: dict[str, Setting], at: Spot) -> tuple[Wait, float, Spot]:
    own = options.get("default_retry_delay")
    if own is None:
        return "constant", _CELERY_DELAY, at
    seconds = own.value
    return ("constant", float(seconds), at) if own.known and isinstance(seconds, int | float) else ("unknown", 0.0, at)


def _endless(task: Task, at: Location) -> TaskApp:
    return TaskApp(task.name, at, "rq", (task.name,), False, (task.name,), 0.0, at, 0.0, at)


def _true(setting: Setting | None) -> bool:
    """Whether something is set, and not to nothing."""
    return setting is not None and not (setting.known and not setting.value)


def _act(deed: Deed, path: str) -> Act:
    kind = deed.kind
    return Act(
        "charge" if kind == "charge" else "insert" if kind == "insert" else "call", deed.what, _location(path, deed.at)
    )


def _location(path: str, spot: Spot) -> Location:
    return Location(path, spot.line, spot.column, spot.end)
