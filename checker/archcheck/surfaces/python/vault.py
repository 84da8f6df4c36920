"""What a module keeps passwords in, and where it puts some: models tell one half, whoever uses them the other."""

from __future__ import annotations

from msgspec import Struct

from archcheck.surfaces.python.credential import PasswordUse


class Vault(Struct, frozen=True):
    """The classes of a module whose column keeps a password as it is given, and what is given to classes.

    `keeps` are `Class.attribute`, `puts` pairs of a dotted `module.Class.attribute` and the use it would be.
    """

    keeps: tuple[str, ...] = ()
    puts: tuple[tuple[str, PasswordUse], ...] = ()
