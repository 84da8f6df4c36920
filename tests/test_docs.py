"""The documentation is true: its pages are fresh, its settings accepted, its examples run, and its links lead."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archcheck import packs
from archcheck.cli.catalogue import facts
from archcheck.cli.options import COMMANDS, OPTIONS
from archcheck.configfile import _KEYS, load
from archcheck.engine import Bench
from archcheck.packs import Entry
from archcheck.report import RuleInfo
from archcheck.reports.page import markdown, plain
from archcheck.reports.sarif_rule import descriptor

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
INDEX = packs.load()
Run = Callable[..., "subprocess.CompletedProcess[str]"]

_spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
assert _spec is not None
assert _spec.loader is not None
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

OURS: list[Entry] = pages.ours(INDEX)
WRITTEN = sorted(DOCS.glob("*.md"))
STALE = "it is stale: run `make docs`"

every_rule = pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.id)


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def fenced(file: Path) -> Iterator[tuple[str, str, str]]:
    """The blocks of a page: language, what stands behind it, and the text."""
    for match in re.finditer(r"^(`{3,})(\w+)[ ]?([^\n]*)\n(.*?)^\1$", text_of(file), re.DOTALL | re.MULTILINE):
        yield match[2], match[3], match[4]


@every_rule
def test_the_page_of_a_rule_is_fresh(entry: Entry):
    file = pages.FOLDER / f"{entry.id}.md"
    assert file.is_file(), f"{entry.id} has no page: run `make docs`"
    assert text_of(file) == pages.page(entry), STALE


@every_rule
def test_the_page_shows_what_is_said(entry: Entry):
    text = text_of(pages.FOLDER / f"{entry.id}.md")
    assert f"[{entry.id}]: " in text
    assert len(text) < 20_000


def test_there_is_a_page_for_each_rule_and_none_besides():
    names = {file.name for file in pages.FOLDER.iterdir()}
    assert names == {pages.INDEX, *(f"{entry.id}.md" for entry in OURS)}, STALE


def test_the_index_is_fresh_and_has_every_rule():
    text = text_of(pages.FOLDER / pages.INDEX)
    assert text == pages.contents(INDEX), STALE
    for entry in OURS:
        assert f"[{entry.id}]({entry.id}.md)" in text


def test_the_options_are_fresh():
    text = text_of(DOCS / "configuration.md")
    assert pages.with_options(text) == text, STALE
    assert re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE) == [option.name for option in OPTIONS]


@given(st.text(alphabet="ab|`\n", max_size=40))
def test_writing_the_options_twice_changes_nothing(text: str):
    once = pages.with_options(f"{text}<!-- options: written by make docs -->\n<!-- end of options -->\n")
    assert pages.with_options(once) == once


def test_explain_and_sarif_show_the_page(capsys: pytest.CaptureFixture[str]):
    from archcheck.cli import main

    for entry in OURS:
        page = text_of(pages.FOLDER / f"{entry.id}.md")
        assert markdown(entry.docs) in page
        described = {field: getattr(entry, field) for field in RuleInfo.__struct_fields__ if hasattr(entry, field)}
        assert descriptor(RuleInfo(**described))["help"] == {
            "text": plain(entry.docs),
            "markdown": markdown(entry.docs),
        }
    for entry in OURS[::20]:
        assert main(["explain", entry.id]) == 0
        said = capsys.readouterr().out
        assert plain(entry.docs) in said
        assert facts(entry) in said
        assert all(option in said for option in entry.options)


def test_every_key_is_described_and_no_other():
    table = text_of(DOCS / "configuration.md").partition("## Keys")[2].partition("###")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == list(_KEYS)
    example = next(text for language, _, text in fenced(DOCS / "configuration.md") if language == "toml")
    assert set(tomllib.loads(example)) == set(_KEYS)


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_settings_and_workflows_are_well_formed(file: Path, tmp_path: Path):
    for language, name, text in fenced(file):
        if language == "toml" and not name and file.name != "editor.md":  # that shows an editor's settings
            (tmp_path / "archcheck.toml").write_text(text, encoding="utf-8")
            Bench.of(INDEX, load(tmp_path))
        elif language == "yaml":
            yaml.safe_load(text)


def test_the_hooks_are_those_that_there_are():
    known = {hook["id"]: hook for hook in yaml.safe_load(text_of(ROOT / ".pre-commit-hooks.yaml"))}
    shown = [yaml.safe_load(text) for language, _, text in fenced(DOCS / "ci.md") if text.startswith("repos:")]
    hooks = [hook for one in shown for repository in one["repos"] for hook in repository["hooks"]]
    assert {hook["id"] for hook in hooks} == set(known)
    for hook in hooks:
        for key in hook.keys() - {"id", "name", "language"}:
            assert hook[key] == known[hook["id"]][key]


@pytest.mark.parametrize("file", [ROOT / "README.md", *WRITTEN], ids=lambda file: file.name)
def test_commands_and_options_exist(file: Path):
    known = {option.name for option in OPTIONS} | {"--help", "--version", "--install-completion", "--check"}
    for match in re.finditer(r"(?<![-\w./])archcheck((?: +[\w=:./<>|-]+)*)", text_of(file)):
        words = match[1].split()
        if words and words[0] in COMMANDS:
            known_here = known | {"--format"}
        elif words and words[0].startswith("--"):
            known_here = known
        else:
            continue
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known_here, match[0]


@pytest.mark.parametrize("file", [*WRITTEN, DOCS / "rules" / "README.md"], ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path):
    for target, fragment in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", text_of(file)):
        there = (file.parent / target).resolve() if target else file
        assert there.exists(), target
        if fragment:
            headings = re.findall(r"^#{1,6} (.+)$", text_of(there), re.MULTILINE)
            assert fragment in {pages.slug(re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading)) for heading in headings}, (
                fragment
            )


def test_every_page_is_linked():
    linked = "\n".join(text_of(file) for file in [ROOT / "README.md", *WRITTEN])
    for file in WRITTEN:
        assert f"{file.name}" in linked


class TestThePack:
    """The pack in the guide is put together from its blocks, installed as far as Python can see, and run."""

    @pytest.fixture
    def installed(self, tmp_path: Path) -> Path:
        folder = tmp_path / "packages"
        for _, name, text in fenced(DOCS / "rule-packs.md"):
            if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        (folder / "acme_house" / "__init__.py").touch()
        project = tomllib.loads(text_of(folder / "pyproject.toml"))["project"]
        group = project["entry-points"]["archcheck.rules"]
        about = folder / f"acme_house-{project['version']}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        lines = [f"{name} = {package}" for name, package in group.items()]
        (about / "entry_points.txt").write_text("\n".join(["[archcheck.rules]", *lines, ""]))
        return folder

    def test_its_rule_runs(self, installed: Path, tmp_path: Path, archcheck: Run):
        (tmp_path / "project" / "migrations").mkdir(parents=True)
        sql = "CREATE TABLE invoices (id bigint PRIMARY KEY);\nCREATE TABLE countries (id bigint PRIMARY KEY);\n"
        (tmp_path / "project" / "migrations" / "0001_init.sql").write_text(sql)
        done = archcheck(
            "check", "--select", "acme.tenants", "--output", "concise", folder=tmp_path / "project", path=(installed,)
        )
        assert done.stdout == (
            "migrations/0001_init.sql:1:14: error[acme/table-without-tenant] "
            "The table invoices has no tenant_id; add one.\n"
        )
        assert done.returncode == 1

    def test_it_is_well_formed_listed_and_explained(self, installed: Path, archcheck: Run):
        done = archcheck("rules", "--check", path=(installed,))
        assert (done.returncode, done.stdout.endswith("packs: acme, archcheck.\n")) == (0, True), done.stdout
        explained = archcheck("explain", "acme/table-without-tenant", path=(installed,)).stdout
        assert "`shared` are tables that belong to everybody." in explained
        assert 'shared = ["countries"]' in explained

    def test_its_own_tests_pass(self, installed: Path):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
            cwd=installed,
            env={"PYTHONPATH": str(installed), "PATH": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        assert "1 passed" in done.stdout
