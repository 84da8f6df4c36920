"""What a function does with bodies and queries: the data it reads as it came, and the whole tables it gives back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.parse import Places
from archcheck.surfaces.python.routes_fields import last_name
from archcheck.surfaces.python.routes_form import Read, Spot, Traits
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.words import words

STORES: Final = words(
    "sqlalchemy sqlmodel flask_sqlalchemy django asyncpg beanie tortoise databases motor peewee psycopg"
)
"""Packages whose queries are looked at."""

_REQUEST: Final = regex(r"\breq(?:uest)?\.(?:get_json|json|form|POST|data|body|get_data)\b")
_MARKS: Final = (
    *(f"request.{name}" for name in ("get_json", "json", "form", "POST", "data", "body", "get_data")),
    "req.json",
    "req.get_json",
)
_HOLDERS: Final = frozenset({"request", "req"})
_FORM: Final = frozenset({"form", "POST", "data"})
_REPEATED: Final = regex(
    r"event_id|delivery|dedup|idempot|processed|already|duplicate|\[.id.\]|get\(.id.\)|\.id\b", re.I
)
_PARSES: Final = frozenset({"json", "get_json", "get_data", "body", "form", "decode"})
_ENDS: Final = frozenset({"all", "fetchall", "to_list"})
_BOUNDS: Final = words(
    """
    limit offset slice paginate paginated fetch first one one_or_none top get_or_404 in_bulk count page pagination
    values_list distinct group_by having aggregate join outerjoin filter_by intersect union yield_per get
    """
)
_FILTERS: Final = frozenset({"filter", "where", "exclude", "find"})
_STATES: Final = regex(
    r"(?:is_?)?(?:deleted|active|enabled|archived|visible|published|disabled|hidden|draft)(?:_at)?|None|True|False|is_|isnot"
    r"|is_not|[A-Z]\w*|not_"
)
_NARROW: Final = regex(r"\b(?:where|limit|join|top|fetch|group by|count|sum|max|min)\b", re.I)
_COUNTS: Final = frozenset({"len", "sum", "any", "max", "min", "bool", "next", "choice"})
_QUERIES: Final = frozenset({"query", "objects", "session", "db", "select"})
_HANDS: Final = regex(r"(?:get|list|find|fetch|read|load|query|select)?_?(?:all|list|many|multi|\w{2,}s)")
_DEEPEST: Final = 14
_LONGEST: Final = 400

_OPEN: Final = re.compile(
    r"\bpublic (?:endpoint|route|api)\b|\bno auth\w* (?:is )?(?:required|needed)|\bwithout (?:any )?auth", re.I
)
"""What a handler says of itself that anybody may call."""


def traits(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, places: Places, reads: bool) -> Traits | None:
    """The traits of one function; None when it has none. `reads` says that requests are read in its module at all."""
    held = tuple(_reads(node, scope, places)) if reads else ()
    whole = _whole(scope)
    avowed = _OPEN.search(ast.get_docstring(node, clean=False) or "") is not None
    hands = tuple(dict.fromkeys(_handed(scope)))[:6]
    noted = _events(node) and any(_REPEATED.search(places.line(n)) for n in range(node.lineno, _last(node) + 1))
    if not (held or whole or hands or noted or avowed):
        return None
    spot = _spot(whole, places) if whole is not None else None
    return Traits(held, spot, hands, _text(whole) if whole is not None else "", noted, avowed)


def _events(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function takes events of others, by its name or its path."""
    texts = (
        arg.value
        for each in node.decorator_list
        if isinstance(each, ast.Call)
        for arg in each.args
        if type(arg) is ast.Constant
    )
    name = node.name.lower()
    if any(arg.arg in ("event", "payload", "webhook") for arg in node.args.args):
        return True
    return "hook" in name or "event" in name or any("hook" in str(text).lower() for text in texts)


def _last(node: ast.stmt) -> int:
    return min(node.end_lineno or node.lineno, node.lineno + _LONGEST)


def reading(text: str) -> bool:
    """Whether a module reads bodies anywhere."""
    return any(mark in text for mark in _MARKS)


# -- bodies


def _reads(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, places: Places) -> Iterator[Read]:
    """The bodies that a function reads, each with what becomes of it."""
    first, last = node.lineno, node.end_lineno or node.lineno
    if last - first > _LONGEST or not any(_REQUEST.search(places.line(n)) for n in range(first, last + 1)):
        return
    parents: dict[ast.AST, ast.AST] = {}
    found: list[tuple[ast.expr, str]] = []
    for each in ast.walk(node):
        for child in ast.iter_child_nodes(each):
            parents[child] = each
        if isinstance(each, ast.Attribute) and (what := _body(each, parents)):
            found.append((each, what))
    names: dict[str, tuple[ast.expr, str]] = {}
    for source, what in found:
        top = _outermost(source, parents)
        if isinstance(top, ast.Call) and last_name(top.func) == "loads":
            what = "json"
        target = parents.get(top)
        if isinstance(target, ast.Assign | ast.NamedExpr | ast.AnnAssign):
            bound = target.targets[0] if isinstance(target, ast.Assign) else target.target
            if isinstance(bound, ast.Name):
                names[bound.id] = (source, what)
                continue
        yield Read(what, _spot(source, places), *_uses([top], parents))
    for name, (source, what) in names.items():
        uses = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
        yield Read(what, _spot(source, places), *_uses(uses, parents))


def _body(node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> str:
    """Which body an attribute of a request is: `json`, `form`, or empty where it is none or only bytes."""
    holder = node.value
    name = holder.id if isinstance(holder, ast.Name) else holder.attr if isinstance(holder, ast.Attribute) else ""
    if name not in _HOLDERS:
        return ""
    if node.attr in ("json", "get_json"):
        return "json"
    if node.attr in _FORM:
        return "form"
    if node.attr in ("body", "get_data"):
        return "bytes"
    return ""


def _outermost(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """The expression that has the parsed data: `await request.json()`, `json.loads(request.body)`, `... or {}`."""
    while True:
        above = parents.get(node)
        match above:
            case ast.Await() | ast.BoolOp():
                node = above
            case ast.Call(func=function) if function is node:
                if isinstance(node, ast.Attribute) and node.attr not in _PARSES:
                    return node
                node = above
            case ast.Attribute(attr="decode" | "to_dict"):
                node = above
            case ast.Call(func=function) if last_name(function) in ("loads", "dict"):
                node = above
            case _:
                return node


def _uses(nodes: list[ast.AST] | list[ast.Name], parents: dict[ast.AST, ast.AST]) -> tuple[int, tuple[str, ...]]:
    """How many keys are picked out of the data, and the calls that get it whole; `**` marks what is spread."""
    picked: set[object] = set()
    handed: list[str] = []
    for node in nodes:
        above = parents.get(node)
        match above:
            case ast.Subscript(value=value, slice=key) if value is node:
                picked.add(ast.dump(key))
            case ast.Attribute(attr="get" | "pop" | "getlist"):
                call = parents.get(above)
                if call is None or not _asked(call, parents):
                    picked.add(ast.dump(call.args[0]) if isinstance(call, ast.Call) and call.args else "")
            case ast.Call():
                handed.append(_named(above.func))
            case ast.keyword(arg=None):
                call = parents.get(above)
                handed.append("**" + _named(call.func) if isinstance(call, ast.Call) else "**")
            case ast.keyword():
                call = parents.get(above)
                handed.append(_named(call.func) if isinstance(call, ast.Call) else "?")
            case ast.Return() | ast.Starred() | ast.Dict() | ast.Tuple() | ast.List():
                handed.append("?")
    return len(picked), tuple(dict.fromkeys(handed))


def _asked(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a value is only asked for, as a ticked box is: `if data.get("pages"):`."""
    above = parents.get(node)
    while isinstance(above, ast.BoolOp | ast.UnaryOp | ast.Compare):
        node, above = above, parents.get(above)
    return isinstance(above, ast.If | ast.IfExp | ast.While) and above.test is node


# -- queries


def _whole(scope: Scope) -> ast.Call | None:
    """The call that gives a whole table, where the function gives its rows back."""
    for call in scope.calls:
        function = call.func
        if not (isinstance(function, ast.Attribute) and function.attr in _ENDS) or not _unbounded(call, scope):
            continue
        if any(value is not None and _gives(value, call, scope) for value in scope.returns):
            return call
    return None


def _gives(value: ast.expr, call: ast.Call, scope: Scope) -> bool:
    """Whether a returned expression holds the rows of a call, itself or under a name."""
    held = {name for name, values in scope.locals.items() if len(values) == 1 and _inside(values[0], call)}
    return _inside(value, call, held)


def _inside(node: ast.AST | None, call: ast.Call, names: set[str] | frozenset[str] = frozenset()) -> bool:
    """Whether an expression holds a call, or one of the names, as what it is about: not beside others, deep in it."""
    stack: list[ast.AST] = [node] if node is not None else []
    while stack:
        top = stack.pop()
        if top is call or (isinstance(top, ast.Name) and top.id in names):
            return True
        if isinstance(top, ast.Call) and last_name(top.func) in _COUNTS:
            continue
        if isinstance(top, ast.Subscript | ast.Compare | ast.Lambda):
            continue
        if isinstance(top, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            if any(each.ifs for each in top.generators):
                continue
            stack += [each.iter for each in top.generators]
            continue
        if isinstance(top, ast.Dict):
            stack += [each for each in top.values if not isinstance(each, ast.Dict)]
            continue
        stack += ast.iter_child_nodes(top)
    return False


def _unbounded(call: ast.Call, scope: Scope) -> bool:
    """Whether a chain of calls ends in all rows of a query that nothing narrows."""
    links = list(_chain(call, scope))
    names = [_link_name(each) for each in links]
    if not _QUERIES & set(names) or not _BOUNDS.isdisjoint(names):
        return False
    for each in links:
        if isinstance(each, ast.Call) and last_name(each.func) in _FILTERS and not _states(each):
            return False
        if isinstance(each, ast.Subscript):
            return False
    return last_name(call.func) != "to_list" or not call.args or _nothing(call.args[0])


def _chain(node: ast.expr, scope: Scope, depth: int = _DEEPEST) -> Iterator[ast.expr]:
    """The links of a chain from its end: attributes, calls, what a statement was built from, and the names between."""
    while depth:
        depth -= 1
        yield node
        match node:
            case ast.Call(func=ast.Attribute(attr="execute" | "scalars" | "exec" | "stream"), args=[first, *_]):
                yield ast.Name("session")
                node = first.args[0] if isinstance(first, ast.Call) and last_name(first.func) == "text" else first
            case ast.Constant(value=str(text)) if not _NARROW.search(text):
                return
            case ast.Call(func=function):
                if isinstance(function, ast.Name) and function.id != "select":
                    return
                node = function
            case ast.Attribute(value=value) | ast.Await(value=value) | ast.Subscript(value=value):
                node = value
            case ast.Name(id=name):
                held = scope.locals.get(name, [])
                if len(held) != 1 or held[0] is None:
                    # Bound more than once, it may have been narrowed on the way; a parameter may be anything.
                    if held or _is_parameter(name, scope):
                        yield ast.Name("get")
                    return
                node = held[0]
            case _:
                yield ast.Name("get")
                return


def _is_parameter(name: str, scope: Scope) -> bool:
    args = getattr(scope.node, "args", None)
    plain = [*args.posonlyargs, *args.args, *args.kwonlyargs] if isinstance(args, ast.arguments) else []
    return any(each.arg == name for each in plain) and name not in ("db", "session", "self", "cls", "db_session")


def _link_name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _states(call: ast.Call) -> bool:
    """Whether a filter only asks for a state that most rows are in."""
    for each in (*call.args, *(keyword.value for keyword in call.keywords)):
        for inner in ast.walk(each):
            name = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
            if name and not _STATES.fullmatch(name):
                return False
    return all(each.arg is not None and _STATES.match(each.arg) for each in call.keywords)


def _nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _handed(scope: Scope) -> Iterator[str]:
    """The calls whose result is given back, by their spelled names."""
    for value in scope.returns:
        for each in _calls_of(value, scope):
            name = _named(each.func)
            if name and _HANDS.fullmatch(name.rpartition(".")[2]):
                yield name


def _calls_of(value: ast.expr | None, scope: Scope, depth: int = 3) -> Iterator[ast.Call]:
    match value:
        case ast.Await(value=inner):
            yield from _calls_of(inner, scope, depth)
        case ast.Call():
            yield value
            for each in value.args[:2]:
                yield from _calls_of(each, scope, depth - 1) if depth else ()
        case ast.ListComp(generators=[only]) if not only.ifs:
            yield from _calls_of(only.iter, scope, depth)
        case ast.Name(id=name) if depth:
            held = scope.locals.get(name, [])
            if len(held) == 1:
                yield from _calls_of(held[0], scope, depth - 1)
        case ast.Dict(values=values) if depth:
            for each in values[:6]:
                yield from _calls_of(each, scope, depth - 1)


def _text(call: ast.Call) -> str:
    """The names that a query mentions, to tell what it is of."""
    names = [each.id for each in ast.walk(call) if isinstance(each, ast.Name) and each.id[:1].isupper()]
    return names[0] if names else ""


def _spot(node: ast.expr, places: Places) -> Spot:
    at = places.of(node)
    return Spot(at.line, at.column, at.end_column)


def _named(node: ast.expr) -> str:
    """A dotted name as it is written; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
