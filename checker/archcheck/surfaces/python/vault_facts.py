"""Models that keep a password as it is given, and the places that give one to a model."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.credential import PasswordUse
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import origins, scopes
from archcheck.surfaces.python.passwords_facts import PASSWORD, mentions, own_nodes, sent
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.vault import Vault
from archcheck.surfaces.python.words import words

_COLUMNS: Final = words("Column mapped_column CharField TextField StringField")
_CHANGES: Final = re.compile(r"hash|crypt|digest|encode|make_password|set_password|encrypt", re.IGNORECASE)
_CONVERTS: Final = re.compile(r"Password|Encrypt|Hash")


def vault(context: Context) -> Vault | None:
    """What a module tells of passwords that are kept; nothing for most."""
    if not mentions(context) or not context.deployed or rehearses(context.places.path):
        return None
    keeps = tuple(
        f"{scope.qualname}.{name}"
        for scope in context.survey.module.children
        if scope.kind == "class"
        for name in _columns(scope)
        if _plain(scope, name)
    )
    puts = tuple(
        put for scope in scopes(context.survey.module) if scope.kind == "function" for put in _puts(scope, context)
    )
    return Vault(keeps, puts) if keeps or puts else None


def _columns(scope: Scope) -> Iterator[str]:
    """The columns of a class that mean a password and convert nothing."""
    node = scope.node
    table = isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
    for name in dict.fromkeys((*scope.bindings, *scope.typed)):
        if not PASSWORD.fullmatch(name):
            continue
        values = scope.bindings.get(name) or [None]
        value, annotation = values[0], scope.typed.get(name)
        mapped = isinstance(annotation, ast.Subscript) and spell(annotation.value).rpartition(".")[2] == "Mapped"
        built = isinstance(value, ast.Call) and spell(value.func).rpartition(".")[2] in _COLUMNS
        converts = isinstance(value, ast.Call) and any(_CONVERTS.search(ast.unparse(arg)) for arg in value.args)
        if (mapped or built or (table and annotation is not None)) and not converts:
            yield name


def _plain(scope: Scope, name: str) -> bool:
    """Whether nothing in the class changes what its column is given."""
    for child in scope.children:
        last = child.qualname.rpartition(".")[2]
        decorated = (
            [ast.unparse(d) for d in child.node.decorator_list] if not isinstance(child.node, ast.Module) else []
        )
        if last in (name, "save", "__setattr__") or any("valid" in text or "listens" in text for text in decorated):
            return False
        if last == "__init__" and any(_CHANGES.search(spell(call.func)) for call in child.calls):
            return False
    return True


def _puts(scope: Scope, context: Context) -> Iterator[tuple[str, PasswordUse]]:
    """`User(password=form.password)`, `user.password = form.password`."""
    found = origins(context)
    for call in scope.calls:
        for keyword in call.keywords:
            if keyword.arg and PASSWORD.fullmatch(keyword.arg) and sent(keyword.value, scope):
                name = found.of(call.func, scope).name.removesuffix(".objects.create")
                if name:
                    yield f"{name}.{keyword.arg}", _use(keyword.value, call.func, scope, context)
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and PASSWORD.fullmatch(target.attr) and sent(node.value, scope):
                name = found.of(target.value, scope).name
                if name:
                    yield f"{name}.{target.attr}", _use(node.value, target, scope, context)


def _use(password: ast.expr, at: ast.expr, scope: Scope, context: Context) -> PasswordUse:
    name = f"{context.name}:{scope.qualname}"
    return PasswordUse(context.places.of(at), spell(password), "", "stored", name)
