"""Values put together: of several the one, of parts a text, and what the methods of strings give."""

from __future__ import annotations

from collections.abc import Sequence

from archcheck.surfaces.python.routes_form import Attr, Form, Name
from archcheck.surfaces.python.routes_values import MISSING, Bound, Options, Seq, Unknown, Value


def one(values: list[Value]) -> Value:
    """The one value of several, when they agree or only one is known."""
    kept: list[Value] = [value for value in values if value is not None and not isinstance(value, Unknown)]
    if not kept:
        return values[0] if values else None
    first = kept[0]
    if all(value is first or (isinstance(value, str | int) and value == first) for value in kept):
        return first
    return Options(kept)


def glued(values: list[Value], forms: Sequence[Form]) -> Value:
    """What a sum or an f-string comes to: a list, a number or a text."""
    if all(isinstance(value, Seq) for value in values):
        lists = [value for value in values if isinstance(value, Seq)]
        return Seq([item for each in lists for item in each.items], any(each.open for each in lists))
    if any(isinstance(value, Seq) for value in values):
        items = [item for value in values for item in (value.items if isinstance(value, Seq) else [value])]
        return Seq(items)
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return sum(value for value in values if isinstance(value, int))
    return "".join(textual(value, form) for value, form in zip(values, forms, strict=True))


def textual(value: Value, form: Form | None = None) -> str:
    """A value as a part of a path; what is not known stands as `{?name}`."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Options):
        texts = {textual(each) for each in value.values}
        if len(texts) == 1:
            return texts.pop()
    name = value.text if isinstance(value, Unknown) else ""
    if form is not None and not name:
        name = form.name if isinstance(form, Attr) else form.id if isinstance(form, Name) else ""
    if isinstance(value, Bound) and not name:
        name = value.name
    return f"{{?{name or 'prefix'}}}"


def text_method(text: str, name: str, args: tuple[Value, ...]) -> Value:
    """What a method of a string gives."""
    plain = [each for each in args if isinstance(each, str)]
    if len(plain) != len(args):
        return Unknown(name)
    match name:
        case "lower" | "upper" | "title" if not args:
            return str(getattr(text, name)())
        case "strip" | "rstrip" | "lstrip":
            return str(getattr(text, name)(*plain))
        case "removesuffix" | "removeprefix" if len(plain) == 1:
            return str(getattr(text, name)(*plain))
        case "replace" if len(plain) == 2:
            return text.replace(plain[0], plain[1])
        case "format" if text.count("{}") == len(plain) == text.count("{"):
            return text.format(*plain)
    return Unknown(name)


def fallback(args: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """The value a setting has when nobody sets it: its default."""
    if "default" in keywords:
        return keywords["default"]
    if len(args) > 1:
        return args[1]
    return args[0] if args and isinstance(args[0], str) and "/" in args[0] else MISSING


def flat(value: Value) -> list[Value]:
    """The items of a list; anything else is one item."""
    return value.items if isinstance(value, Seq) else [value]
