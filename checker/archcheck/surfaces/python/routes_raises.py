"""What a function raises, itself and through helpers of the project, as far as who is asking is concerned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from archcheck.source import Location
from archcheck.surfaces.python.routes_form import (
    Attr,
    Bind,
    Deed,
    Do,
    Form,
    Function,
    Give,
    Glued,
    Invoke,
    Listed,
    Loop,
    Mapped,
    Name,
    Plain,
    Text,
    Throw,
)
from archcheck.surfaces.python.routes_run import Runner, fill
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Env,
    Func,
    Instance,
    Options,
    Ref,
    Unknown,
    Value,
)

REFUSES: Final = frozenset({401, 403})
HTTP: Final = frozenset(
    {
        "fastapi.HTTPException",
        "fastapi.exceptions.HTTPException",
        "starlette.exceptions.HTTPException",
        "fastapi.WebSocketException",
        "fastapi.exceptions.WebSocketException",
        "werkzeug.exceptions.HTTPException",
        "rest_framework.exceptions.APIException",
    }
)
_STATUSES: Final = {
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotAuthenticated": 401,
    "AuthenticationFailed": 401,
    "PermissionDenied": 403,
    "NotFound": 404,
    "BadRequest": 400,
    "Conflict": 409,
    "Http404": 404,
    "ValidationError": 400,
}
_OF_LIBRARIES: Final = ("werkzeug.", "rest_framework.", "django.", "flask_restx.", "quart.", "flask_jwt_extended.")
_ABORTS: Final = re.compile(r"(?:flask|quart|werkzeug\.exceptions|flask_restx|flask_restful|flask_smorest)\.abort")
_RESPONSES: Final = re.compile(r"(?:\w*Response|jsonify|make_response|abort)")
WARY: Final = re.compile(
    r"auth(?!ors?(?:\b|_))|forbid|permission|denied|credential|login_req|requires?(?!_(?:GET|POST|safe|http_methods))|is_admin|current_user|signature|verif",
    re.I,
)
_NUMBERED: Final = re.compile(r"HTTP_(\d{3})_\w+")
_STATUS_NAME: Final = re.compile(r"HTTP_(\d{3})|(?:^|\.)([A-Z_]+)$")
_NAMES: Final = {
    "OK": 200,
    "CREATED": 201,
    "ACCEPTED": 202,
    "NO_CONTENT": 204,
    "BAD_REQUEST": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "GONE": 410,
    "UNPROCESSABLE_ENTITY": 422,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503,
}
_SESSION: Final = re.compile(r"django\.contrib\.auth\.(?:login|logout|authenticate|get_user|get_user_model)")
_REDIRECTS: Final = frozenset({"redirect", "HttpResponseRedirect", "RedirectResponse", "redirect_to_login"})
_DEEPEST: Final = 5


class Raises(Struct):
    """The statuses a function raises with the place of the first, and whether it may refuse in a way we cannot read."""

    statuses: dict[int, Location] = field(default_factory=dict)
    own: list[tuple[int, Location]] = field(default_factory=list)
    wary: str = ""
    redirects: Location | None = None
    silent: bool = False


class Reader:
    """Reads functions, each once."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.known: dict[tuple[int, int], Raises] = {}
        self.busy: set[tuple[int, int]] = set()

    def raises(self, func: Func, depth: int = 0) -> Raises:
        """What a function raises, itself and through what it calls in the project."""
        key = (id(func.function), id(func.env))
        if key in self.known:
            return self.known[key]
        found = Raises()
        if key in self.busy or depth > _DEEPEST:
            return found
        self.busy.add(key)
        try:
            self._read(func, found, depth)
        finally:
            self.busy.discard(key)
        if depth == 0 or not self.busy:
            self.known[key] = found
        return found

    def env(self, func: Func) -> Env:
        """The names of a function that was not called: its parameters unknown, its own functions defined."""
        env = Env(func.env.module, func.env, imports=func.function.imports)
        fill(env, func.function, (), {}, self.runner, func)
        for deed in func.function.body:
            if isinstance(deed, Function):
                env.names[deed.name] = Func(deed, env)
        return env

    def inner(self, func: Func) -> Iterator[Func]:
        """A function and those that stand in it."""
        yield func
        for held in self.env(func).names.values():
            if isinstance(held, Func) and any(held.function is deed for deed in func.function.body):
                yield from self.inner(held)

    def status(self, value: Value) -> int:
        """A status code as a number; 0 when it is not known."""
        match value:
            case bool():
                return 0
            case int():
                return value
            case Bound(_, name) | Unknown(name) if match := _NUMBERED.fullmatch(name):
                # A name of a module that could not be followed: it says the number itself.
                return int(match[1])
            case Ref(name):
                match = _STATUS_NAME.search(name)
                if match and match.group(1):
                    return int(match.group(1))
                if match and match.group(2) and "HTTPStatus" in name:
                    return _NAMES.get(match.group(2), 0)
        return 0

    def thrown(self, value: Value) -> tuple[int, bool]:
        """The status of an exception, and whether it is one of HTTP at all."""
        match value:
            case Instance(Ref(name)):
                last = name.rpartition(".")[2]
                if name in HTTP or last in ("HTTPException", "HttpError"):
                    return self.status(value.get("status_code", 0)), True
                if name.startswith(_OF_LIBRARIES) and last in _STATUSES:
                    return _STATUSES[last], True
            case Ref(name):
                last = name.rpartition(".")[2]
                if name.startswith(_OF_LIBRARIES) and last in _STATUSES:
                    return _STATUSES[last], True
            case Instance(Class() as owner):
                return self._of_class(owner, value)
            case Class():
                return self._of_class(value, None)
            case Options(values):
                return max((self.thrown(each) for each in values), default=(0, False))
        return 0, False

    def _of_class(self, owner: Class, instance: Instance | None) -> tuple[int, bool]:
        outside = [each.name for each in owner.mro() if isinstance(each, Ref)]
        http = any(name in HTTP or name.rpartition(".")[2] == "HTTPException" for name in outside)
        for name in ("status_code", "code", "status"):
            status = self.status(owner.find(name))
            if status:
                return status, True
        for each in owner.mro():
            init = each.names.get("__init__") if isinstance(each, Class) else None
            if isinstance(init, Func):
                status = self._of_init(init, instance)
                if status:
                    return status, True
        for name in outside:
            last = name.rpartition(".")[2]
            if last in _STATUSES and name.startswith(_OF_LIBRARIES):
                return _STATUSES[last], True
        if http and instance is not None:
            return self.status(instance.get("status_code", 0)), True
        return 0, http

    def _of_init(self, init: Func, instance: Instance | None) -> int:
        env = Env(init.env.module, init.env, imports=init.function.imports)
        given = (MISSING, *instance.args) if instance else ()
        fill(env, init.function, given, instance.keywords if instance else {}, self.runner, init)
        for deed in init.function.body:
            if isinstance(deed, Do) and isinstance(deed.value, Invoke):
                call = deed.value
                if isinstance(call.of, Attr) and call.of.name == "__init__":
                    for name, form in call.keywords:
                        if name in ("status_code", "code") and (status := self.status(self.runner.value(form, env))):
                            return status
                    for form in call.args[:2]:
                        if status := self.status(self.runner.value(form, env)):
                            return status
        return 0

    def _read(self, func: Func, found: Raises, depth: int) -> None:
        env = self.env(func)
        self._deeds(func.function.body, env, found)
        for called in func.function.calls:
            self._called(called, func, env, found, depth)

    def _deeds(self, deeds: tuple[Deed, ...], env: Env, found: Raises) -> None:
        for deed in deeds:
            match deed:
                case Throw(value, at):
                    status, http = self.thrown(self._local(value, deeds, env))
                    place = env.module.at(at)
                    if status:
                        found.statuses.setdefault(status, place)
                        found.own.append((status, place))
                    elif not http and (name := _spelled(value)) and WARY.search(name):
                        found.wary = found.wary or name
                case Give(Listed((_, Plain(int(code)), *_)), at) if code in REFUSES:
                    found.statuses.setdefault(code, env.module.at(at))
                case Give(value, at):
                    if value in (Plain(None), Plain(False), Text("")):
                        found.silent = True
                    self._answered(value, env, found)
                case Do(Invoke() as call):
                    self._answered(call, env, found)
                case Bind(_, Invoke() as call) if _spelled(call.of).endswith("Response"):
                    self._answered(call, env, found)
                case Loop(body=body):
                    self._deeds(body, env, found)

    def _answered(self, value: Form, env: Env, found: Raises) -> None:
        """Statuses that are answered rather than raised: `abort(403)`, `Response(status=401)`, a way to the login."""
        if not isinstance(value, Invoke):
            return
        if isinstance(value.of, Invoke):
            # `await JSONResponse(status_code=401)(scope, receive, send)`
            self._answered(value.of, env, found)
        name = _spelled(value.of)
        last = name.rpartition(".")[2]
        place = env.module.at(value.at)
        if last in _REDIRECTS:
            if last == "redirect_to_login" or any("login" in text.lower() for text in _texts(value)):
                found.redirects = found.redirects or place
            return
        if last == "send" and value.args and isinstance(value.args[0], Mapped):
            sent = next(
                (form.value for key, form in value.args[0].pairs if key == Text("status") and type(form) is Plain), 0
            )
            if isinstance(sent, int) and sent in REFUSES:
                found.statuses.setdefault(sent, place)
        for code in REFUSES:
            # A helper of the project's own that answers: `return error("wrong key", 401)`.
            if Plain(code) in value.args or any(form == Plain(code) for _, form in value.keywords):
                found.statuses.setdefault(code, place)
        if not _RESPONSES.fullmatch(last):
            return
        keywords = dict(value.keywords)
        form = keywords.get("status_code", keywords.get("status", keywords.get("code")))
        if form is None and last == "abort" and value.args:
            form = value.args[0]
        status = self.status(self.runner.value(form, env)) if form is not None else 0
        if status:
            found.statuses.setdefault(status, place)
            if last == "abort":
                found.own.append((status, place))

    def _called(self, called: str, func: Func, env: Env, found: Raises, depth: int) -> None:
        value = self.resolve(called, func, env)
        if isinstance(value, Ref) and _ABORTS.fullmatch(value.name):
            return
        if isinstance(value, Func) and value.function is not func.function:
            if value.function.body or not value.function.wary or value.env.module is not func.env.module:
                inner = self.raises(value, depth + 1)
                for status, at in inner.statuses.items():
                    found.statuses.setdefault(status, at)
                found.redirects = found.redirects or inner.redirects
                found.wary = found.wary or inner.wary
            if value.function.wary and not value.function.calls and not value.function.params:
                found.wary = found.wary or called
        elif isinstance(value, Ref) and _SESSION.fullmatch(value.name):
            return
        elif not isinstance(value, Class) and WARY.search(called):
            found.wary = found.wary or called

    def resolve(self, called: str, func: Func, env: Env) -> Value:
        """What a spelled name that a function calls means."""
        head, *rest = called.split(".")
        if head.endswith("()"):
            return None
        if head in ("self", "cls") and func.owner is not None:
            return func.owner.find(rest[0]) if len(rest) == 1 else None
        value = self.runner.lookup(head, env)
        for part in rest:
            if isinstance(value, Bound):
                return value
            value = self.runner.attribute(value, part.removesuffix("()"))
        return value

    def _local(self, form: Form, deeds: tuple[Deed, ...], env: Env) -> Value:
        """A raised value; a name of the function's own is what was bound to it."""
        if isinstance(form, Name):
            for deed in deeds:
                if isinstance(deed, Bind) and deed.target == form:
                    return self.runner.value(deed.value, env)
        return self.runner.value(form, env)


def _spelled(form: Form) -> str:
    match form:
        case Name(id):
            return id
        case Attr(of, name):
            return f"{_spelled(of)}.{name}"
        case Invoke(of):
            return _spelled(of)
    return ""


def _texts(form: Form) -> Iterator[str]:
    match form:
        case Text(text):
            yield text
        case Attr(_, name):
            yield name
        case Glued(parts):
            for each in parts:
                yield from _texts(each)
        case Invoke(_, args, keywords):
            for each in (*args, *(value for _, value in keywords)):
                yield from _texts(each)
