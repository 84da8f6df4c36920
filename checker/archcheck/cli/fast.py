"""The fast path: a strict parser for command lines that leave no question, as hooks and scripts write them.

Importing typer costs more than many a run. Whatever this parser does not understand to the letter, it leaves to typer,
which knows how to help; a test holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcheck.cli.options import BY_NAME, CheckArguments, Misused, collect


def parse(words: Sequence[str]) -> CheckArguments | None:
    """The arguments of `check`, or None when typer has to look at them."""
    paths: list[str] = []
    given: dict[str, object] = {}
    left = iter(words)
    for word in left:
        if word == "--":
            paths.extend(left)
        elif not word.startswith("-"):
            paths.append(word)
        elif not _take(word, left, given):
            return None
    try:
        return collect(paths, given)
    except Misused:
        return None


def _take(word: str, left: Iterator[str], given: dict[str, object]) -> bool:
    """Put one option and its value among the given; False when it is not clear to the letter."""
    long = word.startswith("--")
    name, equals, value = word.partition("=") if long else (word[:2], "", "")
    option = BY_NAME.get(name)
    if option is None:
        return False
    if option.kind in ("flag", "count"):
        if equals or not (long or set(word[1:]) == {word[1]}):
            return False
        given[option.name] = (
            True if option.kind == "flag" else _number(given.get(option.name)) + (long or len(word) - 1)
        )
        return True
    if not equals:
        value = next(left, "")
    # typer would take a value that looks like an option, or an empty one; here both are a question.
    if not long or not value or (not equals and value.startswith("-")):
        return False
    if option.kind == "value":
        given[option.name] = value
    else:
        given[option.name] = [*_list(given.get(option.name)), value]
    return True


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
