"""One route of an app: what a declared entry comes to on the way that leads to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.python.route import AVOWS, IDLES, Body, Evidence, Hook, Route
from archcheck.surfaces.python.routes_answers import Answers, documented
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_form import Param
from archcheck.surfaces.python.routes_guarded import Guarded
from archcheck.surfaces.python.routes_handling import Handling, spelled
from archcheck.surfaces.python.routes_inputs import Inputs, Taking, plain
from archcheck.surfaces.python.routes_kin import KIN
from archcheck.surfaces.python.routes_kin_facts import answering, asked
from archcheck.surfaces.python.routes_noted import Noted
from archcheck.surfaces.python.routes_raises import REFUSES
from archcheck.surfaces.python.routes_template import joined, parsed
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Entry,
    Func,
    Instance,
    Node,
    Options,
    Ref,
    Seq,
    Value,
)

_TOKEN: Final = re.compile(r"token|key|secret|signature|auth|cookie|header", re.I)
_TELLS: Final = re.compile(
    r"fastapi\.(?:Header|Cookie)|(?:fastapi|starlette)(?:\.requests)?\.(?:Request|HTTPConnection|WebSocket)"
)
_COMPARES: Final = re.compile(r"compare_digest|check_password|verify_(?:password|secret|hash|key)|hmac|check_secret")
"""What asks for a secret that came in the body."""

_LOGS: Final = re.compile(r"(?:\w+\.)*log(?:ger|ging)?\.\w+|print")
_CREDENTIAL: Final = re.compile(
    r"(?:\w*_)?(?:token|api_?key|authorization|auth|jwt|session(?:_id)?|bearer|credentials?)", re.I
)
_CARRIED: Final = re.compile(r"fastapi\.(?:Header|Cookie)")
_RAW: Final = re.compile(r"request\.(?:get_json|json|form|body|stream)")


class Way(Struct, eq=False):
    """The way from an app down to a node."""

    prefix: str
    guarded: Guarded
    seen: tuple[Node, ...]
    conditional: bool = False
    hidden: bool = False
    demands: tuple[Value, ...] = ()
    responses: tuple[Value, ...] = ()


class Entries:
    """Makes routes of entries. `conditional` tells of a place in a branch, `vague` of limits that nobody can see."""

    def __init__(self, guards: Guards, conditional: Callable[[Location], bool], vague: bool) -> None:
        self.guards = guards
        self.runner = guards.runner
        self.reader = guards.reader
        self.conditional = conditional
        self.vague = vague
        self.inputs = Inputs(self.runner, guards.named)
        self.answers = Answers(guards, self.reader)
        self.handling = Handling(guards, self.reader)
        self.noted = Noted(guards)
        self.hooks: dict[Location, Hook] = {}

    def routes(self, entry: Entry, node: Node, way: Way, root: Node) -> Iterator[Route]:
        """The routes of an entry, one for each of its methods."""
        handler = _function(entry.handler)
        template, parameters = parsed(joined(way.prefix, entry.path), handler, node.family)
        if node.family in ("flask", "restx") and not answers(handler, entry.owner, parameters):
            return
        guarded = self._exempted(way.guarded.join(self._guarded(entry, handler, node, way.guarded)), entry)
        if handler is not None:
            self.noted.note(handler, node, entry, [f"{method} {template}" for method in entry.methods])
        guarded = self._avowed(guarded, handler, entry)
        raised = tuple(self.reader.raises(handler).own) if handler is not None else ()
        options = entry.options
        declared = self.reader.status(options.get("status_code"))
        conditional = way.conditional or self.conditional(entry.at)
        demands = (*way.demands, *self.guards.demanded(options))
        taken: Taking | None = None
        success, answered = 0, set[int]()
        if handler is not None and node.family in ("fastapi", "starlette"):
            taken = self.inputs.handler(handler, parameters, demands) if node.family == "fastapi" else None
            success, answered = self.answers.fastapi(handler, entry, declared, demands)
        elif node.family in KIN:
            success, answered = answering(entry, node.family, declared, handler, self.reader)
            guarded = asked(guarded, entry, (node, *reversed(way.seen)), handler, self.guards)
        elif handler is not None:
            success, answered = self.answers.returned(handler, entry)
        unchecked: Evidence | None = None
        whole: tuple[Evidence, ...] = ()
        if handler is not None:
            unchecked = self._unchecked(handler, entry, taken)
            whole = self.handling.whole(handler)
            self._hooked(handler, entry, template, guarded, demands)
        for method in entry.methods:
            yield Route(
                method,
                template,
                parameters,
                handler.dotted if handler is not None else _dotted(entry.handler),
                entry.at,
                handler.at if handler is not None else None,
                root.family,
                guarded.auth,
                guarded.evidence,
                guarded.limited or (None if self.vague or node.family in KIN else False),
                limits=guarded.limits,
                unchecked=unchecked,
                unbounded=whole if method == "GET" and not template.rstrip("/").endswith("}") else (),
                status=declared,
                responses=tuple(sorted(documented((*way.responses, options.get("responses", MISSING)), self.reader))),
                raised=raised,
                body=taken.body if taken is not None else self._body(handler),
                conditional=conditional,
                in_schema=not (way.hidden or hides(options)),
                inputs=taken.inputs if taken is not None else plain(parameters),
                inputs_known=taken is not None and taken.known,
                model=taken.model if taken is not None else None,
                success=success,
                answered=tuple(sorted(answered)),
            )

    def _avowed(self, found: Guarded, handler: Func | None, entry: Entry) -> Guarded:
        """With the reason why strangers may ask, where a handler tells it in words, or only notes it was called."""
        if handler is None or found.auth != "public":
            return found
        held, calls = handler.function.traits, handler.function.calls
        if held is not None and held.open:
            return found.join(Guarded("public", (Evidence(handler.at, AVOWS),)))
        # To delete takes no call: `ORDERS.pop(number)` is one, and `del ORDERS[number]` is none.
        if calls and "DELETE" not in entry.methods and all(_LOGS.fullmatch(call) for call in calls):
            return found.join(Guarded("public", (Evidence(handler.at, IDLES),)))
        return found

    def _unchecked(self, handler: Func, entry: Entry, taken: Taking | None) -> Evidence | None:
        writing = not {"GET", "HEAD", "OPTIONS", "DELETE", "WS"}.issuperset(entry.methods)
        decorators = [value for value, _ in (*entry.above, *entry.below)]
        loose = taken is not None and taken.loose
        return self.handling.unchecked(handler, decorators, loose) if writing else None

    def _hooked(self, handler: Func, entry: Entry, template: str, guarded: Guarded, demands: Sequence[Value]) -> None:
        method = "POST" if "POST" in entry.methods else entry.methods[0] if entry.methods else ""
        open = guarded.auth in ("public", "optional")
        hook = self.handling.hook(handler, entry, method, template, open, demands)
        if hook is not None:
            self.hooks[hook.at] = hook

    def _guarded(self, entry: Entry, handler: Func | None, node: Node, above: Guarded) -> Guarded:
        found = self.guards.of_list(entry.options.get("dependencies", MISSING), entry.at)
        for decorator, at in entry.below:
            found = found.join(self.guards.decorator(decorator, at))
        if entry.owner is not None:
            for name in ("decorators", "method_decorators"):
                for decorator in items(entry.owner.find(name)):
                    found = found.join(self.guards.decorator(decorator, entry.at))
            found = found.join(self.guards.of_owner(entry.owner))
        if handler is None:
            doubt = Guarded("unknown", (Evidence(entry.at, "the handler is not known"),))
            return found.join(doubt)
        if handler.function is not None and not entry.below:
            for decorator, spot in handler.guards:
                at = handler.env.module.at(spot)
                if at != entry.at and all(at != place for _, place in entry.above):
                    found = found.join(self.guards.decorator(decorator, at))
        if node.family in ("fastapi", "starlette"):
            found = found.join(self.guards.dependencies(handler))
        if "protected" in (found.auth, above.auth):
            return found
        return found.join(self._own(handler, node))

    def _exempted(self, found: Guarded, entry: Entry) -> Guarded:
        """Without the limits, where a decorator takes them away: `@limiter.exempt`."""
        if any(spelled(each).endswith("imiter().exempt") for each, _ in (*entry.above, *entry.below)):
            return Guarded(found.auth, found.evidence)
        return found

    def _own(self, handler: Func, node: Node) -> Guarded:
        """What a handler does itself. One that cannot see who is asking refuses nobody for that."""
        return self.handling.limited(handler).join(self._refusing(handler, node))

    def _refusing(self, handler: Func, node: Node) -> Guarded:
        raised = self.reader.raises(handler)
        code = next((status for status in raised.statuses if status in REFUSES), 0)
        reason = (
            f"refuses with {code}" if code else f"calls `{raised.wary}`, which we cannot follow" if raised.wary else ""
        )
        if not reason and raised.redirects is None:
            shown = self._shown(handler) if node.family == "fastapi" else ""
            return Guarded("unknown", (Evidence(handler.at, f"takes `{shown}`"),)) if shown else Guarded()
        compares = any(_COMPARES.search(call) for call in handler.function.calls)
        if node.family == "fastapi" and not compares and not self._sees(handler):
            return Guarded()
        place = raised.statuses[code] if code else handler.at
        return Guarded("unknown", (Evidence(place, reason or "sends strangers to the login"),))

    def _sees(self, handler: Func) -> bool:
        """Whether a handler takes anything that tells who is asking."""
        params = handler.function.params
        return any(_TOKEN.search(param.name) or self._takes(param, _TELLS, handler) for param in params)

    def _shown(self, handler: Func) -> str:
        """The credential that a handler takes from a header or a cookie, to hand it to who looks at it."""
        params = handler.function.params
        return next((p.name for p in params if _CREDENTIAL.fullmatch(p.name) and self._takes(p, _CARRIED, handler)), "")

    def _takes(self, param: Param, what: re.Pattern[str], handler: Func) -> bool:
        """Whether what stands at a parameter names such a thing."""
        forms = [self.runner.value(form, handler.env) for form in (param.note, param.default) if form is not None]
        return any(what.fullmatch(each) for value in forms for each in _refs(value))

    def _body(self, handler: Func | None) -> Body:
        if handler is None:
            return "unknown"
        return "raw" if any(_RAW.fullmatch(call) for call in handler.function.calls) else "unknown"


def _function(value: Value) -> Func | None:
    match value:
        case Func():
            return value
        case Instance(_, args):
            # A function that was wrapped by hand: `login_required(view)`.
            return next((each for each in args if isinstance(each, Func)), None)
        case Bound(Instance(Class() as owner), name):
            found = owner.find(name)
            return found if isinstance(found, Func) else None
    return None


def _dotted(value: Value) -> str:
    match value:
        case Class():
            return f"{value.env.module.name}:{value.kind.name}"
        case Ref(name):
            return name
        case Bound(_, name):
            return f"?:{name}"
    return "?"


def items(value: Value) -> list[Value]:
    """The items of a list; none of anything else."""
    return value.items if isinstance(value, Seq) else []


def answers(handler: Func | None, owner: Class | None, parameters: tuple[tuple[str, str], ...], given: int = 1) -> bool:
    """Whether a method of a view can be called with what its path holds: a view at several paths answers some there.

    `given` is how many arguments come before those of the path.
    """
    if handler is None or owner is None or handler.guards:
        return True
    if any(owner.find(name) is not MISSING for name in ("decorators", "method_decorators")):
        return True
    params = handler.function.params[given:]
    held = {name for name, _ in parameters}
    needed = {param.name for param in params if param.default is None and not param.star}
    taken = {param.name for param in params} if all(param.star != "**" for param in params) else held
    return needed <= held <= taken


def _values(value: Value, depth: int = 0) -> Iterator[Value]:
    yield value
    if depth < 4:
        if isinstance(value, Options):
            for each in value.values:
                yield from _values(each, depth + 1)
        elif isinstance(value, Instance) and isinstance(value.of, Ref):
            for each in value.args:
                yield from _values(each, depth + 1)


def _refs(value: Value) -> Iterator[str]:
    for each in _values(value):
        if isinstance(each, Ref):
            yield each.name
        elif isinstance(each, Instance) and isinstance(each.of, Ref):
            yield each.of.name


def hides(options: Mapping[str, Value]) -> bool:
    """Whether options keep a route out of the document."""
    return options.get("include_in_schema") is False or options.get("openapi_url", MISSING) is None
