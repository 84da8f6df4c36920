"""Text of others as HTML: escaped, with what does not print made visible; and the page of a rule out of its Markdown.

Of Markdown the pages use paragraphs, lists, fences, code spans and links, and only those are known here: whatever else
stands in a page is shown as it was written. A link leads to the web or is no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote

from archcheck.reports.page import markdown
from archcheck.reports.text import visible

_FENCE = re.compile(r"^(`{3,}|~{3,})")
_ITEM = re.compile(r"^(?:[-*]|\d{1,3}[.)]) +")
_CODE = re.compile(r"(`[^`\r\n]+`)")
_SPAN = re.compile(r"`([^`]+)`|\[([^\[\]]+)\]\(<?([^()<>\s]+)>?\)")


def text(words: str) -> str:
    """Words on one line, for an element or a quoted attribute."""
    return escape(visible(words))


def code_text(words: str) -> str:
    """A line of code, in which tabs stay tabs."""
    return "\t".join(map(text, words.split("\t"))) if "\t" in words else text(words)


def prose(words: str) -> str:
    """A sentence on one line, in which what stands between backticks is code."""
    return "".join(
        f"<code>{text(piece[1:-1])}</code>" if _CODE.fullmatch(piece) else text(piece) for piece in _CODE.split(words)
    )


def anchor(kind: str, name: str) -> str:
    """An id for an element, good as a fragment too: the same name gives the same one."""
    return f"{kind}-{quote(visible(name), safe='/')}"


def linked(words: str, url: str) -> str:
    """The words, already HTML, as a link; just the words when the address is not one of the web."""
    if not url.startswith(("https://", "http://")):
        return words
    return f'<a href="{text(url)}" rel="noreferrer">{words}</a>'


def page(docs: str) -> str:
    """A rule's page after its first line, which stands above it as a heading."""
    _, _, rest = markdown(docs).partition("\n")
    return "\n".join(_blocks(rest.split("\n")))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    fence = ""
    held: list[str] = []
    for line in lines:
        if fence and line.strip() == fence:
            yield f"<pre>{'&#10;'.join(map(code_text, held))}</pre>"
            fence, held = "", []
        elif fence:
            held.append(line)
        elif opening := _FENCE.match(line):
            yield from _prose(held)
            fence, held = opening[1], []
        elif line.strip():
            held.append(line)
        else:
            yield from _prose(held)
            held = []
    yield from _prose(held)


def _prose(lines: list[str]) -> Iterator[str]:
    """Lines without an empty one between them: paragraphs and items of lists."""
    pieces: list[str] = []
    for line in lines:
        if not pieces or _ITEM.match(line):
            pieces.append(line)
        else:
            pieces[-1] += f" {line.strip()}"
    listing = False
    for piece in pieces:
        item = _ITEM.match(piece)
        if bool(item) != listing:
            yield "<ul>" if item else "</ul>"
            listing = bool(item)
        yield f"<li>{_spans(piece[item.end() :])}</li>" if item else f"<p>{_spans(piece)}</p>"
    if listing:
        yield "</ul>"


def _spans(words: str) -> str:
    pieces, last = [], 0
    for match in _SPAN.finditer(words):
        pieces.append(text(words[last : match.start()]))
        pieces.append(f"<code>{text(match[1])}</code>" if match[1] else linked(text(match[2]), match[3]))
        last = match.end()
    return "".join([*pieces, text(words[last:])])
