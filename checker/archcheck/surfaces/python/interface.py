"""The interface of a module: what other modules may ask of it, and what it asks of them. Plain data, no nodes."""

from __future__ import annotations

import ast
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from archcheck.surfaces.python.frame import Context, Frame
from archcheck.surfaces.python.habits import Habits
from archcheck.surfaces.python.handing import doors
from archcheck.surfaces.python.handoff import Doors
from archcheck.surfaces.python.layers_form import Leaning, Traffic
from archcheck.surfaces.python.lookup import bound, dotted, is_enum
from archcheck.surfaces.python.query import Origin, Place, Query
from archcheck.surfaces.python.routes_form import Web
from archcheck.surfaces.python.secret_shapes import means_secret, suspicious
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_form import Jobs
from archcheck.surfaces.python.values import Value, harmless, holes, plain
from archcheck.surfaces.python.vault import Vault

Answer: TypeAlias = Literal["constant", "number", "quoted", "unknown"]

_LONGEST: Final = 200


class Interface(Struct, frozen=True):
    """One module.

    `imports` are the names it took from elsewhere (name to dotted origin), `stars` the modules it took everything from.
    `answers` tells what its own names are, as far as the text of a query is concerned: `TABLE`, `Settings.schema`,
    `quoted()` for what a call gives. `texts` are the string constants among them that are short. `queries` wait
    for answers of other modules. `bases` are the dotted names of what its classes inherit from. `web` is what it wires,
    `doors` what goes through its functions to a query, `vault` what keeps passwords. `others` are further names that it
    holds.
    """

    module: str
    path: str
    imports: dict[str, str]
    stars: tuple[str, ...]
    answers: dict[str, Answer]
    texts: dict[str, str]
    bases: dict[str, tuple[str, ...]]
    queries: tuple[Query, ...]
    web: Web | None = None
    doors: Doors | None = None
    vault: Vault | None = None
    jobs: Jobs | None = None
    traffic: Traffic | None = None
    leaning: Leaning | None = None
    habits: Habits | None = None
    place: Place = "service"
    others: tuple[str, ...] = ()


def interface(context: Context, queries: tuple[Query, ...], web: Web | None = None) -> Interface:
    """What a followed module tells and asks."""
    module = context.survey.module
    answers: dict[str, Answer] = {}
    texts: dict[str, str] = {}
    frame = Frame(context, module, quiet=True)
    _tell(module, "", frame, answers, texts)
    bases: dict[str, tuple[str, ...]] = {}
    for scope in module.children:
        if isinstance(scope.node, ast.ClassDef):
            if is_enum(ast.Name(scope.qualname), frame):
                # Whatever has that type is one of its members.
                answers[scope.qualname] = answers[f"{scope.qualname}()"] = "constant"
            named = tuple(name for base in scope.node.bases if (name := dotted(base, frame)))
            if named:
                bases[scope.qualname] = named
            _tell(scope, f"{scope.qualname}.", frame, answers, texts)
        elif scope.kind == "function":
            answers[f"{scope.qualname}()"] = _returned(scope, frame)
    return Interface(
        context.name,
        context.places.path,
        dict(module.imports),
        tuple(module.stars),
        answers,
        texts,
        bases,
        queries,
        web,
        doors(context),
        place=context.place,
        others=tuple(sorted({name for name in module.bindings if name not in answers} - module.imports.keys())),
    )


def encode(interface: Interface) -> bytes:
    """The interface as bytes."""
    return msgspec.msgpack.encode(interface)


def decode(data: bytes) -> Interface:
    """The interface from its bytes."""
    return msgspec.msgpack.decode(data, type=Interface)


def _tell(scope: Scope, prefix: str, frame: Frame, answers: dict[str, Answer], texts: dict[str, str]) -> None:
    for name, values in scope.bindings.items():
        if not values or all(value is None for value in values):
            continue
        if all(isinstance(value, ast.Constant) for value in values):
            answers[prefix + name] = "constant"
            text = values[0].value if isinstance(values[0], ast.Constant) else None
            if len(values) == 1 and isinstance(text, str) and _tellable(name, text):
                texts[prefix + name] = text
            continue
        try:
            value = bound(scope, name, frame)
        except RecursionError:
            continue
        if value is not None:
            answers[prefix + name] = _answer(value)
            text = plain(value)
            if text is not None and _tellable(name, text):
                texts[prefix + name] = text


def _tellable(name: str, text: str) -> bool:
    """Whether a text may be remembered: it is short, and no secret by its name or its shape."""
    return len(text) <= _LONGEST and not means_secret(name) and not suspicious(text)


def _returned(scope: Scope, frame: Frame) -> Answer:
    """What a call gives, for the functions that only give literals back."""
    if scope.returns and all(isinstance(value, ast.Constant) for value in scope.returns):
        return "constant"
    return "unknown"


def _answer(value: Value) -> Answer:
    if not harmless(value):
        return "unknown"
    origins: set[Origin] = {hole.origin for hole in holes(value)}
    return "number" if origins == {"number"} else "constant"
