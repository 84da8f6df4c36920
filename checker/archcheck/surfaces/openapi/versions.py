"""How a client chooses a version: by path, header, media type, query or host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.words import split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.operation import Operation

_MEDIA: Final = re.compile(r"[.\-+_]v\d+(?:\b|_)|;\s*(?:version|v)\s*=|\.\d{4}-\d\d-\d\d\b", re.I)
_OTHERS: Final = frozenset(
    "agent app browser client device document if match os platform plugin schema sdk user".split()
)
_SEGMENT: Final = re.compile(
    r"v?\d+(?:[._-]\d+)*(?:-?(?:alpha|beta|rc)\d*)?|v\d+\w*|\d{4}-\d{2}(?:-\d{2})?|(?:api|rest)?[-_.]?v\d+(?:[._]\d+)*|\{(?:api[-_]?)?version\}",
    re.I,
)
_PROSE: Final = re.compile(
    r"\b[\w-]*version\W{0,4} (?:request |http )?header\b|\bheader\W{1,4}[\w-]*-version\b|\bv\d+\+json\b", re.I
)


def versions(operation: Operation) -> tuple[str, ...]:
    """The places where an operation lets a version be told, as `path`, `header:Api-Version`, `media` or `query:api`.

    `elsewhere` says that it is served at an address of its own.
    """
    return tuple(dict.fromkeys(_versions(operation)))


def _versions(operation: Operation) -> Iterator[str]:
    item = operation.item
    if operation.has("servers") or (item is not None and item.has("servers")):
        yield "elsewhere"
    texts = [segment.text for segment in operation.segments]
    # Behind another parameter `{version}` is that of some thing: `/artifacts/{artifact}/versions/{version}`.
    leading = takewhile(lambda text: "{" not in text or is_version(text), texts)
    told = (*(text for text in texts if "{" not in text), *leading)
    if texts[:1] != ["scim"] and (any(map(is_version, told)) or any(text.isdigit() for text in texts[:1])):
        yield "path"
    for parameter in operation.parameters:
        words = split(parameter.name)
        if "version" not in words[-1:] or not _OTHERS.isdisjoint(words):
            continue
        if parameter.location == "header":
            yield f"header:{parameter.name}"
        elif parameter.location == "query" and words[:1] == ("api",):
            yield f"query:{parameter.name}"
    bodies = [operation.request_body, *operation.responses.values()]
    if any(_MEDIA.search(name) for body in bodies if body is not None for name in body.content):
        yield "media"


def is_version(text: str) -> bool:
    """Whether a segment of a path names a version: `v1`, `2.0`, `2010-04-01`, `api-v2`, `{version}`; 0 may be an id."""
    return bool(_SEGMENT.fullmatch(text.partition(":")[0])) and not text.isdigit()


def without_version(path: str) -> str:
    """A path less the segments that name a version, so that two versions of one resource are told for it."""
    return "/".join(text for text in path.split("/") if not is_version(text))


def in_address(url: str) -> bool:
    """Whether a server's address names a version, in its path or in its host."""
    host, _, path = url.partition("://")[2].partition("/") if "://" in url else ("", "", url)
    labels = [label for name in host.partition(":")[0].split(".") for label in (name, *name.split("-"))]
    return any(is_version(text) or text.isdigit() for text in path.split("/")) or any(
        re.fullmatch(r"v\d+\w*", label, re.I) for label in labels
    )


def in_prose(text: str) -> bool:
    """Whether a description tells of a header or media type that chooses the version."""
    return bool(_PROSE.search(text))
