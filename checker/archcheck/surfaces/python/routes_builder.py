"""Wiring of Flask-AppBuilder: classes that are added to a builder, with what stands under `@expose` in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Class,
    Entry,
    Func,
    Instance,
    Link,
    Node,
    Options,
    Ref,
    Seq,
    Value,
)

ADDS: Final = frozenset({"add_api", "add_view", "add_view_no_menu"})
_APIS: Final = frozenset({"BaseApi", "BaseModelApi", "ModelRestApi"})
_BARE: Final = frozenset({"BaseView", "IndexView", "SimpleFormView"})
_STANDARD: Final = {
    "ModelRestApi": (
        ("info", ("GET",), "/_info"),
        ("get", ("GET",), "/<pk>"),
        ("get_list", ("GET",), "/"),
        ("post", ("POST",), "/"),
        ("put", ("PUT",), "/<pk>"),
        ("delete", ("DELETE",), "/<pk>"),
    ),
    "ModelView": (
        ("list", ("GET",), "/list/"),
        ("show", ("GET",), "/show/<pk>"),
        ("add", ("GET", "POST"), "/add"),
        ("edit", ("GET", "POST"), "/edit/<pk>"),
        ("delete", ("GET", "POST"), "/delete/<pk>"),
        ("download", ("GET",), "/download/<string:filename>"),
        ("action", ("GET", "POST"), "/action/<string:name>/<pk>"),
        ("action_post", ("POST",), "/action_post"),
    ),
    "SimpleFormView": (("this_form_get", ("GET",), "/form"), ("this_form_post", ("POST",), "/form")),
}
"""What classes of Flask-AppBuilder bring along; all of it asks who is calling."""

_ASKS: Final = Ref("flask_appbuilder.security.decorators.protect")


def added(value: Value, at: Location) -> tuple[list[Entry], str]:
    """The routes of a class that is added to a builder, and what of them is not known."""
    owner = value.of if isinstance(value, Instance) else value
    if not isinstance(owner, Class):
        return [], "what is added to the builder is not known"
    bases = {each.name.rpartition(".")[2] for each in owner.mro() if isinstance(each, Ref)}
    prefix = _prefix(owner, not bases.isdisjoint(_APIS))
    taken, left = _named(owner, "include_route_methods"), _named(owner, "exclude_route_methods")
    if taken is None or left is None:
        return list(_exposed(owner, prefix)), f"which methods `{owner.kind.name}` takes over is not known"
    every = owner.find("include_route_methods") in (MISSING, None)
    entries = list(_exposed(owner, prefix))
    known: set[str] = set()
    for base in sorted(bases & _STANDARD.keys()):
        for name, verbs, path in _STANDARD[base]:
            known.add(name)
            if not isinstance(owner.find(name), Func):
                handler = Ref(f"flask_appbuilder.{base}.{name}")
                entries.append(Entry(verbs, prefix + path, handler, at, below=((_ASKS, at),)))
    entries = [each for each in entries if (every or _method(each) in taken) and _method(each) not in left]
    inherits = any(name.endswith("View") and name not in _BARE for name in bases)
    doubt = inherits and (every or not taken <= known | {_method(each) for each in entries})
    return entries, f"the views that `{owner.kind.name}` inherits are not known" if doubt else ""


def joined(nodes: list[Node]) -> None:
    """Put each builder that is given its app where nobody sees it into the only app there is."""
    inner = {id(link.child) for node in nodes for link in node.links}
    apps = [node for node in nodes if node.app and node.family == "flask"]
    for node in nodes:
        if node.what == "builder" and node.entries and id(node) not in inner:
            if len(apps) == 1:
                apps[0].links.append(Link(node, None, node.at))
            else:
                node.app = True


def _method(entry: Entry) -> str:
    match entry.handler:
        case Func():
            return entry.handler.function.name
        case Ref(name):
            return name.rpartition(".")[2]
    return ""


def _named(owner: Class, attribute: str) -> set[str] | None:
    """The methods in a set of names, which may be the union of several; None where it is not known."""
    held = owner.find(attribute)
    if isinstance(held, str):
        return {held}
    sets = held.values if isinstance(held, Options) else [] if held in (MISSING, None) else [held]
    found: set[str] = set()
    for each in sets:
        if not isinstance(each, Seq) or each.open:
            return None
        found |= {name for name in each.items if isinstance(name, str)}
        if not all(isinstance(name, str) for name in each.items):
            return None
    return found


def _prefix(owner: Class, api: bool) -> str:
    base = owner.find("route_base")
    if isinstance(base, str):
        return base
    name = owner.kind.name.lower()
    if not api:
        return f"/{name}"
    version, resource = owner.find("version"), owner.find("resource_name")
    return f"/api/{version if isinstance(version, str) else 'v1'}/{resource if isinstance(resource, str) else name}"


def _exposed(owner: Class, prefix: str) -> Iterator[Entry]:
    seen: set[str] = set()
    for each in owner.mro():
        if not isinstance(each, Class):
            continue
        for name, func in each.names.items():
            if not isinstance(func, Func) or name in seen:
                continue
            seen.add(name)
            place = func.env.module
            for value, spot in func.guards:
                if not (isinstance(value, Instance) and isinstance(value.of, Ref)):
                    continue
                if not (value.of.name.startswith("flask_appbuilder.") and value.of.name.endswith(".expose")):
                    continue
                named, path = value.get("methods", 1), value.get("url", 0)
                methods = [verb for verb in named.items if isinstance(verb, str)] if isinstance(named, Seq) else ["GET"]
                below = tuple((held, place.at(where)) for held, where in func.guards if held is not value)
                where = path if isinstance(path, str) else "/" if path is MISSING else "/{?url}"
                yield Entry(tuple(methods), prefix + where, func, place.at(spot), below=below, owner=owner)
