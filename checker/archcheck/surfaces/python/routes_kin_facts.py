"""What routes of Litestar, Sanic, aiohttp, Falcon, Tornado and Django Ninja declare: paths, answers, who may ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.route import Evidence
from archcheck.surfaces.python.routes_auth import Guards
from archcheck.surfaces.python.routes_guarded import Guarded
from archcheck.surfaces.python.routes_kin import default_status, layers, statuses
from archcheck.surfaces.python.routes_patterns import expression
from archcheck.surfaces.python.routes_raises import Reader
from archcheck.surfaces.python.routes_values import Class, Entry, Func, Instance, Node, Ref, Seq, Value

_BRACES: Final = re.compile(r"\{(?P<name>\w+)(?::(?P<kind>(?:[^{}]|\{[^{}]*\})*))?\}")
_NINJA: Final = re.compile(r"\{(?:(?P<kind>\w+):)?(?P<name>\w+)\}")
_ANGLES: Final = re.compile(r"<(?P<name>\w+)(?::(?P<kind>[^<>]*))?>")
_SLASHES: Final = re.compile(r"//+")
_PATTERNS: Final = {"ninja": _NINJA, "sanic": _ANGLES}
_LAYERS: Final = {"litestar": ("guards", "middleware"), "ninja": ("auth",)}


def templated(path: str, family: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The path with its parameters as `{name}`, and their names and types."""
    if family == "tornado":
        text, parameters = expression(path.removesuffix("$"))
        return _rooted(text), parameters
    found: list[tuple[str, str]] = []

    def named(match: re.Match[str]) -> str:
        kind = match["kind"] or ""
        found.append((match["name"], kind if kind.isidentifier() else ""))
        return f"{{{match['name']}}}"

    text = _rooted(_PATTERNS.get(family, _BRACES).sub(named, path))
    if family in ("litestar", "ninja"):
        text = _SLASHES.sub("/", text)
    if family == "litestar" and len(text) > 1:
        text = text.rstrip("/")
    return text, tuple(found)


def answering(entry: Entry, family: str, declared: int, handler: Func | None, reader: Reader) -> tuple[int, set[int]]:
    """The plain answer and all that can be read, of a handler of one of these frameworks."""
    answered = set(reader.raises(handler).statuses) if handler is not None else set[int]()
    answered.update(statuses(entry, family))
    good = sorted(status for status in statuses(entry, family) if 200 <= status < 300)
    success = declared or (good[0] if len(good) == 1 else default_status(entry, family))
    return success, answered | ({success} if success else set())


def asked(found: Guarded, entry: Entry, holders: Iterable[Node], handler: Func | None, guards: Guards) -> Guarded:
    """Who may ask: what is proven stands, and what a framework may do around a handler is doubt."""
    if found.auth == "protected" or handler is None:
        return found
    held = tuple(holders)
    family = held[0].family
    for name in _LAYERS.get(family, ()):
        for value, at in layers(entry, held, name):
            if family == "ninja":
                if _demands(value):
                    return Guarded("protected", (Evidence(at, "`auth` demands credentials"),), found.limits)
                if value is None:
                    break
            for each in value.items if isinstance(value, Seq) else ():
                if isinstance(each, Func) and guards.function(each).auth == "protected":
                    return Guarded("protected", guards.function(each).evidence, found.limits)
            return Guarded("unknown", (Evidence(at, f"`{name}` is not followed"),), found.limits)
    return Guarded("unknown", (Evidence(entry.at, f"what {family} asks around it is not followed"),), found.limits)


def mounted(
    api: Node, prefix: str, given: tuple[tuple[str, str], ...], guards: Guards, above: tuple[Node, ...] = ()
) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...], Value, Location, Guarded, bool]]:
    """The routes of an API of Django Ninja that stands in the urlconf of a project under a path."""
    if api in above:
        return
    holders = (api, *above)
    for entry in api.entries:
        path, parameters = templated(f"{prefix}/{entry.path}", "ninja")
        handler = entry.handler if isinstance(entry.handler, Func) else None
        found = Guarded()
        for decorator, at in entry.below:
            found = found.join(guards.decorator(decorator, at))
        found = asked(found, entry, holders, handler, guards)
        for method in entry.methods:
            yield method, path, (*given, *parameters), entry.handler, entry.at, found, False
    for link in api.links:
        if isinstance(link.child, Node):
            way = f"{prefix}/{link.prefix or ''}"
            if "auth" in link.options:
                link.child.options.setdefault("auth", link.options["auth"])
            yield from mounted(link.child, way, given, guards, holders)


def _demands(value: Value) -> bool:
    """Whether a value for `auth` of Django Ninja is a scheme that refuses strangers."""
    match value:
        case Seq(items):
            return bool(items) and all(map(_demands, items))
        case Ref(name) | Instance(Ref(name)):
            return name.startswith("ninja.security.")
        case Instance(Class() as owner) | (Class() as owner):
            return any(isinstance(each, Ref) and each.name.startswith("ninja.security.") for each in owner.mro())
    return False


def _rooted(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"
