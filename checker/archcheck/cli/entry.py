"""The way into every command: plain `archcheck PATHS` means `archcheck check PATHS`, and no run ends in a trace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from archcheck.cli import fast, streams
from archcheck.cli.options import COMMANDS, CheckArguments, Misused
from archcheck.config import nearest

INTERNAL = 3
INTERRUPTED = 130
_PROGRAM_OPTIONS = ("--help", "-h", "--version", "-V", "--install-completion", "--show-completion")


def run(words: Sequence[str]) -> int:
    """Run a command line and return its exit code. Whatever goes wrong is one line on standard error."""
    streams.prepare()
    try:
        code = _dispatch(list(words))
        streams.flush()
        return code
    except Misused as error:
        streams.complain(str(error))
        return 2
    except KeyboardInterrupt:
        streams.complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        streams.give_up_output()
        return 0
    except Exception as error:
        return _internal(error, traced=_wants_trace(words))


def _dispatch(words: list[str]) -> int:
    if "_ARCHCHECK_COMPLETE" in os.environ:
        from archcheck.cli import completion

        completion.as_check(os.environ)
        return _full(words)
    if words and words[0] in COMMANDS:
        command, rest = words[0], words[1:]
    elif words and words[0].partition("=")[0] in _PROGRAM_OPTIONS:
        return _full(words)
    else:
        command, rest = "check", words
        _no_mistyped_command(words)
    if command == "explain" and len(rest) == 1 and not rest[0].startswith("-"):
        return _explain(rest[0])
    if command == "check" and (arguments := fast.parse(rest)) is not None:
        return _check(arguments)
    return _full([command, *rest])


def _check(arguments: CheckArguments) -> int:
    from archcheck.cli.check import check

    return check(arguments)


def _explain(name: str) -> int:
    from archcheck.cli.catalogue import explain

    return explain(name)


def _full(words: list[str]) -> int:
    from archcheck.cli import full

    return full.run(words, _check)


def _no_mistyped_command(words: list[str]) -> None:
    """`archcheck explian x` is a mistyped command and no wish to check two missing files."""
    if not words or words[0].startswith("-") or Path(words[0]).exists():
        return
    if hint := nearest(words[0], COMMANDS):
        raise Misused(f"there is no file and no command '{words[0]}'{hint}")


def _wants_trace(words: Sequence[str]) -> bool:
    return sum(word.count("v") for word in words if word.strip("v") == "-") + words.count("--verbose") > 1


def _internal(error: Exception, *, traced: bool) -> int:
    if traced:
        import traceback

        traceback.print_exc()
    what = " ".join(f"{type(error).__name__}: {error}".split())
    way_out = "" if traced else "; run it again with -vv and report what it prints"
    streams.complain(f"archcheck itself failed, and the check is not complete ({what[:300]}){way_out}")
    return INTERNAL
