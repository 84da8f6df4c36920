"""What the tests of this surface share: reading documents from memory, and asking everything of everything."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import cached_property

from archcheck.files import MemoryFiles
from archcheck.source import Location
from archcheck.surface import Limits, Memory, Settings, Unit
from archcheck.surfaces import openapi
from archcheck.surfaces.openapi.documents import Document, Documents
from archcheck.surfaces.openapi.model import OpenApiModel
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.surface import OpenApi
from archcheck.surfaces.openapi.view import View

SUBJECTS = frozenset(getattr(openapi, name) for name in openapi.__all__)
HEAD = "openapi: 3.1.0\ninfo: {title: Shop, version: 1.0.0}\n"


def text_of(content: str) -> str:
    """A literal of the tests without its margin."""
    return textwrap.dedent(content).lstrip("\n")


def document(content: str | bytes, path: str = "openapi.yaml", limits: Limits | None = None) -> Document:
    """One document by itself."""
    limits = limits or Limits()
    given = text_of(content) if isinstance(content, str) else content
    return Documents(MemoryFiles({path: given}, limits), limits).open(path)


def read(files: Mapping[str, str | bytes] | str, root: str = "", memory: Memory | None = None) -> OpenApiModel:
    """The model of a root document; the first file is the root."""
    if isinstance(files, str):
        files = {"openapi.yaml": files}
    given = {path: text_of(content) if isinstance(content, str) else content for path, content in files.items()}
    root = root or next(iter(given))
    return OpenApi().read(Unit("openapi", root, (root,)), MemoryFiles(given), memory, Settings())


def subjects(model: OpenApiModel, kind: type | None = None) -> list[View]:
    """The subjects of all pieces, of one type or of every type."""
    wanted = frozenset({kind}) if kind is not None else SUBJECTS
    return [subject for piece in model.pieces() for subject in piece.subjects(wanted)]


def facts(subject: View) -> Iterator[tuple[str, str]]:
    """Every public fact of a subject by name, as text: nothing may fail, and nothing may differ between readings."""
    for kind in type(subject).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, property | cached_property) and not name.startswith("_"):
                value = getattr(subject, name)
                if (
                    not isinstance(value, View)
                    and name not in ("templates", "target", "instances")
                    and (name, type(subject).__name__) != ("flaws", "Api")
                ):
                    yield name, _shown(value)
    yield "str", str(subject)


def _shown(value: object) -> str:
    if isinstance(value, View):
        return f"{value} at {value.at}"
    if isinstance(value, Place):
        return f"{value.path}#{value.pointer}"
    if isinstance(value, dict):
        return str({key: _shown(inner) for key, inner in value.items()})
    if isinstance(value, tuple | list):
        return str([_shown(inner) for inner in value])
    if isinstance(value, frozenset):
        return str(sorted(value))
    return str(value) if not hasattr(value, "array") else f"{value.property} {value.dated}"  # type: ignore[attr-defined]


def places(subject: View) -> Iterator[Location]:
    """The locations that a finding about the subject may name."""
    yield subject.at
    for related in subject.via:
        yield related.at
