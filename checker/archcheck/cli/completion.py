"""What the shell offers to complete a word: choices, rules, and the names that select rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping

from archcheck import packs
from archcheck.cli.options import OPTIONS
from archcheck.config import SURFACES
from archcheck.finding import SEVERITIES

# bash parts the words by line breaks, the others by spaces.
_PLAIN = re.compile(r"(\S+\s+)(-[^\s=]*)(.*)", re.DOTALL)


def as_check(environment: MutableMapping[str, str]) -> None:
    """Let a shell complete the options of plain `archcheck` as those of `archcheck check`."""
    for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"):
        plain = _PLAIN.fullmatch(environment.get(name, ""))
        if plain and any(option.name.startswith(plain[2]) for option in OPTIONS):
            environment[name] = f"{plain[1]}check {plain[2]}{plain[3]}"
            environment["COMP_CWORD"] = str(int(environment.get("COMP_CWORD") or 0) + 1)


def among(choices: Iterable[str]) -> Callable[[str], list[str]]:
    """The choices that begin like the word."""

    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete


def rules(incomplete: str) -> list[str]:
    """The rules that begin like the word."""
    return among(packs.load(packs.Compiled()).rules)(incomplete)


def selectors(incomplete: str) -> list[str]:
    """The names that begin like the last of several, which are separated by commas; the others stay before them."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in dict.fromkeys(_names()) if name.startswith(last)]


def _names() -> Iterator[str]:
    index = packs.load(packs.Compiled())
    yield from SURFACES
    for entry in index.rules.values():
        parts = entry.checklist.split(".")
        yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    yield from index.rules
    yield from (f"severity:{level}" for level in SEVERITIES)
