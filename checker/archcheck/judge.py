"""Judging: every chosen rule once for each subject it asks for, and what came of it as plain data.

What leaves this module crosses process borders and is remembered, so it holds frozen values and no parser's nodes.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from archcheck.allow import scan
from archcheck.files import ProjectFiles, ReadSet
from archcheck.finding import Finding
from archcheck.packs import Entry
from archcheck.rule import Rule
from archcheck.source import Unread
from archcheck.surface import Allow, Coverage, Gap, Memory, Model, Settings, Surface, Unit

Options: TypeAlias = Mapping[str, Mapping[str, object]]
Spoken: TypeAlias = tuple[str, Finding]
"""A rule's id and what it said."""

SURFACES: Mapping[str, tuple[str, str]] = {
    "openapi": ("archcheck.surfaces.openapi.surface", "OpenApi"),
    "sql": ("archcheck.surfaces.sql.surface", "Sql"),
    "python": ("archcheck.surfaces.python.surface", "Python"),
}


class OptionError(Exception):
    """An option of a rule in the configuration that the rule does not take, or takes with another type."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(f"rules.{rule}: {message}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one unit, or of one linked surface: what was said, and what was and was not read."""

    spoken: tuple[Spoken, ...] = ()
    gaps: tuple[Gap, ...] = ()
    allows: tuple[Allow, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    opaque: Mapping[str, int] = field(default_factory=dict)
    undecided: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remains:
    """What a later run may go on from: the surface's own memory, what each piece said, and the interface."""

    memory: bytes
    pieces: Mapping[str, tuple[Spoken, ...]]
    interface: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a worker sends back for one unit. `kept` are the per-file derivations: kind, path, digest and data."""

    outcome: Outcome
    remains: Remains
    read_set: ReadSet
    kept: tuple[tuple[str, str, bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Law:
    """The chosen rules of one surface, ready to be asked: for each subject type the rules with their options."""

    rules: Mapping[type, Sequence[tuple[Rule, object | None]]]

    @property
    def wanted(self) -> frozenset[type]:
        """The subject types that at least one rule asks for."""
        return frozenset(self.rules)


def surface(name: str) -> Surface:
    """The surface of that name. Importing it imports no parser."""
    module, attribute = SURFACES[name]
    found: Surface = getattr(importlib.import_module(module), attribute)()
    return found


def law(entries: Iterable[Entry], options: Options) -> Law:
    """Import the rules and fill their options. Raises `OptionError` for options that do not fit."""
    rules: dict[type, list[tuple[Rule, object | None]]] = {}
    for entry in entries:
        rule = entry.load()
        rules.setdefault(rule.subject, []).append((rule, options_of(rule, options.get(entry.id, {}))))
    return Law(rules)


def options_of(rule: Rule, given: Mapping[str, object]) -> object | None:
    """The rule's options, its defaults overridden by what is given (kebab-case keys)."""
    if rule.options is None:
        if given:
            raise OptionError(rule.id, "it takes no options")
        return None
    fields = {key.replace("-", "_"): value for key, value in given.items()}
    known = {field.name for field in dataclasses.fields(rule.options)}
    for key in fields:
        if key not in known:
            named = ", ".join(sorted(name.replace("_", "-") for name in known))
            raise OptionError(rule.id, f"unknown option '{key.replace('_', '-')}'; it takes {named}")
    try:
        converted: object = msgspec.convert(fields, type=rule.options)
    except msgspec.ValidationError as error:
        raise OptionError(rule.id, str(error)) from None
    return converted


def read_unit(
    unit: Unit, files: ProjectFiles, memory: Memory | None, pieces: Mapping[str, tuple[Spoken, ...]],
    law: Law, settings: Settings,
) -> Reading:
    """Read one unit and judge its pieces. Never raises for anything the unit's files hold."""
    gc.disable()
    try:
        judged, model, gap = _read_and_judge(unit, files, memory, pieces, law, settings)
    finally:
        gc.enable()
    coverage = model.coverage if model is not None else Coverage()
    if gap is not None:
        coverage.gaps.append(gap)
    outcome = Outcome(
        spoken=tuple(spoken for said in judged.values() for spoken in said),
        gaps=tuple(dict.fromkeys(coverage.gaps)),
        allows=tuple(_allows(files, model)),
        counts=coverage.counts, opaque=coverage.opaque, undecided=coverage.undecided, notes=tuple(coverage.notes),
    )
    complete = model is not None and gap is None
    remains = Remains(
        model.memory() if model is not None and complete else b"",
        {key: said for key, said in judged.items() if said} if complete else {},
        model.interface() if model is not None and complete else b"",
    )
    return Reading(outcome, remains, files.read_set(), tuple(files.kept))


def judge_model(model: Model, law: Law, name: str, remembered: Mapping[str, tuple[Spoken, ...]]) -> Iterator[tuple[str, tuple[Spoken, ...]]]:
    """What each piece of a model says. A rule that fails costs itself on that subject, and is a gap."""
    wanted = law.wanted
    for piece in model.pieces():
        if not piece.fresh:
            yield piece.key, remembered.get(piece.key, ())
            continue
        said: list[Spoken] = []
        for subject in piece.subjects(wanted):
            for rule, options in law.rules[type(subject)]:
                try:
                    findings = rule(subject) if options is None else rule(subject, options)
                    said.extend((rule.id, finding) for finding in findings)
                except Exception as error:
                    model.coverage.gaps.append(_failed(rule.id, name, subject, error))
        yield piece.key, tuple(said)


def _read_and_judge(
    unit: Unit, files: ProjectFiles, memory: Memory | None, pieces: Mapping[str, tuple[Spoken, ...]],
    law: Law, settings: Settings,
) -> tuple[dict[str, tuple[Spoken, ...]], Model | None, Gap | None]:
    judged: dict[str, tuple[Spoken, ...]] = {}
    model: Model | None = None
    try:
        model = surface(unit.surface).read(unit, files, memory, settings)
        for key, said in judge_model(model, law, unit.name, pieces):
            judged[key] = said
    except Unread as unread:
        return judged, model, gap_of(unread)
    except MemoryError:
        return judged, model, Gap(unit.name, 0, "limit", "it needs more memory than one unit may use", _RAISE_MEMORY)
    except RecursionError:
        return judged, model, Gap(unit.name, 0, "limit", "it is nested too deeply to be read", "flatten it, or exclude it")
    except Exception as error:
        return judged, model, Gap(unit.name, 0, "crash", f"the checker failed on it: {_last_line(error)}", _REPORT)
    return judged, model, None


_RAISE_MEMORY = "split it, or raise --unit-memory"
_REPORT = "please report this with the file"


def gap_of(unread: Unread) -> Gap:
    """The gap that an unread file leaves."""
    return Gap(unread.path, unread.line, unread.kind, unread.reason, unread.way_out)


def _failed(rule: str, unit: str, subject: object, error: Exception) -> Gap:
    at = getattr(subject, "at", None)
    path, line = (at.path, at.line) if at is not None else (unit, 0)
    return Gap(path, line, "crash", f"the rule {rule} failed on {subject}: {_last_line(error)}", "report it to the author of the rule")


def _last_line(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    module = frame.filename.replace("\\", "/").rpartition("/")[2]
    return f"{type(error).__name__}: {error} ({module}:{frame.lineno})"


def _allows(files: ProjectFiles, model: Model | None) -> Iterator[Allow]:
    for source in files.sources():
        try:
            yield from scan(source)
        except Unread:
            continue
    if model is not None:
        yield from model.allows()
