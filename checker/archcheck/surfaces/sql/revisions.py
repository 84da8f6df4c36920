"""Alembic's revisions: what each file says of its place in the graph, and the order that the graph gives them."""

from __future__ import annotations

import ast
import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from archcheck.surfaces.sql.pynodes import Bound
from archcheck.surfaces.sql.pyvalues import value
from archcheck.surfaces.sql.statements import Revision

_ASSIGNED: Final = re.compile(
    r"^(revision|down_revision|depends_on|branch_labels)\b[^=\n]*=[ \t]*"
    r"(\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]|\{[^}]*\}|[^#\r\n]*)",
    re.MULTILINE,
)


def read_revision(text: str) -> Revision | None:
    """The revision a file says it is; None for other files. Only the four assignments are looked at."""
    if "down_revision" not in text:
        return None
    found = {match.group(1): match.group(2).strip() for match in _ASSIGNED.finditer(text)}
    if "down_revision" not in found or "revision" not in found:
        return None
    named = _names(found["revision"])
    if len(named) != 1:
        return None
    others = (_names(found.get(name, "None")) for name in ("down_revision", "depends_on", "branch_labels"))
    return Revision(named[0], *others)


def _names(text: str) -> tuple[str, ...]:
    try:
        said = value(Bound(ast.parse(text.rstrip("; "), mode="eval").body, {}))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    items: Iterable[object] = said if isinstance(said, tuple | list) else (said,)
    return tuple(item for item in items if isinstance(item, str) and item)


def trees(found: Mapping[str, Revision], together: Iterable[Iterable[str]] = ()) -> list[list[str]]:
    """The paths of each tree of revisions, in order. Folders are one tree when a revision of one follows the other's.

    So are those that settings take `together`, as branches of one history.
    A repository may have several trees with the same ids in different folders: a folder's own revisions go first.
    """
    folders: dict[str, dict[str, Revision]] = {}
    for path, revision in found.items():
        folders.setdefault(path.rpartition("/")[0], {})[path] = revision
    root = {folder: folder for folder in folders}

    def home(folder: str) -> str:
        while root[folder] != folder:
            folder = root[folder]
        return folder

    ids = {folder: {revision.id for revision in members.values()} for folder, members in folders.items()}
    for folder, members in sorted(folders.items()):
        foreign = {parent for r in members.values() for parent in (*r.parents, *r.depends)} - ids[folder]
        for parent in sorted(foreign):
            owner = next((other for other in sorted(folders) if parent in ids[other]), None)
            if owner is not None:
                root[home(folder)] = home(owner)
    for group in together:
        first, *rest = sorted(group) or [""]
        for folder in rest:
            root[home(folder)] = home(first)
    joined: dict[str, dict[str, Revision]] = {}
    for folder, members in sorted(folders.items()):
        joined.setdefault(home(folder), {}).update(members)
    return [ordered(members) for _, members in sorted(joined.items())]


def ordered(found: Mapping[str, Revision]) -> list[str]:
    """The paths so that every revision stands behind those it needs; among several, the first by path goes first.

    A revision whose parent is missing starts a branch; what goes round in circles comes last.
    """
    paths = {revision.id: path for path, revision in sorted(found.items(), reverse=True)}
    waiting = {
        path: {p for p in (*revision.parents, *revision.depends) if _named(p, paths) and _named(p, paths) != path}
        for path, revision in found.items()
    }
    after: dict[str, list[str]] = {}
    for path, parents in waiting.items():
        for parent in parents:
            after.setdefault(_named(parent, paths), []).append(path)
    ready = [path for path, parents in waiting.items() if not parents]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        path = heapq.heappop(ready)
        done.append(path)
        for other in after.get(path, ()):
            waiting[other] = {p for p in waiting[other] if _named(p, paths) != path}
            if not waiting[other]:
                heapq.heappush(ready, other)
    left = set(found).difference(done)
    return [*done, *sorted(left)]


def _named(parent: str, paths: Mapping[str, str]) -> str:
    """The path of a revision by its id, or by the start of it, as Alembic allows."""
    if parent in paths:
        return paths[parent]
    matching: Sequence[str] = [name for name in paths if name.startswith(parent)] if len(parent) >= 4 else []
    return paths[matching[0]] if len(matching) == 1 else ""
