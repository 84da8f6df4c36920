"""Passwords in the code of a module: those that go through a fast hash, and those that are compared as they came."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from archcheck.late import regex
from archcheck.surfaces.python.credential import PasswordUse
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, invocations, scopes
from archcheck.surfaces.python.libraries import ROUTE_METHODS
from archcheck.surfaces.python.lookup import capital
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.words import words

Use: TypeAlias = Literal["stored", "compared", "unknown"]
Parents: TypeAlias = dict[ast.AST, ast.AST]

_HASHES: Final = words("md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 blake2b blake2s")
PASSWORD: Final = regex(r"(?:.*_)?(?:password|passwd|passphrase|pwd)(?:_?(?:plain|raw|clear|text|input))?", re.I)
_MENTIONED: Final = regex(r"passw|pwd|Passw")
_SLOW: Final = regex(r"bcrypt|scrypt|argon2|pbkdf2|passlib|make_password|generate_password_hash|kdf", re.IGNORECASE)
_ELSEWHERE: Final = regex(
    r"pwned|breach|leak|hibp|digest_?auth|\bha1\b|realm|scramble|cache|etag|gravatar|finger", re.I
)
_KEEPS: Final = regex(r"(?:\w*_)?(?:password|passwd|pwd|digest|hash|hashed)(?:_?\w*)?", re.IGNORECASE)
_HASHER: Final = regex(
    r"\w*(?:hash|encrypt|encode|make|create|get|gen)\w*_?pass\w*|\w*pass\w*_?(?:hash|encrypt)\w*", re.I
)
_VERIFIER: Final = regex(r"\w*(?:verify|check|compare|validate|authenticate)\w*_?pass\w*", re.IGNORECASE)
_REPEATED: Final = regex(r"confirm|repeat|again|retype|verify|old|new|current|password[12]|[12]$", re.IGNORECASE)
_SENT: Final = words(
    """
    request form data body payload values json args params schema credentials creds post POST login_data form_data
    in input req dto create update
    """
)
_ASKS: Final = regex(
    r"\bSELECT\b.*\bWHERE\b.*\b(?:\w+_)?(?:password|passwd|pwd)[`\"\]]?\s*=\s*['\"]?(?:%s|%\(\w+\)s|\?|:\w+|\$\d)",
    re.IGNORECASE | re.DOTALL,
)
_GIVEN: Final = regex(r"Session|Request|Response|Depend|Dep$|Service|Repo|Conn|Engine|Tasks")
_SET: Final = words("settings config cfg conf env options client connection conn server session smtp ldap")
"""Who holds a password of the deployment's own, or one for somebody else's service."""

_LOOKUPS: Final = words("filter_by filter get get_or_none find_one get_object_or_404 first_or_404 where exclude")


def password_uses(context: Context) -> Iterator[PasswordUse]:
    """The passwords of a module that are hashed too fast or not at all."""
    if not mentions(context) or context.place == "test" or rehearses(context.places.path):
        return
    if not context.survey.tops.isdisjoint({"hashlib", "Crypto", "Cryptodome"}):
        yield from _hashed(context)
    if context.deployed:
        yield from _plain(context)


def mentions(context: Context) -> bool:
    """Whether a module speaks of passwords at all."""
    text = context.places.text
    return "passw" in text or "pwd" in text


def _hashed(context: Context) -> Iterator[PasswordUse]:
    for call in invocations(context):
        algorithm = _algorithm(call)
        password = next((name for arg in call.node.args for name in _named(arg)), "") if algorithm else ""
        if not password or _excused(call):
            continue
        parents = _parents(call.scope)
        yield PasswordUse(call.at, password, algorithm, _use(call.node, call.scope, parents), call.function)


def _algorithm(call: Invocation) -> str:
    """The fast hash that a call feeds: `hashlib.md5(x)`, `hashlib.new("md5", x)`, `h.update(x)`."""
    top, _, rest = call.target.partition(".")
    if top == "hashlib":
        name = rest.removesuffix(".update")
        if name == "new" and call.made is None and call.node.args and isinstance(call.node.args[0], ast.Constant):
            name = str(call.node.args[0].value).lower()
        return name if name in _HASHES else ""
    if top in ("Crypto", "Cryptodome") and rest.startswith("Hash."):
        name = rest.split(".")[1].lower()
        return name if name in _HASHES else ""
    return ""


def _named(node: ast.expr) -> Iterator[str]:
    """The names and keys in an expression that mean a password."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) if PASSWORD.fullmatch(name):
                yield spell(part)
            case ast.Subscript(slice=ast.Constant(value=str(key))) if PASSWORD.fullmatch(key):
                yield spell(part)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]) if (
                PASSWORD.fullmatch(key)
            ):
                yield spell(part)


def _excused(call: Invocation) -> bool:
    """Whether a fast hash is what the purpose asks for: a lookup, a protocol, or the first step of a slow one."""
    if any(k.arg == "usedforsecurity" for k in call.node.keywords):
        return True
    scope = call.scope
    if _ELSEWHERE.search(scope.qualname) or any(_SLOW.search(spell(other.func)) for other in scope.calls):
        return True
    lines = range(scope.node.lineno, (scope.node.end_lineno or 0) + 1) if isinstance(scope.node, Function) else ()
    text = "\n".join(call.context.places.line(number) for number in lines)
    return _ELSEWHERE.search(text) is not None or re.search(r"\[:\s*5\s*\]", text) is not None


def _parents(scope: Scope) -> Parents:
    return {child: node for node in ast.walk(scope.node) for child in ast.iter_child_nodes(node)}


def _use(node: ast.AST, scope: Scope, parents: Parents, hops: int = 0) -> Use:
    """What becomes of a digest, as far as its own statement and one name tell."""
    while node in parents:
        child, node = node, parents[node]
        match node:
            case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
                return "compared"
            case ast.Call(func=function) if child is not function and spell(function).endswith("compare_digest"):
                return "compared"
            case ast.keyword(arg=str(name)) if _KEEPS.fullmatch(name):
                return "compared" if _looks_up(parents.get(node)) else "stored"
            case ast.Assign(targets=[ast.Attribute(attr=name)]) if _KEEPS.fullmatch(name):
                return "stored"
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name)))]) if _KEEPS.fullmatch(name):
                return "stored"
            case ast.Assign(targets=[ast.Name(id=name)]) if not hops:
                return _use_of_name(name, scope, parents)
            case ast.Return():
                last = scope.qualname.rpartition(".")[2]
                return "compared" if _VERIFIER.fullmatch(last) else "stored" if _HASHER.fullmatch(last) else "unknown"
            case ast.stmt():
                return "unknown"
    return "unknown"


def _use_of_name(name: str, scope: Scope, parents: Parents) -> Use:
    for part in ast.walk(scope.node):
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load):
            use = _use(part, scope, parents, 1)
            if use != "unknown":
                return use
    return "unknown"


def _looks_up(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOKUPS


def _plain(context: Context) -> Iterator[PasswordUse]:
    text = context.places.text
    lines = [text.count("\n", 0, match.start()) + 1 for match in _MENTIONED.finditer(text)]
    for scope in scopes(context.survey.module):
        if scope.kind != "function":
            continue
        node = scope.node
        assert isinstance(node, Function)
        at = bisect_left(lines, node.lineno)
        if at < len(lines) and lines[at] <= (node.end_lineno or node.lineno):
            # One function, one finding: both branches compare, and one cure heals them.
            uses = [use for call in scope.calls for use in _looked_up(call, scope, context)]
            uses += _compared(scope, context)
            yield from sorted(uses, key=lambda use: use.at)[:1]


def _looked_up(call: ast.Call, scope: Scope, context: Context) -> Iterator[PasswordUse]:
    """`User.query.filter_by(name=name, password=password)`: a database that finds it has it as it came."""
    if not isinstance(call.func, ast.Attribute):
        return
    if call.func.attr == "execute" and len(call.args) == 2:
        yield from _bound_in(call, scope, context)
    if call.func.attr not in _LOOKUPS:
        return
    receiver = spell(call.func.value)
    if not re.search(r"\.query$|\.objects$|\.query\.|\.objects\.|query\(\.\.\.\)$|select\(\.\.\.\)$", receiver):
        return
    for keyword in call.keywords:
        if keyword.arg and PASSWORD.fullmatch(keyword.arg) and raw(keyword.value, scope):
            yield _found(call.func, keyword.value, scope, context)


def _bound_in(call: ast.Call, scope: Scope, context: Context) -> Iterator[PasswordUse]:
    """`execute("... WHERE password = %s", (password,))`: a database that compares it has it as it came."""
    text, values = call.args
    if isinstance(text, ast.Call) and len(text.args) == 1:
        text = text.args[0]
    if isinstance(text, ast.Name):
        held = scope.locals.get(text.id, [])
        text = held[0] if len(held) == 1 and held[0] is not None else text
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str) and _ASKS.search(text.value)):
        return
    given = values.values if isinstance(values, ast.Dict) else getattr(values, "elts", [])
    came = next((value for value in given if sent(value, scope)), None)
    if came is not None:
        yield _found(call.func, came, scope, context)


def _compared(scope: Scope, context: Context) -> Iterator[PasswordUse]:
    """`user.password == password`: one side is what was kept, the other what came."""
    for node in own_nodes(scope):
        if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq))):
            continue
        sides = (node.left, node.comparators[0])
        for kept, came in (sides, sides[::-1]):
            if _kept(kept, scope) and raw(came, scope) and not _REPEATED.search(spell(kept) + " " + spell(came)):
                yield _found(node, came, scope, context)
                break


def _found(at: ast.expr, password: ast.expr, scope: Scope, context: Context) -> PasswordUse:
    name = f"{context.name}:{scope.qualname}"
    return PasswordUse(context.places.of(at), spell(password), "", "compared", name)


def _kept(node: ast.expr, scope: Scope) -> bool:
    """`user.password`, `row["password"]`, `models.User.password`: of something that no client sent."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr=owner), attr=name) if owner[:1].isupper():
            return PASSWORD.fullmatch(name) is not None
        case (
            ast.Attribute(value=ast.Name(id=owner), attr=name)
            | ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(name)))
        ):
            parts = owner.lower().split("_")
            # What is written in capitals is a setting, whatever holds it.
            return (
                PASSWORD.fullmatch(name) is not None
                and not capital(name)
                and owner not in ("self", *_bodies(scope))
                and (_SENT | _SET).isdisjoint(parts)
            )
    return False


def raw(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a password as a client sent it, or as the function was given it."""
    return sent(node, scope) or (
        isinstance(node, ast.Name)
        and PASSWORD.fullmatch(node.id) is not None
        and _is_parameter(node.id, scope)
        and node.id not in scope.locals
    )


def sent(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a password as a client sent it."""
    match node:
        case ast.Name(id=name) if PASSWORD.fullmatch(name):
            values = scope.locals.get(name, [])
            return bool(values) and all(value is not None and _sent(value, scope) for value in values)
        case ast.Call(func=ast.Attribute(value=value, attr="strip")):
            return sent(value, scope)
    return _sent(node, scope)


def _sent(node: ast.expr, scope: Scope) -> bool:
    """`request.form["password"]`, `data.get("password")`, `form.password.data`, `payload.password`."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if PASSWORD.fullmatch(name):
            return _by_client(value, scope)
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return PASSWORD.fullmatch(name) is not None and _by_client(value, scope)
        case ast.Attribute(value=ast.Attribute(value=value, attr=name), attr="data") if PASSWORD.fullmatch(name):
            return _by_client(value, scope)
        case ast.Attribute(value=value, attr=name) if PASSWORD.fullmatch(name):
            return _by_client(value, scope)
    return False


def _by_client(node: ast.expr, scope: Scope) -> bool:
    head = node
    while isinstance(head, (ast.Attribute, ast.Call, ast.Await, ast.Subscript)):
        head = head.func if isinstance(head, ast.Call) else head.value
    if not isinstance(head, ast.Name):
        return False
    return not _SENT.isdisjoint({head.id, *head.id.split("_")}) or (head is node and head.id in _bodies(scope))


def _bodies(scope: Scope) -> frozenset[str]:
    """The parameters of a handler of a route that the framework fills from the body: of a class, and not optional."""
    node = scope.node
    if not isinstance(node, Function) or not any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in ROUTE_METHODS
        for each in node.decorator_list
    ):
        return frozenset()
    required = node.args.args[: len(node.args.args) - len(node.args.defaults)]
    named = {arg.arg: spell(arg.annotation).rpartition(".")[2] for arg in required if arg.annotation is not None}
    return frozenset(name for name, kind in named.items() if kind[:1].isupper() and not _GIVEN.search(kind))


def _is_parameter(name: str, scope: Scope) -> bool:
    arguments = scope.node.args if isinstance(scope.node, Function) else None
    if arguments is None:
        return False
    return any(arg.arg == name for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions inside it."""
    pending: list[ast.AST] = list(scope.node.body)
    while pending:
        node = pending.pop()
        yield node
        pending += (child for child in ast.iter_child_nodes(node) if not isinstance(child, (Function, ast.ClassDef)))
