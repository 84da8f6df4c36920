"""What is made when it is first asked for: the names that a package offers, and regular expressions.

Most runs want few of them, and defining all would cost more than many a run.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import cast


def late(package: str, **homes: str) -> Callable[[str], object]:
    """The `__getattr__` of a package: each module of it that is named holds the names given with it, in one string."""
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        found: object = getattr(importlib.import_module(f"{package}.{home_of[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return find


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression that is compiled when it is first used."""
    return cast("re.Pattern[str]", _Late(text, flags))


class _Late:
    """Stands for a pattern; a method that was asked for once is its own from then on."""

    def __init__(self, text: str, flags: int) -> None:
        self._given = (text, flags)

    def __getattr__(self, name: str) -> object:
        if name == "_given":  # asked for before it is set, where one is copied
            raise AttributeError(name)
        found: object = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found
