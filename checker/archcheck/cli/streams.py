"""Standard output and standard error: how they encode, whether they take colours, and what to do when they break."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from archcheck.reports.text import visible


def prepare() -> None:
    """Make writing never fail for a character: UTF-8 where a program reads along, escapes where a terminal cannot."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
                stream.reconfigure(errors="backslashreplace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def complain(message: str) -> None:
    """One line on standard error, or nowhere when even that is closed."""
    say(f"archcheck: {message}")


def say(text: str) -> None:
    """A line on standard error. Text from files or arguments is made harmless."""
    with contextlib.suppress(OSError, ValueError):
        print("\n".join(map(visible, text.split("\n"))), file=sys.stderr, flush=True)


def flush() -> None:
    """Bring standard output to its reader; raises `OSError` when that fails."""
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up_output() -> None:
    """Throw away what standard output still holds, so that the interpreter does not complain at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def colored(wish: str, stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour a stream: the option first, then NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, then what it is."""
    if wish != "auto":
        return wish == "always"
    if environment.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environment.get(name, "0") not in ("", "0"):
            return True
    return stream.isatty() and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"
