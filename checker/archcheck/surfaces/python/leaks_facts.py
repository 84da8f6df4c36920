"""Finding what leaks through the log calls of a module: secrets, tokens, and all that a client sent."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.logs import Leak
from archcheck.surfaces.python.logs_facts import log_calls, position_of
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.words import words

_Kind: TypeAlias = Literal["secret", "token", "body", "headers"]

_SECRET: Final = re.compile(
    r"_*(?:(?:user|db|database|admin|root|smtp|new|old|plain|raw|current|hashed|client|app|jwt|api|aws|auth|access|refresh|bearer"
    r"|session|reset|id|oauth|private|signing|webhook|secret|encryption|master|service|proxy|login|my|the|temp|temporary"
    r"|redis|mail|email|ldap|bot|slack|github|stripe|account)_*)*"
    r"(?:password|passwd|passphrase|pwd|secret|secret_?key|api_?key|apikey|private_?key|client_?secret"
    r"|(?:access|refresh|auth|bearer|session|reset|id|api|jwt|oauth|bot|secret)_?token)",
    re.IGNORECASE,
)
_AUTH: Final = re.compile(
    r"auth|login|log_in|sign_?in|session|invite|verify|password|reset|oidc|jwt|sso|account|token", re.IGNORECASE
)
"""Where a bare `token` is a key to something, and no part of a text or of a stream."""

_HEADER: Final = re.compile(r"authorization|x-api-key|cookie|set-cookie", re.IGNORECASE)
_PASSING: Final = words("str repr dumps decode encode strip dict format model_dump unicode json_dumps pformat")
_BODY_CALLS: Final = words("json body form get_json get_data text post")
_BODY_PARTS: Final = words("json data form POST body DATA values")
_HEADERS: Final = words("headers cookies META COOKIES environ")
_REQUEST: Final = re.compile(r"(?:self\.)?(?:flask\.)?_?(?:request|req)")
_KEEPS: Final = re.compile(r"environ|secrets?$|config|settings|vault|getenv", re.IGNORECASE)
_OF_PATHS: Final = words("exists is_file read_text read_bytes open resolve parent stat unlink")


def leaks(context: Context) -> Iterator[Leak]:
    """What secrets and bodies of requests are given to log calls."""
    for call in sorted(log_calls(context), key=position_of):
        given = [*call.node.args, *(keyword.value for keyword in call.node.keywords if keyword.arg != "exc_info")]
        for node in given:
            found = next(_leaked(node, 6), None)
            if found is None:
                continue
            what, kind = found
            if (kind == "token" and not _AUTH.search(call.function)) or _tells_where(what, call.scope):
                continue
            debug = isinstance(call.node.func, ast.Attribute) and call.node.func.attr in ("debug", "trace")
            yield Leak(call.at, call.function, spell(call.node.func), what, kind, debug, context.place)
            break


def _tells_where(what: str, scope: Scope) -> bool:
    """Whether a value is the path of a secret, or the key that it is kept under, by what else the function does."""
    for node in ast.walk(scope.node):
        match node:
            case (
                ast.Subscript(value=value, slice=key)
                | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[key, *_])
            ):
                if not isinstance(key, ast.Constant) and spell(key) == what and _KEEPS.search(spell(value)):
                    return True
            case ast.Attribute(value=ast.Name() | ast.Attribute() as value, attr=attr):
                if attr in _OF_PATHS and spell(value) == what:
                    return True
    return False


def _leaked(node: ast.expr, depth: int) -> Iterator[tuple[str, _Kind]]:
    """What is shown of an expression as it is: not what is measured, masked, compared or cut."""
    if not depth:
        return
    depth -= 1
    match node:
        case ast.Name(id=name):
            yield from _by_name(node, name)
        case ast.Attribute(value=value, attr=attr):
            if _REQUEST.fullmatch(spell(value)) and attr in _BODY_PARTS | _HEADERS:
                yield spell(node), "headers" if attr in _HEADERS else "body"
            elif not attr.isupper() or not isinstance(value, ast.Name) or not value.id[:1].isupper():
                yield from _by_name(node, attr)
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            if _HEADER.fullmatch(key) and spell(value).endswith("headers"):
                yield spell(node), "secret"
            else:
                yield from _by_name(node, key)
        case ast.Call(func=function, args=args):
            yield from _leaked_by_call(node, function, args, depth)
        case ast.Await(value=value) | ast.FormattedValue(value=value):
            yield from _leaked(value, depth)
        case ast.JoinedStr(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for value in values:
                yield from _leaked(value, depth)
        case ast.BinOp(left=left, op=ast.Mod() | ast.Add(), right=right):
            yield from _leaked(left, depth)
            yield from _leaked(right, depth)
        case ast.Dict(values=values):
            for value in values:
                yield from _leaked(value, depth)


def _leaked_by_call(
    node: ast.Call, function: ast.expr, args: list[ast.expr], depth: int
) -> Iterator[tuple[str, _Kind]]:
    name = spell(function).rpartition(".")[2]
    if isinstance(function, ast.Attribute):
        if _REQUEST.fullmatch(spell(function.value)) and name in _BODY_CALLS and not args:
            yield spell(node), "body"
            return
        if name == "get" and args and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str):
            if _HEADER.fullmatch(args[0].value) and spell(function.value).endswith("headers"):
                yield spell(node), "secret"
            else:
                yield from _by_name(node, args[0].value)
            return
        if name == "format" or (name in _PASSING and not args):
            yield from _leaked(function.value, depth)
    if name in _PASSING:
        for arg in (*args, *(keyword.value for keyword in node.keywords)):
            yield from _leaked(arg, depth)


def _by_name(node: ast.expr, name: str) -> Iterator[tuple[str, _Kind]]:
    if _SECRET.fullmatch(name):
        yield spell(node), "secret"
    elif name == "token":
        yield spell(node), "token"
