"""The modules of a project that its migrations import: looked for when a name is used, and noted with their content.

What a migration says may lean on helpers and constants of other modules. Everything that was looked for is noted, so
that what is remembered of the migration holds only while all of that stands as it stood.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from archcheck.source import Unread
from archcheck.surface import Files
from archcheck.surfaces.sql.pynodes import Bound, Elsewhere, constant, dotted, unplaced
from archcheck.surfaces.sql.pyobjects import Class, Function, Imported, Importing
from archcheck.surfaces.sql.pypaths import Opening, paths, reading
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.pytexts import UNKNOWN
from archcheck.surfaces.sql.pyvalues import bind, unbind, value

_MOST_MODULES: Final = 150
_DEPTH: Final = 3
_KNOWN: Final = frozenset({"os", "os.path", "pathlib", "importlib"})
_LARGEST: Final = 500_000
_CHANGING: Final = frozenset({"append", "add", "extend", "insert", "update", "setdefault", "pop", "remove"})
_HARMLESS: Final = frozenset(
    "sqlalchemy alembic sqlmodel structlog loguru geoalchemy2 sqlalchemy_searchable sqlalchemy_utils tqdm rich click "
    "typer pydantic dotenv".split()
)


def harmless(name: str) -> bool:
    """Whether a dotted name is of the language or of a library that changes no table by itself."""
    top = name.partition(".")[0]
    return top in _HARMLESS or top in sys.stdlib_module_names


class Modules:
    """The modules of one history. `leans` holds what was looked for since it was last emptied: path and digest.

    The digest of what is not there is empty.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.leans: dict[str, str] = {}
        self._places: dict[tuple[str, int, str], tuple[str | None, dict[str, str]]] = {}
        self._digests: dict[str, str] = {}
        self._reading = reading(files, self._noted)
        self._opened: dict[str, dict[str, Bound] | None] = {}
        # The modules of which a file imports everything, with the level of the import.
        self._stars: dict[str, list[tuple[str, int]]] = {}

    def digest(self, path: str) -> str:
        """What tells the content of a file from another; empty when there is none."""
        if path not in self._digests:
            try:
                self._digests[path] = hashlib.blake2b(self.files.open(path).data, digest_size=16).hexdigest()
            except Unread:
                self._digests[path] = ""
        return self._digests[path]

    def _noted(self, path: str) -> None:
        self.leans[path] = self.digest(path)

    def stands(self, leans: Mapping[str, str]) -> bool:
        """Whether everything that was once looked for is as it was."""
        return all(
            self.digest(path) == known if known else not self.files.exists(path) for path, known in leans.items()
        )

    def scope(self, tree: ast.Module, path: str) -> dict[str, Bound]:
        """The names of a module: what it assigns, defines and imports."""
        scope: dict[str, Bound] = {
            "__file__": Bound(constant(f"/{path}"), {}),
            "open": Bound(Opening(self._reading), {}),
        }
        self._fill(tree.body, path, scope)
        return scope

    def names(self, path: str) -> Mapping[str, Bound]:
        """The names of the module at a path; none when it cannot be read."""
        return (self._open(path) if path else None) or {}

    def path_of(self, scope: Mapping[str, Bound]) -> str:
        """The file whose names these are."""
        known = value(scope["__file__"]) if "__file__" in scope else ""
        return known.removeprefix("/") if isinstance(known, str) else ""

    def imported(self, statement: ast.Import | ast.ImportFrom, path: str) -> Iterator[tuple[str, Bound]]:
        """The names that an import in the file at `path` brings."""
        for alias in statement.names:
            if isinstance(statement, ast.Import):
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                found = Elsewhere(alias.name, partial(self._module, name, 0, path))
                yield alias.asname or name, Bound(found, {})
            elif alias.name == "*":
                self._stars.setdefault(path, []).append((statement.module or "", statement.level))
            else:
                module = statement.module or ""
                find = partial(self._attribute, module, statement.level, path, alias.name)
                yield alias.asname or alias.name, Bound(Elsewhere(f"{module or '.'}.{alias.name}", find), {})

    def _fill(self, body: list[ast.stmt], path: str, scope: dict[str, Bound]) -> None:
        for statement in body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                scope.update(self.imported(statement, path))
            elif isinstance(statement, ast.FunctionDef):
                scope[statement.name] = Bound(Function(statement, scope), scope)
            elif isinstance(statement, ast.ClassDef):
                scope[statement.name] = Bound(Class(statement, scope), scope)
            elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
                assign(statement, scope)
            elif isinstance(statement, ast.Try | ast.TryStar):
                self._fill(statement.body, path, scope)
            elif isinstance(statement, ast.If):
                decided = value(Bound(statement.test, scope))
                if decided is UNKNOWN:
                    forget(statement, scope)
                    _changed(statement, scope)
                else:
                    self._fill(statement.body if decided else statement.orelse, path, scope)
            elif isinstance(statement, ast.Expr | ast.For | ast.While | ast.With | ast.Match | ast.Delete):
                forget(statement, scope)
                _changed(statement, scope)

    def _module(self, name: str, level: int, path: str) -> Bound | None:
        """A module or a package by its dotted name, seen from the file at `path`."""
        if not level and harmless(name):
            return self._of_language(name, path)
        found = self._place(name, level, path)
        if found is None:
            return None
        return Bound(Imported(partial(self._held, found, name, level, path)), {})

    def _attribute(self, module: str, level: int, path: str, name: str) -> Bound | None:
        """What `from module import name` brings."""
        if not level and harmless(module):
            return self._of_language(f"{module}.{name}", path)
        found = self._place(module, level, path)
        return self._held(found, module, level, path, name) if found is not None else None

    def _of_language(self, name: str, path: str) -> Bound | None:
        """What is known of the standard library, for the file at `path`: how it makes paths, and imports by name."""
        if name in _KNOWN:
            return Bound(Imported(lambda inner: self._of_language(f"{name}.{inner}", path)), {})
        if name == "importlib.import_module":
            return Bound(Importing(lambda module: self._module(module, 0, path)), {})
        return paths(name, self._reading)

    def _held(self, found: str, module: str, level: int, path: str, name: str, depth: int = _DEPTH) -> Bound | None:
        scope = self._open(found) if found.endswith(".py") else None
        if scope is not None and name in scope:
            return scope[name]
        for other, above in self._stars.get(found, ()) if scope is not None and depth else ():
            if above or not harmless(other):
                place = self._place(other, above, found)
                starred = self._held(place, other, above, found, name, depth - 1) if place is not None else None
                if starred is not None:
                    return starred
        return self._module(f"{module}.{name}" if module else name, level, path)

    def _place(self, name: str, level: int, path: str) -> str | None:
        """The file of a module, or the folder of a package without one; None when it is not of the project."""
        folder = path.rpartition("/")[0]
        key = (folder, level, name)
        if key not in self._places:
            parts = name.split(".") if name else []
            looked: dict[str, str] = {}
            above = folder.split("/") if folder else []
            found = None
            if not level:
                home = self._home(parts[0], folder, looked) if parts else None
                found = self._within(home.removesuffix("/"), parts, looked) if home is not None else None
            elif level <= len(above) + 1:
                found = self._within("/".join(above[: len(above) - level + 1]), parts, looked)
            self._places[key] = (found, looked)
        found, looked = self._places[key]
        self.leans |= looked
        return found

    def _home(self, top: str, folder: str, looked: dict[str, str]) -> str | None:
        """The nearest folder above with a module or a package of that name."""
        for place in _places(folder):
            names = (f"{place}{top}.py", f"{place}{top}")
            if any(self.files.exists(name) for name in names):
                return place
            looked |= dict.fromkeys(names, "")
        return None

    def _within(self, home: str, parts: list[str], looked: dict[str, str]) -> str | None:
        place = "/".join([*filter(None, [home]), *parts])
        for file in (f"{place}.py", f"{place}/__init__.py") if parts else (f"{place}/__init__.py",):
            if self.files.exists(file):
                return file
            looked[file] = ""
        return place if self.files.exists(place) else None

    def _open(self, path: str) -> dict[str, Bound] | None:
        """The names of the module at `path`; None when it cannot be read."""
        # Counted for each migration: what others opened before does not change what it means.
        if path not in self.leans and sum(map(bool, self.leans.values())) >= _MOST_MODULES:
            return None
        self.leans[path] = self.digest(path)
        if path not in self._opened:
            self._opened[path] = self._read(path)
        return self._opened[path]

    def _read(self, path: str) -> dict[str, Bound] | None:
        try:
            source = self.files.open(path)
            if len(source.data) > _LARGEST:
                return None
            tree = PyFile(source).tree
        except Unread:
            return None
        unplaced(tree)
        return self.scope(tree, path)


def assign(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: dict[str, Bound]) -> None:
    """Give names to what a statement assigns."""
    if isinstance(statement, ast.AugAssign):
        if isinstance(statement.target, ast.Name) and statement.target.id in scope:
            name = statement.target.id
            inner = {"*left": scope[name], "*right": Bound(statement.value, dict(scope))}
            sides = (ast.Name("*left", ast.Load()), ast.Name("*right", ast.Load()))
            joined = ast.copy_location(ast.BinOp(sides[0], statement.op, sides[1]), statement.value)
            for side in sides:
                ast.copy_location(side, statement.value)
            scope[name] = Bound(joined, inner)
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets if statement.value is not None else ():
        assert statement.value is not None
        # A constant needs no names.
        bind(target, Bound(statement.value, {} if isinstance(statement.value, ast.Constant) else dict(scope)), scope)
        if isinstance(target, ast.Attribute) and target.attr == "naming_convention":
            scope[dotted(target)] = Bound(statement.value, dict(scope))


def forget(statement: ast.stmt, scope: dict[str, Bound]) -> None:
    """What a statement may assign is not known any more."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            unbind(node, scope)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            scope.pop(node.name, None)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.pop(node.rest, None)


def _changed(statement: ast.stmt, scope: dict[str, Bound]) -> None:
    """What a statement fills or empties is not what was written for it any more."""
    for node in ast.walk(statement):
        held = node.func if isinstance(node, ast.Call) else node
        if isinstance(held, ast.Attribute):
            changes = held is not node and held.attr in _CHANGING
        else:
            changes = isinstance(held, ast.Subscript) and not isinstance(held.ctx, ast.Load)
        if changes and isinstance(held, ast.Attribute | ast.Subscript) and isinstance(held.value, ast.Name):
            scope.pop(held.value.id, None)


def _places(folder: str) -> Iterator[str]:
    """The folders that Python may look into, as prefixes, the nearest first."""
    parts = folder.split("/") if folder else []
    for count in range(len(parts), -1, -1):
        place = "".join(f"{part}/" for part in parts[:count])
        yield place
        yield f"{place}src/"
