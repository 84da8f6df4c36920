"""Regular expressions that ECMA-262 refuses with and without its `u` flag.

Only what both grammars refuse counts (section 22.2.1 of the standard, and its annex B.1.2, which is more lenient). What
engines of other languages know and ECMA-262 reads differently is left alone: in doubt there is no fault.
"""

from __future__ import annotations

import re
from typing import Final

_BRACES: Final = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_NAME: Final = re.compile(r"\(\?<([A-Za-z_$][\w$]*)>")
_FLAGS: Final = re.compile(r"\(\?[a-zA-Z]*(?:-[a-zA-Z]*)?([:)])")
_OPENINGS: Final = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_UNICODE: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]+\}")


def fault(pattern: str) -> str:
    """Why a pattern is no expression of ECMA-262; empty when it may be one."""
    depth = 0
    at = 0
    atom = False
    behind: list[bool] = []
    while at < len(pattern):
        one = pattern[at]
        braces = _BRACES.match(pattern, at) if one == "{" else None
        if one == "\\":
            if at + 1 == len(pattern):
                return "it ends in a backslash"
            escape = _UNICODE.match(pattern, at)
            at = escape.end() if escape is not None else at + 2
            atom = True
        elif one == "[":
            end, reason = _class(pattern, at)
            if reason:
                return reason
            at, atom = end, True
        elif one == "(":
            end, reason = _group(pattern, at)
            if reason:
                return reason
            behind.append(pattern.startswith(("(?<=", "(?<!"), at))
            at, atom, depth = end, False, depth + 1
        elif one == ")":
            if depth == 0:
                return "a ')' closes nothing"
            depth -= 1
            at, atom = at + 1, not behind.pop()
        elif one in "*+?" or braces is not None:
            if not atom:
                return f"there is nothing for '{one if braces is None else braces.group()}' to repeat"
            if braces is not None and braces.group(3) and int(braces.group(1)) > int(braces.group(3)):
                return f"'{braces.group()}' ends before it starts"
            at = braces.end() if braces is not None else at + 1
            at += 1 if pattern[at : at + 1] == "?" else 0
            atom = False
        else:
            at, atom = at + 1, one not in "|^$"
    return "a '(' is not closed" if depth else ""


def _group(pattern: str, at: int) -> tuple[int, str]:
    """Where the inside of a group starts."""
    if not pattern.startswith("(?", at):
        return at + 1, ""
    for opening in _OPENINGS:
        if pattern.startswith(opening, at):
            return at + len(opening), ""
    if (name := _NAME.match(pattern, at)) is not None:
        return name.end(), ""
    flags = _FLAGS.match(pattern, at)
    if flags is not None and flags.group(1) == ":":
        return flags.end(), ""
    if flags is not None:
        return at, f"flags as in '{flags.group()}' are no part of it"
    if pattern.startswith("(?<", at):
        return _unknown_name(pattern, at)
    return at, f"'{pattern[at : at + 3]}' opens no group of it"


def _unknown_name(pattern: str, at: int) -> tuple[int, str]:
    """Names may hold letters of any script, so that only one without an end is wrong for certain."""
    end = pattern.find(">", at)
    return (end + 1, "") if end > at + 3 else (at, "the name of a group is not closed")


def _class(pattern: str, at: int) -> tuple[int, str]:
    """Where a character class ends."""
    start = at
    at += 2 if pattern.startswith("[^", at) else 1
    low = ""
    ranged = False
    while at < len(pattern):
        if pattern[at] == "]":
            return at + 1, ""
        width, single = _member(pattern, at)
        if ranged and low and single and low > single:
            return at, f"the range '{low}-{single}' runs backwards"
        if pattern[at] == "-" and low and not ranged and pattern[at + 1 : at + 2] != "]":
            ranged = True
        else:
            low, ranged = ("" if ranged else single), False
        at += width
    return start, "a '[' is not closed"


def _member(pattern: str, at: int) -> tuple[int, str]:
    """The width of one member of a class, and the character where it is a plain one."""
    if pattern[at] != "\\":
        return 1, pattern[at]
    escape = _UNICODE.match(pattern, at)
    return (escape.end() - at if escape is not None else min(2, len(pattern) - at)), ""
