"""What view sets and generic views of Django and REST framework bring along: actions, methods, pages and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.route import Evidence
from archcheck.surfaces.python.routes_guarded import Guarded, slowed
from archcheck.surfaces.python.routes_values import MISSING, Class, Dict, Func, Instance, Ref, Seq, Value

_SET: Final[Mapping[str, tuple[tuple[str, str, bool], ...]]] = {
    # Action, verb, and whether it stands on one object.
    "ListModelMixin": (("list", "GET", False),),
    "CreateModelMixin": (("create", "POST", False),),
    "RetrieveModelMixin": (("retrieve", "GET", True),),
    "UpdateModelMixin": (("update", "PUT", True), ("partial_update", "PATCH", True)),
    "DestroyModelMixin": (("destroy", "DELETE", True),),
    "ReadOnlyModelViewSet": (("list", "GET", False), ("retrieve", "GET", True)),
    "ModelViewSet": (
        ("list", "GET", False),
        ("create", "POST", False),
        ("retrieve", "GET", True),
        ("update", "PUT", True),
        ("partial_update", "PATCH", True),
        ("destroy", "DELETE", True),
    ),
}
_KNOWN: Final = ("rest_framework.", "django.", "typing.", "abc.")
_VIEW: Final = re.compile(r"View|Mixin", re.I)
_OWN: Final = _SET["ModelViewSet"]
GENERICS: Final[Mapping[str, str]] = {
    "CreateAPIView": "POST",
    "ListAPIView": "GET",
    "RetrieveAPIView": "GET",
    "DestroyAPIView": "DELETE",
    "UpdateAPIView": "PUT PATCH",
    "ListCreateAPIView": "GET POST",
    "RetrieveUpdateAPIView": "GET PUT PATCH",
    "RetrieveDestroyAPIView": "GET DELETE",
    "RetrieveUpdateDestroyAPIView": "GET PUT PATCH DELETE",
    "TemplateView": "GET",
    "RedirectView": "GET POST PUT PATCH DELETE",
    "ListView": "GET",
    "DetailView": "GET",
    "FormView": "GET POST PUT",
    "CreateView": "GET POST PUT",
    "UpdateView": "GET POST PUT",
    "DeleteView": "GET POST DELETE",
}
"""The methods that generic views answer."""

DRF: Final = frozenset(
    {"GenericViewSet", "ViewSet", "ModelViewSet", "ReadOnlyModelViewSet", "GenericAPIView", "APIView"}
)
"""The views to which the settings of REST framework apply."""


class Defaults:
    """What the settings of REST framework say for every view: `limits` and `pages`, None where it is not known."""

    def __init__(self, settings: Value, at: Location) -> None:
        self.limits = Guarded()
        self.scoped = False
        self.pages: bool | None = False
        if isinstance(settings, Dict):
            held = {key: value for key, value in settings.pairs if isinstance(key, str)}
            names = throttles(held.get("DEFAULT_THROTTLE_CLASSES", MISSING))
            self.scoped = any(name == "ScopedRateThrottle" for name in names)
            if any(name != "ScopedRateThrottle" for name in names):
                self.limits = slowed("DEFAULT_THROTTLE_CLASSES", at)
            self.pages = held.get("DEFAULT_PAGINATION_CLASS") is not None
        elif settings is not None:
            self.pages = None

    def limited(self, owner: Class) -> Guarded:
        """What limits a view: its own throttles, else those of the settings."""
        own = owner.find("throttle_classes")
        if own is MISSING:
            if self.scoped and isinstance(owner.find("throttle_scope"), str):
                return slowed("ScopedRateThrottle", owner.at)
            return self.limits
        names = throttles(own)
        return slowed(names[0], owner.at) if names else Guarded()

    def unbounded(self, owner: Class) -> tuple[Evidence, ...]:
        """The view set itself, where its list is given back whole."""
        if not lists(owner) or self.pages is None or owner.find("filter_queryset") is not MISSING:
            return ()
        own = owner.find("pagination_class")
        if own is None or (own is MISSING and self.pages is False and _plain(owner)):
            return (Evidence(owner.at, owner.kind.name),)
        return ()


def lists(owner: Class) -> bool:
    """Whether the list of a view is the one of REST framework."""
    return not isinstance(owner.find("list"), Func) and not isinstance(owner.find("get"), Func)


def throttles(classes: Value) -> list[str]:
    """The names of throttle classes."""
    found: list[str] = []
    for each in classes.items if isinstance(classes, Seq) else ():
        match each:
            case str():
                found.append(each.rpartition(".")[2])
            case Ref(name):
                found.append(name.rpartition(".")[2])
            case Class():
                found.append(each.kind.name)
            case Instance(Ref(name)):
                found.append(name.rpartition(".")[2])
    return found


def _plain(owner: Class) -> bool:
    """Whether all that a view inherits from is known to bring no pages."""
    outside = {each.name for each in owner.mro() if isinstance(each, Ref)}
    return bool(outside) and all(name.startswith("rest_framework.") for name in outside)


def foreign(owner: Class) -> bool:
    """Whether a view set inherits from one of a library that nobody knows here: that may bring actions along."""
    outside = (each.name for each in owner.mro() if isinstance(each, Ref))
    return any(not name.startswith(_KNOWN) and _VIEW.search(name.rpartition(".")[2]) for name in outside)


def kept_out(owner: Class, action: str) -> bool:
    """Whether a view keeps itself, or one of its actions, out of the documents that are made of it."""
    if owner.find("schema") is None:
        return True
    for each in owner.mro():
        for decorator in each.decorators if isinstance(each, Class) else ():
            if _excludes(decorator):
                return True
            named = decorator.keywords.get(action) if isinstance(decorator, Instance) else None
            if named is not None and _excludes(named):
                return True
    return False


def unlisted(guards: Sequence[tuple[Value, object]]) -> bool:
    """Whether a decorator of a function keeps it out of the documents that are made of it."""
    return any(_excludes(decorator) for decorator, _ in guards)


def _excludes(decorator: Value) -> bool:
    match decorator:
        case Instance(Ref(name)):
            return name.endswith(".extend_schema") and decorator.get("exclude") is True
    return False


def actions(owner: Class) -> list[tuple[str, str, bool]]:
    """The actions of a view set: name, method, and whether it stands on one object."""
    found: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for each in owner.mro():
        if isinstance(each, Ref):
            for action in _SET.get(each.name.rpartition(".")[2], ()):
                found.setdefault(action[:2], action)
        else:
            for action in _OWN:
                if isinstance(each.names.get(action[0]), Func):
                    found.setdefault(action[:2], action)
    return list(found.values())
