"""Server addresses: with their variables filled in, and whether they reach beyond one's own machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Server

_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")
_MOST: Final = 20
_PRIVATE: Final = re.compile(
    r"localhost|\[?::1\]?|0\.0\.0\.0|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|"
    r"host\.docker\.internal|.*\.(?:localhost|local|internal|test|invalid|localdomain|svc)|[^.]*|.*\{.*",
    re.I,
)


def spelt(server: Server) -> tuple[str, ...]:
    """The address with each of its variables at its default, and once for each other value a variable may have."""
    variables = server.place.child("variables") if server.api.version != "2.0" else None
    resolved = server.resolved(variables) if variables is not None else None
    values: dict[str, list[str]] = {}
    for variable in resolved[0].children() if resolved is not None else ():
        node = variable.node if isinstance(variable.node, dict) else {}
        choices = node.get("enum")
        others = [str(one) for one in choices[:_MOST]] if isinstance(choices, list) else []
        values[str(variable.key)] = [str(node.get("default", "")), *others]
    defaults = {name: own[0] for name, own in values.items()}
    found = {_filled(server.url, defaults): None}
    for name, own in values.items():
        found |= {_filled(server.url, {**defaults, name: value}): None for value in own}
    return tuple(found)


def _filled(url: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), url)


def exposed(address: str) -> bool:
    """Whether an address is plain `http` and leads beyond a machine or a private network of one's own."""
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in ("http", "ws"):
        return False
    host = rest.partition("/")[0].rpartition("@")[2]
    return not _PRIVATE.fullmatch(re.sub(r":(?:\d+|\{[^{}]*\})?$", "", host))
