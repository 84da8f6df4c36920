"""Packs of other people come in by the same door as ours: found, listed, explained, run, and named when broken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

ACME = Path(__file__).resolve().parent.parent / "fixtures" / "acme-rules"
RULE = "acme/untagged-operation"

SPEC = """\
openapi: 3.1.0
info: {title: Rockets, version: 1.0.0}
paths:
  /rockets:
    post:
      responses:
        "201": {description: It stands on the ramp.}
  /health:
    get:
      responses:
        "200": {description: Well.}
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the pack is installed as its users would, only without looking anything up."""
    folder = tmp_path_factory.mktemp("packages")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "install", str(ACME), "--target", str(folder), *options], check=True)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    hostile.put(tmp_path / "project" / "openapi.yaml", SPEC)
    return tmp_path / "project"


def findings(done: subprocess.CompletedProcess[str]) -> list[tuple[str, int]]:
    return [(found["rule"], found["line"]) for found in json.loads(done.stdout)["findings"]]


def test_its_rule_runs(packages: Path, project: Path, archcheck):
    done = archcheck("check", "--select", RULE, "--output", "json", folder=project, path=(packages,))
    assert findings(done) == [(RULE, 5)]
    assert RULE not in [rule for rule, _ in findings(archcheck("check", "--output", "json", folder=project))]


def test_its_rule_runs_after_a_run_without_it(packages: Path, project: Path, archcheck):
    """The remembered index and verdicts of a run without the pack do not hold with it."""
    archcheck("check", folder=project)
    done = archcheck("check", "--output", "json", folder=project, path=(packages,))
    assert (RULE, 5) in findings(done)


def test_its_rule_is_listed_and_explained(packages: Path, archcheck):
    listed = archcheck("rules", "--output", "json", path=(packages,))
    (listed_rule,) = [entry for entry in json.loads(listed.stdout) if entry["id"] == RULE]
    assert listed_rule["pack"] == "acme"
    explained = archcheck("explain", RULE, path=(packages,))
    assert explained.returncode == 0
    assert "belongs to no team" in explained.stdout
    assert archcheck("rules", "--check", path=(packages,)).returncode == 0


def test_its_options_are_set_by_the_project(packages: Path, project: Path, archcheck):
    hostile.put(project / "archcheck.toml", f'[rules."{RULE}"]\nexempt = ["/rockets"]\n')
    done = archcheck("check", "--select", RULE, "--output", "json", folder=project, path=(packages,))
    assert findings(done) == [(RULE, 9)]


def test_its_findings_are_accepted_with_a_reason(packages: Path, project: Path, archcheck):
    allow = f"    # archcheck: allow[{RULE}] the rockets are everybody's\n    post:"
    hostile.put(project / "openapi.yaml", SPEC.replace("    post:", allow))
    done = archcheck("check", "--profile", "audit", "--output", "json", folder=project, path=(packages,))
    assert [rule for rule, _ in findings(done) if rule in (RULE, "unused-suppression")] == []


def test_its_examples_are_proven_by_the_same_kit(packages: Path):
    """A third party proves its rules with the public kit, in its own tests."""
    code = (
        "from archcheck import packs\n"
        "from archcheck.examples import check_example, examples\n"
        f"entry = packs.load().rules[{RULE!r}]\n"
        "shown = examples(entry.docs)\n"
        "print(len(shown), [problem for example in shown for problem in check_example(example, entry.id)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(packages)}, capture_output=True, text=True
    )
    assert done.stdout == "2 []\n", done.stderr


RULE_FILE = '''\
"""A rule of this pack is not well formed.

It is broken on purpose. Mend it.
"""

from archcheck import Findings, rule
from archcheck.surfaces.openapi import {subject}


@rule("{id}", checklist="{anchor}", severity="warning", profile="regular", since="1.0")
def broken_rule(operation: {subject}) -> Findings:
    yield from ()
'''


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE_FILE.format(id="broken/broken-rule", anchor="api.resources", subject="Operaton"), "'Operation'"),
        (RULE_FILE.format(id="broken", anchor="api.resources", subject="Operation"), "kebab-case"),
        (RULE_FILE.format(id="broken/broken-rule", anchor="api.nothing", subject="Operation"), "api.nothing"),
        (RULE_FILE.format(id="unpaginated-list", anchor="api.resources", subject="Operation"), "taken"),
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        ('"""No rule is here."""\n', "0 rules"),
    ],
)
def test_a_broken_rule_is_named_and_costs_only_itself(text: str, said: str, tmp_path: Path, project: Path, archcheck):
    packages = install(tmp_path / "packages", "broken_rule", text)
    checked = archcheck("rules", "--check", path=(packages,))
    assert checked.returncode != 0
    assert "broken_rule" in checked.stdout + checked.stderr
    assert said in checked.stdout + checked.stderr
    done = archcheck("check", "--output", "json", folder=project, path=(packages,))
    assert "Traceback" not in done.stderr
    assert "broken_rule" in done.stdout + done.stderr or said == "api.nothing"


CRASHING = '''\
"""An operation makes this rule fall over.

It is broken on purpose. Mend it.
"""

from archcheck import Findings, rule
from archcheck.surfaces.openapi import Operation


@rule("broken/crashing-rule", checklist="api.resources", severity="error", profile="regular", since="1.0")
def crashing_rule(operation: Operation) -> Findings:
    if operation:
        {body}
    yield
'''


@pytest.mark.parametrize("body", ["raise ValueError('a secret of the rule')", "raise RecursionError", "assert not 1"])
def test_a_rule_that_raises_costs_its_own_verdicts(body: str, tmp_path: Path, archcheck):
    packages = install(tmp_path / "packages", "crashing_rule", CRASHING.replace("{body}", body))
    hostile.put(tmp_path / "project" / hostile.WITNESS, hostile.WITNESS_TEXT)
    done = archcheck("check", "--output", "concise", folder=tmp_path / "project", path=(packages,))
    assert done.returncode == 3
    assert "Traceback" not in done.stdout + done.stderr
    assert "broken/crashing-rule" in done.stdout + done.stderr
    assert f"{hostile.WITNESS}:5" in done.stdout
    assert "unpaginated-list" in done.stdout


def install(folder: Path, module: str, text: str) -> Path:
    """Lay a pack of one module into a folder as an installer leaves it."""
    hostile.put(folder / "broken_pack" / "__init__.py", '"""A pack."""\n')
    hostile.put(folder / "broken_pack" / f"{module}.py", text)
    info = folder / "broken_pack-1.0.dist-info"
    hostile.put(info / "METADATA", "Metadata-Version: 2.1\nName: broken_pack\nVersion: 1.0\n")
    hostile.put(info / "entry_points.txt", "[archcheck.rules]\nbroken = broken_pack\n")
    return folder
