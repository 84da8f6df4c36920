"""Recognising root documents from their bytes, within microseconds for everything else."""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

UNREADABLE: Final = frozenset({"empty", "binary"})
"""Marks of files that no reader could understand; they matter only when somebody names them."""

_VERSION: Final = rb"""["']?(2\.0|[3-9](?:\.\d+){0,2}(?:-[\w.]+)?)["']?"""
_YAML: Final = re.compile(
    rb"""^(?P<indent>[ \t]*)(["']?)(?:openapi|swagger)\2[ \t]*:[ \t]+(?:!!str[ \t]+)?"""
    + _VERSION
    + rb"""[ \t]*(?:\#[^\r\n]*)?\r?$""",
    re.MULTILINE,
)
_JSON: Final = re.compile(rb"""["']?(?:openapi|swagger)["']?\s*:\s*""" + _VERSION + rb"""\s*(?=[,}\r\n])""")
_OTHER: Final = re.compile(rb"""^["']?(?:asyncapi|arazzo|overlay)["']?[ \t]*:""", re.MULTILINE)
_FIRST: Final = re.compile(rb"""^(?P<indent>[ \t]*)(?![ \t]|\#|---|%|\r?$)[^\r\n]""", re.MULTILINE)
_CLAIMS: Final = (b"openapi", b"swagger")
_OTHERS: Final = (b"asyncapi", b"arazzo", b"overlay")
_NEXT_DOCUMENT: Final = re.compile(rb"^(?:---|\.\.\.)(?:[ \t]|\r?$)", re.MULTILINE)
# A string that is never closed reaches to the end: to look for its end again from every quote in it would take hours.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sniff(data: bytes) -> str:
    """The declared version of a root document (`3.1.0`), a mark of `UNREADABLE`, or nothing."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            data = data.decode(encoding, "replace").encode()
            break
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"openapi" in data or b"swagger" in data:
        claimed = _in_flow(data) if data.lstrip()[:1] == b"{" else _in_block(data)
        if claimed:
            return claimed
    if b"\0" in data[:1024]:
        return "binary"
    return "" if data[:4096].strip() or data.strip() else "empty"


def _in_block(data: bytes) -> str:
    """The version a YAML document declares at its top level, in its first document."""
    first = _FIRST.search(data)
    if first is None:
        return ""
    indent = first.group("indent")
    claim = next((found for found in _lines(_YAML, data, _CLAIMS) if found.group("indent") == indent), None)
    if claim is None or _NEXT_DOCUMENT.search(data, first.start(), claim.start()):
        return ""
    if not indent and any(_lines(_OTHER, data, _OTHERS)):
        return ""
    return claim.group(3).decode()


def _lines(pattern: re.Pattern[bytes], data: bytes, words: Sequence[bytes]) -> Iterator[re.Match[bytes]]:
    """The lines that begin with a pattern, in order, looked for where one of its words stands: in megabytes of lines
    words are found far sooner than beginnings.
    """
    starts: set[int] = set()
    for word in words:
        at = data.find(word)
        while at >= 0:
            starts.add(data.rfind(b"\n", 0, at) + 1)
            at = data.find(word, at + 1)
    for start in sorted(starts):
        if (match := pattern.match(data, start)) is not None:
            yield match


def _in_flow(data: bytes) -> str:
    """The version a JSON object declares among its own keys; they may stand in any order, after any depth of others."""
    claims = list(_JSON.finditer(data))
    if not claims:
        return ""
    if data[: claims[0].start()].strip() == b"{":
        return claims[0].group(1).decode()
    try:
        top = json.loads(data)
    except (ValueError, RecursionError):
        # A broken document still claims to be one.
        return next((claim.group(1).decode() for claim in _at_top(data, claims)), "")
    declared = (str(top[key]) for key in ("openapi", "swagger") if key in top)
    return next((version for version in declared if re.fullmatch(_VERSION.decode(), version)), "")


def _at_top(data: bytes, claims: Sequence[re.Match[bytes]]) -> Iterator[re.Match[bytes]]:
    """The claims that stand directly in the outermost object."""
    waiting = deque(claims)
    depth = 0
    for token in _TOKEN.finditer(data):
        while waiting and waiting[0].start() <= token.start():
            claim = waiting.popleft()
            if depth == 1:
                yield claim
        if not waiting:
            return
        if token.group() in (b"{", b"["):
            depth += 1
        elif token.group() in (b"}", b"]"):
            depth -= 1
    if depth == 1:
        yield from waiting
