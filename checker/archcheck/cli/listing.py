"""What `archcheck routes` and `archcheck tables` share: where a listing goes, and what could not be read for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from archcheck.cli import streams
from archcheck.cli.check import CLEAN, USAGE
from archcheck.cli.options import Misused
from archcheck.config import nearest
from archcheck.reports.files import Unwritable, replacing
from archcheck.surface import Gap

ROUTE_FORMATS: Final = ("table", "json", "markdown")
TABLE_FORMATS: Final = ("table", "json", "mermaid")


class Target(NamedTuple):
    """The format of a listing, and its file: empty for standard output."""

    format: str
    file: str

    @classmethod
    def of(cls, output: str, formats: tuple[str, ...]) -> Target:
        """Read `json` or `json:routes.json`; `-` as the file is standard output. Raises `Misused`."""
        form, colon, file = output.partition(":")
        if form not in formats:
            raise Misused(f"--output: '{form}' is not one of {', '.join(formats)}{nearest(form, formats)}")
        if colon and not file:
            raise Misused(f"--output: '{output}' names no file")
        return cls(form, "" if file == "-" else file)

    def write(self, lines: Iterable[str]) -> int:
        """Write the lines where they are to go; returns the exit code."""
        if not self.file:
            print("\n".join(lines))
            return CLEAN
        try:
            with replacing(self.file) as out:
                out.writelines(f"{line}\n" for line in lines)
        except Unwritable as error:
            streams.complain(f"{error}; name another file")
            return USAGE
        return CLEAN


def complain(gaps: Iterable[Gap]) -> None:
    """Say what could not be read, a line each."""
    for gap in gaps:
        where = f"{gap.path}:{gap.line}" if gap.line else gap.path
        streams.complain(f"{where}: not read: {gap.reason}")
