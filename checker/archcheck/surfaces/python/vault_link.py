"""Passwords that are put into models that keep them as they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archcheck.surfaces.python.credential import PasswordUse
from archcheck.surfaces.python.interface import Interface
from archcheck.surfaces.python.reach import definition


def stored(modules: Sequence[Interface], find: Callable[[str, Interface], Interface | None]) -> Iterator[PasswordUse]:
    """The places where a password is stored as it came, each once."""

    def keeps(module: Interface, name: str) -> bool:
        return module.vault is not None and name in module.vault.keeps

    for asker in modules:
        # One function, one finding: what its branches do alike is mended once.
        told: set[str] = set()
        for name, use in asker.vault.puts if asker.vault is not None else ():
            if use.function not in told and definition(name, asker, find, keeps) is not None:
                told.add(use.function)
                yield use
