"""What differs between two releases of one API: the subjects of `contract.compatibility`, without parser nodes.

Each change is told once, at the place that defines it, whatever the number of operations that it reaches. A type of
subject stands for a question that breaks clients: what is gone, what is demanded, which values are limited otherwise,
what means something else; `Addition` breaks nobody, and `Release` speaks of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Finding, Related, Severity, Stage
from archcheck.source import Location

Side: TypeAlias = Literal["parameter", "request", "response"]
Aspect: TypeAlias = Literal["type", "null", "values", "bounds", "pattern"]
Gone: TypeAlias = Literal[
    "path",
    "operation",
    "callback",
    "server",
    "parameter",
    "request media type",
    "request property",
    "success status",
    "response media type",
    "response property",
    "response header",
]
Demanded: TypeAlias = Literal["parameter", "body", "property", "credentials", "scope"]
Shifted: TypeAlias = Literal[
    "parameter place", "parameter style", "read-only", "optional response", "discriminator", "operation id"
]
Added: TypeAlias = Literal[
    "path",
    "operation",
    "callback",
    "server",
    "parameter",
    "body",
    "request media type",
    "request property",
    "status",
    "response media type",
    "response property",
    "response header",
    "deprecation",
]

_SHOWN = 3


class Change(Struct, frozen=True, kw_only=True):
    """One difference. `base` and `revision` are its places, or the nearest that still, or already, stand for it.

    `name` is what changed, such as `Order.total`, `limit` or `GET /orders`; `operations` are those it reaches, in the
    order of the document, of the base where they stand in both. `shared` tells that it is defined apart from them.
    `sure` is false where the documents show the change and do not prove that it breaks somebody. `also` are the names
    of others that went the same way, where so many are told as one.
    """

    surface: ClassVar[str] = "contract"
    stage: ClassVar[Stage] = "change"

    base: Location
    revision: Location
    name: str
    operations: tuple[str, ...] = ()
    shared: bool = False
    sure: bool = True
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"'{self.name}'{self.more}{self.place}"

    @property
    def more(self) -> str:
        """How many others went the same way, to be put behind its name."""
        return f" and {len(self.also)} more" if self.also else ""

    @property
    def at(self) -> Location:
        """Where a finding points: into the revision, where it can still be mended."""
        return self.revision

    @property
    def place(self) -> str:
        """The operations it reaches, to be put behind its name: their names where they are few, else their number."""
        if not self.operations:
            return ""
        if len(self.operations) > _SHOWN:
            return f" in {len(self.operations)} operations"
        return f" in {listed(self.operations)}"

    @property
    def breaking(self) -> bool:
        """Whether a client that relied on the base is certain to meet something else."""
        return self.sure

    def finding(self, message: str, severity: Severity | None = None) -> Finding:
        """A finding about it with both places; a warning at most where it is not sure."""
        quieter = severity or (None if self.sure else "warning")
        subject = self.name if self.shared or not self.operations else f"{self.operations[0]} {self.name}"
        return Finding(
            self.revision, message, subject=subject, related=(Related(self.base, "before"),), severity=quieter
        )


def listed(names: Sequence[str]) -> str:
    """Some names as a sentence has them, the first few where they are many."""
    rest = len(names) - _SHOWN
    if rest > 0:
        return f"{', '.join(names[:_SHOWN])} and {rest} more"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


class Removal(Change, frozen=True, kw_only=True):
    """Something is gone. It was announced where the base calls it deprecated; `sunset` is the day given there.

    `overdue` tells that the announced day has come, or that none was given; `required` that it was always there,
    `refused` that who sends it still is turned away.
    """

    of: Gone
    deprecated: bool = False
    sunset: str = ""
    overdue: bool = False
    required: bool = False
    refused: bool = False

    @property
    def are(self) -> str:
        """The verb that goes with it."""
        return "are" if self.also else "is"

    @property
    def planned(self) -> bool:
        """Whether clients were told and had their time."""
        return self.deprecated and self.overdue

    @property
    def early(self) -> str:
        """To be put behind the words for something announced that left before its day; empty for anything else."""
        return f" before its sunset of {self.sunset}" if self.deprecated and not self.overdue else ""

    @property
    def breaking(self) -> bool:
        """Whether it is missed: what nobody has to send any more, and what was announced, is not."""
        return self.sure and not self.planned and (self.refused or self.of not in ("parameter", "request property"))

    @property
    def fate(self) -> str:
        """What becomes of those who send it still."""
        return "refused" if self.refused else "ignored"


class Demand(Change, frozen=True, kw_only=True):
    """Something must be sent now. `added` tells that it was unknown before; else it was optional."""

    of: Demanded
    added: bool = False


class Limit(Change, frozen=True, kw_only=True):
    """The values of a schema are limited otherwise: fewer may be sent, or more may come back.

    `of` is what limits them, `before` and `after` how; `values` are those that went or came, where they are listed.
    `both` tells that the same words hold on the other side, too.
    """

    side: Side
    of: Aspect
    before: str = ""
    after: str = ""
    values: tuple[str, ...] = ()
    both: bool = False

    @property
    def listed(self) -> str:
        """The values as a sentence shows them, a few by name."""
        return listed([f"'{value}'" for value in self.values])

    @property
    def step(self) -> str:
        """How it went from the one to the other."""
        return f"from {self.before} to {self.after}"

    @property
    def turn(self) -> str:
        """What became of its types: which alternatives came or went, where they have names, else all of them."""
        if not self.values:
            return f"went {self.step}"
        return f"may be {self.listed} as well" if self.side == "response" else f"may no longer be {self.listed}"

    @property
    def use(self) -> str:
        """What clients do with it."""
        return "send and get" if self.both else "send"

    @property
    def news(self) -> str:
        """What became of the values that are listed, as a verb with its object."""
        if self.side == "response":
            return "may hold any value now" if self.after == "any" else f"may hold {self.listed} now"
        return f"takes only {self.listed} now" if self.before == "any" else f"no longer takes {self.listed}"

    @property
    def breaking(self) -> bool:
        """Whether it is certain that clients are refused, or get what they never agreed to."""
        return self.sure and self.of != "pattern" and (self.side, self.of) != ("response", "values")


class Shift(Change, frozen=True, kw_only=True):
    """Something stays and means something else: `before` and `after` in words."""

    of: Shifted
    before: str = ""
    after: str = ""

    @property
    def breaking(self) -> bool:
        """Whether requests or answers fail by it; a name that only generated clients know does not make them."""
        return self.sure and self.of != "operation id"


class Addition(Change, frozen=True, kw_only=True):
    """Something new that breaks nobody: for the list of what has changed."""

    of: Added

    @property
    def breaking(self) -> bool:
        """It never is."""
        return False


class Sunset(Change, frozen=True, kw_only=True):
    """An operation that is going to leave: the day that is announced now, and the one announced before, if any.

    `days` is how long it stays from the day of comparison on, None where the dates cannot be read.
    """

    before: str = ""
    after: str = ""
    days: int | None = None

    @property
    def breaking(self) -> bool:
        """An announcement breaks nobody."""
        return False

    @property
    def earlier(self) -> bool:
        """Whether the day was moved forward: dates are written so that they sort as they fall."""
        return bool(self.before and self.after) and self.after < self.before


class Release(Change, frozen=True, kw_only=True):
    """The revision as a whole: its version and the one before, what breaks in it, and what left unannounced.

    `name` is the title. `unannounced` are the paths and operations that left without a word, `promised` tells that the
    new version lets clients expect a break.
    """

    before: str = ""
    after: str = ""
    breaks: int = 0
    unannounced: tuple[str, ...] = ()
    promised: bool = False

    @property
    def breaking(self) -> bool:
        """What breaks in it is told by its changes."""
        return False
