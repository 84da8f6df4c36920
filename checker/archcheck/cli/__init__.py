"""The command line: the only part of the checker that prints or exits.

`main` answers `--version` before anything else is imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. `arguments` are those after the program's name."""
    import sys

    from archcheck import __version__

    words = sys.argv[1:] if arguments is None else list(arguments)
    if words in (["--version"], ["-V"]):
        print(f"archcheck {__version__}")
        return 0
    from archcheck.cli.entry import run

    return run(words)
