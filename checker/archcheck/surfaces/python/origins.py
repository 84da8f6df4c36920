"""Where the things of a module come from: the dotted name behind a name, an attribute, or an object kept somewhere."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.words import words

_BUILTINS: Final = frozenset(dir(builtins))
_DEEPEST: Final = 12
_OF_A_KIND: Final = frozenset({"django.core.cache.caches"})
"""What holds things of one kind, each under its name."""

_WRAPPERS: Final = words("Optional Annotated Final ClassVar Required NotRequired Type type")
_PASSING: Final = words(
    "contextlib.closing contextlib.aclosing asyncio.wait_for asyncio.shield copy.copy copy.deepcopy weakref.proxy"
)
_ENTERING: Final = words("enter_context enter_async_context __enter__ __aenter__")


class Named(Struct, frozen=True):
    """A dotted name, absolute, without the parentheses of the calls in it.

    `requests.Session` is the class and what calling it gives; `made` is the call that gave it, where it is seen, and
    `result` says that this is what it gave, and not something of that.
    """

    name: str
    made: ast.Call | None = None
    result: bool = False


NOTHING: Final = Named("")


class Origins:
    """The names of one module as they are looked up, each once."""

    __slots__ = ("_busy", "_context", "_known")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[tuple[Scope, str], Named] = {}
        self._busy: set[tuple[Scope, str]] = set()

    def of(self, node: ast.expr, scope: Scope, depth: int = 0) -> Named:
        """What an expression is or comes from; nothing where nobody can tell."""
        if depth > _DEEPEST:
            return NOTHING
        depth += 1
        match node:
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=value, attr=attr):
                return self._attribute(value, attr, scope, depth)
            case ast.Call():
                return self._call(node, scope, depth)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.of(value, scope, depth)
            case ast.IfExp(body=body, orelse=orelse):
                return self._agreed((self.of(body, scope, depth), self.of(orelse, scope, depth)))
            case ast.BoolOp(op=ast.Or(), values=values):
                return self._agreed(self.of(value, scope, depth) for value in values)
            case ast.Subscript(value=value):
                # An alias of a type: `SessionDep = Annotated[Session, Depends(get_session)]`.
                held = self.of(value, scope, depth)
                wraps = held.name.rpartition(".")[2] in _WRAPPERS
                return self.of_type(node, scope, depth) if wraps else held if held.name in _OF_A_KIND else NOTHING
        return NOTHING

    def of_type(self, annotation: ast.expr | None, scope: Scope, depth: int = 0) -> Named:
        """The class that an annotation names, through `Optional`, `Annotated`, `| None` and quotes."""
        depth += 1
        match annotation:
            case ast.Name() | ast.Attribute() if depth <= _DEEPEST:
                return self.of(annotation, scope, depth)
            case ast.Constant(value=str(text)) if len(text) < 200:
                try:
                    return self.of_type(ast.parse(text, mode="eval").body, scope, depth)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    return NOTHING
            case ast.BinOp(left=left, right=right):
                kinds = [side for side in (left, right) if not (isinstance(side, ast.Constant) and side.value is None)]
                return self.of_type(kinds[0], scope, depth) if len(kinds) == 1 else NOTHING
            case ast.Subscript(value=value, slice=inner):
                name = self.of(value, scope, depth).name.rpartition(".")[2]
                if name not in _WRAPPERS:
                    return self.of(value, scope, depth)
                first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                return self.of_type(first, scope, depth)
        return NOTHING

    def scope_of(self, name: str) -> Scope | None:
        """The class or function of this module that an absolute dotted name stands for."""
        own = f"{self._context.name}."
        if not name.startswith(own):
            return None
        scope: Scope | None = self._context.survey.module
        for part in name[len(own) :].split("."):
            scope = scope.named(part) if scope is not None else None
        return scope

    def attribute(self, owner: Scope, attr: str) -> Named:
        """An attribute of a class of this module, or of what it makes: set on `self`, bound, declared or inherited."""
        key = (owner, f".{attr}")
        if key in self._known:
            return self._known[key]
        if key in self._busy or len(self._busy) > 40:
            return NOTHING
        self._busy.add(key)
        found = self._set(owner, attr) or self._inherited(owner, attr)
        self._busy.discard(key)
        self._known[key] = found
        return found

    def _set(self, owner: Scope, attr: str) -> Named | None:
        method = owner.named(attr)
        if method is not None:
            if isinstance(method.node, Function) and _is_property(method.node):
                return self._returned(method, 0)
            return Named(f"{self._context.name}.{method.qualname}")
        values = [(value, scope) for value, scope in owner.attributes.get(attr, ())]
        values += [(value, owner) for value in owner.bindings.get(attr, ()) if value is not None]
        found = self._agreed(self.of(value, scope) for value, scope in values if not _is_none(value))
        if not found.name and attr in owner.typed:
            found = self.of_type(owner.typed[attr], owner)
        return found if found.name or values else None

    def _inherited(self, owner: Scope, attr: str) -> Named:
        assert isinstance(owner.node, ast.ClassDef)
        for base in owner.node.bases:
            name = self.of(base, owner.parent or owner).name
            parent = self.scope_of(name)
            if parent is None:
                # A foreign class: it may have the attribute; one without a known name has not.
                if name and name != "builtins.object":
                    return Named(f"{name}.{attr}")
                continue
            found = self.attribute(parent, attr) if parent.kind == "class" else NOTHING
            if found.name:
                return found
        return NOTHING

    def _name(self, name: str, scope: Scope) -> Named:
        key = (scope, name)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._busy or len(self._busy) > 40:
            return NOTHING
        self._busy.add(key)
        found = self._looked_up(name, scope)
        self._busy.discard(key)
        self._known[key] = found
        return found

    def _looked_up(self, name: str, scope: Scope) -> Named:
        here: Scope | None = scope
        while here is not None:
            if here.kind != "class" or here is scope:
                found = self._in_scope(name, here)
                if found is not None:
                    return found
            here = here.parent
        if name in _BUILTINS:
            return Named(f"builtins.{name}")
        stars = self._context.survey.module.stars
        return Named(f"{stars[0]}.{name}") if len(stars) == 1 else NOTHING

    def _in_scope(self, name: str, scope: Scope) -> Named | None:
        origin = scope.imports.get(name)
        if origin is not None:
            shadowed = origin.partition(".")[0] in self._context.shadowed
            return Named(f".{origin}" if shadowed else origin)
        values = scope.locals.get(name) if scope.kind == "function" else None
        if values is None:
            values = [value for value in scope.bindings.get(name, ()) if value is not None] or scope.locals.get(name)
        if values is not None:
            if any(value is None for value in values):
                return NOTHING
            found = self._agreed(self.of(value, scope) for value in values if value is not None and not _is_none(value))
            if found.name or name not in scope.typed:
                return found
        if name in scope.typed:
            return self.of_type(scope.typed[name], scope)
        inner = scope.named(name)
        if inner is not None:
            return Named(f"{self._context.name}.{inner.qualname}")
        return self._parameter(name, scope) if isinstance(scope.node, Function) else None

    def _parameter(self, name: str, scope: Scope) -> Named | None:
        assert isinstance(scope.node, Function)
        arguments = scope.node.args
        for index, arg in enumerate([*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]):
            if arg.arg != name:
                continue
            owner = scope.parent
            if not index and owner is not None and owner.kind == "class" and name in ("self", "cls"):
                return Named(f"{self._context.name}.{owner.qualname}")
            return self.of_type(arg.annotation, owner or scope)
        rest = [arg.arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None]
        return NOTHING if name in rest else None

    def _attribute(self, value: ast.expr, attr: str, scope: Scope, depth: int) -> Named:
        owner = self.of(value, scope, depth)
        if not owner.name:
            return NOTHING
        if attr in _ENTERING:
            return owner
        defined = self.scope_of(owner.name)
        if defined is not None and defined.kind == "class":
            return self.attribute(defined, attr)
        return Named(f"{owner.name}.{attr}", owner.made)

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Named:
        called = self.of(node.func, scope, depth)
        name = called.name
        last = name.rpartition(".")[2]
        if name == "functools.partial" and node.args:
            return Named(self.of(node.args[0], scope, depth).name, node)
        if node.args and (name in _PASSING or last in _ENTERING):
            return self.of(node.args[0], scope, depth)
        if name == "typing.cast" and len(node.args) == 2:
            return self.of_type(node.args[0], scope, depth)
        if not name:
            return NOTHING
        defined = self.scope_of(name)
        if defined is not None and defined.kind == "function":
            found = self._returned(defined, depth)
            if found.name:
                return found
        return Named(name, node, result=True)

    def _returned(self, scope: Scope, depth: int) -> Named:
        """What a function of this module gives back: by what it returns, else by what it says it does."""
        assert isinstance(scope.node, Function)
        values = [value for value in scope.returns if value is not None and not _is_none(value)]
        if values and None not in scope.returns:
            found = self._agreed(self.of(value, scope, depth + 2) for value in values)
            if found.name:
                return found
        returns = scope.node.returns
        return self.of_type(returns, scope.parent or scope, depth) if returns is not None else NOTHING

    def _agreed(self, found: Iterable[Named]) -> Named:
        """What several ways give when they give the same."""
        several = list(found)
        if not several or any(one.name != several[0].name for one in several):
            return NOTHING
        return several[0]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_property(node: Function) -> bool:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return not names.isdisjoint({"property", "cached_property"})
