"""Finding the calls to other systems that have no timeout, and what is put into caches for ever."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, Literal

from archcheck.late import regex
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, argument, invocations, spreads
from archcheck.surfaces.python.mending import with_argument
from archcheck.surfaces.python.outbound import Cached, Outbound
from archcheck.surfaces.python.remote import (
    AIOHTTP_CALLS,
    CALLING,
    CONNECTS,
    HTTPX,
    HTTPX_CALLS,
    HTTPX_CLIENTS,
    MAIL,
    REQUESTS,
    SESSION_CALLS,
    TIMEOUT_AT,
    TRANSFER,
    URLOPEN,
)
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.words import words

_GUARD: Final = regex(r"timeout|fail_after|move_on_after|deadline|time_limit|alarm", re.IGNORECASE)
_CACHES: Final = words("redis pymemcache memcache pylibmc django flask_caching aiocache diskcache cachelib valkey")
_REDIS: Final = regex(
    r"(?:redis|valkey)(?:\.asyncio)?(?:\.client)?\.(?:Redis|StrictRedis|from_url|Valkey|(?:Strict)?Redis\.from_url)\.(?P<method>set|setnx)"
)
_MEMCACHED: Final = regex(
    r"(?:pymemcache(?:\.client(?:\.base|\.hash)?)?|memcache|pylibmc)\.\w*Client\.(?P<method>set|add)"
)
_DJANGO: Final = regex(r"django\.core\.cache\.(?:cache|caches)\.(?P<method>set|add|get_or_set|set_many|touch)")
_FLASK: Final = regex(r"(?:flask_caching|cachelib)\.\w*Cache\.(?P<method>set|add)")
_EXPIRES: Final = regex(r"expir|(?:^|_)ttl|stale|(?<!re)fresh", re.IGNORECASE)
_NAMED: Final = regex(r"cache|memo(?:ize)?\b", re.IGNORECASE)
_EACH: Final = regex(
    r"(?:.*[_.])?(?:(?:user|account|session|order|item|object|request|job|task|message|chat|client|customer|member)s?"
    r"|u?u?id|pk|key|token|code|hash|digest|email|phone|url|uri|ip|address|query|slug|name|path|number|sha\d*|md5)"
    r"|\w*[iI][dD]|hexdigest",
    re.IGNORECASE,
)
"""Names of what there are always more of."""

_FEW: Final = re.compile(
    r"(?:.*[_.])?(?:kind|type|status|state|lang(?:uage)?|locale|country|currency|region|zone|level|mode|model|env|flag"
    r"|environment|category|role|scope|version|self|cls|format|str|join|pk_name)(?:_?(?:id|name|code|key))?",
    re.IGNORECASE,
)
"""Names of what there are a few of, and of what a key is put together with."""


def outbounds(context: Context) -> Iterator[Outbound]:
    """The calls of a module that may wait for ever."""
    if context.survey.tops.isdisjoint(CALLING):
        return
    calls = invocations(context)
    patched = _patched(context)
    for call in calls:
        found = _untimed(call, patched, calls)
        if found is None or _guarded(call):
            continue
        family, parameter, disabled = found
        plain = parameter == "timeout" and family != "connection" and not disabled
        edits = with_argument(call.node, "timeout=10", context.places) if plain else ()
        name = spell(call.node.func)
        yield Outbound(call.at, call.function, name, family, parameter, disabled, context.place, edits)


_Family = Literal["http", "mail", "file transfer", "connection"]
_Untimed = tuple[_Family, str, bool]


def _untimed(call: Invocation, patched: bool, calls: tuple[Invocation, ...]) -> _Untimed | None:
    """How a call waits for ever; None when it does not, or nobody can tell."""
    target = call.target
    given = _timeout(call, "timeout", TIMEOUT_AT.get(target))
    if target in REQUESTS or target in URLOPEN:
        if given == "given" or (call.made is not None and _partial_gives(call.made)):
            return None
        return "http", "timeout", given == "off"
    if target in SESSION_CALLS:
        sends = target.endswith(".send")
        if given == "given" or patched or sends or _adapted(call, calls):
            return None
        return "http", "timeout", given == "off"
    if target in HTTPX or target in HTTPX_CALLS or target in AIOHTTP_CALLS:
        # What is streamed may be silent for as long as the other side has nothing to say.
        return ("http", "timeout", True) if given == "off" and not target.endswith(".stream") else None
    if target in HTTPX_CLIENTS or target == "aiohttp.ClientSession":
        return ("http", "timeout", True) if given == "off" else None
    if target in MAIL or target in TRANSFER:
        return (
            None
            if given == "given" or patched
            else ("mail" if target in MAIL else "file transfer", "timeout", given == "off")
        )
    parameter = CONNECTS.get(target)
    if parameter is None or patched or _timeout(call, parameter, TIMEOUT_AT.get(target)) == "given":
        return None
    if any(keyword.arg and "timeout" in keyword.arg for keyword in call.node.keywords):
        return None
    # A connection string may hold it; only one that is written here is known.
    first = call.node.args[0] if call.node.args else argument(call.node, "dsn") or argument(call.node, "url")
    if first is not None and target != "socket.create_connection" and not _plain_of(first):
        return None
    return "connection", parameter, False


def _plain_of(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "timeout" not in node.value


def _timeout(call: Invocation, name: str, position: int | None) -> Literal["given", "off", ""]:
    """Whether a call is given a timeout, turns it off, or says nothing; what is not seen counts as given."""
    value = argument(call.node, name, position)
    if value is None:
        return "given" if spreads(call.node) else ""
    return "off" if isinstance(value, ast.Constant) and value.value is None else "given"


def _partial_gives(made: ast.Call) -> bool:
    return argument(made, "timeout") is not None or spreads(made)


def _adapted(call: Invocation, calls: tuple[Invocation, ...]) -> bool:
    """Whether the session at hand may have been given a timeout another way: an adapter of the project's own."""
    for other in calls:
        if other.target == f"{call.target.rpartition('.')[0]}.mount":
            adapter = argument(other.node, "adapter", 1)
            if not (isinstance(adapter, ast.Call) and spell(adapter.func).rpartition(".")[2] == "HTTPAdapter"):
                return True
    return bool(call.made is not None and call.made.keywords)


def _patched(context: Context) -> bool:
    """Whether a module sets a timeout for all: `session.request = partial(...)`, `socket.setdefaulttimeout(10)`."""
    if any(call.target == "socket.setdefaulttimeout" for call in invocations(context)):
        return True
    for scope in context.survey.module.children:
        if scope.kind == "class" and any(child.qualname.endswith((".request", ".send")) for child in scope.children):
            return True
    return any(
        isinstance(node, ast.Assign) and any(_replaces(target) for target in node.targets)
        for scope in _all(context.survey.module)
        for node in scope.node.body
    )


def _replaces(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in ("request", "send")


def _all(scope: Scope) -> Iterator[Scope]:
    yield scope
    for child in scope.children:
        yield from _all(child)


def _guarded(call: Invocation) -> bool:
    """Whether somebody else stops the call: `with timeout(5):`, `await wait_for(...)`, a decorator."""
    if call.unpacks:
        return True
    for block in call.blocks:
        if isinstance(block, (ast.With, ast.AsyncWith)) and any(
            _GUARD.search(spell(item.context_expr)) for item in block.items
        ):
            return True
    node = call.scope.node
    decorators = getattr(node, "decorator_list", [])
    return any(_GUARD.search(spell(decorator)) for decorator in decorators) or any(
        _GUARD.search(spell(other.func)) is not None and _holds(other, call.node) for other in call.scope.calls
    )


def _holds(outer: ast.Call, inner: ast.Call) -> bool:
    if outer is inner:
        return False
    start, end = (outer.lineno, outer.col_offset), (outer.end_lineno or 0, outer.end_col_offset or 0)
    return start <= (inner.lineno, inner.col_offset) and (inner.end_lineno or 0, inner.end_col_offset or 0) <= end


def caches(context: Context) -> Iterator[Cached]:
    """What a module puts into a cache for ever."""
    if context.survey.tops.isdisjoint(_CACHES):
        return
    for call in invocations(context):
        found = _for_ever(call)
        # One entry of its own name is overwritten, and there are as many of them as somebody wrote.
        if found is None or not _grows(call, certain=found[2]) or _expires_later(call):
            continue
        parameter, never, certain = found
        yield Cached(call.at, call.function, spell(call.node.func), parameter, never, certain, context.place)


def _for_ever(call: Invocation) -> tuple[str, bool, bool] | None:
    target, node = call.target, call.node
    if not target or spreads(node):
        return None
    if match := _REDIS.fullmatch(target):
        if any(argument(node, name) is not None for name in ("ex", "px", "exat", "pxat", "keepttl", "nx", "xx")):
            return None
        if match["method"] == "set" and len(node.args) > 2:
            return None
        return "ex", False, _NAMED.search(f"{spell(node.func)} {call.function} {_key(node)}") is not None
    if _MEMCACHED.fullmatch(target):
        given = argument(node, "expire") or argument(node, "time", 2)
        return None if given is not None and not _is(given, 0) else ("expire", given is not None, True)
    if match := _DJANGO.fullmatch(target):
        given = argument(node, "timeout", {"set_many": 1, "touch": 1}.get(match["method"], 2))
        return ("timeout", True, True) if given is not None and _is(given, None) else None
    if _FLASK.fullmatch(target):
        given = argument(node, "timeout", 2)
        return ("timeout", True, True) if given is not None and _is(given, 0) else None
    return None


def _is(node: ast.expr, value: int | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == value and type(node.value) is type(value)


def _key(node: ast.Call) -> str:
    """What of the key's text stands in the call."""
    key = argument(node, "name", 0)
    if isinstance(key, ast.JoinedStr):
        return " ".join(
            part.value for part in key.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else spell(key) if key else ""


def _grows(call: Invocation, *, certain: bool) -> bool:
    """Whether the key is made of something, so that entries become many: outside of caches, of what there is always
    more of.
    """
    key = call.argument("name", 0) or call.argument("key", 0) or call.argument("data", 0)
    made = call.scope.locals.get(key.id, []) if isinstance(key, ast.Name) else []
    key = made[0] if len(made) == 1 and made[0] is not None else key
    names = [name for name in _names(key) if not _FEW.fullmatch(name)] if key is not None else []
    return any(certain or _EACH.fullmatch(name) is not None for name in names)


def _names(node: ast.expr) -> Iterator[str]:
    """The names that a key is made of; a constant by its name is one key."""
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Name, ast.Attribute)):
            name = inner.id if isinstance(inner, ast.Name) else inner.attr
            if not name.isupper():
                yield name


def _expires_later(call: Invocation) -> bool:
    """Whether the same function sets an expiry beside it, or keeps one with the value."""
    names = {node.func.attr for node in call.scope.calls if isinstance(node.func, ast.Attribute)}
    if not names.isdisjoint({"expire", "pexpire", "expireat", "pexpireat"}):
        return True
    return any(
        _EXPIRES.search(key.value) is not None
        for value in (*call.node.args, *(made for name in call.scope.locals.values() for made in name))
        if isinstance(value, ast.Dict)
        for key in value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )
