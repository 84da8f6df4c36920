"""Names that a package offers are imported when they are first asked for: who wants one does not wait for all."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable


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
