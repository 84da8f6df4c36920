"""Wiring of Flask-AppBuilder: classes that are added to a builder, with what stands under `@expose` in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_values import MISSING, Class, Entry, Func, Instance, Ref, Seq, Value

ADDS: Final = frozenset({"add_api", "add_view", "add_view_no_menu"})
_APIS: Final = frozenset({"BaseApi", "BaseModelApi", "ModelRestApi"})
_MODEL: Final = (
    ("info", "GET", "/_info"),
    ("get", "GET", "/<pk>"),
    ("get_list", "GET", "/"),
    ("post", "POST", "/"),
    ("put", "PUT", "/<pk>"),
    ("delete", "DELETE", "/<pk>"),
)


def added(value: Value, at: Location) -> tuple[list[Entry], str]:
    """The routes of a class that is added to a builder, and what of them is not known."""
    owner = value.of if isinstance(value, Instance) else value
    if not isinstance(owner, Class):
        return [], "what is added to the builder is not known"
    bases = {each.name.rpartition(".")[2] for each in owner.mro() if isinstance(each, Ref)}
    prefix = _prefix(owner, not bases.isdisjoint(_APIS))
    entries = list(_exposed(owner, prefix))
    if "ModelRestApi" in bases:
        own = {entry.handler.function.name for entry in entries if isinstance(entry.handler, Func)}
        named = owner.find("include_route_methods")
        if named is not MISSING and not (isinstance(named, Seq) and all(isinstance(each, str) for each in named.items)):
            return entries, f"which methods `{owner.kind.name}` takes over is not known"
        taken = named.items if isinstance(named, Seq) else [name for name, _, _ in _MODEL]
        for name, verb, path in _MODEL:
            if name in taken and name not in own:
                entries.append(Entry((verb,), prefix + path, Ref(f"flask_appbuilder.ModelRestApi.{name}"), at))
        return entries, ""
    inherits = any(name.endswith("View") and name not in ("BaseView", "IndexView") for name in bases)
    return entries, f"the views that `{owner.kind.name}` inherits are not known" if inherits else ""


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
