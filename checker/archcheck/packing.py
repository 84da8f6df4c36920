"""Packing reads every rule of every installed pack once, and refuses those that are not well formed."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from archcheck.config import nearest
from archcheck.packs import CHECKLIST, Broken, Entry, Line, Pack
from archcheck.rule import PackError, Rule, rule_of

GROUP = "archcheck.rules"
_HEADING = re.compile(
    r"^## +(?:[0-9]+[.] +)?(?P<section>.+)|^### (?P<anchor>[a-z][a-z0-9.-]*):[ \t]*(?P<title>.*)", re.MULTILINE
)


def installed() -> Iterator[Pack]:
    """The packs that installed distributions announce, sorted by name."""
    found = sorted({(point.name, point.value) for point in metadata.entry_points(group=GROUP)})
    for name, package in found:
        try:
            module = importlib.import_module(package)
        except Exception:
            yield Pack(name, package, ())
            continue
        yield Pack(name, package, tuple(str(Path(folder).resolve()) for folder in module.__path__))


def rules_of(packs: Iterable[Pack]) -> tuple[dict[str, Entry], tuple[Broken, ...]]:
    """The rules of all packs by id, and the modules that hold none that can be used."""
    packs = tuple(packs)
    anchors = {line.anchor for line in checklist_of(packs)}
    rules: dict[str, Entry] = {}
    broken: list[Broken] = []
    for pack in packs:
        for module in _modules(pack, broken):
            try:
                entry = entry_of(rule_of(importlib.import_module(module)), pack.name)
                if entry.id in rules:
                    raise PackError(f"rule id {entry.id} is taken by {rules[entry.id].module}")
                if entry.checklist not in anchors:
                    near = nearest(entry.checklist, anchors)
                    raise PackError(f"rule {entry.id} answers to '{entry.checklist}', which no checklist has{near}")
                rules[entry.id] = entry
            except Exception as error:
                broken.append(Broken(module, _file_of(module), _reason(error)))
    return dict(sorted(rules.items())), tuple(broken)


def checklist_of(packs: Iterable[Pack]) -> tuple[Line, ...]:
    """The lines of all packs' checklists in the order they are written; who names an anchor first has it."""
    lines: dict[str, Line] = {}
    for pack in packs:
        for folder in pack.folders:
            for line in _lines_of(Path(folder)):
                lines.setdefault(line.anchor, line)
    return tuple(lines.values())


def _lines_of(folder: Path) -> Iterator[Line]:
    """The checklist that lies in a pack's folder: `### api.resources: what it asks`, under `## 1. A section`."""
    try:
        text = (folder / CHECKLIST).read_text(encoding="utf-8")
    except OSError:
        return
    section = ""
    for heading in _HEADING.finditer(text):
        if heading["section"]:
            section = heading["section"].strip()
        else:
            yield Line(heading["anchor"], heading["title"].strip(), section)


def entry_of(rule: Rule, pack: str) -> Entry:
    """The index entry of a rule. Raises `PackError` for a rule that is not well formed."""
    if not rule.docs:
        raise PackError(f"rule {rule.id} has no docs: its module needs a docstring")
    subject = rule.subject
    return Entry(
        id=rule.id,
        pack=pack,
        module=rule.module,
        subject=f"{subject.__module__}:{subject.__qualname__}",
        surface=getattr(subject, "surface", ""),
        stage=getattr(subject, "stage", "unit"),
        checklist=rule.checklist,
        severity=rule.severity,
        profile=rule.profile,
        since=rule.since,
        precision=rule.precision,
        security=rule.security,
        cwe=rule.cwe,
        formerly=rule.formerly,
        docs=rule.docs,
        options=tuple(_options(rule)),
        meaning=_meaning(rule),
    )


def _options(rule: Rule) -> Iterator[str]:
    """The options of a rule with their defaults, as lines of TOML."""
    for field in _fields(rule):
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        name = field.name.replace("_", "-")
        yield name if default is dataclasses.MISSING else f"{name} = {_toml(default)}"


def _meaning(rule: Rule) -> str:
    """What the author of a rule says about its options, by the names that they have in a configuration."""
    if rule.options is None:
        return ""
    text = inspect.getdoc(rule.options) or ""
    for field in _fields(rule):
        text = text.replace(f"`{field.name}`", f"`{field.name.replace('_', '-')}`")
    # A dataclass without a docstring gets its signature for one.
    return "" if text.startswith(f"{rule.options.__name__}(") else text


def _fields(rule: Rule) -> tuple[dataclasses.Field[object], ...]:
    return dataclasses.fields(rule.options) if dataclasses.is_dataclass(rule.options) else ()


def _toml(value: object) -> str:
    if isinstance(value, frozenset | set):
        value = sorted(value, key=str)
    return json.dumps(list(value) if isinstance(value, tuple) else value, default=str)


def _modules(pack: Pack, broken: list[Broken]) -> Iterator[str]:
    if not pack.folders:
        broken.append(Broken(pack.package, pack.package, "the package of this pack cannot be imported"))
        return
    walk = pkgutil.walk_packages(pack.folders, f"{pack.package}.", onerror=lambda _: None)
    yield from sorted(found.name for found in walk if not found.ispkg)


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError) and error.name and error.name.startswith("archcheck.surfaces"):
        return _unknown_subject(error)
    return str(error) if isinstance(error, PackError) else f"{type(error).__name__}: {error}"


def _unknown_subject(error: ImportError) -> str:
    """Say which subject type was meant, when a rule asks a surface for one that it does not provide."""
    # Python 3.11 gives the name in the message only.
    match = re.match(r"cannot import name '(\w+)' from", str(error))
    module = sys.modules.get(error.name or "")
    if match is None or module is None:
        return str(error)
    wanted = match.group(1)
    offered = {name: getattr(module, name, None) for name in getattr(module, "__all__", ())}
    known = [name for name, value in offered.items() if inspect.isclass(value) and hasattr(value, "stage")]
    hint = nearest(wanted, known) or f"; it has {', '.join(sorted(known))}"
    return f"it asks for '{wanted}', which {error.name} does not provide{hint}"


def _file_of(module: str) -> str:
    spec = importlib.util.find_spec(module.rpartition(".")[0]) if "." in module else None
    folder = next(iter(spec.submodule_search_locations or ()), "") if spec else ""
    return f"{Path(folder).name}/{module.rpartition('.')[2]}.py" if folder else module
