"""Credentials that travel in a URL, where logs, histories and proxies keep them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.openapi.api import SecurityScheme
from archcheck.surfaces.openapi.message import Parameter
from archcheck.surfaces.openapi.view import View
from archcheck.surfaces.openapi.words import split

_SECRETS: Final = frozenset(
    "password passwd passphrase pwd secret apikey accesstoken authtoken sessiontoken jwt".split()
)
_PAIRS: Final = frozenset(
    {
        *(("api", "key"), ("access", "token"), ("auth", "token"), ("bearer", "token"), ("session", "token")),
        *(("id", "token"), ("refresh", "token"), ("user", "token"), ("client", "secret"), ("private", "key")),
        *(("secret", "key"), ("access", "key"), ("auth", "key"), ("authorization", "token"), ("api", "token")),
    }
)


class Credential(View, frozen=True, eq=False):
    """A secret in the query or the path: an API key's scheme, or a parameter that is one by its name."""

    name: str = ""
    location: str = ""
    scheme: bool = False

    def __str__(self) -> str:
        return self.name


def credentials(view: View) -> Iterator[Credential]:
    """The credential that a security scheme or a parameter puts into the URL."""
    if isinstance(view, SecurityScheme):
        if view.type == "apiKey" and view.location == "query":
            yield Credential(view.api, view.place, view.chain, view.role, view.piece, view.text("name"), "query", True)
    elif isinstance(view, Parameter) and view.location in ("query", "path") and _secret(view):
        yield Credential(view.api, view.place, view.chain, view.role, view.piece, view.name, view.location)


def _secret(parameter: Parameter) -> bool:
    """Whether a name ends in a secret; the name of a thing that is kept under `/secrets/{secret}` is none."""
    words = split(parameter.name)
    if not words or not (words[-1] in _SECRETS or words[-2:] in _PAIRS):
        return False
    if parameter.schema is not None and parameter.schema.types & {"boolean", "integer", "number", "array"}:
        return False
    if parameter.location == "query":
        return True
    path = str(parameter.role.path.key) if parameter.role.path is not None else ""
    before = path.partition("{" + parameter.name + "}")[0].rstrip("/").rpartition("/")[2]
    return bool(path) and words[-1] not in "".join(split(before))
