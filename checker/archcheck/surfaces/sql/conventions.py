"""Naming conventions: the names that SQLAlchemy gives to constraints and indexes which have none, where it is told how.

A convention is an argument of the metadata that Alembic's environment works with. It is looked for where `env.py` has
its metadata from, and by name where only the app that runs would know.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from archcheck.surfaces.sql.pymodules import Modules
from archcheck.surfaces.sql.pynodes import Bound, Elsewhere, dotted
from archcheck.surfaces.sql.pyvalues import followed, value

Convention: TypeAlias = Mapping[str, str]

# What SQLAlchemy does when it is told nothing.
USUAL: Final[Convention] = {"ix": "ix_%(column_0_label)s"}
_KINDS: Final = {"primary": "pk", "unique": "uq", "foreign": "fk", "check": "ck", "index": "ix"}
_TOKEN: Final = re.compile(r"%\((\w+)\)s")
_LONGEST: Final = {"postgres": 63, "mysql": 64}
_MOST: Final = 20


class Environment(Struct, frozen=True):
    """Where a history's environment lies, and the files that may make its metadata when it asks the app for that."""

    env: str = ""
    near: tuple[str, ...] = ()


def find_convention(environment: Environment, modules: Modules) -> Convention:
    """The convention of a history; the usual one when none is found."""
    scope = modules.names(environment.env) if environment.env else {}
    found = _of(scope["target_metadata"]) if "target_metadata" in scope else None
    found = found or next(_assigned(scope), None)
    for imported in list(scope.values())[:_MOST] if found is None else ():
        # `Base.metadata.naming_convention = ...` stands where the base is made.
        if isinstance(imported.node, Elsewhere) and (bound := imported.node.find()) is not None:
            found = found or next(_assigned(bound.scope), None)
    for path in environment.near if found is None else ():
        found = found or next(filter(None, map(_of, modules.names(path).values())), None)
    return {**USUAL, **(found or {})}


def conventional(
    convention: Convention,
    kind: str,
    dialect: str,
    table: str,
    columns: Iterable[str],
    target: str = "",
    given: str = "",
) -> str:
    """The name that a constraint or an index gets; empty when the server gives one, or nobody can say."""
    template = convention.get(_KINDS.get(kind, ""), "")
    names = list(columns)
    if not template or (given and "constraint_name" not in template):
        return given
    known = {
        "table_name": table,
        "referred_table_name": target,
        "constraint_name": given,
        "column_0_label": f"{table}_{names[0]}" if names else "",
        "column_0N_name": "".join(names),
        "column_0_N_name": "_".join(names),
        "column_0_N_label": "_".join(f"{table}_{name}" for name in names),
        **{f"column_{number}_{what}": name for number, name in enumerate(names) for what in ("name", "key")},
    }
    wanted = _TOKEN.findall(template)
    if not all(known.get(token) for token in wanted) or "%" in _TOKEN.sub("", template):
        return given
    name = _TOKEN.sub(lambda match: known[match.group(1)], template)
    longest = _LONGEST.get(dialect, len(name))
    # As SQLAlchemy cuts what a server would not take.
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[-4:]
    return name if len(name) <= longest else f"{name[: longest - 8]}_{digest}"


def is_final(bound: Bound | None) -> bool:
    """Whether a name is marked as one that no convention is applied to: `op.f("name")`, `conv("name")`."""
    node = bound.node if bound is not None else None
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("f", "conv")


def _of(bound: Bound, depth: int = 6) -> Convention | None:
    """The convention of a metadata, or of what holds one: a declarative base, a registry, an extension of Flask."""
    node, scope = followed(bound)
    if depth <= 0:
        return None
    if isinstance(node, ast.Attribute) and node.attr == "metadata":
        return _of(Bound(node.value, scope), depth - 1)
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        return _of(Bound(node.elts[0], scope), depth - 1)
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == "naming_convention":
            known = value(Bound(keyword.value, scope))
            if isinstance(known, dict):
                return {key: item for key, item in known.items() if isinstance(key, str) and isinstance(item, str)}
        if keyword.arg in ("metadata", "model_class"):
            held = Bound(keyword.value, scope)
            whole = Bound(ast.Attribute(keyword.value, "metadata", ast.Load()), scope)
            return _of(held if keyword.arg == "metadata" else whole, depth - 1)
    return None


def _assigned(scope: Mapping[str, Bound]) -> Iterator[Convention]:
    """What a module assigns to the convention of a metadata."""
    for name, bound in scope.items():
        if name.endswith("metadata.naming_convention"):
            known = value(bound)
            if isinstance(known, dict):
                yield {key: item for key, item in known.items() if isinstance(key, str) and isinstance(item, str)}
