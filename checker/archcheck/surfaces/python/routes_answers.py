"""What a handler answers: the status of a plain answer, and every one that can be read, through dependencies too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_form import Attr, Deed, Form, Give, Invoke, Listed, Loop, Name
from archcheck.surfaces.python.routes_raises import Reader
from archcheck.surfaces.python.routes_values import MISSING, Bound, Class, Dict, Entry, Func, Instance, Ref, Value
from archcheck.surfaces.python.words import words

_UNKNOWN: Final = 0
_PLAIN: Final = 200
_FIXED: Final = {
    "redirect": 302,
    "RedirectResponse": 307,
    "HttpResponseRedirect": 302,
    "HttpResponsePermanentRedirect": 301,
    "HttpResponseNotModified": 304,
    "HttpResponseBadRequest": 400,
    "HttpResponseForbidden": 403,
    "HttpResponseNotFound": 404,
    "HttpResponseNotAllowed": 405,
    "HttpResponseGone": 410,
    "HttpResponseServerError": 500,
}
_BUILT: Final = words(
    "Response JSONResponse ORJSONResponse UJSONResponse HTMLResponse PlainTextResponse FileResponse StreamingResponse "
    "make_response HttpResponse JsonResponse StreamingHttpResponse"
)
_POSITIONAL: Final = words("Response JSONResponse ORJSONResponse HTMLResponse PlainTextResponse make_response")
_PLAINLY: Final = words("jsonify render_template render render_to_response send_file send_from_directory dict list str")
_DEEPEST: Final = 12


class Answers:
    """Reads the answers of handlers, the statuses of each dependency once."""

    def __init__(self, guards: Guards, reader: Reader) -> None:
        self.guards = guards
        self.reader = reader
        self.runner = reader.runner
        self.known: dict[int, frozenset[int]] = {}

    def fastapi(self, handler: Func, entry: Entry, declared: int, demands: Iterable[Value]) -> tuple[int, set[int]]:
        """The plain answer and all of them, of a handler of FastAPI or Starlette."""
        found = set(self._demanded(handler, 0))
        for target in demands:
            found |= self._target(target, 0)
        given = self._given(handler)
        found |= {status for status in given if status}
        success = declared or (_FIXED.get(_last(entry.options.get("response_class", MISSING))) or _PLAIN)
        told = entry.options.get("status_code", MISSING)
        if not declared and (self._sets(handler) or (told is not MISSING and told is not None)):
            return 0, found
        explicit = {status for status in given if 200 <= status < 400}
        if _UNKNOWN not in given and len(explicit) == 1 and not declared and None not in self._bare(handler):
            success = explicit.pop()
        return success, found | {success}

    def returned(self, handler: Func, entry: Entry | None) -> tuple[int, set[int]]:
        """The plain answer and all of them, of a view of Flask or Django."""
        found = set(self.reader.raises(handler).statuses)
        given = self._given(handler)
        plain = [status for status in self._bare(handler) if status is None]
        found |= {status for status in given if status}
        declared = self._decorated(entry) if entry is not None else 0
        known = {status for status in given if 200 <= status < 400}
        if declared:
            return declared, found | {declared}
        if _UNKNOWN in given:
            return 0, found
        if plain:
            known.add(_PLAIN)
            found.add(_PLAIN)
        good = sorted(status for status in known if status < 300)
        return (good[0] if len(good) == 1 else 0), found

    def _demanded(self, func: Func, depth: int) -> frozenset[int]:
        """The statuses that a function and its dependencies raise."""
        key = id(func.function)
        if key in self.known or depth > _DEEPEST:
            return self.known.get(key, frozenset())
        self.known[key] = frozenset()
        found = set(self.reader.raises(func).statuses)
        for target, _ in self.guards.depended(func):
            found |= self._target(target, depth + 1)
        self.known[key] = frozenset(found)
        return self.known[key]

    def _target(self, value: Value, depth: int) -> frozenset[int]:
        match value:
            case Func():
                return self._demanded(value, depth)
            case Class():
                called = value.find("__init__")
            case Instance(Class() as owner):
                called = owner.find("__call__")
            case Bound(Instance(Class() as owner), name):
                called = owner.find(name)
            case _:
                return frozenset()
        return self._demanded(called, depth) if isinstance(called, Func) else frozenset()

    def _given(self, handler: Func) -> set[int]:
        """The statuses its answers name; 0 among them when one is not known."""
        return {status for status in self._statuses(handler) if status is not None}

    def _bare(self, handler: Func) -> list[int | None]:
        return list(self._statuses(handler))

    def _statuses(self, handler: Func) -> Iterator[int | None]:
        env = self.reader.env(handler)
        for form in _answers(handler.function.body):
            match form:
                case Listed(items) if len(items) > 1:
                    status = self.reader.status(self.runner.value(items[1], env))
                    yield status or _UNKNOWN
                case Invoke():
                    yield self._called(form, handler)
                case Name():
                    yield _UNKNOWN
                case _:
                    yield None

    def _called(self, call: Invoke, handler: Func) -> int | None:
        """The status of an answer that is built by a call; None for one that leaves it to the framework."""
        name = call.of.id if isinstance(call.of, Name) else call.of.name if isinstance(call.of, Attr) else ""
        keywords = dict(call.keywords)
        form = keywords.get("status_code", keywords.get("status", keywords.get("code")))
        if name in _BUILT or name in _FIXED:
            if form is None and name in _POSITIONAL and len(call.args) > 1:
                form = call.args[1]
            if form is None:
                return _FIXED.get(name, _PLAIN)
            return self.reader.status(self.runner.value(form, self.reader.env(handler))) or _UNKNOWN
        if name in _PLAINLY:
            return None
        # A helper may answer with any status where the framework takes tuples and responses from it.
        return _UNKNOWN

    def _sets(self, handler: Func) -> bool:
        """Whether a handler is given the response, to set its status as it likes."""
        for param in handler.function.params:
            value = self.runner.value(param.note, handler.env) if param.note is not None else None
            if _last(value) == "Response":
                return True
        return False

    def _decorated(self, entry: Entry) -> int:
        """The status that a decorator gives to the answers: `@blp.response(201)`, `@app.output(status_code=201)`."""
        for value, _ in entry.below:
            if not (isinstance(value, Instance) and isinstance(value.of, Ref)):
                continue
            last = _last(value)
            if last == "response" and value.of.name.startswith("<flask>") and len(value.args) > 1:
                status = self.reader.status(value.args[1])
            elif last in ("output", "marshal_with"):
                status = self.reader.status(value.get("status_code" if last == "output" else "code"))
            else:
                continue
            if 200 <= status < 300:
                return status
        return 0


def documented(options: Iterable[Value], reader: Reader) -> set[int]:
    """The statuses that `responses={...}` of a route and what holds it name."""
    found: set[int] = set()
    for responses in options:
        for key, _ in responses.pairs if isinstance(responses, Dict) else ():
            number = reader.status(key)
            if number:
                found.add(number)
            elif isinstance(key, str) and key.isdigit():
                found.add(int(key))
    return found


def _answers(deeds: Iterable[Deed]) -> Iterator[Form]:
    for deed in deeds:
        if isinstance(deed, Give):
            yield deed.value
        elif isinstance(deed, Loop):
            yield from _answers(deed.body)


def _last(value: Value) -> str:
    match value:
        case Ref(name) | Instance(Ref(name)):
            return name.rpartition(".")[2]
    return ""
