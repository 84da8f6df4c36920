"""Edits keep the layout of a document: an entry is added in the style of its neighbours, an item leaves its comment.

The text of a container is looked at again only where a fix asks for it, and only as far as the container reaches.
Whatever is written too oddly to be sure of gets no edit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from archcheck.finding import Edit, Fix
from archcheck.source import Source
from archcheck.surfaces.openapi.place import Json, Layout, Place

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.view import View

# A container that goes on for longer than this is left to its owner.
_LINES: Final = 2_000
_PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._-]*[A-Za-z0-9._])?")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_STEP: Final = "  "


def fixing(title: str, edits: tuple[Edit, ...], *, safe: bool = False) -> Fix | None:
    """A fix of these edits; None where there is nothing to edit."""
    return Fix(title, edits, safe) if edits else None


def added(place: Place | None, key: str, value: Json) -> tuple[Edit, ...]:
    """The edit that gives a mapping one more entry, after its last; none where that cannot be done safely."""
    layout = place.document.layout(place) if place is not None and type(place.node) is dict else None
    if place is None or layout is None or not isinstance(place.node, dict) or key in place.node:
        return ()
    source = place.document.source
    if not layout.spans:
        inside = f"{_scalar(key, layout.json)}: {_flow(value, layout.json)}"
        return (_edit(source, layout.start + 1, layout.start + 1, inside),) if layout.flow else ()
    first, last = layout.spans[0][0], max(layout.spans, key=lambda span: span[1])
    if layout.flow:
        entry = f"{_scalar(key, layout.json)}: {_flow(value, layout.json)}"
        indent = _indent(source, last[0])
        return (_edit(source, last[1], last[1], f", {entry}" if indent is None else f",\n{indent}{entry}"),)
    at = source.location(first)
    end = _line_end(source, last[1])
    indent = " " * (at.column - 1)
    return (_edit(source, end, end, "".join(f"\n{indent}{line}" for line in _block(key, value))),)


def header_added(response: View, name: str, description: str, kind: str) -> tuple[Edit, ...]:
    """The edit that documents one more header of a response; none where its headers stand elsewhere."""
    typed: Json = {"type": kind}
    inner = {"type": kind} if response.api.version == "2.0" else {"schema": typed}
    header: Json = {"description": description, **inner}
    headers = response.place.child("headers")
    if headers is None:
        return added(response.place, "headers", {name: header})
    return added(headers, name, header) if headers.reference is None else ()


def removed(item: Place) -> tuple[Edit, ...]:
    """The edit that takes an item, and not the first, out of a list; none where that cannot be done safely."""
    layout = item.document.layout(item.parent) if item.parent is not None else None
    index = item.key
    if layout is None or not isinstance(index, int) or not 0 < index < len(layout.spans):
        return ()
    source = item.document.source
    text = source.text
    start, end = layout.spans[index]
    if text[start : start + 1] == "&" or (not layout.json and "#" in text[start:end] and "\n" in text[start:end]):
        return ()
    if not layout.flow:
        return _removed_lines(source, start, end)
    before = layout.spans[index - 1][1]
    if layout.json or "#" not in text[before:start]:
        return (_edit(source, before, end, ""),)
    comma = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    return (_edit(source, start, comma.end() if comma is not None else end, ""),)


def _removed_lines(source: Source, start: int, end: int) -> tuple[Edit, ...]:
    """An item of a block list goes with its line; a comment behind it stays."""
    at, last = source.location(start), source.location(end)
    dash = re.fullmatch(r"([ \t]*)-[ \t]+", source.line(at.line)[: at.column - 1])
    behind = source.line(last.line)[last.column - 1 :]
    if dash is None or at.line < 2 or at.line != last.line or (behind.strip() and not behind.lstrip().startswith("#")):
        return ()
    if behind.strip():
        first = source.starts[at.line - 1] + dash.end(1)
        return (_edit(source, first, end + len(behind) - len(behind.lstrip()), ""),)
    return (_edit(source, _line_end(source, source.starts[at.line - 2]), _line_end(source, end), ""),)


def yaml_layout(source: Source, line: int, column: int, *, keyed: bool) -> Layout | None:
    """The layout of the container that stands under the key, or with `keyed` false starts, at a place of a YAML text.

    None for what is no container there, such as an alias, and for what cannot be read on its own.
    """
    import yaml

    # Characters that libyaml takes for line breaks, and nobody else does.
    lines = [source.line(number) for number in _reach(source, line, column)]
    text = "\n".join([" " * (column - 1) + lines[0][column - 1 :], *lines[1:], ""])
    text = text if text.isascii() else text.translate(_BREAKS)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _read(source, line, _events(loader), keyed=keyed)
    except yaml.YAMLError:
        return None
    finally:
        loader.dispose()


def _reach(source: Source, line: int, column: int) -> Iterator[int]:
    """The lines of what starts at a place: the first, and those that are indented deeper, or belong to its list."""
    yield line
    for number in range(line + 1, min(line + _LINES, len(source.starts) + 1)):
        text = source.line(number)
        inner = text.lstrip(" ")
        deeper = len(text) - len(inner) - (column - 1)
        if inner and inner[0] != "#" and (deeper < 0 or (deeper == 0 and inner[0] not in "-}]")):
            return
        yield number


_BREAKS: Final = dict.fromkeys(map(ord, "\x85\u2028\u2029"), "x")


def _events(loader: Any) -> Iterator[Any]:
    while loader.check_event():
        yield loader.get_event()


def _read(source: Source, line: int, events: Iterator[Any], *, keyed: bool) -> Layout | None:
    """Follow the events up to the end of the container, noting its direct entries."""
    import yaml

    starting = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
    ending = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
    skipped = (yaml.StreamStartEvent, yaml.DocumentStartEvent)
    useful = (event for event in events if not isinstance(event, skipped))
    if keyed and not (isinstance(next(useful, None), starting[0]) and isinstance(next(useful, None), yaml.ScalarEvent)):
        return None
    top = next(useful, None)
    if not isinstance(top, starting):
        return None
    mapping = isinstance(top, yaml.MappingStartEvent)
    flow = bool(top.flow_style)
    spans: list[tuple[int, int]] = []
    depth, parts, begun, done = 1, 0, 0, 0
    for event in useful:
        if depth == 1 and not isinstance(event, ending) and not (mapping and parts % 2):
            begun = _offset(source, line, event.start_mark)
        if isinstance(event, starting):
            depth += 1
            continue
        if isinstance(event, ending):
            depth -= 1
            if depth == 0:
                return Layout(flow=flow, json=False, start=_offset(source, line, top.start_mark), spans=tuple(spans))
            if _closes(source, line, event):
                done = _offset(source, line, event.end_mark)
        else:
            done = _value_end(source, line, event)
        if depth == 1:
            parts += 1
            if not mapping or parts % 2 == 0:
                spans.append((begun, done))
    return None


def _closes(source: Source, line: int, event: Any) -> bool:
    """Whether a container ends with a bracket: a block ends where its last value does."""
    start, end = (_offset(source, line, mark) for mark in (event.start_mark, event.end_mark))
    return source.text[start:end] in ("}", "]")


def _value_end(source: Source, line: int, event: Any) -> int:
    """Where a scalar or an alias ends; a block scalar, without the blank lines behind it that it does not hold."""
    end = _offset(source, line, event.end_mark)
    if getattr(event, "style", None) not in ("|", ">"):
        return end
    if event.value.endswith("\n\n") or event.value == "\n":
        return max(end - len(source.line_break), 0) if event.end_mark.column == 0 else end
    return len(source.text[:end].rstrip())


def _offset(source: Source, line: int, mark: Any) -> int:
    starts = source.starts
    number = line - 1 + mark.line
    return starts[number] + mark.column if number < len(starts) else len(source.text)


def _line_end(source: Source, offset: int) -> int:
    line = source.location(offset).line
    return source.starts[line - 1] + len(source.line(line))


def _indent(source: Source, offset: int) -> str | None:
    """What stands before an entry that begins its line; None where something else does."""
    at = source.location(offset)
    before = source.line(at.line)[: at.column - 1]
    return before if not before.strip() else None


def _edit(source: Source, start: int, end: int, text: str) -> Edit:
    first, last = source.location(start), source.location(end)
    return Edit(source.path, first.line, first.column, last.line, last.column, text)


def _block(key: str, value: Json) -> Iterator[str]:
    """The lines of an entry of a block mapping."""
    if not isinstance(value, dict) or (len(value) < 2 and not any(isinstance(one, dict) for one in value.values())):
        yield f"{_scalar(key, False)}: {_flow(value, False)}"
        return
    yield f"{_scalar(key, False)}:"
    for name, inner in value.items():
        yield from (f"{_STEP}{line}" for line in _block(name, inner))


def _flow(value: Json, quoted: bool) -> str:
    if not isinstance(value, dict):
        return _scalar(value, quoted)
    return "{" + ", ".join(f"{_scalar(key, quoted)}: {_flow(inner, quoted)}" for key, inner in value.items()) + "}"


def _scalar(value: Json, quoted: bool) -> str:
    plain = isinstance(value, str) and not quoted and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
