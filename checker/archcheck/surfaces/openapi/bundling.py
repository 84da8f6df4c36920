"""A bundle is one document made of many: what references bring from other files becomes a component of the root.

Every object of the root keeps its place, its keys and their order. A reference to another file becomes one to a
component, under the name the thing has there; what the specification has no components for (path items, operations,
whole sections) is put in the place of the reference. Schemas are never unfolded, so circles stay circles. Examples and
vendor extensions are data: a `$ref` in them is no reference, and is left as it is.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote

from msgspec import Struct, field

from archcheck.source import Location, Unread
from archcheck.surface import Files, Limits
from archcheck.surfaces.openapi.documents import Documents, relative
from archcheck.surfaces.openapi.grammar import GRAMMAR, SECTIONS, Kind
from archcheck.surfaces.openapi.place import Json, Place
from archcheck.surfaces.openapi.references import References, Target

_At: TypeAlias = tuple["_At", str | int] | None
"""Where in the bundle a value goes: the way there, innermost key last."""
_Identity: TypeAlias = tuple[str, str]
_Inlined: TypeAlias = tuple["_Inlined", _Identity, _At] | None
"""What stands in the place of a reference around a value, and where it was put."""

_PLAIN, _DATA = "plain", "data"
_TOP: Final[Mapping[str, Kind]] = {"paths": "map:path", "webhooks": "map:path", "components": "components"}
_INNER: Final[Mapping[Kind, Kind]] = {"callback": "path", "statuses": "response", "mapping": "mapped"}
_VALUES: Final = frozenset("example examples default enum const value dataValue serializedValue".split())
_OWN: Final[Mapping[tuple[Kind, str], Kind]] = {
    ("schema", "discriminator"): "discriminator",
    ("schema", "dependencies"): "map:schema",
    ("discriminator", "mapping"): "mapping",
    ("discriminator", "defaultMapping"): "mapped",
    ("link", "operationRef"): "address",
    ("link", "parameters"): _DATA,
    ("link", "requestBody"): _DATA,
}
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_CHAIN: Final = 50


class Broken(NamedTuple):
    """Why there is no bundle: a place, and a reason that completes "it cannot be bundled:"."""

    at: Location
    reason: str


class Bundle(Struct):
    """One self-contained document, or what stands in the way of it.

    `files` are those it was made of, the root first. `kept` counts the references in data that still name a file, and
    `first_kept` is where the first of them stands.
    """

    value: dict[str, Json] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    broken: list[Broken] = field(default_factory=list)
    kept: int = 0
    first_kept: Location | None = None


def bundle(path: str, files: Files, limits: Limits) -> Bundle:
    """Bundle the document at a root-relative path. Raises `Unread` when it cannot be read, or declares no version."""
    documents = Documents(files, limits)
    root = documents.open(path).top
    if type(root.node) is not dict or not {"openapi", "swagger"} & root.node.keys():
        raise Unread(path, "it declares no version of OpenAPI", way_out="name the document that the others join")
    return _Bundling(root, References(documents), limits).run()


class _Item(NamedTuple):
    """A value to be copied: what it is, where it comes from, and the container and the key it goes to."""

    kind: Kind
    place: Place
    at: _At
    into: dict[str, Json] | list[Json]
    key: str | int
    inlined: _Inlined = None
    again: bool = False


class _Bundling:
    """One run: the components named so far, and those that wait to be copied."""

    def __init__(self, root: Place, references: References, limits: Limits) -> None:
        self._root = root
        self._references = references
        self._left = limits.alias_nodes
        self._old = root.child("swagger") is not None
        self._shared = _shared_kinds(root)
        self._bundle = Bundle()
        self._stack: list[_Item] = []
        self._names: dict[tuple[str, _Identity], str] = {}
        self._taken: dict[str, set[str]] = {section: set() for section in self._shared.values()}
        self._waiting: deque[tuple[Kind, str, str, Place]] = deque()
        self._placed: dict[_Identity, _At] = {}
        self._addresses: list[_Item] = []

    def run(self) -> Bundle:
        """Copy the root, then the components it asks for, and those that these ask for."""
        self._claim()
        top: list[Json] = [None]
        self._copy(_Item("root", self._root, None, top, 0))
        value = top[0]
        assert type(value) is dict
        while self._waiting:
            kind, section, name, place = self._waiting.popleft()
            inside = value if self._old else _mapping(value, "components")
            self._copy(_Item(kind, place, (self._section(section), name), _mapping(inside, section), name))
        for item in self._addresses:
            self._readdress(item)
        opened = {document.path for document in self._references.documents.opened}
        self._bundle.value = value
        self._bundle.files = (self._root.path, *sorted(opened - {self._root.path}))
        self._bundle.broken = sorted(set(self._bundle.broken))
        return self._bundle

    def _section(self, section: str) -> _At:
        return (None if self._old else (None, "components"), section)

    def _claim(self) -> None:
        """Give what the root's own sections name the names they have there, be it in other files or through others."""
        top = self._root if self._old else self._root.child("components")
        holder = self._through(top) if top is not None else None
        for section in self._shared.values():
            entries = holder.child(section) if holder is not None else None
            for entry in self._through(entries).children() if entries is not None else ():
                self._taken[section].add(str(entry.key))
                ways = list(self._aliases(entry))
                if len(ways) < _LONGEST_CHAIN and ways[-1].document is not self._root.document:
                    name = self._names.get((section, _identity(ways[-1])), str(entry.key))
                    for way in ways:
                        self._names.setdefault((section, _identity(way)), name)

    def _through(self, place: Place) -> Place:
        return self._references.follow(place).place or place

    def _aliases(self, place: Place) -> Iterator[Place]:
        """A place, and those that it stands for while it is nothing but a reference, up to one of the root's own."""
        for _ in range(_LONGEST_CHAIN):
            yield place
            text = place.reference
            if text is None or len(_keys(place)) != 1:
                return
            target = self._references.resolve(place.path, text)
            if target.place is None:
                return
            place = target.place
            if place.document is self._root.document:
                yield place
                return

    def _copy(self, first: _Item) -> None:
        self._stack.append(first)
        while self._stack:
            item = self._stack.pop()
            node = item.place.node
            if item.again:
                self._left -= 1
            if self._left < 0:
                self._refuse(item.place, "what stands in the place of references unfolds to too much")
                self._stack.clear()
            elif item.kind == _DATA:
                _put(item, self._data(item))
            elif type(node) is dict:
                self._object(item)
            elif type(node) is list:
                inner = item.kind[5:] if item.kind[:5] == "list:" else _PLAIN
                copied: list[Json] = [None] * len(node)
                _put(item, copied)
                self._push(item, copied, [(inner, child) for child in item.place.children()])
            else:
                _put(item, self._scalar(item, node))

    def _push(self, item: _Item, copied: dict[str, Json] | list[Json], below: list[tuple[Kind, Place]]) -> None:
        """Have children copied, the first one first."""
        for kind, child in reversed(below):
            at = (item.at, child.key)
            self._stack.append(_Item(kind, child, at, copied, child.key, item.inlined, item.again))

    def _object(self, item: _Item) -> None:
        if item.place.reference is None:
            self._fields(item, list(item.place.children()))
        elif item.kind in self._shared and not self._hosts(item):
            self._refer(item)
        else:
            self._inline(item)

    def _hosts(self, item: _Item) -> bool:
        """Whether a reference is an entry of a section that what it names was given the name of."""
        section = self._shared[item.kind]
        if item.at is None or item.at[0] != self._section(section) or len(_keys(item.place)) != 1:
            return False
        *_, last = self._aliases(item.place)
        named = self._names.get((section, _identity(last)))
        return last is not item.place and last.document is not self._root.document and named == item.at[1]

    def _fields(self, item: _Item, children: list[Place]) -> None:
        """Copy a mapping, of which some children may come from elsewhere."""
        if item.kind == "schema" and item.place.document is not self._root.document:
            children = self._movable(children)
        copied: dict[str, Json] = {str(child.key): None for child in children}
        _put(item, copied)
        self._placed.setdefault(_identity(item.place), item.at)
        self._push(item, copied, [(self._inner(item.kind, child), child) for child in children])

    def _movable(self, children: list[Place]) -> list[Place]:
        """What a schema of another file takes along. An anchor is not needed where nothing refers to it by name."""
        for child in children:
            if child.key in ("$id", "$dynamicAnchor", "$dynamicRef") and type(child.node) is str:
                self._refuse(child, f"a schema with {child.key} means something else in another document")
        return [child for child in children if child.key != "$anchor" or type(child.node) is not str]

    def _inner(self, kind: Kind, child: Place) -> Kind:
        key = str(child.key)
        named = kind[:4] == "map:"
        if key[:2] == "x-" and (not named or kind in ("map:path", "map:callback")):
            return _DATA
        if named:
            return _PLAIN if key == "$ref" and type(child.node) is str else kind[4:]
        if kind == "root":
            return _TOP.get(key) or (SECTIONS.get(key) if self._old else None) or _PLAIN
        own = _OWN.get((kind, key)) or _INNER.get(kind) or GRAMMAR.get(kind, {}).get(key)
        if own == "schema" and type(child.node) is list:
            return "list:schema"
        return own or (_DATA if key in _VALUES else _PLAIN)

    def _refer(self, item: _Item) -> None:
        """Keep a reference to a shared object, told where the object is in the bundle; what stands beside it stays."""
        place = item.place
        text = self._address(item.kind, place, str(place.reference))
        changed = Place(place.document, place, "$ref", text)
        self._fields(item, [changed if child.key == "$ref" else child for child in place.children()])

    def _address(self, kind: Kind, place: Place, text: str) -> str:
        """What a reference to a shared object says in the bundle; what it says now when it leads nowhere."""
        target = self._references.resolve(place.path, text)
        if target.place is None:
            self._lost(place, text, target)
            return text
        local = place.document is self._root.document and set(target.touched) <= {place.path}
        if local and target.place.document is self._root.document and text.lstrip().startswith("#"):
            return text
        ways = list(self._aliases(target.place))
        if len(ways) >= _LONGEST_CHAIN or _identity(place) in map(_identity, ways):
            self._refuse(place, f"{text} leads back to itself")
            return text
        if ways[-1].document is self._root.document:
            return _fragment(ways[-1].pointer)
        section = self._shared[kind]
        known = (self._names.get((section, _identity(way))) for way in reversed(ways))
        name = next((one for one in known if one is not None), None)
        if name is None:
            name = self._name(section, ways)
            self._waiting.append((kind, section, name, ways[-1]))
        for way in ways:
            self._names.setdefault((section, _identity(way)), name)
        return _fragment(_pointer((self._section(section), name)))

    def _name(self, section: str, ways: list[Place]) -> str:
        """A name that is not taken: that of the thing in its file, else that of the file."""
        given = next((str(way.key) for way in ways if way.parent is not None), "")
        wished = given or posixpath.splitext(posixpath.basename(ways[-1].path))[0]
        wished = _ODD.sub("_", wished).strip("_") or "unnamed"
        name, number = wished, 1
        while name in self._taken[section]:
            number += 1
            name = f"{wished}_{number}"
        self._taken[section].add(name)
        return name

    def _inline(self, item: _Item) -> None:
        """Put what a reference names in its place; what stands beside the reference stays, and wins."""
        before: list[Place] = []
        after: list[Place] = []
        while (text := item.place.reference) is not None:
            if item.kind in self._shared and len(_keys(item.place)) != 1:
                return self._refer(item)
            address, goal = self._goal(item, text)
            own = list(item.place.children())
            cut = _keys(item.place).index("$ref")
            before, after = _beside(before, own[:cut], after), _beside(after, own[cut + 1 :], before)
            if goal is None:
                before.append(Place(item.place.document, item.place, "$ref", address))
                return self._fields(item, [*before, *after])
            known = _identity(goal)
            inlined = (item.inlined, known, item.at)
            item = item._replace(place=goal, inlined=inlined, again=item.again or known in self._placed)
            self._placed.setdefault(known, item.at)
        if type(item.place.node) is not dict:
            self._stack.append(item)
            return None
        children = list(item.place.children())
        return self._fields(item, [*before, *_beside([], children, [*before, *after]), *after])

    def _goal(self, item: _Item, text: str) -> tuple[str, Place | None]:
        """What is to stand in the place of a reference, or nothing and what the reference says from now on."""
        target = self._references.resolve(item.place.path, text)
        goal = target.place
        if goal is None:
            self._lost(item.place, text, target)
            return text, None
        around = item.inlined
        while around is not None:
            outer, known, at = around
            if known == _identity(goal):
                return _fragment(_pointer(at)), None
            around = outer
        if goal.document is not self._root.document:
            return text, goal
        local = item.place.document is self._root.document and text.lstrip().startswith("#")
        return (text if local else _fragment(goal.pointer)), None

    def _scalar(self, item: _Item, node: Json) -> Json:
        if type(node) is str and item.kind == "mapped":
            return self._mapped(item.place, node)
        if type(node) is str and item.kind == "address":
            self._addresses.append(item)
        return node

    def _mapped(self, place: Place, text: str) -> str:
        """The value of a discriminator's mapping: the name of a component, or a reference to a schema."""
        holder = Place(place.document, place.parent, place.key, {"$ref": text})
        if _NAME.fullmatch(text) and not self._references.documents.exists(relative(place.path, text)):
            if place.document is self._root.document:
                return text
            own = f"#/components/schemas/{text}"
            found = self._references.resolve(place.path, own).place
            return self._address("schema", holder, own) if found is not None else text
        local = place.document is self._root.document and text.startswith("#")
        return text if local else self._address("schema", holder, text)

    def _readdress(self, item: _Item) -> None:
        """Tell a link where its operation is now, which may have come from another file."""
        text = str(item.place.node)
        target = self._references.resolve(item.place.path, text)
        goal = target.place
        if goal is None:
            if not text.startswith("#") and target.outcome != "remote":
                self._lost(item.place, text, target)
        elif goal.document is not self._root.document:
            if _identity(goal) not in self._placed:
                self._refuse(item.place, f"{text} is an operation that the document does not hold")
            else:
                _put(item, _fragment(_pointer(self._placed[_identity(goal)])))
        elif item.place.document is not self._root.document:
            _put(item, _fragment(goal.pointer))

    def _data(self, item: _Item) -> Json:
        """Data as it is. The references in it that name files are counted: they are none, and may be meant as some."""
        stack = [item.place]
        while stack:
            place = stack.pop()
            self._left -= item.again
            if (place.reference or "#")[:1] != "#":
                self._bundle.kept += 1
                self._bundle.first_kept = self._bundle.first_kept or place.at
            stack.extend(child for child in place.children() if type(child.node) in (dict, list))
        return item.place.node

    def _lost(self, place: Place, text: str, target: Target) -> None:
        hint = f"; '{target.nearest}' is near" if target.nearest else ""
        at = (place.child("$ref") or place).at
        self._bundle.broken.append(Broken(at, f"{text} cannot be followed: {target.reason}{hint}"))

    def _refuse(self, place: Place, reason: str) -> None:
        self._bundle.broken.append(Broken(place.at, reason))


def _shared_kinds(root: Place) -> Mapping[Kind, str]:
    """The sections for what can be shared, by what it is. Path items have one since 3.1, and do not need it."""
    if root.child("swagger") is not None:
        return {kind[4:]: section for section, kind in SECTIONS.items() if kind != "map:security"}
    latest = not str(root.node["openapi"]).startswith(("3.0", "3.1"))  # type: ignore[call-overload, index]
    sections = GRAMMAR["components"].items()
    return {kind[4:]: name for name, kind in sections if kind != "map:path" and (latest or kind != "map:media")}


def _identity(place: Place) -> _Identity:
    return place.path, place.pointer


def _keys(place: Place) -> list[str]:
    return list(place.node) if type(place.node) is dict else []


def _beside(kept: list[Place], more: list[Place], others: list[Place]) -> list[Place]:
    """Places and some more, but none under a key that is there already."""
    known = {place.key for place in (*kept, *others)}
    return [*kept, *(place for place in more if place.key not in known)]


def _mapping(holder: dict[str, Json], key: str) -> dict[str, Json]:
    found = holder.get(key)
    if type(found) is not dict:
        found = holder[key] = {}
    return found


def _put(item: _Item, value: Json) -> None:
    item.into[item.key] = value  # type: ignore[index]


def _pointer(at: _At) -> str:
    parts: list[str] = []
    while at is not None:
        at, part = at
        parts.append("/" + str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(reversed(parts))


def _fragment(pointer: str) -> str:
    return "#" + quote(pointer, safe="/~!$&'()*+,;=:@")
