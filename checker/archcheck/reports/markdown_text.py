"""Text of others as GitHub and GitLab Markdown: it reads as it was written and does nothing.

A backslash takes the meaning from Markdown's own signs. What a site finds in the finished text (mentions, references,
addresses, short names of emoji) a backslash does not stop; there an empty character stands between its parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archcheck.reports.text import one_line, visible

_CODE = re.compile(r"(`[^`]+`)")
_APART = "&#8203;"
_SIGNS = re.compile(
    r"""
    [\\`*\[\]|~]                        # anywhere
    | (?<![^\W_])_ | _(?![^\W_])        # not between two letters
    | ^[#+=-]                           # where a block could begin
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
_FOUND_LATER = re.compile(
    r"""
    @(?=\w) | [#!&%~](?=\d) | \b(?:GH|gh)-(?=\d)        # mentions and references
    | :(?=//) | \bwww(?=\.) | :(?=[\w+-]+:)             # addresses, emoji
    """,
    re.VERBOSE | re.IGNORECASE,
)


def text(words: str) -> str:
    """Words for a paragraph, a list or a table cell, on one line."""
    words = _NUMBERED.sub(r"\1\\\2", _SIGNS.sub(r"\\\g<0>", one_line(visible(words))))
    pieces, last = [], 0
    for match in _FOUND_LATER.finditer(words):
        pieces += [_plain(words[last : match.end()]), _APART]
        last = match.end()
    return "".join([*pieces, _plain(words[last:])])


def prose(words: str) -> str:
    """A sentence on one line, in which what stands between backticks is a code span."""
    pieces = _CODE.split(one_line(words))
    return "".join(code(piece[1:-1]) if _CODE.fullmatch(piece) else _beside(piece) for piece in pieces)


def code(words: str) -> str:
    """Words as a code span, for a name or a path: nothing in it is looked at, by Markdown or by the site."""
    words = one_line(visible(words))
    if not words:
        return ""
    fence = "`" * (_longest_run([words]) + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}"


def block(lines: Sequence[str]) -> list[str]:
    """Visible lines as a fenced block, behind a fence that none of them can close."""
    fence = "`" * max(_longest_run(lines) + 1, 3)
    return [f"{fence}text", *lines, fence]


def _beside(words: str) -> str:
    """Text beside a code span, with the space between the two."""
    told = text(words)
    return f"{' ' * words.startswith(' ')}{told}{' ' * words.endswith(' ')}" if told else words


def _plain(words: str) -> str:
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A dollar sign would open a formula, against which GitHub names only this remedy.
    return words.replace("$", "<span>$</span>")


def _longest_run(lines: Sequence[str]) -> int:
    return max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
