"""A release as a whole: whether its version tells that it breaks something, and what left it unannounced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from archcheck.surfaces.contract.changes import Change, Release, Removal
from archcheck.surfaces.openapi.api import Api
from archcheck.surfaces.openapi.place import Place

_SEMANTIC: Final = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?")
_IN_ADDRESS: Final = re.compile(r"/v(\d[\w.-]*)(?=/|$)")
_ANNOUNCED: Final = frozenset({"path", "operation"})


def release(base: Api, revision: Api, changes: Sequence[Change]) -> Release:
    """The subject for the whole, made of the changes that were found."""
    before, after = _version(base), _version(revision)
    gone = [one for one in changes if isinstance(one, Removal) and one.of in _ANNOUNCED and not one.deprecated]
    return Release(
        base=(base.release or base.place).at,
        revision=(revision.release or revision.place).at,
        name=revision.title or revision.file,
        shared=True,
        before=before,
        after=after,
        breaks=sum(change.breaking for change in changes),
        unannounced=tuple(removal.name for removal in gone),
        promised=promised(before, after) or _addresses(base) != _addresses(revision),
    )


def promised(before: str, after: str) -> bool:
    """Whether a step from one version to another lets clients expect a break.

    Under semantic versioning a new major version does, and a new minor one while the major is 0. Of other schemes
    (dates, single numbers, two parts) nobody knows what they promise, and any new version does.
    """
    old, new = _SEMANTIC.fullmatch(before), _SEMANTIC.fullmatch(after)
    if old is None or new is None:
        return before != after
    places = 2 if old[1] == new[1] == "0" else 1
    return [int(part) for part in old.groups()[:places]] != [int(part) for part in new.groups()[:places]]


def _version(api: Api) -> str:
    place: Place | None = api.release
    return str(place.node) if place is not None and type(place.node) in (str, int, float) else ""


def _addresses(api: Api) -> frozenset[str]:
    """The versions that its servers and its paths name."""
    texts = [address for server in api.servers for address in server.addresses]
    return frozenset(found for text in (*texts, *api.paths) for found in _IN_ADDRESS.findall(text))
