"""Scalars of YAML 1.2: what a plain or tagged piece of text means under the core schema."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Scalar: TypeAlias = bool | int | float | str | None

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMERIC: Final = frozenset("0123456789+-.")
_INT: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Python refuses to convert longer digit strings; no schema needs them.
_LONGEST_NUMBER: Final = 4000
_TAG: Final = "tag:yaml.org,2002:"


def plain(text: str) -> Scalar:
    """The value of an untagged plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC or len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    return text


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag; a tag that does not fit its text, or is unknown, leaves the text."""
    value = plain(text)
    kind = tag.removeprefix(_TAG)
    if kind == "int" and type(value) is int:
        return value
    if kind == "float" and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]
    if kind == "bool" and type(value) is bool:
        return value
    return None if kind == "null" else text
