"""Signatures of webhooks as rules see them: how incoming ones are compared, and whether outgoing ones carry any."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from archcheck.finding import Edit, Stage
from archcheck.source import Location


class Verifier(Struct, frozen=True):
    """A function that verifies a signature.

    `compared` are the places where a keyed digest is compared with `==`, with the text of what is compared, and
    `mended` the edits that compare them safely. `opened` are the places where it lets a message pass because there is
    no secret, `skipped` those of checks that stand under a condition that there is one; both with the secret's name.
    `unsigned` are the places where it lets a message pass that has no signature, with the name of that.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    name: str
    compared: tuple[tuple[Location, str], ...] = ()
    opened: tuple[tuple[Location, str], ...] = ()
    skipped: tuple[tuple[Location, str], ...] = ()
    mended: tuple[tuple[Edit, ...], ...] = ()
    unsigned: tuple[tuple[Location, str], ...] = ()

    def __str__(self) -> str:
        return self.name.rpartition(":")[2]


class Delivery(Struct, frozen=True):
    """A message sent to an address that somebody stored; `signed` says that something around it may sign it."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    function: str
    at: Location
    address: str
    signed: bool
