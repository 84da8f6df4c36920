"""A verdict on who may ask and how often, with its reasons; verdicts join where several guards apply."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from archcheck.source import Location
from archcheck.surfaces.python.route import Auth, Evidence

_RANK: Final[dict[Auth, int]] = {"public": 0, "optional": 1, "unknown": 2, "protected": 3}


class Guarded(Struct):
    """A verdict with its reason."""

    auth: Auth = "public"
    evidence: tuple[Evidence, ...] = ()
    limits: tuple[Evidence, ...] = ()

    def join(self, other: Guarded) -> Guarded:
        """Both apply: the stronger counts, proof before doubt."""
        more = _RANK[other.auth] - _RANK[self.auth]
        strong = other if more > 0 or (not more and not self.evidence) else self
        return Guarded(strong.auth, strong.evidence, self.limits or other.limits)

    @property
    def limited(self) -> bool:
        """Whether something limits how often it may be called."""
        return bool(self.limits)


def slowed(name: str, at: Location) -> Guarded:
    """The verdict on what limits and asks nobody who they are."""
    return Guarded(limits=(Evidence(at, f"`{name}`"),))
