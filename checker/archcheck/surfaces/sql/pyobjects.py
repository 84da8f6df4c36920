"""Modules, classes and functions of the project as values: what their attributes hold, and what a call returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from archcheck.surfaces.sql.pynodes import Bound, Holder, Returning, constant, dotted, mapping, sequence
from archcheck.surfaces.sql.pytexts import UNKNOWN
from archcheck.surfaces.sql.pyvalues import bind, elements, followed, pairs, value


class Imported(Holder):
    """A module of the project."""

    def __init__(self, attribute: Callable[[str], Bound | None]) -> None:
        self.attribute = attribute

    def held(self, name: str, made: Bound | None, depth: int) -> Bound | None:
        return self.attribute(name)


class Importing(Returning):
    """A function that gives a module by its name."""

    def __init__(self, find: Callable[[str], Bound | None]) -> None:
        self.find = find

    def returned(self, call: Bound, depth: int) -> Bound | None:
        node, scope = call
        name = value(Bound(node.args[0], scope), depth - 1) if isinstance(node, ast.Call) and node.args else None
        return self.find(name) if isinstance(name, str) and name[:1] != "." else None


class Function(Returning):
    """A function with the names of its module. `owner` is what it is called on, an instance or a class."""

    def __init__(self, definition: ast.FunctionDef, home: Mapping[str, Bound], owner: Bound | None = None) -> None:
        self.definition = definition
        self.home = home
        self.owner = owner

    def returned(self, call: Bound, depth: int) -> Bound | None:
        return _returned(self.definition.body, self.arguments(call), depth)

    def arguments(self, call: Bound) -> dict[str, Bound]:
        """The names in force within it when it is called: its module's, and its parameters."""
        taken, named, whole = given(call)
        taken = taken if self.owner is None else [self.owner, *taken]
        wanted = self.definition.args
        names = [argument.arg for argument in (*wanted.posonlyargs, *wanted.args)]
        known = {*names, *(argument.arg for argument in wanted.kwonlyargs)}
        scope = {name: bound for name, bound in self.home.items() if name not in known}
        if whole:
            scope.update({name: Bound(node, self.home) for name, node in self._defaults(names)})
        scope.update(zip(names, taken, strict=False))
        scope.update({name: item for name, item in named.items() if name in known})
        for rest in (wanted.vararg, wanted.kwarg):
            if rest is not None:
                scope.pop(rest.arg, None)
        if wanted.vararg is not None and whole:
            scope[wanted.vararg.arg] = sequence(taken[len(names) :])
        if wanted.kwarg is not None and whole:
            scope[wanted.kwarg.arg] = mapping({name: item for name, item in named.items() if name not in known})
        return scope

    def _defaults(self, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
        wanted = self.definition.args
        yield from zip(reversed(names), reversed(wanted.defaults), strict=False)
        alone = zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True)
        yield from ((argument.arg, node) for argument, node in alone if node is not None)


class Class(Holder):
    """A class with the names of its module."""

    def __init__(self, definition: ast.ClassDef, home: Mapping[str, Bound]) -> None:
        self.definition = definition
        self.home = home

    def held(self, name: str, made: Bound | None, depth: int) -> Bound | None:
        return self._held(name, made, depth, set())

    def _held(self, name: str, made: Bound | None, depth: int, seen: set[ast.ClassDef]) -> Bound | None:
        if depth <= 0 or self.definition in seen:
            return None
        seen.add(self.definition)
        if made is not None and (own := self._of_instance(name, made)) is not None:
            return own
        for statement in reversed(self.definition.body):
            if isinstance(statement, ast.FunctionDef) and statement.name == name:
                return self._method(statement, made, depth)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    return Bound(statement.value, self.home)
        for base in self.definition.bases:
            above = followed(Bound(base, self.home), depth - 1).node
            if isinstance(above, Class) and (found := above._held(name, made, depth - 1, seen)) is not None:
                return found
        return None

    def methods(self, depth: int = 8) -> Iterator[Function]:
        """Its methods, and those of the classes of the project that it is made of."""
        owner = Bound(self, self.home)
        for statement in self.definition.body:
            if isinstance(statement, ast.FunctionDef):
                yield Function(statement, self.home, owner)
        for base in self.definition.bases if depth else ():
            above = followed(Bound(base, self.home)).node
            if isinstance(above, Class):
                yield from above.methods(depth - 1)

    def _of_instance(self, name: str, made: Bound) -> Bound | None:
        """One of the arguments that an instance was made with."""
        body = self.definition.body
        first = next((s for s in body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
        if first is not None:
            scope = Function(first, self.home, made).arguments(made)
            for statement in first.body:
                if isinstance(statement, ast.Assign) and any(dotted(t) == f"self.{name}" for t in statement.targets):
                    return Bound(statement.value, scope)
            return None
        fields = [s.target.id for s in body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        positional, named, _ = given(made)
        taken = {**dict(zip(fields, positional, strict=False)), **named}
        return taken[name] if name in taken and name in fields else None

    def _method(self, definition: ast.FunctionDef, made: Bound | None, depth: int) -> Bound | None:
        marks = {dotted(mark).rpartition(".")[2] for mark in definition.decorator_list}
        if not marks.isdisjoint({"property", "cached_property"}):
            own = {argument.arg: made for argument in definition.args.args[:1] if made is not None}
            return _returned(definition.body, {**self.home, **own}, depth)
        owner = Bound(self, self.home) if "classmethod" in marks else None if "staticmethod" in marks else made
        return Bound(Function(definition, self.home, owner), self.home)


def given(bound: Bound) -> tuple[list[Bound], dict[str, Bound], bool]:
    """The arguments of a call, by position and by name, and whether these are all."""
    node, scope = bound
    assert isinstance(node, ast.Call)
    positional: list[Bound] = []
    named: dict[str, Bound] = {}
    whole = True
    for item in node.args:
        spread = elements(Bound(item.value, scope)) if isinstance(item, ast.Starred) else [Bound(item, scope)]
        positional += spread or []
        whole = whole and spread is not None
    for keyword in node.keywords:
        if keyword.arg:
            named[keyword.arg] = Bound(keyword.value, scope)
            continue
        more = pairs(Bound(keyword.value, scope))
        whole = whole and more is not None
        for key, held in more or ():
            known = value(key)
            if isinstance(known, str):
                named[known] = held
    return positional, named, whole


def _returned(body: list[ast.stmt], scope: dict[str, Bound], depth: int) -> Bound | None:
    """What a function of plain assignments and decided conditions returns."""
    if depth <= 0:
        return None
    for statement in body:
        if isinstance(statement, ast.Return):
            return Bound(statement.value, dict(scope)) if statement.value is not None else Bound(constant(None), {})
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            given_so = Bound(statement.value, dict(scope))
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                bind(target, given_so, scope)
        elif isinstance(statement, ast.If):
            decided = value(Bound(statement.test, scope), depth - 1)
            branch = statement.body if decided else statement.orelse
            if decided is UNKNOWN:
                return None
            if any(isinstance(inner, ast.Return) for part in branch for inner in ast.walk(part)):
                return _returned(branch, scope, depth - 1)
            if not all(isinstance(inner, ast.Expr | ast.Pass) for inner in branch):
                return None
        elif not isinstance(statement, ast.Expr | ast.Import | ast.ImportFrom | ast.Pass):
            return None
    return None
