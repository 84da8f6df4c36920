"""archcheck: what a rule author imports, and only that.

Names are loaded when they are first asked for, so that `archcheck --version` imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcheck.finding import Edit, Finding, Findings, Fix, Profile, Related, Severity
    from archcheck.rule import Rule, rule
    from archcheck.source import Location

__version__ = "0.1.0"

__all__ = [
    "Edit",
    "Finding",
    "Findings",
    "Fix",
    "Location",
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
    # `archcheck.rule` is a module and a decorator; the import above bound the module, the decorator wins.
    for other, home in _HOMES.items():
        if home == _HOMES[name]:
            globals()[other] = getattr(module, other)
    return globals()[name]
