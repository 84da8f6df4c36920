"""Every rule of every pack keeps the house's promises: one name, true docs and cases, proven fixes, plain messages."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

import archcheck_rules
from archcheck import packs
from archcheck.examples import Example, check_example, check_fix, examined, examples
from archcheck.finding import PROFILES, SEVERITIES, Verdict
from archcheck.packs import Entry

CASES = Path(__file__).resolve().parent / "cases"
INDEX = packs.load()
ENTRIES = list(INDEX.rules.values())
PARSERS = ("yaml", "sqlglot", "libcst")

every_rule = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)


@functools.cache
def in_docs(entry: Entry) -> tuple[Example, ...]:
    return tuple(examples(entry.docs))


@functools.cache
def in_cases(entry: Entry) -> tuple[Example, ...]:
    file = cases_of(entry)
    return tuple(examples(file.read_text("utf-8"))) if file.exists() else ()


def cases_of(entry: Entry) -> Path:
    return CASES / f"{entry.id}.md"


@functools.cache
def spoken(entry: Entry) -> tuple[Verdict, ...]:
    """What the rule says on all its examples."""
    reports = [examined(example.files) for example in (*in_docs(entry), *in_cases(entry))]
    return tuple(verdict for report in reports for verdict in report.verdicts if verdict.rule == entry.id)


def test_all_packs_load():
    assert INDEX.broken == ()
    assert "archcheck" in {pack.name for pack in INDEX.packs}
    assert ENTRIES


@every_rule
def test_a_rule_has_one_name(entry: Entry):
    name = entry.id.rpartition("/")[2].replace("-", "_")
    assert entry.module.rpartition(".")[2] == name
    assert entry.load().check.__name__ == name


@every_rule
def test_a_rule_lives_with_its_surface(entry: Entry):
    if entry.pack == "archcheck":
        assert entry.module == f"archcheck_rules.{entry.surface}.{entry.id.replace('-', '_')}"


@every_rule
def test_docs_say_what_and_why_and_what_to_do(entry: Entry):
    title, _, rest = entry.docs.partition("\n")
    assert len(title) <= 100
    assert title.endswith(".")
    law = rest.partition("```")[0].strip()
    assert len(re.findall(r"\.(?:\s|$)", law)) >= 2, "after the first line come why it matters and what to do"


@every_rule
def test_docs_show_a_bad_and_a_good_example(entry: Entry):
    words = [example.word for example in in_docs(entry)]
    assert {"bad", "good"} <= set(words)


@every_rule
def test_docs_are_true(entry: Entry):
    assert [problem for example in in_docs(entry) for problem in check_example(example, entry.id)] == []


@every_rule
def test_cases_are_true(entry: Entry):
    assert cases_of(entry).exists(), f"{entry.id} has no tests/cases/{entry.id}.md"
    assert {"bad", "good"} <= {example.word for example in in_cases(entry)}
    assert [problem for example in in_cases(entry) for problem in check_example(example, entry.id)] == []


@every_rule
def test_cases_say_why_and_begin_with_silence(entry: Entry):
    cases = in_cases(entry)
    assert cases
    assert [str(case) for case in cases if not case.heading] == []
    assert cases[0].word == "good"


@every_rule
def test_fixes_are_shown_and_proven(entry: Entry):
    shown = in_docs(entry)
    mendable = [
        str(example)
        for example in shown
        for verdict in examined(example.files).verdicts
        if verdict.rule == entry.id and verdict.finding.fix is not None
    ]
    fixed = [(bad, after) for bad, after in itertools.pairwise(shown) if after.word == "fixed"]
    assert bool(mendable) == bool(fixed), "a rule with a fix shows it in a `fixed` block, and no other rule does"
    assert [problem for bad, after in fixed for problem in check_fix(bad, after, entry.id)] == []


@every_rule
def test_messages_are_plain(entry: Entry):
    assert spoken(entry)
    for finding in [verdict.finding for verdict in spoken(entry)]:
        assert finding.message.endswith("."), finding.message
        assert entry.id not in finding.message
        assert not re.search(r"\bshould\b", finding.message, re.IGNORECASE), finding.message
        assert "\n" not in finding.message
        assert not re.search(r"\bline \d", finding.subject), "a subject survives moved lines"


@every_rule
def test_a_finding_is_never_louder_than_its_rule(entry: Entry):
    for verdict in spoken(entry):
        assert SEVERITIES.index(verdict.severity) >= SEVERITIES.index(entry.severity)
        assert PROFILES.index(verdict.profile) >= PROFILES.index(entry.profile)


@every_rule
def test_options_are_frozen_and_documented(entry: Entry):
    options = entry.load().options
    if options is None:
        return
    assert options.__name__ == "Options"
    assert options.__dataclass_params__.frozen
    docs = inspect.getdoc(options) or ""
    assert [field.name for field in dataclasses.fields(options) if f"`{field.name}`" not in docs] == []
    options()


@every_rule
def test_a_rule_file_is_short(entry: Entry):
    lines = Path(inspect.getfile(entry.load().check)).read_text("utf-8").splitlines()
    assert len(lines) <= 80


def test_every_case_file_has_its_rule():
    assert sorted(file.stem for file in CASES.glob("*.md")) == sorted(
        entry.id for entry in ENTRIES if entry.pack == "archcheck"
    )


def test_the_checklist_names_the_rules_that_answer_to_it():
    text = (Path(archcheck_rules.__file__).parent / "checklist.md").read_text("utf-8")
    listed: dict[str, set[str]] = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        anchor = part.partition(":")[0]
        assert re.fullmatch(r"[a-z]+(\.[a-z]+(-[a-z]+)*)?", anchor)
        assert anchor not in listed
        listed[anchor] = set(re.findall(r"^- `([a-z0-9-]+)`$", part, flags=re.MULTILINE))
    cited: dict[str, set[str]] = {}
    for entry in ENTRIES:
        if entry.pack == "archcheck":
            cited.setdefault(entry.checklist, set()).add(entry.id)
    assert cited == {anchor: rules for anchor, rules in listed.items() if rules}


def test_no_rule_imports_a_parser():
    """The standard library loads `ast` for itself; here it counts where a module of ours holds it."""
    code = (
        "import importlib, sys\n"
        f"for name in {[entry.module for entry in ENTRIES]!r}: importlib.import_module(name)\n"
        f"print(*sorted(set({PARSERS!r}) & set(sys.modules)))\n"
        "ours = [name for name in sys.modules if name.startswith('archcheck')]\n"
        "print(*sorted(name for name in ours if hasattr(sys.modules[name], 'ast')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
