"""The survey walks a module's tree once and notes what the later steps ask for: scopes, imports, bindings, classes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, cast

from msgspec import Struct, field

from archcheck.surfaces.python.libraries import COMMON, DATABASES, INTERESTING
from archcheck.surfaces.python.names import absolute
from archcheck.surfaces.python.parse import DEEPEST, too_deep
from archcheck.surfaces.python.words import words

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Block: TypeAlias = (
    ast.For
    | ast.AsyncFor
    | ast.While
    | ast.If
    | ast.Try
    | ast.TryStar
    | ast.With
    | ast.AsyncWith
    | ast.ExceptHandler
    | ast.Lambda
)


class Scope(Struct, eq=False):
    """A module, a class or a function: what is bound in it and what it holds.

    `bindings` are the expressions assigned to a name (None for a way of binding that is not followed); only modules and
    classes keep them, functions are followed statement by statement. `attributes` of a class are those set on `self`.
    `calls` and `throws` are what is called and raised. `locals` are what a function binds: expressions, or what a
    `with` was entered with, or None. `typed` are the annotations of names, and of attributes of `self`. `blocks` are
    the loops, handlers and other blocks that stand in it, outer ones first; `yields` says that it is a generator.
    """

    kind: Literal["module", "class", "function"]
    node: ast.Module | ast.ClassDef | Function
    parent: Scope | None
    qualname: str
    children: list[Scope] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    bindings: dict[str, list[ast.expr | None]] = field(default_factory=dict)
    attributes: dict[str, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    returns: list[ast.expr | None] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    throws: list[ast.expr] = field(default_factory=list)
    locals: dict[str, list[ast.expr | None]] = field(default_factory=dict)
    typed: dict[str, ast.expr] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    interesting: bool = False
    yields: bool = False
    _index: dict[str, Scope] = field(default_factory=dict)
    _nodes: dict[ast.AST, Scope] = field(default_factory=dict)

    def child(self, node: ast.AST) -> Scope | None:
        """The scope of a class or function that stands in this one; the module has been walked when it is asked."""
        if len(self._nodes) != len(self.children):
            self._nodes = {scope.node: scope for scope in self.children}
        return self._nodes.get(node)

    def named(self, name: str) -> Scope | None:
        """The class or function of that name that stands in this one; the last one defined."""
        if self.children and not self._index:
            self._index = {scope.qualname.rpartition(".")[2]: scope for scope in self.children}
        return self._index.get(name)


class Survey(Struct):
    """A module as it was walked. `tops` are the top-level packages it imports, `awaited` the calls that are awaited,
    `imported` its import statements with the scopes they stand in.
    """

    module: Scope
    tops: set[str] = field(default_factory=set)
    awaited: set[ast.expr] = field(default_factory=set)
    imported: list[tuple[ast.Import | ast.ImportFrom, Scope]] = field(default_factory=list)
    annotations: dict[str, ast.expr] = field(default_factory=dict)


def survey(tree: ast.Module, path: str, name: str) -> Survey:
    """Walk a tree. Raises `Unread` where it is deeper than every interpreter takes."""
    walk = _Walk(path, name, tree)
    walk.run()
    for called, scope in walk.named:
        if called in INTERESTING or walk.renamed.get(called, "") in INTERESTING:
            mark(scope)
    if not DATABASES.isdisjoint(walk.result.tops):
        for scope in walk.common:
            mark(scope)
    return walk.result


def mark(scope: Scope | None) -> None:
    """Have a scope followed, and those it stands in."""
    while scope is not None and not scope.interesting:
        scope.interesting = True
        scope = scope.parent


class _Walk:
    """The state of one walk: a stack of nodes with the scope they stand in and their depth."""

    __slots__ = ("common", "name", "named", "package", "path", "renamed", "result", "stack")

    def __init__(self, path: str, name: str, tree: ast.Module) -> None:
        self.path = path
        self.name = name
        self.package = path.endswith("__init__.py")
        self.result = Survey(Scope("module", tree, None, ""))
        self.stack: list[tuple[ast.AST, Scope, int]] = [(n, self.result.module, 1) for n in reversed(tree.body)]
        self.named: list[tuple[str, Scope]] = []
        self.common: list[Scope] = []
        self.renamed: dict[str, str] = {}

    def run(self) -> None:
        stack, fields, visitors = self.stack, _FIELDS, _VISITORS
        while stack:
            node, scope, depth = stack.pop()
            kind = type(node)
            visitor = visitors.get(kind)
            if visitor is not None:
                inner = visitor(self, node, scope)
                if inner is not None:
                    scope = inner
            if depth > DEEPEST:
                raise too_deep(self.path, getattr(node, "lineno", 0))
            depth += 1
            for name in fields[kind]:
                child = getattr(node, name)
                if child.__class__ is list:
                    for item in reversed(child):
                        if item is not None:
                            stack.append((item, scope, depth))
                elif child is not None:
                    stack.append((child, scope, depth))

    def function(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, Function)
        if scope.kind != "function":
            scope.bindings.setdefault(node.name, []).append(None)
        return self._inner("function", node, scope)

    def class_(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.ClassDef)
        return self._inner("class", node, scope)

    def _inner(self, kind: Literal["class", "function"], node: ast.ClassDef | Function, scope: Scope) -> Scope:
        qualname = f"{scope.qualname}.{node.name}" if scope.qualname else node.name
        inner = Scope(kind, node, scope, qualname)
        scope.children.append(inner)
        return inner

    def import_(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Import)
        self.result.imported.append((node, scope))
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.result.tops.add(top)
            scope.imports[alias.asname or top] = alias.name if alias.asname else top

    def import_from(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.ImportFrom)
        self.result.imported.append((node, scope))
        module = absolute(self.name, self.package, node.level, node.module or "")
        if not node.level:
            self.result.tops.add(module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(module)
                continue
            scope.imports[alias.asname or alias.name] = f"{module}.{alias.name}"
            if alias.asname:
                self.renamed[alias.asname] = alias.name

    def call(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Call)
        function = node.func
        scope.calls.append(node)
        if type(function) is ast.Attribute:
            if function.attr in INTERESTING:
                mark(scope)
            elif function.attr in COMMON:
                self.common.append(scope)
        elif type(function) is ast.Name:
            self.named.append((function.id, scope))

    def assign(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Assign)
        for target in node.targets:
            self._bind(target, node.value, scope)

    def ann_assign(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.AnnAssign)
        self._annotate(node.target, node.annotation, scope)
        if node.value is not None:
            self._bind(node.target, node.value, scope)
        elif scope.kind == "class" and isinstance(node.target, ast.Name):
            scope.bindings.setdefault(node.target.id, [])

    def aug_assign(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.AugAssign)
        self._bind(node.target, None, scope)

    def named_expr(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.NamedExpr)
        if scope.kind == "function":
            self._bind(node.target, node.value, scope)

    def rebind(self, node: ast.AST, scope: Scope) -> None:
        """A loop, a `with` or a handler at module level binds names in ways that are not followed here."""
        target = getattr(node, "target", None) or getattr(node, "optional_vars", None)
        if isinstance(target, ast.expr):
            self._bind(target, None, scope)
        if isinstance(node, ast.withitem) and isinstance(target, ast.Name):
            scope.locals.setdefault(target.id, [None])[-1] = node.context_expr
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            scope.blocks.append(node)

    def block(self, node: ast.AST, scope: Scope) -> None:
        scope.blocks.append(cast(Block, node))

    def await_(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Await)
        self.result.awaited.add(node.value)

    def return_(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Return)
        scope.returns.append(node.value)

    def raise_(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Raise)
        if node.exc is not None:
            scope.throws.append(node.exc)

    def yield_(self, node: ast.AST, scope: Scope) -> None:
        scope.returns.append(None)
        scope.yields = True

    def _bind(self, target: ast.expr, value: ast.expr | None, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            if scope.kind != "function":
                scope.bindings.setdefault(target.id, []).append(value)
            else:
                scope.locals.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Attribute):
            if value is not None and isinstance(target.value, ast.Name) and target.value.id == "self":
                owner = scope.parent
                if owner is not None and owner.kind == "class":
                    owner.attributes.setdefault(target.attr, []).append((value, scope))
        elif isinstance(target, (ast.Tuple, ast.List)):
            values: list[ast.expr | None] = [None] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                values = list(value.elts)
            for inner, item in zip(target.elts, values, strict=True):
                self._bind(inner, item, scope)

    def _annotate(self, target: ast.expr, annotation: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.typed[target.id] = annotation
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            owner = scope.parent
            if owner is not None and owner.kind == "class":
                owner.typed[target.attr] = annotation


_Visitor: TypeAlias = Callable[[_Walk, ast.AST, Scope], Scope | None]

_VISITORS: Final[dict[type[ast.AST], _Visitor]] = {
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.ClassDef: _Walk.class_,
    ast.Import: _Walk.import_,
    ast.ImportFrom: _Walk.import_from,
    ast.Call: _Walk.call,
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.ann_assign,
    ast.AugAssign: _Walk.aug_assign,
    ast.For: _Walk.rebind,
    ast.AsyncFor: _Walk.rebind,
    ast.withitem: _Walk.rebind,
    ast.Return: _Walk.return_,
    ast.Raise: _Walk.raise_,
    ast.Yield: _Walk.yield_,
    ast.YieldFrom: _Walk.yield_,
    ast.Await: _Walk.await_,
    ast.While: _Walk.block,
    ast.If: _Walk.block,
    ast.Try: _Walk.block,
    ast.TryStar: _Walk.block,
    ast.With: _Walk.block,
    ast.AsyncWith: _Walk.block,
    ast.ExceptHandler: _Walk.block,
    ast.Lambda: _Walk.block,
    ast.NamedExpr: _Walk.named_expr,
}

# Fields that hold no nodes, or only nodes that say nothing (contexts, operators).
_LEAVES: Final = words(
    """
    ctx op ops id attr name names module level asname type_comment kind simple rest is_async conversion str tag
    type_ignores
    """
)


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    if kind in (ast.Constant, ast.Name, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.alias):
        return ()
    if issubclass(kind, (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)):
        return ()
    drop = {"arg"} if kind in (ast.arg, ast.keyword) else set()
    fields = [name for name in kind._fields if name not in _LEAVES and name not in drop]
    if kind in (ast.MatchSingleton,):
        return ()
    if kind is ast.MatchClass:
        fields.remove("kwd_attrs")
    return tuple(reversed(fields))


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The child fields of each node type, found when a type is first met."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        fields = self[kind] = _fields_of(kind)
        return fields


_FIELDS: Final = _Fields()
