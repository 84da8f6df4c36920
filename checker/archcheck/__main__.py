"""`python -m archcheck` is the same as `archcheck`."""

from __future__ import annotations

import os
import sys

from archcheck.cli import program


def _leave_working_directory() -> None:
    """`python -m` looks for modules in the working directory first. That may be what is checked: nothing is imported
    from it, neither a module of the same name as ours nor a pack that it announces.
    """
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib takes longer than --version may
    except OSError:
        here = ""
    if sys.path[:1] == [here]:
        del sys.path[0]


if __name__ == "__main__":
    _leave_working_directory()
    program()
