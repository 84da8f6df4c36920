"""The command line: the only part of the checker that prints or exits.

`main` answers `--version` before anything else is imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


def program() -> None:
    """Run the command line and end the process with its exit code."""
    import os
    import sys

    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        sys.exit(code)
    # All that is left is memory, and giving it back object by object takes 10 ms.
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. `arguments` are those after the program's name."""
    import gc
    import sys

    from archcheck import __version__

    words = sys.argv[1:] if arguments is None else list(arguments)
    if words in (["--version"], ["-V"]):
        print(f"archcheck {__version__}")
        return 0
    gc.set_threshold(50_000, 20, 100)  # what a run makes mostly lives until its end
    _import_msgspec(sys.modules)
    from archcheck.cli.entry import run

    return run(words)


def _import_msgspec(modules: dict[str, ModuleType]) -> None:
    """Import msgspec without typing_extensions, which takes 8 ms for what `typing` has from 3.11 on."""
    if "typing_extensions" in modules or "msgspec" in modules:
        return
    modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del modules["typing_extensions"]
