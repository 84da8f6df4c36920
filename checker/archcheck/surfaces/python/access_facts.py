"""Tokens that a module reads without verifying them, and origins that it lets in with the visitor's credentials."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from archcheck.late import regex
from archcheck.surfaces.python.credential import OpenCors, TokenReading
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, invocations
from archcheck.surfaces.python.survey import Function, Scope

Flaw: TypeAlias = Literal["unverified", "none", "any"]

_DECODES: Final = ("jwt.decode", "jwt.api_jwt.decode", "jwt.PyJWT.decode", "jose.jwt.decode", "jose.jws.verify")
_TIMES: Final = frozenset({"exp", "iat", "nbf"})
_UNVERIFIED: Final = ("jose.jwt.get_unverified_claims",)
_CLAIMS: Final = frozenset({"sub", "user_id", "uid", "username", "email", "user", "userid", "preferred_username"})
_PEEKS: Final = regex(
    r"(?:^|[._])(?:is|has|can|supports|accepts|peek|inspect|debug|issuer|iss|kid)_|unverified|issuer|expir",
    re.IGNORECASE,
)
_TRIED: Final = regex(r"settings[/_](?:local|dev|devel|development|test|testing|ci)(?:_\w+)?\.py$")
"""Settings that nobody serves with."""

_CALLER: Final = regex(
    r"user|auth|current_|caller|principal|identity|login|claims|token|require|session", re.IGNORECASE
)


def token_readings(context: Context) -> Iterator[TokenReading]:
    """The places where a JWT is read and not verified."""
    if context.survey.tops.isdisjoint({"jwt", "jose"}) or context.place == "test":
        return
    calls = [call for call in invocations(context) if call.target in (*_DECODES, *_UNVERIFIED)]
    sound = {call.scope for call in calls if not call.spreads and not _flaw(call)}
    for call in calls:
        flaw = _flaw(call) if not _PEEKS.search(call.scope.qualname) else None
        # Whoever reads the issuer first and verifies with its key then has verified.
        if flaw and call.scope not in sound and not _only_times(call):
            yield TokenReading(call.at, spell(call.node.func), flaw, _decides(call), call.function)


def _flaw(call: Invocation) -> Flaw | None:
    if call.target in _UNVERIFIED:
        return "unverified"
    if call.spreads:
        return None
    options = _value(call.argument("options"), call.scope)
    if isinstance(options, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == "verify_signature" and _false(value)
        for key, value in zip(options.keys, options.values, strict=True)
    ):
        return "unverified"
    if _false(call.argument("verify")):
        return "unverified"
    algorithms = _value(call.argument("algorithms", 2), call.scope)
    if any(text.lower() == "none" for text in _texts(algorithms)):
        return "none"
    if call.target == "jose.jwt.decode" and (algorithms is None or _nothing(algorithms)):
        return "any"
    return None


def _only_times(call: Invocation) -> bool:
    """Whether all that is read of a token is when it ends: who got it from its issuer plans with it."""
    held = next((name for name, values in call.scope.locals.items() if values == [call.node]), "")
    if not held:
        return False
    parents = [each for each in ast.walk(call.scope.node) if isinstance(each, ast.Subscript | ast.Attribute)]
    read = [each for each in parents if isinstance(each.value, ast.Name) and each.value.id == held]
    uses = sum(isinstance(each, ast.Name) and each.id == held for each in ast.walk(call.scope.node)) - 1
    return (
        0
        < uses
        == sum(
            isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant) and each.slice.value in _TIMES
            for each in read
        )
    )


def _decides(call: Invocation) -> bool:
    """Whether the claims tell who the caller is: the function reads the subject, and is there to find somebody out."""
    node = call.scope.node
    if not isinstance(node, Function) or not _CALLER.search(node.name):
        return False
    return any(isinstance(part, ast.Constant) and part.value in _CLAIMS for part in ast.walk(node))


def open_cors(context: Context) -> Iterator[OpenCors]:
    """The places where any origin is let in with credentials."""
    if context.place == "test":
        return
    tops = context.survey.tops
    if not tops.isdisjoint({"fastapi", "starlette", "flask_cors"}):
        for call in invocations(context):
            by = _middleware(call) or _flask(call)
            if by:
                yield OpenCors(call.at, by)
    bindings = context.survey.module.bindings
    if _TRIED.search(context.places.path):
        return
    if any(_set(bindings, name) for name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")):
        allowed = next((value for value in bindings.get("CORS_ALLOW_CREDENTIALS", []) if _true(value)), None)
        if allowed is not None:
            yield OpenCors(context.places.of(allowed), "CORS_ALLOW_CREDENTIALS")


def _middleware(call: Invocation) -> str:
    """Starlette's `CORSMiddleware`, added or listed."""
    name = spell(call.node.func).rpartition(".")[2]
    if name not in ("add_middleware", "Middleware", "CORSMiddleware") or call.spreads:
        return ""
    if name != "CORSMiddleware" and not (
        call.node.args and spell(call.node.args[0]).rpartition(".")[2] == "CORSMiddleware"
    ):
        return ""
    if not _true(call.argument("allow_credentials")):
        return ""
    origins = _texts(_value(call.argument("allow_origins"), call.scope))
    pattern = _texts(_value(call.argument("allow_origin_regex"), call.scope))
    return (
        "allow_credentials" if "*" in origins or any(text in (".*", "^.*$", "https?://.*") for text in pattern) else ""
    )


def _flask(call: Invocation) -> str:
    """Flask-CORS: any origin is its default."""
    if call.target not in ("flask_cors.CORS", "flask_cors.cross_origin") or call.spreads:
        return ""
    if not _true(call.argument("supports_credentials")):
        return ""
    given = [node for name in ("origins", "resources") if (node := call.argument(name)) is not None]
    if not given:
        return "supports_credentials"
    for node in given:
        value = _value(node, call.scope)
        found = value if isinstance(value, ast.Dict) else None
        texts = _texts(value) if found is None else [text for part in _origins(found) for text in _texts(part)]
        if "*" in texts:
            return "supports_credentials"
    return ""


def _origins(resources: ast.Dict) -> Iterator[ast.expr]:
    for inner in resources.values:
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "origins":
                    yield value


def _value(node: ast.expr | None, scope: Scope) -> ast.expr | None:
    """An expression, or what the one name it is was bound to once."""
    at: Scope | None = scope
    while isinstance(node, ast.Name) and at is not None:
        values = at.locals.get(node.id) or at.bindings.get(node.id)
        if values is not None:
            return values[0] if len(values) == 1 else node
        at = at.parent
    return node


def _texts(node: ast.expr | None) -> list[str]:
    items = node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else [node] if node is not None else []
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _set(bindings: dict[str, list[ast.expr | None]], name: str) -> bool:
    return any(_true(value) for value in bindings.get(name, []))


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
