"""Judging: every chosen rule once for each subject it asks for, and what came of it as plain data.

What leaves this module crosses process borders and is remembered, so it holds frozen values and no parser's nodes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import Struct, field

from archcheck import beside
from archcheck.allow import scan
from archcheck.beside import Helper
from archcheck.files import ReadSet, RecordedFiles
from archcheck.finding import Finding
from archcheck.packs import Entry
from archcheck.registry import CONTRACT, SURFACES, meeting
from archcheck.source import Source, Unread
from archcheck.surface import Allow, Coverage, Divisible, Gap, Memory, Model, Piece, Settings, Unit

if TYPE_CHECKING:
    from archcheck.rule import Rule

Options: TypeAlias = Mapping[str, Mapping[str, object]]
Spoken: TypeAlias = tuple[str, Finding]
"""A rule's id and what it said."""
Judge: TypeAlias = "tuple[Rule, object | None]"
"""A rule with its options, where it takes any."""


class OptionError(Exception):
    """An option in the configuration that its rule does not take, or takes with another type."""

    def __init__(self, rule: str, option: str, message: str) -> None:
        super().__init__(f"rules.{rule}: {message}")
        self.rule = rule
        self.option = option
        self.message = message


class Outcome(Struct, frozen=True):
    """What came of one unit, or of one linked surface: what was said, and what was and was not read."""

    spoken: tuple[Spoken, ...] = ()
    gaps: tuple[Gap, ...] = ()
    allows: tuple[Allow, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    opaque: Mapping[str, int] = field(default_factory=dict)
    undecided: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Remains(Struct, frozen=True):
    """What a later run may go on from: the surface's own memory, and what each piece said."""

    memory: bytes = b""
    pieces: Mapping[str, tuple[Spoken, ...]] = field(default_factory=dict)


class Former(Struct, frozen=True):
    """An earlier reading of the same unit, and the paths whose content, presence or listing differs now."""

    outcome: Outcome
    remains: Remains
    read_set: ReadSet
    changed: frozenset[str]


class Reading(Struct, frozen=True):
    """All that a worker sends back for one unit. `interface` is what it tells others, `kept` are per-file derivations:
    kind, path, digest and data.
    """

    outcome: Outcome
    remains: Remains
    interface: bytes
    read_set: ReadSet
    kept: tuple[tuple[str, str, bytes, bytes], ...]


class Linked(Struct, frozen=True):
    """What came of a linked surface or of their meeting, and what it tells others where somebody asks."""

    outcome: Outcome = Outcome()
    interface: bytes = b""


class Law(Struct, frozen=True):
    """The chosen rules of one surface, ready to be asked: for each subject type the rules with their options."""

    rules: Mapping[type, Sequence[Judge]]

    @property
    def wanted(self) -> frozenset[type]:
        """The subject types that at least one rule asks for."""
        return frozenset(self.rules)

    def load(self) -> None:
        """Import all rules, as they would be one after the other when subjects are met."""
        for _ in self.rules.values():
            pass


def law(entries: Iterable[Entry], options: Options) -> Law:
    """The rules by what they judge; each is imported when a subject of that type is met."""
    return Law(_Waiting(entries, options))


class _Waiting(Mapping[type, Sequence["Judge"]]):
    """Rules that are imported when somebody asks what judges a type; that raises `OptionError` as `options_of` does."""

    def __init__(self, entries: Iterable[Entry], options: Options) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.subject, []).append(entry)
        self._options = options
        self._ready: dict[type, Sequence[Judge]] = {}

    @cached_property
    def _waiting(self) -> dict[type, list[Entry]]:
        return {entries[0].judged(): entries for entries in self._entries.values()}

    def __getitem__(self, kind: type) -> Sequence[Judge]:
        if kind not in self._ready:
            rules = [(entry, entry.load()) for entry in self._waiting[kind]]
            self._ready[kind] = [(rule, options_of(rule, self._options.get(entry.id, {}))) for entry, rule in rules]
        return self._ready[kind]

    def __iter__(self) -> Iterator[type]:
        return iter(self._waiting)

    def __len__(self) -> int:
        return len(self._entries)


def options_of(rule: Rule, given: Mapping[str, object]) -> object | None:
    """The rule's options: its defaults, and over them what is given under kebab-case keys. Raises `OptionError`."""
    if rule.options is None:
        if given:
            raise OptionError(rule.id, next(iter(given)), "this rule takes no options")
        return None
    import dataclasses  # 14 ms that only a run with options or stale units spends

    known = {option.name.replace("_", "-"): option.name for option in dataclasses.fields(rule.options)}
    for key in given:
        if key not in known:
            raise OptionError(rule.id, key, f"there is no option '{key}'; this rule takes {', '.join(known)}")
    try:
        converted: object = msgspec.convert({known[key]: value for key, value in given.items()}, type=rule.options)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        option = place.rstrip("`").partition("[")[0].replace("_", "-")
        raise OptionError(rule.id, option, f"the option '{option}' does not fit: {message}") from None
    return converted


def read_unit(
    unit: Unit, files: RecordedFiles, former: Former | None, law: Law, settings: Settings, *, helpers: int = 0
) -> Reading:
    """Read one unit and judge its pieces. Nothing that the unit's files hold makes it raise.

    So many `helpers` may be forked to judge pieces beside this process.
    """
    opened: dict[str, Source] = {}
    files.on_open(lambda source: opened.setdefault(source.path, source))
    memory = Memory(former.remains.memory, former.changed) if former and former.remains.memory else None
    said: dict[str, tuple[Spoken, ...]] = {}
    allows: list[Allow] = []
    remains, interface = Remains(), b""
    coverage = Coverage()
    belonging: set[str] = set()
    enabled = gc.isenabled()
    gc.disable()
    try:
        model = SURFACES[unit.surface].read(unit, files, memory, settings)
        coverage = model.coverage
        pieces = _noted(model.pieces(), belonging)
        if helpers and former is None:
            known = list(pieces)
            if len(known) >= _WORTH_SHARING and isinstance(model, Divisible):
                said.update(_shared(model, known, law, unit.name, _Hands(files, helpers, settings)))
            pieces = iter(known[len(said) :])
        said.update(_judge(model, pieces, law, unit.name, former.remains.pieces if former else {}))
        allows += model.allows()
        # A memory of what was not read whole would pass for the whole.
        whole = not coverage.gaps
        kept = {key: spoken for key, spoken in said.items() if spoken and whole}
        remains, interface = Remains(model.memory() if whole else b"", kept), model.interface()
    except MemoryError:
        raise  # the worker says so, and is replaced: nobody knows what its libraries made of that
    except Exception as error:
        coverage.gaps.append(_gap_of_failure(unit, error))
    finally:
        if enabled:
            gc.enable()
    for source in opened.values():
        allows += scan(source)
    read_set = files.read_set()
    if memory is not None and former is not None:
        # Files that were not opened again and still belong to the unit are as they were: what is known of them stands.
        gone = former.changed | {path for path, _ in former.read_set.opened if path not in belonging}
        allows += [allow for allow in former.outcome.allows if allow.at.path not in opened.keys() | gone]
        read_set = read_set.over(former.read_set, gone)
    outcome = _outcome([spoken for each in said.values() for spoken in each], coverage, allows)
    return Reading(outcome, remains, interface, read_set, tuple(files.kept))


def link_surface(name: str, interfaces: Sequence[tuple[str, bytes]], law: Law, *, tells: bool) -> Linked:
    """Join the interfaces of a surface's units and judge what only the whole settles.

    `tells` asks for what the linked surface tells others, too.
    """

    def linked() -> Linked:
        model = SURFACES[name].link(interfaces)
        if model is None:
            return Linked()
        outcome = judge_whole(model, law, name)
        return Linked(outcome, model.interface() if tells else b"")

    return _whole(linked, f"linking the {name} units")


def meet_surfaces(told: Mapping[str, Sequence[tuple[str, bytes]]], law: Law, settings: Settings) -> Linked:
    """Judge what the surfaces have in common."""

    def met() -> Linked:
        model = meeting().meet(told, settings)
        return Linked() if model is None else Linked(judge_whole(model, law, CONTRACT))

    return _whole(met, "comparing the surfaces")


def _whole(join: Callable[[], Linked], deed: str) -> Linked:
    """What comes of joining; a failure of it is a gap."""
    try:
        return join()
    except MemoryError:
        raise
    except Exception as error:
        gap = Gap(".", 0, "crash", f"{deed} failed: {_told(error)}", _REPORT)
        return Linked(Outcome(gaps=(gap,)))


def gap_of(unread: Unread) -> Gap:
    """The gap that an unread file leaves."""
    return Gap(unread.path, unread.line, unread.kind, unread.reason, unread.way_out)


_REPORT = "report it, with the file"
_WORTH_SHARING = 200
"""Of so many pieces on, judging them beside costs less than starting helpers."""
_WORDS = 300
"""So much of an exception's text is shown: a library may put the whole file into it."""


def _noted(pieces: Iterable[Piece], belonging: set[str]) -> Iterator[Piece]:
    """The pieces; their files are noted on the way."""
    for piece in pieces:
        belonging.update(piece.files)
        yield piece


def _judge(
    model: Model, pieces: Iterable[Piece], law: Law, name: str, remembered: Mapping[str, tuple[Spoken, ...]]
) -> Iterator[tuple[str, tuple[Spoken, ...]]]:
    """What each piece of a model says. A rule that fails costs itself on that subject, and is a gap."""
    wanted = law.wanted
    failed: set[str] = set()  # a broken rule breaks on every subject, and is said once
    for piece in pieces:
        if not piece.fresh:
            yield piece.key, remembered.get(piece.key, ())
            continue
        said: list[Spoken] = []
        for subject in piece.subjects(wanted):
            for rule, options in law.rules[type(subject)]:
                try:
                    findings = rule(subject) if options is None else rule(subject, options)
                    said.extend((rule.id, finding) for finding in findings)
                except (Unread, MemoryError):
                    raise
                except Exception as error:
                    if rule.id not in failed:
                        model.coverage.gaps.append(_gap_of_rule(rule, name, subject, error))
                    failed.add(rule.id)
        yield piece.key, tuple(said)


def judge_whole(model: Model, law: Law, name: str) -> Outcome:
    """What the rules say of a model that is judged at once; `name` stands for it where a rule fails."""
    said = [spoken for _, each in _judge(model, model.pieces(), law, name, {}) for spoken in each]
    return _outcome(said, model.coverage, [])


class _Hands(Struct, frozen=True):
    """Who may help to judge a unit, and what they all read."""

    files: RecordedFiles
    helpers: int
    settings: Settings


class _Share(Struct, frozen=True):
    """What a helper made of its pieces."""

    said: tuple[tuple[str, tuple[Spoken, ...]], ...]
    coverage: Coverage


_JUDGE = b"judge"


def _shared(
    model: Divisible, pieces: Sequence[Piece], law: Law, name: str, hands: _Hands
) -> Iterator[tuple[str, tuple[Spoken, ...]]]:
    """What each piece of a model says, with helpers that take a share of the pieces each.

    The first piece speaks for the whole: it is judged last, with the helpers still there to be asked. A share that a
    helper could not do as it would be done here, because it died or had to read more, is done here.
    """
    # Neighbours are alike: paths weigh more than schemas, so that each takes every n-th.
    shares = [pieces[1 + turn :: hands.helpers + 1] for turn in range(hands.helpers + 1)]
    helpers: list[Helper] = []
    try:
        for share in shares[1:]:
            helper = beside.start(partial(_help, model, share, law, name, hands), hands.settings.limits.unit_seconds)
            if helper is None:
                break
            helpers.append(helper)
        asked = beside.ask(helpers, _JUDGE)
        said = list(_judge(model, shares[0], law, name, {}))
        answers = asked.answers()
        for share, data in zip_longest(shares[1:], answers):
            if not data:
                said += _judge(model, share, law, name, {})
                continue
            done = msgspec.msgpack.decode(data, type=_Share)
            _add(model.coverage, done.coverage)
            said += done.said
        model.helped(helpers, [piece.key for piece in (pieces[0], *shares[0])])
        known = dict([*_judge(model, pieces[:1], law, name, {}), *said])
        yield from ((piece.key, known[piece.key]) for piece in pieces)
    finally:
        model.helped((), ())
        for helper in helpers:
            helper.dismiss()


def _help(model: Divisible, pieces: Sequence[Piece], law: Law, name: str, hands: _Hands, question: bytes) -> bytes:
    """A helper's answer: what its pieces say, or what the model asks about them.

    Nothing when that took more reading, which this process would keep to itself.
    """
    before = hands.files.read_set()
    if question == _JUDGE:
        model.coverage = Coverage()
        said = tuple(_judge(model, pieces, law, name, {}))
        answer = msgspec.msgpack.encode(_Share(said, model.coverage))
    else:
        answer = model.answer(question, [piece.key for piece in pieces])
    return answer if hands.files.read_set() == before else b""


def _add(coverage: Coverage, more: Coverage) -> None:
    """Count in what was met elsewhere."""
    for counts, others in (
        (coverage.counts, more.counts),
        (coverage.opaque, more.opaque),
        (coverage.undecided, more.undecided),
    ):
        for kind, count in others.items():
            counts[kind] = counts.get(kind, 0) + count
    coverage.notes += more.notes
    coverage.gaps += more.gaps


def _outcome(said: Iterable[Spoken], coverage: Coverage, allows: Iterable[Allow]) -> Outcome:
    return Outcome(
        spoken=tuple(said),
        gaps=tuple(dict.fromkeys(coverage.gaps)),
        allows=tuple(allows),
        counts=coverage.counts,
        opaque=coverage.opaque,
        undecided=coverage.undecided,
        notes=tuple(coverage.notes),
    )


def _gap_of_failure(unit: Unit, error: Exception) -> Gap:
    if isinstance(error, Unread):
        return gap_of(error)
    if isinstance(error, RecursionError):
        return Gap(unit.name, 0, "limit", "it is nested too deeply to be read", "flatten it, or exclude it")
    return Gap(unit.name, 0, "crash", f"the checker failed on it: {_told(error)}", _REPORT)


def _gap_of_rule(rule: Rule, unit: str, subject: object, error: Exception) -> Gap:
    at = getattr(subject, "at", None)
    path, line = (at.path, at.line) if at is not None else (unit, 0)
    reason = f"the rule {rule.id} failed on it: {_told(error)}"
    return Gap(path, line, "crash", reason, "report it to the author of the rule")


def _told(error: Exception) -> str:
    """An exception in one short line, with the place in our own code that raised it."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    module = frames[-1].filename.replace("\\", "/").rpartition("/")[2] if frames else "?"
    try:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_WORDS].removesuffix(":")
    except Exception:  # its own __str__ fails
        said = type(error).__name__
    return f"{said} ({module}:{frames[-1].lineno if frames else 0})"
