"""Finding the functions of a module that verify signatures, and those that send messages to stored addresses."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from archcheck.finding import Edit
from archcheck.late import regex
from archcheck.source import Location
from archcheck.surfaces.python.frame import Context, Frame, spell
from archcheck.surfaces.python.lookup import dotted
from archcheck.surfaces.python.mending import compared_safely
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.webhooks import Delivery, Verifier

_KEYED: Final = frozenset({"hmac.new", "hmac.digest", "hmac.HMAC"})
_COMPARES: Final = regex(r"compare_digest|construct_event")
_SECRET: Final = regex(r"secret|signing|hmac|webhook_(?:user|pass)|(?:webhook|shared|api)_?key|signature_key", re.I)
_HEADER: Final = regex(r"signature$|header|\bsig\b", re.I)
_ADDRESS: Final = regex(
    r"(?:\w*(?:hook|subscription|subscriber))\.(?:url|target_url|callback_url|payload_url|endpoint_url|endpoint|target)"
    r"|(?!self\.|settings|config|app\.)[a-z]\w*\.(?:web_?hook(?:_url)?|callback_url|notify_url)"
)
_SIGNS: Final = regex(r"sign|hmac|secret|authoriz|slack|discord|teams|mattermost|telegram|grafana", re.I)
_HASHES: Final = regex(r"(?:^|\.)(?:md5|sha1|sha256|sha384|sha512)$")
_SIGNATURE: Final = regex(r"(?:[\w.]*[_.])?(?:signature|sig)(?:_header)?")
_CHECKS: Final = regex(
    r"compare_digest|(?:verif|valid|check|authentic)\w*(?:sig|hmac|hook|digest)|(?:sig|hmac|hook)\w*(?:verif|valid|check)",
    re.I,
)
_DEEPEST: Final = 6

_Places: TypeAlias = tuple[tuple[Location, str], ...]
_Means: TypeAlias = Callable[[ast.expr], str]
_Passes: TypeAlias = Callable[[ast.expr | None, Scope], bool]


def verifiers(context: Context) -> Iterator[Verifier]:
    """The functions of a module that verify signatures and do it in a way that may fail."""
    text = context.places.text
    if not any(word in text for word in ("hmac", "signature", "construct_event")) and "webhook" not in text.lower():
        return
    scopes = list(_functions(context.survey.module))
    keyed = {scope.qualname.rpartition(".")[2] for scope in scopes if _makes(scope, context)}
    verifying: set[str] = set()
    judged: list[tuple[Scope, tuple[tuple[ast.Compare, str], ...], _Places, _Places]] = []
    for scope in scopes:
        found = tuple(_compared(scope, keyed, context))
        opened: _Places = ()
        unsigned: _Places = ()
        if found or _verifies(scope):
            opened = tuple(_opened(scope, context, _secret, _passes))
            unsigned = tuple(_opened(scope, context, _signature, _says_yes))
            verifying.add(scope.qualname.rpartition(".")[2])
        judged.append((scope, found, opened, unsigned))
    for scope, found, opened, unsigned in judged:
        compared = tuple((context.places.of(node), what) for node, what in found)
        skipped = tuple(_skipped(scope, verifying, context))
        if compared or opened or skipped or unsigned:
            name = f"{context.name}:{scope.qualname}"
            mended = tuple(_mended(node, context) for node, _ in found)
            yield Verifier(name, compared, opened, skipped, mended, unsigned)


def deliveries(context: Context) -> Iterator[Delivery]:
    """The messages that a module posts to addresses that are kept in objects."""
    if "hook" not in context.places.text and "subscri" not in context.places.text:
        return
    for scope in _functions(context.survey.module):
        for call in scope.calls:
            if not (isinstance(call.func, ast.Attribute) and call.func.attr in ("post", "request", "put")):
                continue
            given = [*call.args[:2], *(each.value for each in call.keywords if each.arg == "url")]
            address = next((text for each in given if _ADDRESS.fullmatch(text := spell(each))), "")
            if address and not address.startswith(("settings", "config")):
                yield Delivery(
                    f"{context.name}:{scope.qualname}", context.places.of(call), address, _signs(scope, context)
                )


def _functions(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        if child.kind == "function":
            yield child
        yield from _functions(child)


def _makes(scope: Scope, context: Context) -> bool:
    """Whether a function gives a keyed digest back."""
    return any(value is not None and _keyed(value, scope, frozenset(), context) for value in scope.returns)


def _keyed(
    node: ast.expr, scope: Scope, makers: frozenset[str] | set[str], context: Context, depth: int = _DEEPEST
) -> bool:
    """Whether an expression is a keyed digest, also as text."""
    if not depth:
        return False
    match node:
        case ast.Call(func=function):
            if dotted(function, Frame(context, scope)) in _KEYED or spell(function).rpartition(".")[2] in makers:
                return True
            inner = function.value if isinstance(function, ast.Attribute) else None
            return inner is not None and _keyed(inner, scope, makers, context, depth - 1)
        case ast.Attribute(value=inner) | ast.Await(value=inner):
            return _keyed(inner, scope, makers, context, depth - 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return any(_keyed(each, scope, makers, context, depth - 1) for each in (left, right))
        case ast.JoinedStr(values=values):
            inner_values = (each.value for each in values if isinstance(each, ast.FormattedValue))
            return any(_keyed(each, scope, makers, context, depth - 1) for each in inner_values)
        case ast.Name(id=name):
            held = scope.locals.get(name, [])
            return any(each is not None and _keyed(each, scope, makers, context, depth - 1) for each in held)
    return False


def _compared(scope: Scope, makers: set[str], context: Context) -> Iterator[tuple[ast.Compare, str]]:
    """The comparisons of a keyed digest with `==` or `!=`."""
    names = {spell(call.func).rpartition(".")[2] for call in scope.calls}
    if not names & (makers | {"new", "digest", "HMAC", "hexdigest"}):
        return
    for node in _own(scope.node):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = (node.left, node.comparators[0])
            if any(isinstance(each, ast.Constant) for each in sides):
                continue
            keyed = any(_keyed(each, scope, makers, context) for each in sides)
            if keyed or any(_signature_of(a) and _digest(b, scope) for a, b in (sides, sides[::-1])):
                yield node, f"{spell(node.left)} and {spell(node.comparators[0])}"


def _signature_of(node: ast.expr) -> bool:
    """Whether an expression is a signature by its name: `signature`, `data["signature"]`, `data.get("signature")`."""
    match node:
        case (
            ast.Subscript(slice=ast.Constant(value=str(key)))
            | ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_])
        ):
            return _SIGNATURE.fullmatch(key.lower()) is not None
    return bool(_signature(node))


def _digest(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is the digest of what holds a secret: `sha1((body + secret).encode()).hexdigest()`."""
    if isinstance(node, ast.Name):
        held = scope.locals.get(node.id, [])
        return len(held) == 1 and held[0] is not None and not isinstance(held[0], ast.Name) and _digest(held[0], scope)
    if not isinstance(node, ast.Call):
        return False
    hashes = any(isinstance(n, ast.Call) and _HASHES.search(spell(n.func)) for n in ast.walk(node))
    return hashes and any(isinstance(n, ast.Name | ast.Attribute) and _SECRET.search(spell(n)) for n in ast.walk(node))


def _mended(node: ast.Compare, context: Context) -> tuple[Edit, ...]:
    """The edits that compare safely, where the module has a name for that."""
    imports = context.survey.module.imports
    named = next((name for name, origin in imports.items() if origin == "hmac.compare_digest"), "")
    if not named and imports.get("hmac") == "hmac":
        named = "hmac.compare_digest"
    return compared_safely(node, named, context.places) if named else ()


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions that stand in it."""
    stack = list(ast.iter_child_nodes(node))
    while stack:
        top = stack.pop()
        if isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield top
        stack += ast.iter_child_nodes(top)


def _verifies(scope: Scope) -> bool:
    return any(_COMPARES.search(spell(call.func)) for call in scope.calls)


def _opened(scope: Scope, context: Context, means: _Means, passes: _Passes) -> Iterator[tuple[Location, str]]:
    """Where a function that compares signatures lets a message pass when something is missing."""
    for node in _own(scope.node):
        if not isinstance(node, ast.If):
            continue
        missing = _missing(node.test, means)
        last = node.body[-1]
        if missing and isinstance(last, ast.Return) and passes(last.value, scope):
            yield context.places.of(last), missing


def _missing(test: ast.expr, means: _Means) -> str:
    """What a condition says is missing; empty where it asks for something else as well."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=held):
            return means(held)
        case ast.Compare(left=held, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None | "")]):
            return means(held)
        case ast.BoolOp(op=ast.Or(), values=values):
            # One of several that belong together is enough: a name and a password.
            several = [_missing(value, means) for value in values]
            return several[0] if all(several) else ""
    return ""


def _secret(node: ast.expr) -> str:
    text = spell(node)
    return (
        text if isinstance(node, ast.Name | ast.Attribute) and _SECRET.search(text) and not _HEADER.search(text) else ""
    )


def _signature(node: ast.expr) -> str:
    text = spell(node)
    return text if isinstance(node, ast.Name | ast.Attribute) and _SIGNATURE.fullmatch(text) else ""


def _says_yes(value: ast.expr | None, scope: Scope) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _passes(value: ast.expr | None, scope: Scope) -> bool:
    """Whether a returned value lets the message pass."""
    match value:
        case ast.Constant(value=True):
            return True
        case None | ast.Constant(value=None):
            # It refuses by raising, so that whoever comes back is let in.
            return bool(scope.throws) and all(each is None or _nothing(each) for each in scope.returns)
        case ast.Await(value=ast.Call() as call) | (ast.Call() as call):
            return spell(call.func).rpartition(".")[2] in (
                "call_next",
                "func",
                "view_func",
                "fn",
                "f",
                "view",
                "handler",
            )
    return False


def _nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _skipped(scope: Scope, verifying: set[str], context: Context) -> Iterator[tuple[Location, str]]:
    """Checks that are made only when there is a secret, with nothing said for when there is none."""
    for node in _own(scope.node):
        if not isinstance(node, ast.If) or node.orelse:
            continue
        secret, rest = _asked(node.test)
        if not secret or _refuses_without(secret, scope):
            continue
        if rest and all(_is_failure(each, verifying) for each in rest):
            if isinstance(node.body[-1], ast.Raise | ast.Return) or _aborts(node.body[-1]):
                yield context.places.of(node.test), secret
        elif all(_signature(each) for each in rest) and _compares_in(node, verifying) and not _ends(node, scope):
            yield context.places.of(node.test), secret


def _asked(test: ast.expr) -> tuple[str, list[ast.expr]]:
    """The secret that a condition asks for, and what else it asks."""
    values = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    secrets = [secret for each in values if (secret := _secret(each))]
    return (secrets[0], [each for each in values if not _secret(each)]) if len(secrets) == 1 else ("", [])


def _is_failure(node: ast.expr, verifying: set[str]) -> bool:
    """`not verify_signature(...)`."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Await(value=ast.Call(func=function)) | ast.Call(func=function)):
            name = spell(function).rpartition(".")[2]
            return name in verifying or _CHECKS.search(name) is not None
    return False


def _aborts(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and spell(node.value.func).rpartition(".")[2] == "abort"
    )


def _compares_in(node: ast.If, verifying: set[str]) -> bool:
    """Whether a signature is compared inside, by the library or by a function whose failure is asked about."""
    return any(
        _is_failure(each, verifying) or (isinstance(each, ast.Call) and _COMPARES.search(spell(each.func)) is not None)
        for each in ast.walk(node)
        if isinstance(each, ast.expr)
    )


def _refuses_without(secret: str, scope: Scope) -> bool:
    """Whether the function refuses, at another place, what it has no secret for."""
    for node in _own(scope.node):
        if isinstance(node, ast.If) and _missing(node.test, _secret) == secret:
            last = node.body[-1]
            if isinstance(last, ast.Raise) or _aborts(last):
                return True
            if isinstance(last, ast.Return) and not _passes(last.value, scope):
                return True
    return False


def _ends(node: ast.If, scope: Scope) -> bool:
    """Whether the branch always leaves, or what follows it refuses."""
    body = getattr(scope.node, "body", [])
    if isinstance(node.body[-1], ast.Return):
        return True
    if node in body:
        after = body[body.index(node) + 1 :]
        refused = isinstance(after[0], ast.Raise) if after else False
        return refused or (bool(after) and isinstance(after[0], ast.Return) and _denies(after[0].value))
    return True


def _denies(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _signs(scope: Scope, context: Context) -> bool:
    """Whether a function, or the module around it, has anything to do with signing."""
    node = scope.node
    first, last = (node.lineno, node.end_lineno or node.lineno) if not isinstance(node, ast.Module) else (1, 1)
    lines = (context.places.line(number) for number in range(first, last + 1))
    return any(_SIGNS.search(line) for line in lines) or "hmac" in context.places.text
