"""Evaluating an expression: from a node to what it can be, one small function per kind of node."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec.structs import replace

from archcheck.surfaces.python.calls import call
from archcheck.surfaces.python.flow import bind, element
from archcheck.surfaces.python.frame import Frame, spell
from archcheck.surfaces.python.guards import guarded, guards
from archcheck.surfaces.python.libraries import PRODUCTS
from archcheck.surfaces.python.lookup import capital, class_of, imported, is_enum, name_value
from archcheck.surfaces.python.objects import attribute_of_class
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.requests import field_of, in_view, of_environment, request_part
from archcheck.surfaces.python.strings import f_string, formatted, percent, times
from archcheck.surfaces.python.values import (
    Items,
    Str,
    Table,
    Thing,
    Value,
    bounded,
    cleared,
    concat,
    either,
    harmless,
    literal,
    mapped,
    member,
    plain,
    scalar,
    worst,
)

_CONFIGURED: Final = frozenset({"settings", "config", "conf"})
_Evaluator: TypeAlias = Callable[..., Value]


def evaluate(node: ast.expr, frame: Frame) -> Value:
    """What an expression can be, as far as its text matters."""
    evaluator = _EVALUATORS.get(type(node))
    return evaluator(node, frame) if evaluator is not None else frame.unknown(node)


def _constant(node: ast.Constant, frame: Frame) -> Value:
    value = node.value
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, bytes):
        return literal(value.decode("latin-1"))
    return literal(str(value))


def _attribute(node: ast.Attribute, frame: Frame) -> Value:
    held = frame.env.get(spell(node)) if frame.env else None
    if held is not None:
        return held
    if isinstance(node.value, ast.Attribute) and node.value.attr == "_meta":
        # What a model of Django is called, and where it is kept.
        return scalar(frame.hole(node, "constant"))
    base = frame.value(node.value)
    match base:
        case Thing(kind="ref", name=name):
            if name.rpartition(".")[2] in _CONFIGURED or (capital(node.attr) and not base.hole.open):
                return scalar(frame.hole(node, "constant"))
            return imported(f"{name}.{node.attr}", node, frame)
        case Thing(kind="self"):
            return _own_attribute(node, frame)
        case Thing(kind="class", name=name):
            return _class_attribute(node, name, frame)
        case Thing(kind="request"):
            return request_part(base, node.attr, node, frame)
        case Thing(kind="model"):
            return field_of(base, node, frame)
        case Thing(kind=kind):
            product = PRODUCTS.get((kind, node.attr))
            if product:
                return frame.thing(product, node)
            return scalar(_part_of(base.hole, node.attr, node, frame))
        case Str(options) if len(options) == 1 and len(options[0]) == 1 and isinstance(options[0][0], Hole):
            return scalar(_part_of(options[0][0], node.attr, node, frame))
    return frame.unknown(node)


def _part_of(hole: Hole, attr: str, node: ast.expr, frame: Frame) -> Hole:
    """An attribute or item of something of which only the origin is known has the same origin."""
    if capital(attr) and hole.origin != "request":
        return frame.hole(node, "constant")
    part = f"{hole.parameter.removesuffix('.')}." if hole.parameter else ""
    opened = f"{hole.open}.{attr}" if hole.open else ""
    return replace(hole, text=spell(node), at=frame.at(node), open=opened, parameter=part)


def _own_attribute(node: ast.Attribute, frame: Frame) -> Value:
    owner = frame.scope.parent
    if node.attr == "request" and in_view(frame.scope):
        return frame.thing("request", node)
    if node.attr in ("kwargs", "args") and in_view(frame.scope):
        return request_part(frame.thing("request", node), "kwargs", node, frame)
    if owner is not None and owner.kind == "class":
        found = attribute_of_class(owner, node.attr, frame)
        if found is not None and not (capital(node.attr) and worst(found)):
            return called(found, node, frame)
    if capital(node.attr):
        return scalar(frame.hole(node, "constant"))
    return frame.unknown(node)


def _class_attribute(node: ast.Attribute, name: str, frame: Frame) -> Value:
    if is_enum(node.value, frame) or capital(node.attr) or node.attr in ("__name__", "__tablename__"):
        return scalar(frame.hole(node, "constant"))
    owner = class_of(node.value, frame)
    found = attribute_of_class(owner, node.attr, frame) if owner is not None else None
    return found if found is not None else frame.unknown(node)


def _subscript(node: ast.Subscript, frame: Frame) -> Value:
    base = frame.value(node.value)
    held = frame.env.get(spell(node)) if isinstance(node.slice, ast.Constant) else None
    if held is not None:
        return held
    if isinstance(node.slice, ast.Slice):
        return base
    key = plain(frame.value(node.slice))
    match base:
        case Items(items, more):
            if key is not None and key.lstrip("-").isdigit() and not more and -len(items) <= int(key) < len(items):
                return items[int(key)]
            return member(base) or frame.unknown(node)
        case Table():
            return base.get(key) or member(base.values) or frame.unknown(node)
        case Thing(kind="settings"):
            return scalar(frame.hole(node, "constant"))
        case Thing(kind="environment"):
            return of_environment(base, key, node, frame)
        case Thing(kind=kind):
            product = PRODUCTS.get((kind, "[]"))
            return (
                frame.thing(product, node)
                if product
                else scalar(replace(base.hole, text=spell(node), at=frame.at(node)))
            )
        case Str(options) if len(options) == 1 and len(options[0]) == 1 and isinstance(options[0][0], Hole):
            return scalar(replace(options[0][0], text=spell(node), at=frame.at(node)))
    return base


def _sum(node: ast.BinOp, frame: Frame) -> Value:
    """`a + b + c ...`, taken apart without recursion: generated sums are long."""
    terms: list[ast.expr] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        terms.append(left.right)
        left = left.left
    values = [frame.value(term) for term in (left, *reversed(terms))]
    if any(isinstance(term, ast.Constant) and isinstance(term.value, (int, float)) for term in (left, *terms)):
        # Only a number can be added to a number.
        return scalar(frame.hole(node, "number"))
    if any(isinstance(value, Items) for value in values):
        items = [item for value in values for item in (value.items if isinstance(value, Items) else (value,))]
        return bounded(Items(tuple(items), any(not isinstance(value, Items) or value.open for value in values)))
    result = values[0]
    for value in values[1:]:
        # A number added to a number is a number; a number pasted to a text stays what it is.
        result = result if _numeric(result) and _numeric(value) else concat([result, value])
    return result


def _numeric(value: Value) -> bool:
    return isinstance(value, Str) and all(
        len(parts) == 1
        and (parts[0].strip("-").isdigit() if isinstance(parts[0], str) else parts[0].origin == "number")
        for parts in value.options
    )


def _binary(node: ast.BinOp, frame: Frame) -> Value:
    if isinstance(node.op, ast.Add):
        return _sum(node, frame)
    left = frame.value(node.left)
    right = frame.value(node.right)
    if isinstance(node.op, ast.Mod):
        if isinstance(left, Str) and not _numeric(left):
            return percent(left, right, node, frame)
        return scalar(frame.hole(node, "number"))
    if isinstance(node.op, ast.Mult):
        return times(right if _numeric(left) else left, node, frame)
    if isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)) and isinstance(left, (Items, Table)):
        return either(left, right) if isinstance(node.op, ast.BitOr) and type(left) is type(right) else left
    if isinstance(node.op, ast.Div):
        # A path joined with `/`, or a quotient.
        return concat([left, literal("/"), right]) if not (_numeric(left) and _numeric(right)) else left
    return scalar(frame.hole(node, "number"))


def _choice(node: ast.IfExp, frame: Frame) -> Value:
    frame.value(node.test)
    yes, no = guards(node.test, frame)
    before = frame.env
    frame.env = guarded(before, yes, node.test, frame)
    first = frame.value(node.body)
    frame.env = guarded(before, no, node.test, frame)
    second = frame.value(node.orelse)
    frame.env = before
    return either(first, second)


def _either_of(node: ast.BoolOp, frame: Frame) -> Value:
    values = [frame.value(value) for value in node.values]
    result = values[0]
    for value in values[1:]:
        result = either(result, value)
    return result


def _unary(node: ast.UnaryOp, frame: Frame) -> Value:
    value = frame.value(node.operand)
    if isinstance(node.op, ast.Not):
        return scalar(frame.hole(node, "number"))
    text = plain(value)
    return literal(f"-{text}") if text is not None and isinstance(node.op, ast.USub) else cleared(value, "number")


def _compare(node: ast.Compare, frame: Frame) -> Value:
    for part in (node.left, *node.comparators):
        frame.value(part)
    return scalar(frame.hole(node, "number"))


def _collection(node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Value:
    items: list[Value] = []
    more = False
    for element_node in node.elts:
        if isinstance(element_node, ast.Starred):
            value = frame.value(element_node.value)
            items += value.items if isinstance(value, Items) else (element(value, element_node.value, frame),)
            more = more or not isinstance(value, Items) or value.open
        else:
            items.append(frame.value(element_node))
    return bounded(Items(tuple(items), more))


def _dictionary(node: ast.Dict, frame: Frame) -> Value:
    pairs: list[tuple[Value, Value]] = []
    more = False
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = frame.value(value_node)
        if key_node is not None:
            pairs.append((frame.value(key_node), value))
        elif isinstance(value, Table):
            pairs += value.pairs
            more = more or value.open
        else:
            item = element(value, value_node, frame)
            pairs.append((item, item))
            more = True
    return bounded(Table(tuple(pairs), more))


def _comprehension(node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Value:
    before = _entered(node.generators, frame)
    value = frame.value(node.elt)
    frame.env = before
    return Items((value,), True)


def _dict_comprehension(node: ast.DictComp, frame: Frame) -> Value:
    before = _entered(node.generators, frame)
    key, value = frame.value(node.key), frame.value(node.value)
    frame.env = before
    return Table(((key, value),), True)


def _entered(generators: list[ast.comprehension], frame: Frame) -> dict[str, Value]:
    before = frame.env
    frame.env = dict(before)
    for generator in generators:
        bind(generator.target, element(frame.value(generator.iter), generator.iter, frame), frame, noted=False)
        for condition in generator.ifs:
            frame.value(condition)
            frame.env = guarded(frame.env, guards(condition, frame)[0], condition, frame)
    return before


def _walrus(node: ast.NamedExpr, frame: Frame) -> Value:
    value = frame.value(node.value)
    bind(node.target, value, frame)
    return value


def _awaited(node: ast.Await | ast.Starred, frame: Frame) -> Value:
    return frame.value(node.value)


def _name(node: ast.Name, frame: Frame) -> Value:
    value = name_value(node, frame)
    return called(value, node, frame)


def called(value: Value, node: ast.expr, frame: Frame) -> Value:
    """The value as it is called where it is used: a scalar takes the name, a text put together keeps its holes."""
    if isinstance(value, Str) and not harmless(value) and all(len(parts) == 1 for parts in value.options):
        return mapped(value, lambda hole: replace(hole, text=spell(node), at=frame.at(node)))
    return value


def _lambda(node: ast.Lambda, frame: Frame) -> Value:
    before = frame.env
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    frame.env = {**before, **{name: scalar(frame.hole(ast.Name(name, lineno=node.lineno, col_offset=node.col_offset,
                 end_lineno=node.lineno, end_col_offset=node.col_offset), "parameter")) for name in names}}  # fmt: skip
    frame.value(node.body)
    frame.env = before
    return frame.unknown(node)


def _yielded(node: ast.Yield | ast.YieldFrom, frame: Frame) -> Value:
    if node.value is not None:
        frame.value(node.value)
    return frame.unknown(node)


def _template(node: ast.expr, frame: Frame) -> Value:
    """A t-string: its values stay apart from its text, whoever takes it binds them."""
    return frame.thing("clause", node)


_EVALUATORS: Final[dict[type[ast.expr], _Evaluator]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.JoinedStr: f_string,
    ast.FormattedValue: formatted,
    ast.BinOp: _binary,
    ast.IfExp: _choice,
    ast.BoolOp: _either_of,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.List: _collection,
    ast.Tuple: _collection,
    ast.Set: _collection,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _awaited,
    ast.Starred: _awaited,
    ast.Call: call,
    ast.Lambda: _lambda,
    ast.Yield: _yielded,
    ast.YieldFrom: _yielded,
}
if hasattr(ast, "TemplateStr"):
    _EVALUATORS[ast.TemplateStr] = _template
