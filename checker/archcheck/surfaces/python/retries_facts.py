"""Finding what is tried again when it fails: loops around calls to other systems, and the libraries that retry."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final

from archcheck.late import regex
from archcheck.source import Location
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, Loop, argument, invocations, origins, spreads
from archcheck.surfaces.python.outbound import Retry, Wait
from archcheck.surfaces.python.remote import CALLING, HTTP_CALLS, OUTSIDE, RETRYING
from archcheck.surfaces.python.route import rehearses
from archcheck.surfaces.python.survey import Function, Scope

_LIBRARIES: Final = RETRYING | {"requests"}
_TENACITY: Final = frozenset({"tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying"})
_BACKOFF: Final = frozenset({"backoff.on_exception", "backoff.on_predicate"})
_RETRY: Final = frozenset({"retry.retry", "retry.api.retry"})
_URLLIB: Final = regex(
    r"(?:urllib3(?:\.util(?:\.retry)?)?|requests\.packages\.urllib3\.util(?:\.retry)?|requests\.adapters)\.Retry"
)
_SLEEP: Final = regex(r"(?:.*[._])?(?:sleep|wait|backoff|delay|pause)\w*|.*[._](?:sleep|wait|backoff|delay|pause)")
_UNSENT: Final = regex(r"(?:\w+\.)*(?:ConnectError|ConnectTimeout|PoolTimeout|NewConnectionError|ConnectTimeoutError)")
"""What is raised before anything was sent."""

_KNOWN_AGAIN: Final = regex(r"idempoten|already_?exist|is_?duplicate|dedup|prometheus|opentelemetry|otlp", re.I)
"""What tells that the other side knows it again: a key, what it answers the second time, samples with their time."""

_SERVES: Final = regex(r"listen|consum|serve|forever|worker|watch|subscrib|stream|connect", re.IGNORECASE)


def retries(context: Context) -> Iterator[Retry]:
    """Everything in a module that is tried again."""
    tops = context.survey.tops
    if not tops.isdisjoint(_LIBRARIES):
        yield from _decorated(context)
        yield from _of_libraries(context)
    if not tops.isdisjoint(CALLING):
        yield from _loops(context)


def _of_libraries(context: Context) -> Iterator[Retry]:
    for call in invocations(context):
        found = _library(call.target, call.node)
        if found is None:
            continue
        limited, wait = found
        limited = limited or (call.declares and _serves(call.scope))
        what = call.scope.qualname or context.name
        write = _write(call.scope) if call.declares else None
        at = context.places.of(write) if write is not None else None
        if not call.declares and call.target.endswith("Retry"):
            at = call.at if _posts_too(call.node) else None
        yield Retry(call.at, call.function, what, spell(call.node.func), limited, wait, at, context.place)


def _library(target: str, node: ast.Call) -> tuple[bool, Wait] | None:
    """Whether a retrying call gives up some time, and how it waits; None where it is none, or does not say."""
    if not target or spreads(node):
        return None
    if target in _TENACITY:
        if node.args:
            return None
        stop = argument(node, "stop")
        return stop is not None and not spell(stop).endswith("stop_never"), _tenacity_wait(argument(node, "wait"))
    if target in _BACKOFF:
        limited = argument(node, "max_tries") is not None or argument(node, "max_time") is not None
        how = argument(node, "wait_gen", 0)
        constant = how is not None and spell(how).endswith(("constant", "runtime"))
        if how is not None and spell(how).endswith("runtime"):
            return limited, "unknown"
        if target.endswith("predicate"):
            # It asks for a state until that is reached: polling, at a pace of its own.
            return True, "unknown"
        return limited, "constant" if constant else "growing"
    if target == "retrying.retry":
        return _retrying({keyword.arg or "" for keyword in node.keywords})
    if target in _RETRY:
        delay, backoff = argument(node, "delay", 2), argument(node, "backoff", 4)
        wait: Wait = "none" if delay is None else "constant" if backoff is None else "growing"
        return argument(node, "tries", 1) is not None, wait
    if _URLLIB.fullmatch(target):
        status = argument(node, "status_forcelist")
        factor = argument(node, "backoff_factor")
        return (True, "growing" if factor is not None else "none") if status is not None else None
    return None


def _retrying(names: set[str]) -> tuple[bool, Wait]:
    grows = any(name.startswith(("wait_exponential", "wait_incrementing", "wait_func")) for name in names)
    fixed = any(name.startswith(("wait_fixed", "wait_random")) for name in names)
    return any(name.startswith("stop") for name in names), "growing" if grows else "constant" if fixed else "none"


def _tenacity_wait(wait: ast.expr | None) -> Wait:
    if wait is None:
        return "none"
    if not isinstance(wait, ast.Call):
        return "unknown"
    name = spell(wait.func).rpartition(".")[2]
    return "constant" if name == "wait_fixed" else "none" if name == "wait_none" else "growing"


def _decorated(context: Context) -> Iterator[Retry]:
    """`@retry` with no parentheses: no limit and no wait."""
    found = origins(context)
    for scope in _functions(context.survey.module):
        assert isinstance(scope.node, Function)
        for decorator in scope.node.decorator_list:
            if not isinstance(decorator, (ast.Name, ast.Attribute)):
                continue
            name = found.of(decorator, scope.parent or scope).name
            if name in ("tenacity.retry", "retrying.retry", *_RETRY) and not _serves(scope):
                write = _write(scope)
                yield Retry(
                    context.places.of(decorator),
                    f"{context.name}:{scope.qualname}",
                    scope.qualname,
                    spell(decorator),
                    False,
                    "none",
                    context.places.of(write) if write is not None else None,
                    context.place,
                )


def _loops(context: Context) -> Iterator[Retry]:
    seen: set[Loop] = set()
    for call in invocations(context):
        if call.target not in OUTSIDE and call.target not in HTTP_CALLS:
            continue
        loop = call.loop
        if loop is None or loop in seen or call.deferred:
            continue
        attempt = next((block for block in call.attempts if _within(block, loop)), None)
        if attempt is None or not _leaves_on_success(attempt, loop) or _varies(loop, call.node):
            continue
        if _probes(attempt, call) or rehearses(context.places.path):
            continue
        handlers = [handler for handler in attempt.handlers if not _always_leaves(handler.body)]
        if not handlers:
            continue
        seen.add(loop)
        yield Retry(
            context.places.of(loop),
            call.function,
            spell(call.node.func),
            "while" if isinstance(loop, ast.While) else "for",
            _limited(loop, attempt),
            _wait(loop, call.scope),
            None if all(map(_before_sending, handlers)) else _posted(call, context),
            context.place,
        )


def _probes(attempt: ast.Try | ast.TryStar, call: Invocation) -> bool:
    """Whether it is only asked whether somebody is there: a read of which nothing is taken but that it worked."""
    if spell(call.node.func).rpartition(".")[2] not in ("get", "head", "urlopen", "create_connection"):
        return False
    own = next((node for node in attempt.body if node.lineno <= call.node.lineno <= (node.end_lineno or 0)), None)
    return isinstance(own, ast.Expr)


def _within(block: ast.stmt, loop: Loop) -> bool:
    return loop.lineno <= block.lineno and (block.end_lineno or 0) <= (loop.end_lineno or 0)


def _leaves_on_success(attempt: ast.Try | ast.TryStar, loop: Loop) -> bool:
    """Whether the loop ends once the work is done: otherwise it is one that serves, polls or goes through things."""
    after: Sequence[ast.stmt] = ()
    if attempt in loop.body:
        after = loop.body[loop.body.index(attempt) + 1 :]
    straight = any(isinstance(node, (ast.Return, ast.Break)) for node in (*attempt.body, *attempt.orelse, *after))
    return straight or any(isinstance(node, ast.If) and _asks_status(node) for node in (*attempt.body, *attempt.orelse))


def _asks_status(node: ast.If) -> bool:
    text = ast.unparse(node.test)
    return ("status" in text or text.endswith(".ok")) and any(isinstance(n, (ast.Return, ast.Break)) for n in node.body)


def _always_leaves(body: Sequence[ast.stmt]) -> bool:
    return isinstance(body[-1], (ast.Raise, ast.Return, ast.Break))


def _limited(loop: Loop, attempt: ast.Try | ast.TryStar) -> bool:
    """Whether the loop gives up some time: it counts, asks for more than `True`, or leaves by another way."""
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        return not (isinstance(loop.iter, ast.Call) and spell(loop.iter.func).endswith("count"))
    if not (isinstance(loop.test, ast.Constant) and loop.test.value):
        return True
    exits = [n for n in _inner(loop.body) if isinstance(n, (ast.Raise, ast.Return, ast.Break, ast.Continue))]
    success = [n for n in _inner([*attempt.body, *attempt.orelse]) if not isinstance(n, ast.Continue)]
    others = [n for n in exits if n not in success and n not in loop.body and not isinstance(n, ast.Continue)]
    ends = any(spell(call.func).endswith("exit") for call in _inner(loop.body) if isinstance(call, ast.Call))
    return bool(others) or ends


def _inner(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a loop that belong to it, and not to functions in it."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))


def _varies(loop: Loop, call: ast.Call) -> bool:
    """Whether each round tries something else: a page, a port, a mirror."""
    if not isinstance(loop, (ast.For, ast.AsyncFor)):
        return False
    if not (isinstance(loop.iter, ast.Call) and spell(loop.iter.func).rpartition(".")[2] in ("range", "count")):
        return True
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(call))


def _wait(loop: Loop, scope: Scope) -> Wait:
    found: Wait = "none"
    changed = {
        node.id
        for inner in _inner([loop])
        for target in (*getattr(inner, "targets", ()), *([inner.target] if hasattr(inner, "target") else ()))
        for node in ast.walk(target)
        if isinstance(node, ast.Name)
    }
    for node in _inner(loop.body):
        if not (isinstance(node, ast.Call) and _SLEEP.fullmatch(spell(node.func))):
            continue
        if not node.args:
            return "unknown"
        used = {name.id for name in ast.walk(node.args[0]) if isinstance(name, ast.Name)}
        computed = any(isinstance(inner, ast.Call) for inner in ast.walk(node.args[0]))
        if used & changed or computed:
            return "growing"
        found = "constant"
    return found


def _posted(call: Invocation, context: Context) -> Location | None:
    if not _is_post(call.node) or _keyed(call.scope):
        return None
    return call.at


def _write(scope: Scope) -> ast.Call | None:
    """The first POST of a function, where nothing in it looks like a key against doing it twice."""
    if _keyed(scope):
        return None
    body = scope.node.body
    return next((call for call in scope.calls if _is_post(call) and call.lineno >= body[0].lineno), None)


def _is_post(call: ast.Call) -> bool:
    name = spell(call.func)
    if name.endswith(".request") or name == "request":
        method = argument(call, "method", 0)
        return isinstance(method, ast.Constant) and method.value in ("POST", "post")
    return name.endswith(".post") and bool(call.args or call.keywords)


def _keyed(scope: Scope) -> bool:
    return scope.kind == "function" and _KNOWN_AGAIN.search(ast.unparse(scope.node)) is not None


def _before_sending(handler: ast.ExceptHandler) -> bool:
    """Whether a handler only catches what fails before anything is sent."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(kind is not None and _UNSENT.fullmatch(spell(kind)) is not None for kind in caught)


def _posts_too(node: ast.Call) -> bool:
    """`Retry(allowed_methods=["POST"])`, or False or None for every method."""
    methods = argument(node, "allowed_methods") or argument(node, "method_whitelist")
    if methods is None:
        return False
    if isinstance(methods, ast.Constant):
        return not methods.value
    return any(isinstance(inner, ast.Constant) and inner.value == "POST" for inner in ast.walk(methods))


def _serves(scope: Scope) -> bool:
    """Whether a function listens or works for ever, so that starting it again without end is what it is for."""
    name = scope.qualname.rpartition(".")[2]
    endless = any(isinstance(b, ast.While) and isinstance(b.test, ast.Constant) for b in scope.blocks)
    return endless or None in scope.returns or _SERVES.search(name) is not None


def _functions(scope: Scope) -> Iterator[Scope]:
    for child in scope.children:
        if child.kind == "function":
            yield child
        yield from _functions(child)
