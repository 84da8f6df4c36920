"""A rule's page: its docstring as a reader sees it, without the marks that make its examples tests.

In the docstring an example is a fence like ```` ```sql bad migrations/0001_init.up.sql ````, and the wrong line ends
in the comment `want`. On the page the fence says only its language, a line above says what it shows, and the comment
is gone.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(`{3,}|~{3,})[ \t]*(\S*)[ \t]*(\S*)[ \t]*(.*?)[ \t]*$")
_WANT = re.compile(r"[ \t]*(?:#|--|//)[ \t]*want\b.*$")


def markdown(docs: str) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(docs, plain=False)).strip("\n") + "\n"


def plain(docs: str) -> str:
    """The page as plain text: examples are indented, prose keeps its backticks."""
    return "\n".join(_lines(docs, plain=True)).strip("\n") + "\n"


def prose(docs: str) -> str:
    """What stands before the first example, the first line too, as one paragraph."""
    head = []
    for line in docs.splitlines():
        if _FENCE.match(line):
            break
        head.append(line)
    return " ".join(" ".join(head).split())


def _lines(docs: str, *, plain: bool) -> list[str]:
    lines: list[str] = []
    fence = word = ""
    for line in docs.splitlines():
        opening = _FENCE.match(line)
        if fence and line.strip() == fence:
            fence = ""
            lines += [""] if plain else [line]
        elif fence:
            code = _WANT.sub("", line)
            lines.append(f"    {code}".rstrip() if plain else code)
        elif opening:
            fence, language, now, file = opening.groups()
            lines += _apart(lines, _title(now, file, again=now == word))
            word = now
            lines += [] if plain else [f"{fence}{language}"]
        elif line.strip():
            word = ""
            lines.append(line)
        else:
            lines += _apart(lines, "")
    return lines


def _title(word: str, file: str, *, again: bool) -> str:
    """The line above an example; the files of one example follow one another under one word."""
    if again or not word:
        return f"`{file}`:" if file else ""
    return f"{word.capitalize()}, `{file}`:" if file else f"{word.capitalize()}:"


def _apart(lines: list[str], title: str) -> list[str]:
    """A title as a paragraph of its own after these lines; without a title, just one empty line."""
    before = [""] if lines and lines[-1] else []
    return [*before, title, ""] if title else before
