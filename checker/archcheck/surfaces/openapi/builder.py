"""The builder turns YAML text into plain values in one pass over libyaml's events, and keeps the place of every key.

Values follow the core schema of YAML 1.2: `no` and `2024-01-31` are strings, `0o17` is a number. Mapping keys are
always strings, so that `200:` and `"200":` are the same status. Aliases share the object they name and are counted by
their expanded size, so that a small text cannot unfold into a large walk.

libyaml takes U+0085, U+2028 and U+2029 for line breaks, which YAML 1.2 and every editor do not. They are swapped for
private-use characters before parsing and swapped back in the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml

from archcheck.source import Source, Unread
from archcheck.surface import Limits
from archcheck.surfaces.openapi.place import Built, Json, pack
from archcheck.surfaces.openapi.scalars import Scalar, plain, tagged

# libyaml where PyYAML was built with it; the slow twin gives the same events.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOREIGN_BREAKS: Final = "\x85\u2028\u2029"
_PRIVATE_USE: Final = range(0xE000, 0xF900)
# A document this small cannot hurt, however often it repeats itself.
_HARMLESS: Final = 10_000
_UNSEEN: Final = object()
_MERGE: Final = object()


def build(source: Source, limits: Limits) -> Built:
    """Build the first document of a YAML source. Raises `Unread` for broken text and for what passes a limit."""
    text = source.text
    if "\0" in text:
        raise Unread(source.path, "it is a binary file", way_out="exclude it", line=1, kind="unparsable")
    swaps = () if text.isascii() else _swaps(text)
    for character, stand_in in swaps:
        text = text.replace(character, stand_in)
    try:
        loader = _LOADER(text)
        try:
            return _Build(source.path, limits, swaps).read(loader.get_event)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _template(source) or _unread(source, error) from None
    except Unread as error:
        raise (_template(source) if error.kind == "unparsable" else None) or error from None


_TEMPLATE: Final = re.compile(
    r"^[ \t]*\{(?:\{-?|%[-+]?)[ \t]*(?:if|range|for|end|with|define|template|include|block)\b", re.M
)
"""A line that steers a template of Go or Jinja."""


def _template(source: Source) -> Unread | None:
    """What to say of a text that becomes a document when somebody fills it in."""
    found = _TEMPLATE.search(source.text)
    if found is None:
        return None
    reason = "it is a template of a document, and no YAML before it is filled in"
    way_out = "check what is made of it, and exclude the template"
    return Unread(source.path, reason, way_out=way_out, line=source.location(found.end()).line, kind="unparsable")


def _swaps(text: str) -> tuple[tuple[str, str], ...]:
    """Stand-ins for the characters that libyaml wrongly takes for line breaks: characters the text does not use."""
    foreign = [character for character in _FOREIGN_BREAKS if character in text]
    free = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
    return tuple(zip(foreign, free, strict=False))


def _unread(source: Source, error: yaml.YAMLError) -> Unread:
    mark = getattr(error, "problem_mark", None)
    last = source.location(len(source.text.rstrip())).line
    if mark is None:
        # The reader stops at a character that YAML forbids, before there are any marks.
        at = next((offset for offset, one in enumerate(source.text) if not _allowed(one)), 0)
        reason = f"it holds the control character U+{ord(source.text[at : at + 1] or ' '):04X}"
        line = source.location(at).line
        return Unread(source.path, reason, way_out="remove the character", line=line, kind="unparsable")
    if mark.line >= last:
        # What is missed at the end is opened, and not closed, where the context starts.
        mark = getattr(error, "context_mark", None) or mark
    told = (getattr(error, "context", None), getattr(error, "problem", None))
    reason = f"it is not valid YAML: {', '.join(str(part).rstrip('.') for part in told if part)}"
    return Unread(source.path, reason, way_out="correct the syntax", line=min(mark.line + 1, last), kind="unparsable")


def _allowed(character: str) -> bool:
    code = ord(character)
    return code in (0x9, 0xA, 0xD, 0x85) or 0x20 <= code <= 0x7E or (code >= 0xA0 and code not in (0xFFFE, 0xFFFF))


class _Build:
    """One pass: the anchors, the merges that wait for the end of their mapping, and the count of expanded nodes."""

    __slots__ = ("_anchors", "_built", "_limits", "_merges", "_path", "_swaps")

    def __init__(self, path: str, limits: Limits, swaps: tuple[tuple[str, str], ...]) -> None:
        self._built = Built()
        self._path = path
        self._limits = limits
        self._swaps = swaps
        # The value of an anchor, its text should it stand as a key, and its expanded nodes (0 while it is open).
        self._anchors: dict[str, tuple[Json, str, int]] = {}
        self._merges: dict[int, list[Json]] = {}

    def read(self, get_event: Callable[[], Any]) -> Built:
        """Consume the events of the first document. One loop without calls on its common path: it is the hot one."""
        built, marks, anchors, merges = self._built, self._built.marks, self._anchors, self._merges
        words: dict[str, Any] = {}
        known: dict[str, str] = {}
        top: list[Json] = []
        stack: list[tuple[Any, list[int], bool, str | None, int]] = []
        container: Any = top
        places: list[int] = []
        mapping = False
        key: Any = None
        value: Any
        nodes = unfolded = 0
        while True:
            event = get_event()
            kind = type(event)
            starts = False
            if kind is yaml.ScalarEvent:
                nodes += 1
                text = event.value
                bare = event.implicit[0] and event.tag is None
                if mapping and key is None:
                    if bare and text == "<<":
                        key = _MERGE
                        continue
                    key = known.get(text)
                    if key is None:
                        key = known[text] = self._restored(text)
                    if event.anchor is not None:
                        anchors[event.anchor] = (self._scalar(event), key, 1)
                    start = event.start_mark
                    self._enter(container, places, key, start.line << 25 | start.column)
                    continue
                if not bare:
                    value = self._scalar(event)
                elif (value := words.get(text, _UNSEEN)) is _UNSEEN:
                    value = words[text] = plain(self._restored(text))
                if event.anchor is not None:
                    anchors[event.anchor] = (value, self._restored(text), 1)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                nodes += 1
                starts = True
                value = {} if kind is yaml.MappingStartEvent else []
                if len(stack) >= self._limits.nesting or (mapping and key is None):
                    raise self._refused(event, len(stack))
                if event.anchor is not None:
                    anchors[event.anchor] = (value, "", 0)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                if merges and id(container) in merges:
                    unfolded += self._merge(container, places)
                closed = container
                container, places, mapping, anchor, before = stack.pop()
                if anchor is not None:
                    anchors[anchor] = (closed, "", nodes + unfolded - before + 1)
                continue
            elif kind is yaml.AliasEvent:
                value, text, size = self._named(event)
                nodes += 1
                unfolded += size
                if unfolded > self._limits.alias_nodes:
                    raise self._unfolds(event)
                if mapping and key is None:
                    key = value if isinstance(value, str) else text
                    start = event.start_mark
                    self._enter(container, places, key, start.line << 25 | start.column)
                    continue
            elif kind is yaml.DocumentEndEvent:
                if unfolded > max(_HARMLESS, nodes * self._limits.alias_factor):
                    raise self._unfolds(event)
                break
            elif kind is yaml.StreamEndEvent:
                break
            else:
                continue
            if not mapping:
                start = event.start_mark
                places.append(start.line << 25 | start.column)
                container.append(value)
            elif key is _MERGE:
                merges.setdefault(id(container), []).append(value)
            else:
                container[key] = value
            key = None
            if starts:
                stack.append((container, places, mapping, event.anchor, nodes + unfolded))
                container, mapping = value, kind is yaml.MappingStartEvent
                places = marks[id(value)] = []
        built.value = top[0] if top else None
        built.start = places[0] if top else 0
        if type(event) is yaml.DocumentEndEvent and type(get_event()) is yaml.DocumentStartEvent:
            built.notes.append(f"{self._path} holds several documents; only the first is read")
        return built

    def _enter(self, container: dict[str, Json], places: list[int], key: str, mark: int) -> None:
        """Open a key: its value follows. The later of two equal keys wins, as every loader has it, and is noted."""
        if key in container:
            index = list(container).index(key)
            self._built.repeated.append((key, places[index], mark))
            places[index] = mark
        else:
            places.append(mark)
            container[key] = None

    def _scalar(self, event: Any) -> Scalar:
        text = self._restored(event.value)
        if event.tag is None or event.tag == "!":
            return plain(text) if event.implicit[0] and event.tag is None else text
        return tagged(event.tag, text)

    def _restored(self, text: str) -> str:
        for character, stand_in in self._swaps:
            text = text.replace(stand_in, character)
        return text

    def _named(self, event: Any) -> tuple[Json, str, int]:
        line = event.start_mark.line + 1
        named = self._anchors.get(event.anchor)
        if named is None:
            reason = f"the alias *{event.anchor} names no anchor"
            raise Unread(self._path, reason, way_out=f"define &{event.anchor}", line=line, kind="unparsable")
        if named[2] == 0:
            reason = f"the alias *{event.anchor} stands inside what it names"
            raise Unread(self._path, reason, way_out="use a $ref for recursion", line=line, kind="unparsable")
        return named

    def _merge(self, container: dict[str, Json], places: list[int]) -> int:
        """Add what `<<` brings: own keys win over merged ones, earlier merges over later ones. Returns what it cost."""
        cost = 0
        for given in self._merges.pop(id(container)):
            for other in given if isinstance(given, list) else [given]:
                if isinstance(other, dict):
                    cost += len(other)
                    for name, mark in zip(other, self._built.marks[id(other)], strict=True):
                        if name not in container:
                            container[name] = other[name]
                            places.append(mark)
        return cost

    def _refused(self, event: Any, depth: int) -> Unread:
        line = event.start_mark.line + 1
        if depth >= self._limits.nesting:
            reason = f"it is nested more than {self._limits.nesting} levels deep"
            return Unread(self._path, reason, way_out="flatten it, or exclude it", line=line, kind="limit")
        reason = "it is not valid YAML here: a mapping or a list stands as a key"
        return Unread(self._path, reason, way_out="quote the key or the template", line=line, kind="unparsable")

    def _unfolds(self, event: Any) -> Unread:
        limits = self._limits
        reason = f"its aliases unfold to more than {limits.alias_nodes} nodes or {limits.alias_factor} times its own"
        line = event.start_mark.line + 1
        return Unread(self._path, reason, way_out="write it out, or exclude it", line=line, kind="limit")


def extents(source: Source) -> Iterator[tuple[int, int]]:
    """The packed mark of every mapping's first key and the last line of the mapping, for the rare document that asks.

    A block mapping ends where the next token starts, so its last line may be blank or a comment.
    """
    opened: list[tuple[int, bool]] = []
    for event in yaml.parse(source.text, Loader=_LOADER):
        start: Any = event.start_mark
        end: Any = event.end_mark
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            opened.append((pack(start.line, start.column), bool(event.flow_style)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            first, flow = opened.pop()
            yield first, max((first >> 25) + 1, end.line + (1 if flow else 0))
