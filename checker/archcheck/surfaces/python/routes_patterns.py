"""The two notations of Django's paths as templates: converters in angles, and regular expressions."""

from __future__ import annotations

import re
from typing import Final

_CONVERTED: Final = re.compile(r"<(?:(\w+):)?(\w+)>")
_GROUP: Final = re.compile(r"\(\?P<(\w+)>")


def converted(route: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A path with converters as a template, with the names and converters of its parameters."""
    found = [(match.group(2), match.group(1) or "str") for match in _CONVERTED.finditer(route)]
    return _CONVERTED.sub(r"{\2}", route), tuple(found)


def expression(route: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A regular expression as a template: named groups are parameters, anchors are nothing."""
    out: list[str] = []
    found: list[tuple[str, str]] = []
    index = 0
    while index < len(route):
        match = _GROUP.match(route, index)
        if match or route[index] == "(":
            start, index, depth = index, index + 1, 1
            while index < len(route) and depth:
                depth += (route[index] == "(") - (route[index] == ")") if route[index - 1] != "\\" else 0
                index += 1
            name = match.group(1) if match else f"arg{len(found)}"
            if match or not route.startswith("(?:", start):
                # What it takes is its kind, so that `\\d+` and `all|new` are two paths.
                found.append((name, route[match.end() if match else start + 1 : index - 1]))
                out.append(f"{{{name}}}")
            continue
        if route[index] == "\\" and index + 1 < len(route):
            if route[index + 1] in "AZzb":
                index += 2
                continue
            index += 1
        elif route[index] in "^$" or (route[index] == "?" and out):
            index += 1
            continue
        out.append(route[index])
        index += 1
    return "".join(out), tuple(found)
