"""A mark is what one .sql file says about itself: whose comments stand in it, its dialect, if it defines."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from archcheck.source import Source
from archcheck.surfaces.sql.dialect import by_content

# A runner, a word that must stand in the file before it is worth looking closer, and the comment that proves it.
_STYLES: Final = (
    ("goose", "+goose", re.compile(r"^[ \t]*--.*\+goose[ \t]+Up\b", re.MULTILINE | re.IGNORECASE)),
    ("sql-migrate", "+migrate", re.compile(r"^--[ \t]*\+migrate[ \t]+Up\b", re.MULTILINE)),
    ("dbmate", "migrate:up", re.compile(r"^--[ \t]*migrate:up([ \t]*$|[ \t]+\S+)", re.MULTILINE)),
    ("node-pg-migrate", "igration", re.compile(r"^[ \t]*--[ \t-]*up[ \t]+migration", re.MULTILINE | re.IGNORECASE)),
    ("liquibase", "iquibase", re.compile(r"\A\s*--[ \t]*liquibase[ \t]*formatted", re.IGNORECASE)),
    ("sqitch", "-- ", re.compile(r"\A\s*-- (?:Deploy|Revert|Verify) \S+(?: (?:to|from|on) \w+)?[ \t]*$", re.MULTILINE)),
    ("dump", " dump", re.compile(r"^-- (?:PostgreSQL database|MySQL|MariaDB) dump\b", re.MULTILINE)),
)
_DEFINES: Final = re.compile(
    r"\b(?:CREATE|ALTER|DROP)\s+(?:\w+\s+){0,2}(?:TABLE|INDEX|TYPE|SCHEMA|VIEW)\b", re.IGNORECASE
)


class Mark(Struct, frozen=True):
    """`style` is the runner whose comments stand in the file (or `dump`), `dialect` what its words tell, or nothing."""

    style: str
    dialect: str
    defines: bool

    @classmethod
    def parse(cls, text: str) -> Mark:
        """The mark that `str` wrote."""
        style, dialect, defines = (*text.split("|"), "", "")[:3]
        return cls(style, dialect, defines == "ddl")

    def __str__(self) -> str:
        return f"{self.style}|{self.dialect}|{'ddl' if self.defines else ''}"


def mark(source: Source) -> Mark:
    """The mark of a source. Raises `Unread` when it cannot be decoded."""
    text = source.text
    style = next((name for name, word, pattern in _STYLES if word in text and pattern.search(text)), "")
    return Mark(style, by_content(text), _DEFINES.search(text) is not None)
