"""`archcheck server`: the language server, which tells an editor what a check would say of the files as they are typed.

What speaks the protocol needs pygls, and is imported only once it is known to be there. The checks run in a process
of their own: workers are forked, and a process that reads from an editor has threads.
"""

from __future__ import annotations

from importlib.util import find_spec

from archcheck.cli import streams

USAGE = 2


def serve(*, cache: bool, cache_dir: str) -> int:
    """Speak the protocol on standard input and output until the editor says goodbye; returns the exit code."""
    if find_spec("pygls") is None:
        streams.complain("the language server needs pygls; install it with `pip install 'archcheck-lint[server]'`")
        return USAGE
    from archcheck.cli.server.service import start

    return start(cache=cache, cache_dir=cache_dir)
