"""The test kit: examples written in Markdown, `want` comments in real files, and the proof that both are true.

An example is one or more fenced blocks whose info string is `language word [path]`, where the word is `bad`, `good` or
`fixed`. Consecutive blocks of one word make one project of several files; a heading or another word ends it. A line on
which a finding is due carries a marker, the last thing on the line::

    /orders:  # want                                                      the rule whose docs these are
    /users:  # want "GET /users"                                          and a part of what it says
    order_id bigint REFERENCES orders,  -- want: fk-without-index, table-without-timestamps "neither"
    cursor.execute(query)  # todo-want: interpolated-query            a known miss
    cursor.execute(QUERY)  # todo-ok: interpolated-query              a known false alarm

Files under `before/` and `after/` are two releases of one API, and what changed between them is judged instead; a
finding then answers to a marker at either of its places, on the line that is new or on the line that was.

Markers are taken out before any rule sees the text; line numbers stay, and nothing else on the line changes but the
spaces at its end. Files that cannot hold comments are spoken for by a `want.txt` beside them, with lines of
`path:line rule-id`. Known gaps must stay wrong: the day a rule improves, the kit says that the marker can go.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from archcheck.finding import Edit, Profile, Verdict
    from archcheck.report import Report

Kind: TypeAlias = Literal["want", "todo-want", "todo-ok"]
Content: TypeAlias = str | bytes

WORDS: Final = ("bad", "good", "fixed")
WANT_FILE: Final = "want.txt"
UNREAD: Final = "unread-file"
TODAY: Final = date(2026, 1, 1)
"""The day on which releases are compared in examples."""

_NAMES: Final = {
    "yaml": "openapi.yaml",
    "yml": "openapi.yaml",
    "json": "openapi.json",
    "sql": "migrations/0001_init.sql",
    "python": "app/main.py",
    "py": "app/main.py",
}
_COMMENTS: Final = {
    ".py": "#",
    ".pyi": "#",
    ".yaml": "#",
    ".yml": "#",
    ".toml": "#",
    ".ini": "#",
    ".cfg": "#",
    ".env": "#",
    ".sql": "--",
    ".prisma": "//",
}
_UNSEEN: Final = ("__pycache__", ".git")
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*(.*?)[ \t]*$")
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$")
_ITEM: Final = re.compile(r'[ \t]*(?P<rule>[a-z0-9]+(?:[-/][a-z0-9]+)*)?[ \t]*(?:"(?P<text>[^"]*)")?[ \t]*(?:,|$)')
_LISTED: Final = re.compile(r"^(?:(?P<kind>want|todo-want|todo-ok)\s+)?(?P<path>\S+):(?P<line>\d+)(?P<rest>\s.*)?$")


@dataclass(frozen=True, slots=True, order=True)
class Want:
    """One expectation: `rule` speaks, or for `todo-want` stays wrongly silent, on that line.

    `rule` is empty where the example belongs to one rule anyway. `text`, when given, is part of the message.
    """

    path: str
    line: int
    rule: str = ""
    text: str = ""
    kind: Kind = "want"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a project says about itself: its files without markers, the wants, and the markers that make no sense."""

    files: Mapping[str, Content]
    wants: tuple[Want, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One project of an example: `files` as rules see them, and what is wanted of it.

    `word` is `bad`, `good` or `fixed` (or what stands in its place, which is then a problem). `line` is that of the
    first fence in the Markdown, `heading` the nearest heading above it.
    """

    word: str
    files: Mapping[str, Content]
    wants: tuple[Want, ...]
    heading: str
    line: int
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"line {self.line}, {self.word}" + (f", {self.heading}" if self.heading else "")


@dataclass(slots=True)
class _Draft:
    """An example while its blocks are collected."""

    word: str
    heading: str
    line: int
    files: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def examples(markdown: str) -> list[Example]:
    """The examples of a Markdown text or docstring, in order. Blocks with a language and no word are illustrations."""
    return [_finished(draft) for draft in _drafts(markdown)]


def expected(files: Mapping[str, Content]) -> Expectation:
    """Split a project into what rules may see and what is wanted of them. Bytes that are no UTF-8 pass unread."""
    seen: dict[str, Content] = {}
    wants: list[Want] = []
    problems: list[str] = []
    for path, content in files.items():
        text = _text(content)
        if PurePosixPath(path).name == WANT_FILE and text is not None:
            _listed(path, text, wants, problems)
        elif text is None or (comment := _COMMENTS.get(PurePosixPath(path).suffix)) is None:
            seen[path] = content
        else:
            clean = _stripped(path, text, comment, wants, problems)
            seen[path] = clean if isinstance(content, str) else clean.encode()
    lost = [want for want in wants if want.path not in seen]
    problems.extend(f"{want.path}:{want.line}: is wanted to speak, and there is no such file" for want in lost)
    return Expectation(seen, tuple(sorted(wants)), tuple(problems))


def check_example(example: Example, rule_id: str) -> list[str]:
    """What is untrue about an example of one rule, as sentences; an empty list means that it holds.

    All rules run, so that rules about acceptances have something to judge; only `rule_id` is compared. An example that
    cannot be read proves nothing and is a problem too.
    """
    problems = [*example.problems, *_shape_problems(example, rule_id)]
    if problems:
        return [f"{example}: {problem}" for problem in problems]
    report = examined(example.files)
    wants = [Want(want.path, want.line, want.rule or rule_id, want.text, want.kind) for want in example.wants]
    problems.extend(_differences(wants, [verdict for verdict in report.verdicts if verdict.rule == rule_id]))
    if rule_id != UNREAD:
        # What is not read on a wanted line is what the rule speaks of: a reference that leads out of the project.
        spoken = {(want.path, want.line) for want in wants}
        unread = [one for one in report.verdicts if one.rule == UNREAD and (one.at.path, one.at.line) not in spoken]
        problems.extend(_said(verdict, "cannot be read") for verdict in unread)
        if not report.coverage.files:
            problems.append("no surface recognises any of its files, so it proves nothing")
    return [f"{example}: {problem}" for problem in problems]


def check_fix(bad: Example, fixed: Example, rule_id: str) -> list[str]:
    """What is untrue about a fix: mending `bad` gives `fixed` to the letter, which parses and has nothing to mend."""
    from archcheck.finding import together

    fixes = [verdict.finding.fix for verdict in examined(bad.files).verdicts if verdict.rule == rule_id]
    edits = [edit for fix in fixes if fix is not None for edit in fix.edits]
    made = [file for fix in fixes if fix is not None for file in fix.files]
    if not edits and not made:
        return [f"{fixed}: no finding on the bad example carries a fix"]
    mended = {**mend(bad.files, edits), **together(made)}
    problems = [
        f"{path} is not what the fix makes of it, which is:\n{mended.get(path, '(no such file)')!s}"
        for path in sorted(mended.keys() | fixed.files.keys())
        if mended.get(path) != fixed.files.get(path)
    ]
    left = [verdict for verdict in examined(mended).verdicts if verdict.rule in (rule_id, UNREAD)]
    problems.extend(_said(verdict, "remains after the fix") for verdict in left)
    return [f"{fixed}: {problem}" for problem in problems]


def check_project(folder: Path, *, rules: Collection[str] | None = None, profile: Profile = "audit") -> list[str]:
    """Compare what archcheck says about a folder with what the folder's markers want, both ways, over all rules.

    `rules` narrows the comparison to some of them. The folder is read whole, tests and all; nothing is written.
    """
    expectation = expected(dict(_files(folder)))
    wants = [want for want in expectation.wants if rules is None or want.rule in rules]
    unnamed = [f"{want.path}:{want.line}: the marker names no rule" for want in wants if not want.rule]
    report = examined(expectation.files, profile=profile)
    spoken = [verdict for verdict in report.verdicts if rules is None or verdict.rule in rules]
    return [*expectation.problems, *unnamed, *_differences([want for want in wants if want.rule], spoken)]


def examined(files: Mapping[str, Content], *, profile: Profile = "audit") -> Report:
    """The report on a project in memory, with every rule of every pack on and what its `archcheck.toml` sets."""
    from archcheck import comparing, engine
    from archcheck.layering import layers_of

    settings = tomllib.loads(_text(files.get("archcheck.toml", "")) or "")
    options = {name: dict(options) for name, options in settings.get("rules", {}).items()}
    if comparing.is_pair(files):
        return comparing.examine_pair(files, today=TODAY, options=options)
    return engine.examine(
        files,
        profile=profile,
        options=options,
        postgres_version=settings.get("postgres-version", 14),
        applied=settings.get("applied", ()),
        pairs=[(pair["spec"], pair["app"]) for pair in settings.get("contract", {}).get("pairs", ())],
        layers=layers_of(settings["layers"]) if "layers" in settings else None,
    )


def mend(files: Mapping[str, Content], edits: Iterable[Edit]) -> dict[str, Content]:
    """The files after the edits. Lines and columns are those before any edit; overlapping edits are an error."""
    from archcheck.fixing import edited
    from archcheck.source import Source

    mended = dict(files)
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    for path, mine in by_path.items():
        content = files[path]
        mended[path] = edited(Source(path, content.encode() if isinstance(content, str) else content), mine)
    return mended


def _drafts(markdown: str) -> Iterator[_Draft]:
    """Collect the blocks into projects: a heading, or a block of another word, starts the next one."""
    draft: _Draft | None = None
    heading = ""
    lines = iter(enumerate(markdown.splitlines(), start=1))
    for number, line in lines:
        if match := _HEADING.match(line):
            heading = match.group(1)
            if draft:
                yield draft
            draft = None
        elif match := _FENCE.match(line):
            body, closed = _block(lines, match.group(1))
            language, _, rest = match.group(2).partition(" ")
            word, _, path = rest.strip().partition(" ")
            if not word:
                continue
            if draft and draft.word != word:
                yield draft
                draft = None
            draft = draft or _Draft(word, heading, number)
            _add(draft, language, path.strip(), body, number, closed=closed)
    if draft:
        yield draft


def _block(lines: Iterator[tuple[int, str]], fence: str) -> tuple[str, bool]:
    """The text of a fenced block up to its closing fence, and whether there was one."""
    body: list[str] = []
    for _, line in lines:
        stripped = line.strip()
        if stripped.startswith(fence) and not stripped.strip(fence[0]):
            return "".join(f"{text}\n" for text in body), True
        body.append(line)
    return "".join(f"{text}\n" for text in body), False


def _add(draft: _Draft, language: str, path: str, body: str, number: int, *, closed: bool) -> None:
    path = path or _NAMES.get(language, "")
    if not closed:
        draft.problems.append(f"the block on line {number} is never closed")
    if draft.word not in WORDS:
        draft.problems.append(f"the block on line {number} is called '{draft.word}'; blocks are {', '.join(WORDS)}")
    if not path:
        draft.problems.append(f"the {language} block on line {number} needs a file name after '{draft.word}'")
    elif path in draft.files:
        draft.problems.append(f"the block on line {number} is a second {path}; name it, or put a heading between")
    else:
        draft.files[path] = body


def _finished(draft: _Draft) -> Example:
    expectation = expected(draft.files)
    return Example(
        draft.word,
        expectation.files,
        expectation.wants,
        draft.heading,
        draft.line,
        (*draft.problems, *expectation.problems),
    )


def _shape_problems(example: Example, rule_id: str) -> Iterator[str]:
    """A bad example wants something, a good or fixed one nothing, and nobody speaks for another rule."""
    due = [want for want in example.wants if want.kind != "todo-ok"]
    if example.word == "bad" and not due:
        yield "a bad example marks no line with want"
    if example.word != "bad" and any(want.kind == "want" for want in due):
        yield f"a {example.word} example wants a finding"
    for want in example.wants:
        if want.rule not in ("", rule_id):
            yield f"{want.path}:{want.line}: wants {want.rule}, and only {rule_id} is on trial"


def _stripped(path: str, text: str, comment: str, wants: list[Want], problems: list[str]) -> str:
    """The text without its markers, which are added to `wants`."""
    marker = re.compile(rf"(?:^|[ \t]+){comment}[ \t]*(want|todo-want|todo-ok)\b(?!-)([^\r\n]*?)[ \t]*(?=\r?$)")
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if match := marker.search(line):
            lines[index] = line[: match.start()] + line[match.end() :]
            _wanted(path, index + 1, match.group(1), match.group(2), wants, problems)
    return "\n".join(lines)


def _listed(path: str, text: str, wants: list[Want], problems: list[str]) -> None:
    """The wants of a `want.txt`; its paths are relative to the folder it stands in."""
    folder = PurePosixPath(path).parent
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if match := _LISTED.match(line.strip()):
            named, rest = str(folder / match["path"]), (match["rest"] or "").strip()
            _wanted(named, int(match["line"]), match["kind"] or "want", rest and f":{rest}", wants, problems)
        else:
            problems.append(f"{path}:{number}: is not of the form path:line rule-id")


def _wanted(path: str, line: int, kind: str, rest: str, wants: list[Want], problems: list[str]) -> None:
    """Read what follows `want`: nothing, a quoted text, or a colon and a list of rules, each with a text or none."""
    rest = rest.strip()
    items, position = [], 1 if rest.startswith(":") else 0
    while rest[:1] in (":", '"') and position < len(rest) and (match := _ITEM.match(rest, position)):
        items.append(match)
        position = match.end()
    whole = position >= len(rest) and all(match["rule"] or match["text"] for match in items)
    if rest and not (items and whole):
        problems.append(f"{path}:{line}: '{kind}{rest}' is not of the form {kind}: rule-id, rule-id \"text\"")
        return
    named: Kind = "todo-want" if kind == "todo-want" else "todo-ok" if kind == "todo-ok" else "want"
    wants.extend(Want(path, line, match["rule"] or "", match["text"] or "", named) for match in items)
    if not rest:
        wants.append(Want(path, line, kind=named))


def _differences(wants: Iterable[Want], verdicts: Iterable[Verdict]) -> Iterator[str]:
    """What is missing and what is unexpected, as sets of path, line and rule, in the order of the files."""
    wants = list(wants)
    wanted = {(want.path, want.line, want.rule) for want in wants}
    spoken: dict[tuple[str, int, str], list[Verdict]] = {}
    for verdict in verdicts:
        spoken.setdefault(next((key for key in _keys(verdict) if key in wanted), _keys(verdict)[0]), []).append(verdict)
    answered: set[tuple[str, int, str]] = set()
    for want in wants:
        key = (want.path, want.line, want.rule)
        heard = [verdict for verdict in spoken.get(key, ()) if want.text in verdict.finding.message]
        answered.add(key)
        if want.kind == "todo-want" and heard:
            yield f"{want.path}:{want.line}: {want.rule} speaks now; make the todo-want a want"
        elif want.kind == "todo-ok" and not heard:
            yield f"{want.path}:{want.line}: {want.rule} is silent now; remove the todo-ok"
        elif want.kind == "want" and not heard:
            other = " / ".join(verdict.finding.message for verdict in spoken.get(key, ()))
            told = f'says "{other}", not "{want.text}"' if other else "is wanted and says nothing"
            yield f"{want.path}:{want.line}: {want.rule} {told}"
    for key in sorted(spoken.keys() - answered):
        yield from (_said(verdict, "is not expected") for verdict in spoken[key])


def _keys(verdict: Verdict) -> list[tuple[str, int, str]]:
    """Where a verdict may be wanted: at its place, or where what it speaks of stood before."""
    before = [related.at for related in verdict.finding.related if related.at.path.startswith("before/")]
    return [(at.path, at.line, verdict.rule) for at in (verdict.at, *before)]


def _said(verdict: Verdict, remark: str) -> str:
    return f"{verdict.at.path}:{verdict.at.line}: {verdict.rule} {remark}: {verdict.finding.message}"


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and not set(_UNSEEN) & set(relative.parts):
            yield relative.as_posix(), path.read_bytes()


def _text(content: Content) -> str | None:
    """The text of a file, or None where the bytes are no UTF-8."""
    if isinstance(content, str):
        return content
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
