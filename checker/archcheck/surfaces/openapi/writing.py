"""Values are written as YAML that every reader takes for the same values, or as JSON.

What a reader of YAML 1.1 or of YAML 1.2 would take for something else than a string is quoted: status codes as keys,
`on` and `no`, dates, `0o17`. Nothing is written as an alias.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import yaml

from archcheck.surfaces.openapi.place import Json
from archcheck.surfaces.openapi.scalars import plain

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_READER: Final[Any] = yaml.resolver.Resolver()
_TEXT: Final = "tag:yaml.org,2002:str"
_WIDE: Final = 1 << 30
_FOREIGN_BREAKS: Final = frozenset("\x85\u2028\u2029\ufeff")


def to_yaml(value: Json) -> str:
    """A value as a YAML document. Raises `ValueError` for text that no file can hold."""
    text: str = yaml.emit(_events(value), Dumper=_DUMPER, width=_WIDE, allow_unicode=True)
    return text


def to_json(value: Json) -> str:
    """A value as JSON text. Raises `ValueError` for a number that JSON has not, and for text that no file can hold."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    text.encode()
    return text


def _events(value: Json) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    known: dict[str, str | None] = {}
    stack: list[Iterator[Json | yaml.Event]] = [iter([value])]
    while stack:
        one = next(stack[-1], stack)
        if one is stack:
            stack.pop()
        elif isinstance(one, yaml.Event):
            yield one
        elif type(one) is dict:
            yield yaml.MappingStartEvent(None, None, True, flow_style=not one)
            stack.append(_members(one, known))
        elif type(one) is list:
            yield yaml.SequenceStartEvent(None, None, True, flow_style=not one)
            stack.append(iter([*one, yaml.SequenceEndEvent()]))
        else:
            yield _scalar(one, known)  # type: ignore[arg-type]
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _members(mapping: dict[str, Json], known: dict[str, str | None]) -> Iterator[Json | yaml.Event]:
    for key, value in mapping.items():
        style = '"' if "\n" in key else _style(key, known)
        yield yaml.ScalarEvent(None, None, (True, True), key, style=style)
        yield value
    yield yaml.MappingEndEvent()


def _scalar(value: Json, known: dict[str, str | None]) -> yaml.ScalarEvent:
    if type(value) is str:
        return yaml.ScalarEvent(None, None, (True, True), value, style=_style(value, known))
    return yaml.ScalarEvent(None, None, (True, False), _bare(value))


def _bare(value: Json) -> str:
    if type(value) is float:
        text = repr(value)
        if "inf" in text or "nan" in text:
            return text.replace("inf", ".inf").replace("nan", ".nan")
        # Readers of YAML 1.1 want a point before an exponent.
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value)


def _style(text: str, known: dict[str, str | None]) -> str | None:
    """How a string has to be written: as a block, quoted, or None where the emitter may choose."""
    if text in known:
        return known[text]
    text.encode()
    style = None
    if (not text.isascii() and not _FOREIGN_BREAKS.isdisjoint(text)) or "\r" in text:
        style = '"'
    elif "\n" in text:
        style = "|" if _blocky(text) else '"'
    elif type(plain(text)) is not str or _READER.resolve(yaml.ScalarNode, text, (True, False)) != _TEXT:
        style = "'"
    known[text] = style
    return style


def _blocky(text: str) -> bool:
    """Whether a text of several lines survives as a block: no blanks in front or at the ends of lines, no controls."""
    return (
        text[0] not in " \n\t"
        and " \n" not in text
        and "\t\n" not in text
        and text[-1] not in " \t"
        and (all(line.isprintable() or line.replace("\t", "").isprintable() for line in text.split("\n")))
    )
