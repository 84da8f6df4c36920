"""Routes as rules see them: what an app answers to, who may ask, and the routers that nobody reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Edit, Stage
from archcheck.late import regex
from archcheck.source import Location

Auth: TypeAlias = Literal["protected", "optional", "public", "unknown"]
"""Whether a route asks who is calling: always, if it is said, never by proof, or nobody can tell from here."""

Body: TypeAlias = Literal["schema", "raw", "none", "unknown"]
"""How a body is read: through a model or form fields, as it comes, not at all, or nobody can tell from here."""

Where: TypeAlias = Literal["path", "query", "header", "cookie"]

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AVOWS: Final = "it says that anybody may call it"
IDLES: Final = "it only notes that it was called"
_OPENS: Final = regex(
    r"log[-_]?(?:in|out)|sign[-_]?(?:in|up|out)|regist|token|password|recover|reset|verif|confirm|activat|invit|webhook"
    r"|callback|oauth|saml|sso|health|ping|ready|live|metrics|contact|subscri|session|csrf|public|setup|hook|\bbot\b|bounce|preview|otp|calculat|estimat|check[-_]|/check\b|[-_]status\b|forg[eo]t|authorize\b|\{(?:code|key|secret|hash|slug)\}",
    re.I,
)
_SIGNS_IN: Final = regex(
    r".*/(?:log[-_]?in|sign[-_]?(?:in|up)|register|token|obtain[-_]token|access[-_]token|forgot"
    r"|(?:forgot|lost)[-_]password|(?:reset|recover)[-_]password|password[-_](?:reset|recovery|forgot)|otp|mfa|2fa|magic[-_]link)(?:[/.]*)",
    re.I,
)
_SIGNS_IN_NAME: Final = regex(
    r"(?:\w*\.)?(?:post_|user_|do_|handle_)?(?:log_?in|sign_?(?:in|up)|register(?:_user)?|forgot_password|reset_password"
    r"|recover_password|password_reset)(?:_user|_post|_access_token|_for_access_token)?",
    re.I,
)
_SECRET: Final = regex(r"\{\w*(?:token|secret|key|hash|code|uid)\w*\}", re.I)
_HEALTH: Final = regex(
    r"(?:^|[ /_:.-])(?:health\w*|ready\w*|readiness|live|liveness|alive|ping|status|heartbeat|_?up|livez|monitoring)"
    r"(?:$|[ /_:.-])",
    re.I,
)
_LEAVES: Final = regex(r"(?:log|sign)[-_]?out|setup|install|^(?:WS|HEAD|OPTIONS) ", re.I)
_DOCS: Final = regex(r"(?:^|/)(?:docs|redoc|openapi|swagger|schema|static|media|metrics|favicon|robots|sitemap)", re.I)
_LIMITERS: Final = frozenset(
    "slowapi flask_limiter fastapi_limiter django_ratelimit ratelimit limits axes defender aiolimiter "
    "pyrate_limiter".split()
)
_NUMBERERS: Final = frozenset(
    "asgi_correlation_id starlette_context django_guid request_id flask_request_id_header flask_log_request_id".split()
)
_FOLLOWERS: Final = frozenset("opentelemetry ddtrace elasticapm newrelic aws_xray_sdk skywalking instana".split())
_FEWEST: Final = 3
"""An app of fewer routes is a part of something, or an example."""
_CREATES: Final = regex(r"create$|(?:add|new|insert)_\w+$")
_VERBS: Final = regex(
    r"(?:bulk|batch|search|query|login|token|test|preview|validate|check|import|export|sync|webhook|generate|send|ask|chat"
    r"|settings|config|preference|profile|session)",
    re.I,
)
_REHEARSES: Final = regex(r"(?:^|[/_-])(?:mock|fake|stub|dummy|example|sample|demo)(?:s?[/_.-]|s?$)|(?:^|[/_-])tests?/")
_PARAMETER: Final = regex(r"\{\w+\}")


def rehearses(path: str) -> bool:
    """Whether a module only plays a part for tests, examples or development, by its path."""
    return _REHEARSES.search(path) is not None


class Evidence(Struct, frozen=True):
    """One step of the reason for a verdict about a route."""

    at: Location
    label: str


class Input(Struct, frozen=True):
    """One parameter that a handler, or one of its dependencies, takes from a request.

    `name` is as the client writes it (`x-token`). `kind` is the type family as JSON Schema has it: `integer`, `number`,
    `string`, `boolean`, `array`, `object`, or empty when it is not known. `required` is None when that hangs on the
    version of the framework.
    """

    name: str
    where: Where
    kind: str
    required: bool | None


class Shape(Struct, frozen=True):
    """The model of a body: its properties as the client writes them, each with whether it must be there.

    `required` is None as it is in `Input`. `whole` says that no property is missing here and that no name is rewritten.
    """

    name: str
    at: Location
    properties: tuple[tuple[str, bool | None], ...]
    whole: bool


class Route(Struct, frozen=True):
    """One method of one path of one app.

    `method` is `ANY` where the framework asks the handler, `WS` for a web socket. `template` holds parameters as
    `{name}`, and `{?name}` where a part is not known. `handler` is dotted (`app.api:create_user`), `at` the decorator
    or call that declares it, `handler_at` the handler's name. `conditional` says that it is declared or included under
    a condition, `in_schema` is false where it is kept out of the generated document (`include_in_schema=False`).

    What it takes: `parameters` are the names and converters of its path; `inputs` every parameter it reads from path,
    query, headers and cookies, those of its dependencies included, and `inputs_known` says that there are no others.
    `body` says how it reads a body, `model` the shape of that body where it is one class of the project.

    What it answers: `status` is the declared status, 0 for none; `success` that of a plain answer, the framework's
    default included, 0 where it is not known; `responses` those documented beside it, `raised` those it raises itself,
    with their places; `answered` everything it may answer as far as that can be read, through helpers and dependencies.

    What it does: `limits` say what limits how often it may be called, `unchecked` the body that it uses with no schema,
    `unbounded` the query for all rows that a handler of a collection gives back, and the way to it.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    method: str
    template: str
    parameters: tuple[tuple[str, str], ...]
    handler: str
    at: Location
    handler_at: Location | None
    framework: str
    auth: Auth
    evidence: tuple[Evidence, ...]
    limited: bool | None
    status: int = 0
    responses: tuple[int, ...] = ()
    raised: tuple[tuple[int, Location], ...] = ()
    body: Body = "unknown"
    conditional: bool = False
    in_schema: bool = True
    inputs: tuple[Input, ...] = ()
    inputs_known: bool = False
    model: Shape | None = None
    success: int = 0
    answered: tuple[int, ...] = ()
    limits: tuple[Evidence, ...] = ()
    unchecked: Evidence | None = None
    unbounded: tuple[Evidence, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def writes(self) -> bool:
        """Whether it changes something, by its method."""
        return self.method in WRITES

    @property
    def opens(self) -> bool:
        """Whether it is one that strangers need, by its name: to sign in, to call back, with a secret in its path."""
        return _OPENS.search(f"{self.template} {self.handler.rpartition(':')[2]}") is not None

    @property
    def avowed(self) -> bool:
        """Whether its code says in so many words that anybody may call it."""
        return any(step.label in ("`AllowAny`", "`RedirectView`", AVOWS, IDLES) for step in self.evidence)

    @property
    def signs_in(self) -> bool:
        """Whether it takes a secret that somebody could guess, or lets strangers become users, by its name."""
        if self.method not in ("POST", "ANY") or self.keyed:
            return False
        path, name = _PARAMETER.sub("", self.template), self.handler.rpartition(":")[2]
        return _SIGNS_IN.fullmatch(path) is not None or _SIGNS_IN_NAME.fullmatch(name) is not None

    @property
    def throttled(self) -> bool:
        """Whether a limit is declared for it: with a decorator, a dependency or a class, not in what it does."""
        return any(step.label.startswith("`") for step in self.limits)

    @property
    def creates(self) -> bool:
        """Whether it puts something new into a collection, by its method, its path and its handler's name."""
        last = self.template.rstrip("/").rpartition("/")[2]
        name = self.handler.rpartition(":")[2].rpartition(".")[2]
        made = [word for word in name.split("_")[1:] if len(word) > 2]
        # `create_tasks` at `/agent/create` may have them made up, and keep nothing.
        told = not made or last != "create" or any(word.rstrip("s")[:6] in self.template.lower() for word in made)
        named = (name.startswith("create_") and told) or (last.endswith("s") and _CREATES.match(name) is not None)
        return self.method == "POST" and named and not last.startswith("{") and _VERBS.search(last) is None

    @property
    def keyed(self) -> bool:
        """Whether its path holds a secret: who has the link was given it."""
        return _SECRET.search(self.template) is not None

    @property
    def reports_health(self) -> bool:
        """Whether it is asked how the service feels."""
        return _HEALTH.search(f"{self.template} {self.handler.rpartition(':')[2]}") is not None

    @property
    def documents(self) -> bool:
        """Whether it serves documents and files rather than the service itself."""
        return _DOCS.search(self.template) is not None

    @property
    def harmless(self) -> bool:
        """Whether nobody minds how often it is called: health, documents, leaving, setting up, a link with a secret."""
        return self.reports_health or self.documents or self.keyed or _LEAVES.search(str(self)) is not None

    @property
    def refusals(self) -> dict[int, Location]:
        """The refusals that it raises itself, each with its place, without those that the framework documents."""
        found = {status: at for status, at in reversed(self.raised) if 400 <= status < 500}
        return {status: at for status, at in found.items() if status != 422 or self.framework != "fastapi"}

    @property
    def certain(self) -> bool:
        """Whether every part of its path is known."""
        return "{?" not in self.template


class App(Struct, frozen=True):
    """One application with all its routes, in the order it tries them. `whole` says that nothing was lost.

    `kits` are the packages that limit, trace or number requests, of all that its project imports, `request-id` where
    anything names one, `health-path` where anything answers that it is well, and `own-limiter` where a module of its
    own is about limits.

    `own` are the routes that the framework serves by itself, its documentation and static files: no rule judges them.
    `open` are the beginnings of paths under which a library serves what it likes.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    framework: str
    routes: tuple[Route, ...]
    whole: bool
    kits: tuple[str, ...] = ()
    own: tuple[Route, ...] = ()
    open: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def declared(self) -> tuple[Route, ...]:
        """Its routes, each once where a router is included twice."""
        return tuple({(route.at, route.method): route for route in reversed(self.routes)}.values())[::-1]

    @property
    def limits(self) -> bool:
        """Whether anything in its project limits how often it may be called."""
        own = "own-limiter" in self.kits or not _LIMITERS.isdisjoint(self.kits)
        return own or any(route.limited for route in self.routes)

    @property
    def rehearses(self) -> bool:
        """Whether it only plays a part for tests, examples or development, by its path: a mock of another service."""
        return rehearses(self.at.path)

    @property
    def established(self) -> bool:
        """Whether it is a service with all its routes known: no rehearsal, no part of something, no example."""
        return self.whole and not self.rehearses and len(self.routes) >= _FEWEST

    @property
    def numbers(self) -> bool:
        """Whether anything in its project gives requests a number; whoever follows them through services does."""
        return "request-id" in self.kits or not (_NUMBERERS | _FOLLOWERS).isdisjoint(self.kits)

    @property
    def reports_health(self) -> bool:
        """Whether a route of it, or anything before its routes, tells how it feels."""
        return "health-path" in self.kits or any(route.reports_health for route in self.routes)

    @property
    def traces(self) -> bool:
        """Whether its project imports anything that traces requests or tells of errors."""
        return any(kit not in _LIMITERS and kit not in _NUMBERERS and "-" not in kit for kit in self.kits)

    @property
    def duplicates(self) -> Iterator[tuple[Route, Route]]:
        """Pairs of routes of one method and path with different handlers: the one that answers, and a dead one."""
        first: dict[tuple[object, ...], Route] = {}
        for route in self.routes:
            if not route.certain or route.conditional or route.method == "ANY":
                continue
            kinds = tuple(kind for _, kind in route.parameters) if self.framework != "fastapi" else _paths(route)
            known = first.setdefault((route.method, _PARAMETER.sub("{}", route.template), kinds), route)
            if known.handler != route.handler:
                yield known, route


class Hook(Struct, frozen=True):
    """A handler of the events that another service sends.

    `verified` says that it may verify who sent them, or that somebody else does; `repeats` that it acts, and looks at
    nothing that tells an event it had before.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    handler: str
    route: str
    at: Location
    verified: bool
    repeats: bool

    def __str__(self) -> str:
        return self.route


class Router(Struct, frozen=True):
    """A router, blueprint or urlconf that holds routes and that no app reaches.

    `certain` says that everything that is included anywhere is known, so that it is really reached by nobody.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    what: str
    at: Location
    framework: str
    routes: int
    certain: bool

    def __str__(self) -> str:
        return self.name

    @property
    def tests(self) -> bool:
        """Whether it stands in a folder of tests: an app that is made for a test includes it."""
        return not {"test", "tests"}.isdisjoint(self.at.path.split("/")[:-1])


class Handler(Struct, frozen=True):
    """A function that answers routes.

    `returned` are its framework's exceptions that it returns, `ignored` dependencies that stand where nobody looks,
    `idle` the guards above its route, with name and place, and `moved` the edits that put each of them below.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "surface"

    name: str
    at: Location
    framework: str
    routes: tuple[str, ...]
    returned: tuple[tuple[str, Location], ...] = ()
    ignored: tuple[Location, ...] = ()
    idle: tuple[tuple[str, Location], ...] = ()
    moved: tuple[tuple[Edit, ...], ...] = ()

    def __str__(self) -> str:
        return self.name


def _paths(route: Route) -> tuple[str, ...]:
    """Which parameters take more than one segment."""
    return tuple(name for name, kind in route.parameters if kind == "path")
