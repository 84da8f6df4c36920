"""A rule's page: its docstring as a reader sees it, without the marks that make its examples tests.

In the docstring an example is a fence like ```` ```sql bad migrations/0001_init.up.sql ````, and the wrong line ends
in the comment `want`. On the page the fence says only its language, a line above says what it shows, and the comment
is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^(`{3,}|~{3,})[ \t]*(\S*)[ \t]*(\S*)[ \t]*(.*?)[ \t]*$")
_WANT = re.compile(r"[ \t]*(?:#|--|//)[ \t]*want\b.*$")


def markdown(docs: str) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(docs, plain=False)).strip() + "\n"


def plain(docs: str) -> str:
    """The page as plain text: examples are indented, prose keeps its backticks."""
    return "\n".join(_lines(docs, plain=True)).strip() + "\n"


def prose(docs: str) -> str:
    """What stands before the first example, the first line too, as one paragraph."""
    head = []
    for line in docs.splitlines():
        if _FENCE.match(line):
            break
        head.append(line)
    return " ".join(" ".join(head).split())


def _lines(docs: str, *, plain: bool) -> Iterator[str]:
    fence = word = ""
    for line in docs.splitlines():
        opening = _FENCE.match(line)
        if fence and line.strip() == fence:
            fence = ""
            yield from [] if plain else [line]
        elif fence:
            yield f"    {_WANT.sub('', line)}".rstrip() if plain else _WANT.sub("", line)
        elif opening:
            fence, language, now, file = opening.groups()
            yield from _title(now, file, again=now == word)
            word = now
            yield from [] if plain else [f"{fence}{language}"]
        else:
            # Blocks of one example follow one another; prose in between starts a new one.
            word = word if not line.strip() else ""
            yield line


def _title(word: str, file: str, *, again: bool) -> Iterator[str]:
    """The line above an example; several files of one example are named once."""
    if not word:
        return
    title = f"`{file}`:" if again and file else "" if again else f"{word.capitalize()}, `{file}`:" if file else ""
    yield from ["", title or f"{word.capitalize()}:", ""] if title or not again else [""]
