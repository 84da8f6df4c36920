"""How strings are made: f-strings, `%`, `format`, `join`, `replace`, and the methods that keep a text what it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from archcheck.late import regex
from archcheck.surfaces.python.frame import Frame
from archcheck.surfaces.python.query import Hole
from archcheck.surfaces.python.values import (
    Items,
    Str,
    Table,
    Value,
    cleared,
    concat,
    harmless,
    joined,
    literal,
    mapped,
    member,
    plain,
    scalar,
)
from archcheck.surfaces.python.words import words

_NUMERIC_SPEC: Final = regex(r".*[bcdeEfFgGnoxX%]")
_PERCENT: Final = regex(
    r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsab%])"
)
_FIELD: Final = regex(r"\{\{|\}\}|\{(?P<name>[^{}!:]*)(?:![rsa])?(?P<spec>:[^{}]*)?\}")
_PLACEHOLDER: Final = regex(r"\s*+\(?+(?:%s|\?|:\w+|\$\d+|%\(\w+\)s|,|\s)++\)?+\s*+")

_MOST_REPLACED: Final = 100

KEEPING: Final = words(
    """
    strip lstrip rstrip lower upper title capitalize casefold encode decode expandtabs removeprefix removesuffix
    ljust rjust center zfill swapcase translate format_map as_string copy
    """
)
"""Methods whose result has the same parts as the string they are called on."""


def f_string(node: ast.JoinedStr, frame: Frame) -> Value:
    """The parts of an f-string."""
    outer, frame.anchor = frame.anchor, frame.anchor or node
    try:
        return concat([frame.value(part) for part in node.values])
    finally:
        frame.anchor = outer


def formatted(node: ast.FormattedValue, frame: Frame) -> Value:
    """One replacement field of an f-string."""
    value = frame.value(node.value)
    if isinstance(node.format_spec, ast.JoinedStr):
        spec = plain(frame.value(node.format_spec))
        if spec and _NUMERIC_SPEC.fullmatch(spec):
            return cleared(as_text(value), "number")
    return as_literal(value) if node.conversion == ord("r") else as_text(value)


def as_text(value: Value) -> Value:
    """`str(value)`."""
    return concat([value])


def as_literal(value: Value) -> Value:
    """`repr(value)`: in quotes of Python's, which are those of SQL for most values, though not for all."""
    return mapped(as_text(value), lambda hole: replace(hole, origin="unknown") if hole.origin == "parameter" else hole)


def percent(template: Value, right: Value, node: ast.expr, frame: Frame) -> Value:
    """`template % right`."""
    if not isinstance(template, Str):
        return frame.unknown(node)
    return _each(template, lambda text: _percent_text(text, right, node, frame), [right])


def format_call(
    template: Value, args: Sequence[Value], named: Mapping[str, Value], node: ast.Call, frame: Frame
) -> Value:
    """`template.format(*args, **named)`."""
    if not isinstance(template, Str):
        return frame.unknown(node)
    counter = iter(range(1000))

    def fill(text: str) -> list[Value]:
        pieces: list[Value] = []
        last = 0
        for match in _FIELD.finditer(text):
            pieces.append(literal(text[last : match.start()]))
            last = match.end()
            if match.group() in ("{{", "}}"):
                pieces.append(literal(match.group()[0]))
                continue
            value = _field(match.group("name"), args, named, counter, node, frame)
            spec = match.group("spec")
            pieces.append(
                cleared(as_text(value), "number") if spec and _NUMERIC_SPEC.fullmatch(spec) else as_text(value)
            )
        return [*pieces, literal(text[last:])]

    return _each(template, fill, [*args, *named.values()])


def join_call(separator: Value, argument: Value, node: ast.expr, frame: Frame) -> Value:
    """`separator.join(argument)`."""
    if isinstance(argument, Table):
        argument = argument.keys
    if isinstance(argument, Items):
        one = member(argument)
        text = plain(one) if one is not None else None
        if argument.open and text is not None and _PLACEHOLDER.fullmatch(text):
            return scalar(frame.hole(node, "placeholders"))
        if not argument.items:
            return frame.unknown(node) if argument.open else literal("")
        return joined(separator, argument.items)
    # A string joined with itself, or a collection of which only the origin is known: its items are like it.
    text = plain(argument)
    if text is not None and _PLACEHOLDER.fullmatch(text):
        return scalar(frame.hole(node, "placeholders"))
    return as_text(argument)


def is_placeholder(value: Value) -> bool:
    """Whether a value is the mark of a bound value, or several."""
    text = plain(value)
    return bool(text) and _PLACEHOLDER.fullmatch(text or "") is not None


def replace_call(value: Value, old: Value, new: Value) -> Value:
    """`value.replace(old, new)`: a template when `old` stands in the text, else the value as it was."""
    text = plain(old)
    if not isinstance(value, Str) or not text:
        return value
    if text in ("'", '"', "`", "]") and plain(new) in (text * 2, f"\\{text}"):
        return cleared(value, "quoted")
    whole = all(len(each) == 1 for each in value.options)
    if whole and is_placeholder(old) and any(mark in text for mark in "%?:$") and harmless(new):
        # Where a mark for a bound value is replaced, the text is SQL of our own.
        return mapped(value, lambda hole: hole if hole.origin == "request" else replace(hole, origin="placeholders"))
    if any(isinstance(part, str) and part.count(text) > _MOST_REPLACED for parts in value.options for part in parts):
        return value
    return _each(value, lambda part: _interleaved(part.split(text), as_text(new)), [])


def times(value: Value, node: ast.expr, frame: Frame) -> Value:
    """`value * n`: a repeated list or text."""
    if isinstance(value, Items):
        return Items(value.items, True)
    text = plain(value)
    if text is not None and _PLACEHOLDER.fullmatch(text):
        return scalar(frame.hole(node, "placeholders"))
    if text is not None and not text.strip("0123456789."):
        return scalar(frame.hole(node, "number"))
    return value if harmless(value) else cleared(value, "number") if _is_number(value) else value


def _is_number(value: Value) -> bool:
    return isinstance(value, Str) and all(
        not isinstance(part, str) and part.origin == "number" for parts in value.options for part in parts
    )


def _each(template: Str, fill: Callable[[str], list[Value]], values: Sequence[Value]) -> Value:
    """Fill every literal piece of every option; a template that is a hole keeps it and gains the values."""
    options: list[Value] = []
    for parts in template.options:
        pieces: list[Value] = []
        for part in parts:
            if isinstance(part, Hole):
                pieces.append(scalar(part))
            else:
                pieces += fill(part)
        if parts and all(isinstance(part, Hole) for part in parts):
            pieces += [as_text(value) for value in values]
        options.append(concat(pieces))
    return Str(tuple(option for value in options if isinstance(value, Str) for option in value.options)[:6] or ((),))


def _percent_text(text: str, right: Value, node: ast.expr, frame: Frame) -> list[Value]:
    items = right.items if isinstance(right, Items) and not right.open else None
    pieces: list[Value] = []
    last = index = 0
    for match in _PERCENT.finditer(text):
        pieces.append(literal(text[last : match.start()]))
        last = match.end()
        kind, key = match.group("kind"), match.group("key")
        if kind == "%":
            pieces.append(literal("%"))
            continue
        value = _percent_value(right, items, key, index)
        index += 1
        if value is None:
            value = frame.unknown(node)
        pieces.append(as_text(value) if kind in "rsab" else cleared(as_text(value), "number"))
    return [*pieces, literal(text[last:])]


def _percent_value(right: Value, items: Sequence[Value] | None, key: str | None, index: int) -> Value | None:
    if key is not None:
        if isinstance(right, Table):
            return right.get(key) or member(right.values)
        return right
    if items is not None:
        return items[index] if index < len(items) else None
    if isinstance(right, Items):
        return member(right)
    return right


def _field(
    name: str, args: Sequence[Value], named: Mapping[str, Value], counter: Iterator[int], node: ast.Call, frame: Frame
) -> Value:
    head = re.split(r"[.\[]", name.strip(), maxsplit=1)[0]
    if not head:
        index = next(counter)
        value = args[index] if index < len(args) else None
    elif head.isdigit():
        value = args[int(head)] if int(head) < len(args) else None
    else:
        value = named.get(head)
        if value is None and "**" in named:
            spread = named["**"]
            value = spread.get(head) or member(spread.values) if isinstance(spread, Table) else spread
    if value is None:
        return frame.unknown(node)
    if head != name.strip():
        return concat([_renamed(value, name.strip())])
    return value


def _renamed(value: Value, name: str) -> Value:
    if isinstance(value, Str) and len(value.options) == 1 and len(value.options[0]) == 1:
        part = value.options[0][0]
        if isinstance(part, Hole):
            return scalar(replace(part, text=name))
    return value


def _interleaved(texts: Sequence[str], new: Value) -> list[Value]:
    pieces: list[Value] = [literal(texts[0])]
    for text in texts[1:]:
        pieces += (new, literal(text))
    return pieces
