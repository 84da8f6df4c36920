"""The API as a whole: one root document with everything its references reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import force_setattr

from archcheck.source import Location
from archcheck.surfaces.openapi.counts import Repeat, Spot, Tally
from archcheck.surfaces.openapi.instances import Instances
from archcheck.surfaces.openapi.paths import Odd, Twins, odd_casings, odd_slashes, twins
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.references import References, Target
from archcheck.surfaces.openapi.segments import Templates
from archcheck.surfaces.openapi.servers import exposed, spelt
from archcheck.surfaces.openapi.view import View

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.survey import Survey

_NEWEST = "3.2"
_VARIABLE = re.compile(r"\{([^{}]+)\}")


class Api(View, frozen=True, eq=False):
    """The root document. Its paths are named here; what stands under them is judged as `PathItem` and `Operation`."""

    references: References = None  # type: ignore[assignment]
    survey: Survey = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.title or self.file

    @staticmethod
    def of(top: Place, references: References) -> Api:
        """The API whose root document is given. It is its own `api`."""
        api = Api(None, top, references=references)  # type: ignore[arg-type]
        force_setattr(api, "api", api)
        return api

    @cached_property
    def version(self) -> str:
        """`2.0`, `3.0`, `3.1` or `3.2`; a version that nobody knows yet is read as the newest."""
        return version_of(self.place.node)

    @cached_property
    def modern(self) -> bool:
        """Whether its schemas are JSON Schema, so that they may say more beside a `$ref`: 3.1 and later."""
        return self.version not in ("2.0", "3.0")

    @cached_property
    def title(self) -> str:
        """The title in `info`."""
        info = self.value("info")
        title = info.get("title") if isinstance(info, dict) else None
        return title if isinstance(title, str) else ""

    @cached_property
    def instances(self) -> Instances:
        """Holds values against its schemas."""
        return Instances(self.references)

    @cached_property
    def flaws(self) -> dict[int, tuple[tuple[str, Place, str], ...]]:
        """The flaws of schemas that were asked for, by the identity of their values. See `Schema.flaws`."""
        return {}

    def tally(self, topic: str) -> Tally:
        """The count over all its parts in one of the topics of `topics.TOPICS`."""
        return self.survey.tally(topic)

    @cached_property
    def unused(self) -> tuple[Spot, ...]:
        """The shared objects that nothing leads to; none where the document is a library of them alone."""
        return tuple(self.survey.unused()) if self.keys or self.has("webhooks") else ()

    @property
    def undefined(self) -> tuple[Spot, ...]:
        """The properties that schemas require and nobody defines, be it a schema that is made of them."""
        completed = {spot.at for spot in self.tally("completed bases").spots}
        return tuple(spot for spot in self.tally("required properties").spots if spot.at not in completed)

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The keys that stand twice in a mapping, over all its files."""
        return self.survey.repeated()

    @property
    def home(self) -> Location:
        """Where to point for what is true of it all: the key `paths`, or else its top."""
        return (self.place.child("paths") or self.place).at

    @property
    def release(self) -> Place | None:
        """The version of the document itself, in `info`."""
        info = self.place.child("info")
        resolved = self.resolved(info) if info is not None else None
        return resolved[0].child("version") if resolved is not None else None

    @cached_property
    def keys(self) -> Mapping[str, Place]:
        """What it serves by path template, in document order: the places of the keys."""
        return {str(entry.key): entry for entry in self.entries("paths")}

    @property
    def paths(self) -> tuple[str, ...]:
        """The path templates it serves, in document order."""
        return tuple(self.keys)

    @cached_property
    def templates(self) -> Templates:
        """The paths as a tree of segments."""
        return Templates(self.paths)

    def odd_casings(self, style: str = "") -> tuple[Odd, ...]:
        """The segments that are written in another style than most, or than the one that is given."""
        return tuple(odd_casings(self, style))

    @property
    def odd_slashes(self) -> tuple[Odd, ...]:
        """The paths that end in a slash where most do not, or the reverse."""
        return tuple(odd_slashes(self))

    @property
    def twins(self) -> tuple[Twins, ...]:
        """The paths that match the same requests as one before them."""
        return tuple(twins(self))

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        """Where it is served; in a 2.0 document one for each scheme, under `host`."""
        if self.version != "2.0":
            return tuple(Server(self, place, url=_text(place.node, "url")) for place in self.entries("servers"))
        place = self.place.child("host") or self.place.child("basePath")
        if place is None:
            return ()
        schemes = self.strings("schemes") or ("",)
        base = self.text("basePath") if self.text("basePath") != "/" else ""
        prefix = (f"{scheme}://" if scheme else "//" for scheme in schemes) if self.text("host") else ("",)
        return tuple(Server(self, place, url=f"{start}{self.text('host')}{base}") for start in prefix)

    @cached_property
    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """The security schemes it defines, by name."""
        if self.version == "2.0":
            entries = list(self.entries("securityDefinitions"))
        else:
            components = self.place.child("components")
            resolved = self.resolved(components) if components is not None else None
            entries = list(View(self, resolved[0]).entries("securitySchemes")) if resolved is not None else []
        found: dict[str, SecurityScheme] = {}
        for entry in entries:
            if (resolved := self.resolved(entry)) is not None:
                found[str(entry.key)] = SecurityScheme(self, resolved[0], resolved[1], name=str(entry.key))
        return found


class Server(View, frozen=True, eq=False):
    """An address the API is served at. A 2.0 document gives it in parts; its place is then that of `host`."""

    url: str = ""

    def __str__(self) -> str:
        return self.url

    @property
    def addresses(self) -> tuple[str, ...]:
        """The address with each of its variables at its default, and once for each other value a variable may have."""
        return spelt(self)

    @property
    def exposed(self) -> str:
        """An address of it that is plain `http` and leads beyond one's own machines; empty where there is none."""
        return next((address for address in self.addresses if exposed(address)), "")

    @property
    def exposed_at(self) -> Location:
        """Where that address is written; in 2.0 the scheme that makes it so."""
        if self.api.version != "2.0":
            return (self.place.child("url") or self.place).at
        plain = [place for place in self.api.entries("schemes") if place.node == self.exposed.partition(":")[0]]
        return (plain[0] if plain else self.place).at

    @cached_property
    def flaws(self) -> tuple[tuple[Place, str, str], ...]:
        """Variables of the address that are not defined, and defaults outside their enum: where, what, and the cure."""
        return tuple(self._flaws())

    def _flaws(self) -> Iterator[tuple[Place, str, str]]:
        variables = self.place.child("variables") if self.api.version != "2.0" else None
        whole = self.resolved(variables) if variables is not None else None
        if self.api.version == "2.0" or (variables is not None and whole is None):
            return
        defined = whole[0] if whole is not None else None
        for name in dict.fromkeys(_VARIABLE.findall(self.url)):
            if defined is None or defined.child(name) is None:
                problem = f"The server address '{self.url}' uses the variable '{name}', which is not defined"
                yield self.place.child("url") or self.place, problem, "define it under variables"
        for variable in defined.children() if defined is not None else ():
            choices, default = variable.child("enum"), variable.child("default")
            values = choices.node if choices is not None and type(choices.node) is list else []
            if default is not None and values and default.node not in values:
                problem = f"The variable '{variable.key}' of the server '{self.url}' starts as '{default.node}'"
                yield default, f"{problem}, which its enum lacks", "add it there, or start with one of those"


class SecurityScheme(View, frozen=True, eq=False):
    """A way to prove who asks."""

    name: str = ""

    def __str__(self) -> str:
        return self.name or str(self.place.key)

    @property
    def type(self) -> str:
        """`http`, `apiKey`, `oauth2`, `openIdConnect` or `mutualTLS`; the `basic` of 2.0 is `http`."""
        return "http" if self.text("type") == "basic" else self.text("type")

    @property
    def scheme(self) -> str:
        """The scheme of `http` in lower case, such as `basic` or `bearer`."""
        return "basic" if self.text("type") == "basic" else self.text("scheme").lower()

    @property
    def location(self) -> str:
        """Where an API key travels: `query`, `header` or `cookie`."""
        return self.text("in")


class Reference(View, frozen=True, eq=False):
    """One `$ref` as it is written. Its place is the object that holds it, `kind` what that object is."""

    kind: str = ""

    def __str__(self) -> str:
        return self.place.reference or ""

    @property
    def at(self) -> Location:
        """Where the `$ref` key stands."""
        place = self.place.child("$ref")
        return place.at if place is not None else self.place.at

    @cached_property
    def target(self) -> Target:
        """Where it leads, one step far."""
        return self.api.references.resolve(self.file, str(self))

    @cached_property
    def broken(self) -> bool:
        """Whether it certainly leads nowhere: what it names is absent, or it leads back to itself alone."""
        return self.target.outcome in ("missing", "circular") or self._closes_circle

    @property
    def reason(self) -> str:
        """Why it leads nowhere."""
        return "it leads back to itself" if self._closes_circle else self.target.reason

    @property
    def nearest(self) -> str:
        """A name that is there and was perhaps meant; empty when none is near."""
        return self.target.nearest

    @cached_property
    def _closes_circle(self) -> bool:
        """Whether it is the first, by file and pointer, of references that name nothing but each other."""
        if self.target.place is None or self.target.place.reference is None:
            return False
        followed = self.api.references.follow(self.place)
        if followed.target is None or followed.target.outcome != "circular":
            return False
        own = (self.file, self.pointer)
        circle = {(place.path, place.pointer) for place in self.api.references.follow(self.target.place).chain}
        return own in circle and own == min(circle)


def _text(node: Json, key: str) -> str:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def version_of(node: Json) -> str:
    """The version a root document declares, as `2.0`, `3.0`, `3.1` or `3.2`."""
    if not isinstance(node, dict):
        return _NEWEST
    if "openapi" not in node and "swagger" in node:
        return "2.0"
    declared = str(node.get("openapi", ""))[:3]
    return declared if declared in ("2.0", "3.0", "3.1") else _NEWEST
