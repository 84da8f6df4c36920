"""archcheck: what a rule author imports, and only that.

Names are loaded when they are first asked for, so that `archcheck --version` imports nothing else.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcheck.finding import Edit, Finding, Findings, Fix, NewFile, Profile, Related, Severity
    from archcheck.rule import Rule, rule
    from archcheck.source import Location

__version__ = "0.1.0"

__all__ = [
    "Edit",
    "Finding",
    "Findings",
    "Fix",
    "Location",
    "NewFile",
    "Profile",
    "Related",
    "Rule",
    "Severity",
    "__version__",
    "rule",
]

_HOMES = {
    "Edit": "finding",
    "Finding": "finding",
    "Findings": "finding",
    "Fix": "finding",
    "NewFile": "finding",
    "Profile": "finding",
    "Related": "finding",
    "Severity": "finding",
    "Rule": "rule",
    "rule": "rule",
    "Location": "source",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'archcheck' has no attribute '{name}'")
    import importlib

    module = importlib.import_module(f"archcheck.{_HOMES[name]}")
    globals()[name] = getattr(module, name)
    return globals()[name]


class _Package(types.ModuleType):
    """`archcheck.rule` is a module and a decorator; whoever imports the module first, the decorator has the name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, types.ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
