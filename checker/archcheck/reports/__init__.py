"""The reports: every format is one module with one pure `write`, loaded when it is asked for by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO, TypeAlias, cast

if TYPE_CHECKING:
    from archcheck.report import Report

Writer: TypeAlias = "Callable[[Report, TextIO], None]"

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "terminal": "archcheck.reports.terminal",
        "concise": "archcheck.reports.concise",
        "json": "archcheck.reports.json",
        "sarif": "archcheck.reports.sarif",
        "gitlab": "archcheck.reports.gitlab",
        "github": "archcheck.reports.github",
        "junit": "archcheck.reports.junit",
        "markdown": "archcheck.reports.markdown",
        "html": "archcheck.reports.html",
    }
)
"""The module of each format, by the name that `--output` takes."""


def load(name: str) -> Writer:
    """The writer of a format. Raises `KeyError` for a name that is not in `FORMATS`."""
    return cast("Writer", importlib.import_module(FORMATS[name]).write)
