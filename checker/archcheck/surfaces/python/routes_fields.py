"""Annotated attributes of classes: the fields of models and dataclasses, by name, need and family of type."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.routes_form import Field
from archcheck.surfaces.python.words import words

KINDS: Final = {
    **dict.fromkeys(("int", "PositiveInt", "NonNegativeInt", "conint", "StrictInt"), "integer"),
    **dict.fromkeys(("float", "Decimal", "confloat", "condecimal", "PositiveFloat", "NonNegativeFloat"), "number"),
    **dict.fromkeys(("bool", "StrictBool"), "boolean"),
    **dict.fromkeys(
        words(
            "str bytes datetime date time timedelta UUID UUID1 UUID3 UUID4 UUID5 EmailStr AnyUrl AnyHttpUrl HttpUrl "
            "constr SecretStr Path PurePath StrictStr IPv4Address IPv6Address"
        ),
        "string",
    ),
    **dict.fromkeys(words("list List set Set tuple Tuple Sequence frozenset FrozenSet Iterable conlist"), "array"),
    **dict.fromkeys(words("dict Dict Mapping"), "object"),
}
"""Names of types as they are written, and what they are in a document."""

_SILENT: Final = frozenset({"ClassVar", "Mapped", "PrivateAttr", "InitVar", "WriteOnlyMapped", "DynamicMapped"})
_NAMED: Final = ("validation_alias", "alias")
_MOST: Final = 200


def fields(node: ast.ClassDef) -> Iterator[Field]:
    """The fields of a class as it is written; columns of a database are none."""
    for statement in node.body[:_MOST]:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=note, value=value) if name[0] != "_":
                if last_name(note) in _SILENT or name == "model_config":
                    continue
                alias = _alias(value) or _alias_noted(note)
                yield Field(alias or name, _required(note, value), kind(note), bool(alias))


def renames(node: ast.ClassDef) -> str:
    """By what a class has its names rewritten, as it is written: the `alias_generator` of its configuration."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call(keywords=keywords)):
                named: dict[object, ast.expr] = {each.arg: each.value for each in keywords}
            case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Dict(keys=keys, values=values)):
                pairs = zip(keys, values, strict=True)
                named = {each.value if isinstance(each, ast.Constant) else None: value for each, value in pairs}
            case ast.ClassDef(name="Config", body=body):
                named = {last_name(each.targets[0]): each.value for each in body if isinstance(each, ast.Assign)}
            case _:
                continue
        if "alias_generator" in named:
            return last_name(named["alias_generator"]) or "?"
        if None in named:
            return "?"
    return next((last_name(each.value) or "?" for each in node.keywords if each.arg == "alias_generator"), "")


def kind(note: ast.expr) -> str:
    """The family of an annotation; empty when its name does not tell."""
    match note:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            kinds = {kind(each) for each in (left, right) if not _none(each)}
            return kinds.pop() if len(kinds) == 1 else ""
        case ast.Subscript(value=value, slice=inner):
            name = last_name(value)
            if name in ("Optional", "Annotated", "Union"):
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                parts = parts[:1] if name == "Annotated" else parts
                kinds = {kind(each) for each in parts if not _none(each)}
                return kinds.pop() if len(kinds) == 1 else ""
            return KINDS.get(name, "")
    return KINDS.get(last_name(note), "")


def last_name(node: ast.expr) -> str:
    """The last part of a name, also of one that is subscripted or called."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value) | ast.Call(func=value):
            return last_name(value)
    return ""


def _required(note: ast.expr, value: ast.expr | None) -> bool | None:
    match value:
        case None:
            bare = note.slice if isinstance(note, ast.Subscript) and last_name(note) == "Annotated" else note
            bare = bare.elts[0] if isinstance(bare, ast.Tuple) else bare
            return None if _optional(bare) or (bare is not note and _defaulted(note)) else True
        case ast.Call() if last_name(value) in ("Field", "field", "attrib", "Body", "Query", "Header"):
            given = [each.value for each in value.keywords if each.arg in ("default", "default_factory", "factory")]
            given += value.args[:1]
            unset = not given or (isinstance(given[0], ast.Constant) and given[0].value is Ellipsis)
            return (None if _optional(note) else True) if unset else False
        case ast.Constant(value=v) if v is Ellipsis:
            return True
    return False


def _defaulted(note: ast.expr) -> bool:
    """Whether `Annotated` carries a field that has a default."""
    parts = note.slice.elts if isinstance(note, ast.Subscript) and isinstance(note.slice, ast.Tuple) else []
    named = ("default", "default_factory")
    return any(
        isinstance(each, ast.Call) and (each.args or any(keyword.arg in named for keyword in each.keywords))
        for each in parts
    )


def _optional(note: ast.expr) -> bool:
    match note:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _none(left) or _none(right) or _optional(left) or _optional(right)
        case ast.Subscript(value=value, slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            name = last_name(value)
            return name == "Optional" or (name == "Union" and any(map(_none, parts)))
        case ast.Constant(value=str(text)):
            return "Optional" in text or "None" in text
    return last_name(note) == "Any" or _none(note)


def _none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _alias(value: ast.expr | None) -> str:
    """The name that a field is given; `?` for one that is not known, as a wrapper around `Field` may give any."""
    if isinstance(value, ast.Call) and (name := last_name(value)).endswith("Field") and name != "Field":
        return "?"
    for name in _NAMED:
        for each in value.keywords if isinstance(value, ast.Call) else ():
            if each.arg == name:
                text = each.value.value if isinstance(each.value, ast.Constant) else None
                # An alias that is no literal leaves the name unknown.
                return text if isinstance(text, str) else "?"
    return ""


def _alias_noted(note: ast.expr) -> str:
    if isinstance(note, ast.Subscript) and isinstance(note.slice, ast.Tuple) and last_name(note) == "Annotated":
        return next((name for each in note.slice.elts[1:] if (name := _alias(each))), "")
    return ""
