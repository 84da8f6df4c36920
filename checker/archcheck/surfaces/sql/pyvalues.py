"""Values that stand in Python as literals, found without running it: names, constants, and what is made of them.

What is not written out is `UNKNOWN`, and so is everything that is made of it. A setting whose default is written out,
as in `os.getenv("MODE", "automatic")`, has that value: it is what a run without settings meets.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from operator import itemgetter
from typing import Final

from archcheck.surfaces.sql.pynodes import (
    Bound,
    Elsewhere,
    Gathered,
    Holder,
    Returning,
    constant,
    dotted,
    mapping,
    sequence,
)
from archcheck.surfaces.sql.pytexts import UNKNOWN, added, converted, holds, method, percent, together

# How far a name is followed to the name it was given, and how many elements a list is followed through.
_DEPTH: Final = 32
_MOST: Final = 5_000
_FARTHEST: Final = 1_000_000_000
_SAME: Final = frozenset({"f", "text", "quoted_name", "dedent", "str", "gettext_lazy", "_"})
_LISTED: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter"})


def value(bound: Bound, depth: int = _DEPTH) -> object:
    """The value of an expression that is written out, else `UNKNOWN`: texts, numbers, tuples, lists, sets and dicts."""
    node, scope = bound
    if isinstance(node, ast.Constant):
        return node.value
    if depth <= 0:
        return UNKNOWN
    if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.ListComp | ast.SetComp):
        return _sequence(bound, depth)
    if isinstance(node, ast.Dict | ast.DictComp):
        held = pairs(bound, depth - 1)
        keys = [value(key, depth - 1) for key, _ in held or ()]
        if held is None or not all(isinstance(key, str | int) for key in keys):
            return UNKNOWN
        return {key: value(item, depth - 1) for key, (_, item) in zip(keys, held, strict=True)}
    if isinstance(node, ast.JoinedStr):
        return together([_formatted(part, scope, depth) for part in node.values])
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare):
        return _operated(node, scope, depth)
    if isinstance(node, ast.Call) and (called := _called(node, scope, depth)) is not UNKNOWN:
        return called
    further = _step(bound, depth - 1)
    return value(further, depth - 1) if further is not None else UNKNOWN


def followed(bound: Bound, depth: int = _DEPTH) -> Bound:
    """What a name was given, an attribute holds or a function of the project returns, as far as that is written out."""
    for _ in range(_DEPTH if depth > 0 else 0):
        further = _step(bound, depth - 1)
        if further is None:
            break
        bound = further
    return bound


def elements(bound: Bound, depth: int = _DEPTH) -> list[Bound] | None:
    """What a loop over an expression meets, None when that is computed."""
    if depth <= 0:
        return None
    node, scope = followed(bound, depth)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return _written(node.elts, scope, depth)
    if isinstance(node, ast.Dict | ast.DictComp):
        found = pairs(Bound(node, scope), depth - 1)
        return [key for key, _ in found] if found is not None else None
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        inner = _rounds(node.generators, scope, depth)
        return [Bound(node.elt, each) for each in inner] if inner is not None else None
    if isinstance(node, ast.Call) and (called := _iterated(node, scope, depth)) is not None:
        return called
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        first = elements(Bound(node.left, scope), depth - 1)
        second = elements(Bound(node.right, scope), depth - 1) if first is not None else None
        if first is None or second is None or len(first) + len(second) > _MOST:
            return None
        return [*first, *second]
    if isinstance(node, ast.Subscript | ast.Call) and isinstance(known := value(Bound(node, scope), depth - 1), list):
        return [as_bound(item) for item in known]
    return None


def pairs(bound: Bound, depth: int = _DEPTH) -> list[tuple[Bound, Bound]] | None:
    """The keys and values of a dict, None when they are computed."""
    if depth <= 0:
        return None
    node, scope = followed(bound, depth)
    found: list[tuple[Bound, Bound]] = []
    if isinstance(node, ast.Dict):
        for key, item in zip(node.keys, node.values, strict=True):
            if key is not None:
                found.append((Bound(key, scope), Bound(item, scope)))
            elif (spread := pairs(Bound(item, scope), depth - 1)) is not None:
                found += spread
            else:
                return None
        return found
    if isinstance(node, ast.DictComp):
        inner = _rounds(node.generators, scope, depth)
        return [(Bound(node.key, each), Bound(node.value, each)) for each in inner] if inner is not None else None
    if isinstance(node, ast.Call) and dotted(node.func) == "dict" and not node.args:
        named = [(Bound(constant(k.arg), {}), Bound(k.value, scope)) for k in node.keywords if k.arg]
        return named if len(named) == len(node.keywords) else None
    return None


def bind(target: ast.expr, bound: Bound, scope: dict[str, Bound]) -> None:
    """Give names to what is assigned."""
    if isinstance(target, ast.Name):
        scope[target.id] = bound
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        scope.pop(target.value.id, None)  # what it holds is not what was written for it any more
    elif isinstance(target, ast.Tuple | ast.List):
        found = elements(bound) or []
        for position, name in enumerate(target.elts):
            if len(found) == len(target.elts):
                bind(name, found[position], scope)
            else:
                unbind(name, scope)


def unbind(target: ast.expr, scope: dict[str, Bound]) -> None:
    """The names of a target stand for nothing that is known."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            scope.pop(node.id, None)


def as_bound(known: object) -> Bound:
    """A value as the expression that would be written for it."""
    if isinstance(known, tuple | list):
        return sequence([as_bound(item) for item in known])
    if isinstance(known, dict) and all(isinstance(key, str) for key in known):
        return mapping({key: as_bound(item) for key, item in known.items()})
    if known is None or isinstance(known, str | int | float):
        return Bound(constant(known), {})
    return Bound(Elsewhere("", lambda: None), {})


def _step(bound: Bound, depth: int) -> Bound | None:
    """One step from an expression to what it stands for."""
    node, scope = bound
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, Elsewhere):
        return node.find()
    if depth <= 0:
        return None
    if isinstance(node, ast.Attribute):
        return _attribute(node, scope, depth)
    if isinstance(node, ast.NamedExpr | ast.Await):
        return Bound(node.value, scope)
    if isinstance(node, ast.IfExp):
        decided = value(Bound(node.test, scope), depth - 1)
        return None if decided is UNKNOWN else Bound(node.body if decided else node.orelse, scope)
    if isinstance(node, ast.BoolOp):
        return _either(node, scope, depth)
    if isinstance(node, ast.Subscript):
        return _item(node, scope, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _below(node, scope, depth)
    if isinstance(node, ast.Call):
        function = followed(Bound(node.func, scope), depth - 1)
        if isinstance(function.node, Returning):
            return function.node.returned(bound, depth)
        return _as_text(node, scope, depth) if dotted(node.func) == "str" and len(node.args) == 1 else None
    return None


def _as_text(node: ast.Call, scope: Mapping[str, Bound], depth: int) -> Bound | None:
    """What `str` makes of an object of the project."""
    made = followed(Bound(node.args[0], scope), depth - 1)
    kind = followed(Bound(made.node.func, made.scope), depth - 1) if isinstance(made.node, ast.Call) else made
    if not isinstance(kind.node, Holder) or kind is made:
        return None
    method = kind.node.held("__str__", made, depth - 1)
    call = Bound(ast.Call(constant(None), [], []), {})
    return method.node.returned(call, depth - 1) if method and isinstance(method.node, Returning) else None


def _below(node: ast.BinOp, scope: Mapping[str, Bound], depth: int) -> Bound | None:
    """What `folder / "name"` comes to."""
    left = followed(Bound(node.left, scope), depth - 1).node
    join = left.held("/", None, depth - 1) if isinstance(left, Holder) else None
    call = Bound(ast.Call(node.left, [node.right], []), scope)
    return join.node.returned(call, depth - 1) if join and isinstance(join.node, Returning) else None


def _either(node: ast.BoolOp, scope: Mapping[str, Bound], depth: int) -> Bound | None:
    """The operand that `or` and `and` come to."""
    for operand in node.values:
        known = value(Bound(operand, scope), depth - 1)
        if operand is node.values[-1] or (known is not UNKNOWN and bool(known) == isinstance(node.op, ast.Or)):
            return Bound(operand, scope)
        if known is UNKNOWN:
            return None
    return None


def _item(node: ast.Subscript, scope: Mapping[str, Bound], depth: int) -> Bound | None:
    if isinstance(node.slice, ast.Slice):
        known = elements(Bound(node.value, scope), depth - 1)
        ends = (node.slice.lower, node.slice.upper, node.slice.step)
        limits = [value(Bound(end, scope), depth - 1) if end is not None else None for end in ends]
        numbers = [limit if isinstance(limit, int) else None for limit in limits]
        if known is None or numbers != limits or numbers[2] == 0:
            return None
        return sequence(known[slice(*numbers)])
    wanted = value(Bound(node.slice, scope), depth - 1)
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        items = elements(Bound(node.value, scope), depth - 1)
        if items is not None and -len(items) <= wanted < len(items):
            return items[wanted]
    if isinstance(wanted, str | int):
        held = pairs(Bound(node.value, scope), depth - 1) or ()
        return next((item for key, item in held if value(key, depth - 1) == wanted), None)
    return None


def _attribute(node: ast.Attribute, scope: Mapping[str, Bound], depth: int) -> Bound | None:
    """What an attribute of a module, a class or a record holds."""
    base = followed(Bound(node.value, scope), depth - 1)
    if isinstance(base.node, Holder):
        return base.node.held(node.attr, None, depth)
    if isinstance(base.node, ast.Call):
        kind = followed(Bound(base.node.func, base.scope), depth - 1)
        return kind.node.held(node.attr, base, depth) if isinstance(kind.node, Holder) else None
    if node.attr == "value" and isinstance(base.node, ast.Constant) and isinstance(node.value, ast.Attribute):
        return base  # of a member of an enumeration
    return None


def _sequence(bound: Bound, depth: int) -> object:
    node = bound.node
    found = elements(bound, depth - 1)
    if found is None or (isinstance(node, Gathered) and node.certainty != "sure"):
        return UNKNOWN
    items = [value(item, depth - 1) for item in found]
    if isinstance(node, ast.Set | ast.SetComp):
        return _as_set(items)
    return tuple(items) if isinstance(node, ast.Tuple) else items


def _as_set(items: list[object]) -> object:
    return frozenset(items) if all(isinstance(item, str | int) for item in items) else UNKNOWN


def _written(nodes: list[ast.expr], scope: Mapping[str, Bound], depth: int) -> list[Bound] | None:
    found: list[Bound] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            found.append(Bound(node, scope))
        elif (spread := elements(Bound(node.value, scope), depth - 1)) is not None:
            found += spread
        else:
            return None
    return found


def _rounds(
    generators: list[ast.comprehension], scope: Mapping[str, Bound], depth: int
) -> list[dict[str, Bound]] | None:
    """The names in force in each round of a comprehension, None when that is computed."""
    scopes = [dict(scope)]
    for generator in generators:
        inner: list[dict[str, Bound]] = []
        for outer in scopes:
            found = elements(Bound(generator.iter, outer), depth - 1)
            if found is None or len(found) * len(scopes) > _MOST:
                return None
            for element in found:
                each = dict(outer)
                bind(generator.target, element, each)
                kept = [value(Bound(test, each), depth - 1) for test in generator.ifs]
                if UNKNOWN in kept:
                    return None
                inner += [each] if all(kept) else []
        scopes = inner
    return scopes


def _iterated(node: ast.Call, scope: Mapping[str, Bound], depth: int) -> list[Bound] | None:
    """What a loop over a call meets: a view of a dict, a range, or a list that is copied, numbered or zipped."""
    name = dotted(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values") and not node.args:
        held = pairs(Bound(node.func.value, scope), depth - 1)
        view = ("keys", "values", "items").index(node.func.attr)
        return [sequence(pair) if view == 2 else pair[view] for pair in held] if held is not None else None
    if name == "range":
        ends = [value(Bound(end, scope), depth - 1) for end in node.args]
        numbers = [end for end in ends if isinstance(end, int) and abs(end) <= _FARTHEST]
        whole = len(numbers) == len(ends) and 1 <= len(ends) <= 3 and numbers[2:] != [0]
        found = range(*numbers) if whole else range(_MOST + 1)
        return [Bound(constant(number), {}) for number in found] if len(found) <= _MOST else None
    if node.keywords and name != "zip":
        return None  # another start, another order
    lists = [elements(Bound(item, scope), depth - 1) for item in node.args]
    known = [item for item in lists if item is not None]
    if len(known) != len(lists) or not known:
        return None
    if name == "sorted" and len(known) == 1:
        return _in_order(known[0], depth)
    if name in _LISTED and len(known) == 1:
        return [*reversed(known[0])] if name == "reversed" else known[0]
    if name == "enumerate" and len(known) == 1:
        return [sequence([Bound(constant(number), {}), item]) for number, item in enumerate(known[0])]
    return [sequence(row) for row in zip(*known, strict=False)] if name == "zip" else None


def _in_order(items: list[Bound], depth: int) -> list[Bound] | None:
    """Plain texts in order."""
    texts = [(text, item) for item in items if isinstance(text := value(item, depth - 1), str)]
    return [item for _, item in sorted(texts, key=itemgetter(0))] if len(texts) == len(items) else None


def _formatted(part: ast.expr, scope: Mapping[str, Bound], depth: int) -> object:
    if isinstance(part, ast.FormattedValue):
        plain = part.format_spec is None and part.conversion == -1
        return value(Bound(part.value, scope), depth - 1) if plain else UNKNOWN
    return value(Bound(part, scope), depth - 1)


def _operated(node: ast.BinOp | ast.UnaryOp | ast.Compare, scope: Mapping[str, Bound], depth: int) -> object:
    if isinstance(node, ast.UnaryOp):
        operand = value(Bound(node.operand, scope), depth - 1)
        if isinstance(node.op, ast.Not):
            return UNKNOWN if operand is UNKNOWN else not operand
        return -operand if isinstance(node.op, ast.USub) and isinstance(operand, int | float) else UNKNOWN
    if isinstance(node, ast.BinOp):
        left, right = (value(Bound(side, scope), depth - 1) for side in (node.left, node.right))
        if isinstance(node.op, ast.Mod):
            return percent(left, right)
        if isinstance(left, int) and isinstance(right, int) and isinstance(node.op, ast.Sub | ast.Mult):
            return left - right if isinstance(node.op, ast.Sub) else left * right
        return added(left, right) if isinstance(node.op, ast.Add) else UNKNOWN
    sides = [value(Bound(side, scope), depth - 1) for side in (node.left, *node.comparators)]
    if UNKNOWN in sides:
        return UNKNOWN
    return holds(node.ops, sides)


def _called(node: ast.Call, scope: Mapping[str, Bound], depth: int) -> object:
    """The value of a call of the language: marks that leave a text as it is, settings with defaults, formats."""
    name = dotted(node.func)
    last = name.rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    if name in _LISTED and (found := _iterated(node, scope, depth)) is not None:
        items = [value(item, depth - 1) for item in found]
        if name in ("set", "frozenset"):
            return _as_set(items)
        return tuple(items) if name == "tuple" else items
    if last == "getenv" or name.endswith("environ.get"):
        default = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg), None)
        return value(Bound(default, scope), depth - 1) if default is not None else UNKNOWN
    values = [value(Bound(item, scope), depth - 1) for item in node.args]
    if name in ("int", "bool", "len") and len(values) == 1:
        return converted(name, values[0])
    if last in _SAME and node.args and not isinstance(followed(Bound(node.func, scope), depth - 1).node, Returning):
        return values[0]
    if isinstance(node.func, ast.Attribute):
        base = value(Bound(node.func.value, scope), depth - 1)
        if isinstance(base, dict) and last == "get" and values and isinstance(values[0], str | int):
            return base.get(values[0], values[1] if len(values) > 1 else None)
        named = {k.arg: value(Bound(k.value, scope), depth - 1) for k in node.keywords if k.arg}
        return method(base, last, values, named) if isinstance(base, str) else UNKNOWN
    return UNKNOWN
