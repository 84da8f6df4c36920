"""How a module behaves while it runs, as typed facts; each kind is looked for only when a rule asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from archcheck.surfaces.python.frame import Context
from archcheck.surfaces.python.leaks_facts import leaks
from archcheck.surfaces.python.logs import Leak, Logs, Swallowed
from archcheck.surfaces.python.logs_facts import logs, swallowed
from archcheck.surfaces.python.outbound import Cached, Outbound, Retry
from archcheck.surfaces.python.outbound_facts import caches, outbounds
from archcheck.surfaces.python.retries_facts import retries


def conduct(context: Context, wanted: frozenset[type]) -> Iterator[object]:
    """The facts of the wanted types. Tests and migrations have none."""
    if not context.deployed:
        return
    yield from outbounds(context) if Outbound in wanted else ()
    yield from retries(context) if Retry in wanted else ()
    yield from caches(context) if Cached in wanted else ()
    yield from logs(context) if Logs in wanted else ()
    yield from leaks(context) if Leak in wanted else ()
    yield from swallowed(context) if Swallowed in wanted else ()
