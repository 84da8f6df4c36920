"""What handlers do with what they are given: bodies that nothing checks, whole tables, and events of other services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from archcheck.surfaces.python.route import Evidence, Hook, rehearses
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_form import Function, Give, Invoke, Name, Read, Throw
from archcheck.surfaces.python.routes_guarded import Guarded
from archcheck.surfaces.python.routes_inputs import is_model
from archcheck.surfaces.python.routes_raises import REFUSES, Reader
from archcheck.surfaces.python.routes_values import Bound, Class, Entry, Func, Instance, Ref, Unknown, Value

_CHECKS: Final = re.compile(
    r"valid|isinstance|schema|serializ|parse_obj|(?<!json\.)\bload\b|is_valid|form(?!at)|jsonschema|typeadapter|clean|expect|use_args|use_kwargs"
    r"|signature|verif|construct_event|structure|from_dict|convert|compare_digest|adapter|reqparse|parse_args|arguments",
    re.I,
)
_VERIFIES: Final = re.compile(
    r"compare_digest|construct_event|sign|hmac|verif|valid|auth|secret|token|check_|svix|permission|allow|trust", re.I
)
_HANDLES: Final = re.compile(r"\.(?:handle|dispatch|receive|process|on)(?:_\w+)?$", re.I)
_PARSES: Final = re.compile(r"(?:^|\.)(?:json|get_json|loads|form|parse_obj|model_validate\w*)$")
_LIMITS: Final = re.compile(
    r"rate_?limit|throttl|lock(?:ed)?_?out|attempts|limiter|is_locked|too_many|TokenBucket", re.I
)
_HOOK: Final = re.compile(r"(?:^|[/_-])(?:web[-_]?)?hooks?(?:[/_-]|$)|webhook", re.I)
_MANAGES: Final = re.compile(
    r"(?:^|_)(?:create|list|delete|update|get|add|remove|test|register|subscribe|unsubscribe|upsert|patch|edit|set|new"
    r"|rerun|trigger|send|manage|read|retry|deliver|fire|preview|save|make)(?:_|$)|webhooks_(?:post|put|patch)$",
    re.I,
)
_MANAGED: Final = re.compile(r"/(?:import|export|add|edit|delete|sync|create|test)/?$", re.I)
_IDLE: Final = re.compile(
    r"\w*Response|render|redirect|jsonify|get_?logger|debug|info|warning|error|exception|json|body|get_json|get_data|print|str|dumps"
)
_ACTS: Final = re.compile(
    r"add|commit|save|create|insert|delay|send|update|charge|fulfil|publish|apply_async|enqueue|execute|pay|ship|grant|activate|cancel|confirm|process|record"
    r"|notify|refund|credit"
)
_KNOWS: Final = re.compile(
    r"exist|get_or_create|update_or_create|setnx|already|processed|idempot|dedup|duplicate|seen|upsert|merge|conflict|event_id"
    r"|delivery|get_by_|find_by_|\.set$",
    re.I,
)
_BOUNDED: Final = re.compile(
    r"\w*(?:Year|Month|Weekday|Country|Countrie|Currency|Currencie|Language|Locale|Time_?[Zz]one)s?"
)
"""Tables that the world keeps small."""

_FEW: Final = 3
_DEEPEST: Final = 4


class Handling:
    """Reads handlers and what they call in the project."""

    def __init__(self, guards: Guards, reader: Reader) -> None:
        self.guards = guards
        self.reader = reader
        self.known: dict[int, tuple[Func, ...]] = {}

    # -- bodies

    def unchecked(self, handler: Func, decorators: Iterable[Value], loose: bool) -> Evidence | None:
        """The body that a handler uses as it came; `loose` says that a parameter takes anything."""
        function = handler.function
        names = [
            *function.calls,
            *(spelled(each) for each in decorators),
            *(spelled(each) for each, _ in handler.guards),
        ]
        if any(_CHECKS.search(name) for name in names):
            return None
        if loose:
            if any(_CHECKS.search(name) for name in self.calls(handler)) or self._modelled(handler):
                return None
            if _refuses(function):
                return None
            return Evidence(handler.at, "any JSON")
        for read in function.traits.reads if function.traits is not None else ():
            if self._used(read, handler):
                what = "JSON" if read.what == "json" else "form data"
                return Evidence(handler.env.module.at(read.at), what)
        return None

    def _modelled(self, handler: Func) -> bool:
        """Whether a helper makes a model of what it is given, which checks it."""
        for each in self.reached(handler)[1:]:
            for deed in each.function.body:
                if isinstance(deed, Give) and isinstance(deed.value, Invoke) and isinstance(deed.value.of, Name):
                    made = self._resolved(deed.value.of.id, each)
                    if isinstance(made, Class) and is_model(made):
                        return True
        return False

    def _used(self, read: Read, handler: Func) -> bool:
        if read.what == "bytes":
            return False
        spread = False
        for name in read.handed:
            value = self._resolved(name.removeprefix("**"), handler)
            match value:
                case Class() if is_model(value):
                    return False
                case Class():
                    spread = spread or name.startswith("**")
                case Func():
                    if any(_CHECKS.search(each) for each in self.calls(value)):
                        return False
                case _:
                    return False
        return spread or read.picked >= (1 if read.what == "json" else _FEW)

    # -- limits

    def limited(self, handler: Func) -> Guarded:
        """What a handler does itself against those who call too often."""
        raised = self.reader.raises(handler)
        code = next((each for each in (429, 423) if each in raised.statuses), 0)
        if code:
            # 423 is what an account answers with that is locked after too many attempts.
            return Guarded(limits=(Evidence(raised.statuses[code], f"answers with {code}"),))
        if any(_LIMITS.search(each) for each in self.calls(handler)):
            return Guarded(limits=(Evidence(handler.at, "limits its callers itself"),))
        return Guarded()

    # -- whole tables

    def whole(self, handler: Func, depth: int = 0) -> tuple[Evidence, ...]:
        """The query for all rows that a function gives back, itself or through what it calls, with the way there."""
        held = handler.function.traits
        if held is None or depth > _DEEPEST:
            return ()
        if held.whole is not None and _BOUNDED.fullmatch(held.of.rpartition(".")[2]):
            return ()
        if held.whole is not None:
            return (Evidence(handler.env.module.at(held.whole), held.of),)
        for name in held.hands:
            value = self._resolved(name, handler)
            if isinstance(value, Func) and value.function is not handler.function:
                found = self.whole(value, depth + 1)
                if found:
                    return (*found, Evidence(value.at, f"`{value.function.name}` gives them back"))
        return ()

    # -- events of other services

    def hook(
        self,
        handler: Func,
        entry: Entry | None,
        method: str,
        template: str,
        open: bool,
        demands: Sequence[Value] = (),
    ) -> Hook | None:
        """What a handler of events does about forged and repeated ones; None for a handler of anything else.

        `demands` are the dependencies that stand around it.
        """
        name = handler.function.name
        if method not in ("POST", "ANY", "PUT") or not (_HOOK.search(template) or "webhook" in name.lower()):
            return None
        if (
            _MANAGES.search(name)
            or _MANAGED.search(template)
            or re.search(r"\{\w*(?:token|secret|key|hash|code)\w*\}", template)
        ):
            return None
        calls = set(self.calls(handler))
        for target, _ in self.guards.depended(handler):
            calls |= set(self._around(target))
        for option in entry.options.values() if entry is not None else ():
            for target in self.guards.named(option):
                calls |= set(self._around(target))
        for target in demands:
            calls |= set(self._around(target))
        around = (*entry.above, *entry.below) if entry is not None else handler.guards
        calls |= {spelled(value) for value, _ in around}
        refuses = any(REFUSES & self.reader.raises(each).statuses.keys() for each in self.reader.inner(handler))
        # What only answers, or notes that it was called, believes nobody.
        idle = all(_IDLE.fullmatch(call.rpartition(".")[2]) for call in handler.function.calls)
        verified = not open or refuses or idle or self._delegates(handler) or rehearses(handler.at.path)
        verified = verified or any(_VERIFIES.search(call) for call in calls)
        acts = any(_ACTS.search(call.rpartition(".")[2]) for call in calls)
        noted = any(each.function.traits is not None and each.function.traits.noted for each in self.reached(handler))
        known = noted or any(_KNOWS.search(call) for call in calls)
        return Hook(
            handler.dotted,
            f"{method} {template}",
            handler.at if entry is None else entry.at,
            verified,
            acts and not known,
        )

    def _delegates(self, handler: Func) -> bool:
        """Whether it hands the request on, as it came, to an object that nobody here knows, and reads nothing."""
        held = handler.function.traits
        if held is not None and any(read.what != "bytes" for read in held.reads):
            return False
        names = {param.name for param in handler.function.params} - {"self"}
        if names and names.isdisjoint(("request", "req")):
            return False
        return any(
            _HANDLES.search(call) and not any(_functions(self._resolved(call, handler)))
            for call in handler.function.calls
        ) and not any(_PARSES.search(call) for call in handler.function.calls)

    def _around(self, value: Value) -> Iterator[str]:
        match value:
            case Func():
                yield value.function.name
                yield from self.calls(value)
            case Instance(Class() as owner):
                call = owner.find("__call__")
                yield owner.kind.name
                yield from self.calls(call) if isinstance(call, Func) else ()
            case _:
                yield spelled(value)

    def calls(self, func: Func) -> Iterator[str]:
        """The spelled names of everything that a function calls, itself and through functions of the project."""
        for each in self.reached(func):
            yield from each.function.calls

    def reached(self, func: Func) -> tuple[Func, ...]:
        """A function, and those of the project that it calls, themselves or through others."""
        key = id(func.function)
        if key in self.known:
            return self.known[key]
        found, stack, seen = [func], [(func, 0)], {key}
        while stack:
            top, depth = stack.pop()
            for name in top.function.calls if depth < _DEEPEST else ():
                for each in _functions(self._resolved(name, top)):
                    if id(each.function) not in seen:
                        seen.add(id(each.function))
                        found.append(each)
                        stack.append((each, depth + 1))
        self.known[key] = tuple(found)
        return self.known[key]

    def _resolved(self, name: str, func: Func) -> Value:
        return self.reader.resolve(name, func, self.reader.env(func)) if name and "?" not in name else None


def _refuses(function: Function) -> bool:
    """Whether a function does nothing but refuse, and so uses nothing."""
    throws = any(isinstance(deed, Throw) for deed in function.body)
    return throws and all(name.endswith(("Exception", "Error")) for name in function.calls)


def _functions(value: Value) -> Iterator[Func]:
    """The functions that a call may run: itself, or the methods of the class that it makes an instance of."""
    if isinstance(value, Func):
        yield value
    elif isinstance(value, Class):
        for owner in value.mro():
            yield from (
                (each for each in owner.names.values() if isinstance(each, Func)) if isinstance(owner, Class) else ()
            )


def spelled(value: Value) -> str:
    """A decorator or a dependency as a person would name it."""
    match value:
        case Func():
            return value.function.name
        case Ref(name) | Instance(Ref(name)):
            return name
        case Bound(of, name):
            return f"{spelled(of)}.{name}"
        case Unknown(text):
            return text
        case Instance(Class() as owner):
            return owner.kind.name
        case Class():
            return value.kind.name
    return ""
