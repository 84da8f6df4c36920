"""The parts of the documentation that are made from the code: `make docs` writes them, and a test looks.

A rule's page is its docstring as `archcheck explain` and the help in SARIF show it, with what archcheck really says on
the example that is wrong. The index has the checklist's order. The table of options is what `--help` says.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from msgspec.structs import replace

from archcheck import packs
from archcheck.cli.catalogue import facts
from archcheck.cli.options import OPTIONS
from archcheck.examples import examined, examples
from archcheck.packs import Entry, Index, Line
from archcheck.reports import terminal
from archcheck.reports.page import markdown

FOLDER = Path(__file__).resolve().parent / "rules"
CONFIGURATION = FOLDER.parent / "configuration.md"
INDEX = "README.md"
_CHECKLIST = "../../rules/archcheck_rules/checklist.md"
_BEGIN, _END = "<!-- options: written by make docs -->", "<!-- end of options -->"
_NOT_A_SLUG = re.compile(r"[^\w\- ]")


def main() -> None:
    """Write every page that is not what it would be, and remove those of rules that are gone."""
    index = packs.load()
    FOLDER.mkdir(exist_ok=True)
    pages = {INDEX: contents(index)} | {f"{entry.id}.md": page(entry) for entry in ours(index)}
    for file in FOLDER.iterdir():
        if file.name not in pages:
            file.unlink()
    written = [name for name, text in pages.items() if _update(FOLDER / name, text)]
    written += [CONFIGURATION.name] * _update(CONFIGURATION, with_options(CONFIGURATION.read_text(encoding="utf-8")))
    print(f"{len(pages) + 1} pages, {len(written)} of them new or changed.")


def ours(index: Index) -> list[Entry]:
    """The rules of the built-in pack, by id."""
    return [entry for entry in index.rules.values() if entry.pack == "archcheck"]


def page(entry: Entry) -> str:
    """The page of one rule."""
    return "\n".join(_page(entry))


def contents(index: Index) -> str:
    """The page that leads to the others: every line of the checklist with its rules."""
    return "\n".join(_contents(index))


def said(entry: Entry) -> str:
    """What archcheck prints about the bad examples of a rule, as far as the rule itself says it."""
    out = io.StringIO()
    for example in examples(entry.docs):
        if example.word == "bad":
            report = examined(example.files)
            mine = tuple(verdict for verdict in report.verdicts if verdict.rule == entry.id)
            terminal.write_findings(replace(report, verdicts=mine), out)
    return out.getvalue().strip("\n")


def with_options(text: str) -> str:
    """The page on the configuration with the options of the command line as they are now."""
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    return "\n".join([head + begin, "", *_options(), end + tail])


def slug(heading: str) -> str:
    """The fragment under which a Markdown heading is found."""
    return _NOT_A_SLUG.sub("", heading.lower()).replace(" ", "-")


def _page(entry: Entry) -> Iterator[str]:
    yield f"# {entry.id}"
    yield ""
    yield f"*{facts(entry)}*"
    yield ""
    yield markdown(entry.docs)
    yield "## What archcheck says"
    yield ""
    text = said(entry)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    yield f"{fence}text"
    yield text
    yield fence
    yield ""
    if entry.options:
        yield "## Options"
        yield ""
        yield from _toml([f"[rules.{entry.id}]", *entry.options])
        yield ""
        if entry.meaning:
            yield entry.meaning
            yield ""
    if entry.surface != "tool":
        yield "## Accepting a case"
        yield ""
        yield f"Write beside it, with the reason: `archcheck: allow[{entry.id}] reason`."
        yield ""
    yield f"[All rules]({INDEX})"
    yield ""


def _toml(lines: Iterable[str]) -> Iterator[str]:
    yield "```toml"
    yield from lines
    yield "```"


def _contents(index: Index) -> Iterator[str]:
    rules = ours(index)
    yield "# The rules"
    yield ""
    yield f"{len(rules)} rules, under the lines of [the checklist]({_CHECKLIST}) that they answer to."
    yield "`archcheck explain RULE` shows the same pages. This folder is written by `make docs`."
    answering: dict[str, list[Entry]] = {}
    for entry in rules:
        answering.setdefault(entry.checklist, []).append(entry)
    section = ""
    for line in index.checklist:
        if line.section != section:
            section = line.section
            yield ""
            yield f"## {section}"
        yield from _line(line, answering.get(line.anchor, []))
    yield ""
    yield "## Rules with options"
    yield ""
    yield "With their defaults; [configuration](../configuration.md) tells where they are written."
    yield ""
    settings = {entry.id: entry.options for entry in rules if entry.options}
    yield from _toml(_blocks(settings))
    yield ""


def _line(line: Line, entries: list[Entry]) -> Iterator[str]:
    heading = f"{line.anchor}: {line.title}"
    yield ""
    yield f"### [{heading}]({_CHECKLIST}#{slug(heading)})"
    yield ""
    if not entries:
        yield "No rule watches over this line yet."
        return
    yield "| rule | severity | profile | what it finds |"
    yield "|---|---|---|---|"
    for entry in entries:
        short = entry.short.replace("|", "\\|")
        yield f"| [{entry.id}]({entry.id}.md) | {entry.severity} | {entry.profile} | {short} |"


def _options() -> Iterator[str]:
    for group, options_of_group in groupby(OPTIONS, key=lambda option: option.group):
        yield f"**{group}**"
        yield ""
        yield "| option | does |"
        yield "|---|---|"
        for option in options_of_group:
            name = " ".join(filter(None, (option.name, option.metavar.replace("|", "\\|"))))
            short = f", `{option.short}`" if option.short else ""
            yield f"| `{name}`{short} | {option.help} |"
        yield ""


def _blocks(settings: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for number, (id, lines) in enumerate(settings.items()):
        yield from [""] if number else []
        yield f"[rules.{id}]"
        yield from lines


def _update(file: Path, text: str) -> bool:
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return False
    file.write_text(text, encoding="utf-8", newline="\n")
    return True


if __name__ == "__main__":
    main()
