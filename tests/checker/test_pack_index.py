"""The index of the packs is remembered while their sources and the installed distributions stay as they are."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

from archcheck import packs
from archcheck.late import regex
from archcheck.registry import SURFACES
from archcheck.rule import PackError, rule_of

CHECKLIST = "# Things\n\n### api.quiet: every operation whispers\n\nText.\n"
RULE = '''\
"""An operation is loud.

Why it matters.
"""

from archcheck import Finding, Findings, rule
from archcheck.surfaces.openapi import Operation


@rule("loud-operation", checklist="{anchor}", severity="note", profile="regular", since="1", formerly=("noisy-thing",))
def loud_operation(operation: Operation) -> Findings:
    yield Finding(operation.at, "It is loud.")
'''


class Shelf:
    """A shelf in memory, which counts what is put on it."""

    def __init__(self) -> None:
        self.data: dict[tuple[str, bytes], bytes] = {}
        self.puts = 0

    def get(self, kind: str, key: bytes) -> bytes | None:
        return self.data.get((kind, key))

    def put(self, kind: str, key: bytes, data: bytes) -> None:
        self.puts += 1
        self.data[kind, key] = data


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of one rule, installed for the length of a test; its modules are forgotten before each load."""
    folder = tmp_path / "quiet_rules"
    metadata = tmp_path / "quiet_rules-1.0.dist-info"
    folder.mkdir()
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[archcheck.rules]\nquiet = quiet_rules\n")
    (folder / "__init__.py").write_text('"""Quiet rules."""\n')
    (folder / "checklist.md").write_text(CHECKLIST)
    (folder / "loud_operation.py").write_text(RULE.format(anchor="api.quiet"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "quiet_rules"]:
        del sys.modules[name]


def load(shelf: Shelf) -> packs.Index:
    forget()
    return packs.load(shelf)


def test_the_index_is_made_once(quiet: Path):
    shelf = Shelf()
    first, second = load(shelf), load(shelf)
    assert shelf.puts == 1
    assert first == second
    assert "quiet_rules.loud_operation" not in sys.modules, "a run imports a rule when its subject is judged"
    entry = first.rules["loud-operation"]
    assert (entry.pack, entry.surface, entry.stage, entry.short) == (
        "quiet",
        "openapi",
        "unit",
        "An operation is loud.",
    )
    assert entry.subject.endswith(":Operation")
    assert entry.load().id == "loud-operation"


def test_an_edited_rule_makes_it_anew_under_another_digest(quiet: Path):
    shelf = Shelf()
    first = load(shelf)
    (quiet / "loud_operation.py").write_text(RULE.format(anchor="api.quiet").replace("It is loud.", "It is too loud."))
    second = load(shelf)
    assert shelf.puts == 2
    assert first.digest != second.digest


def test_a_touched_rule_keeps_the_digest(quiet: Path):
    shelf = Shelf()
    first = load(shelf)
    (quiet / "loud_operation.py").touch()
    assert load(shelf).digest == first.digest


def test_a_broken_pack_is_asked_again_until_it_is_mended(quiet: Path):
    shelf = Shelf()
    (quiet / "__init__.py").write_text("import nothing_of_that_name\n")
    (broken,) = load(shelf).broken
    assert (broken.module, shelf.puts) == ("quiet_rules", 0)
    (quiet / "__init__.py").write_text("")
    (quiet / "loud_operation.py").write_text(RULE.format(anchor="api.quite"))
    (broken,) = load(shelf).broken
    assert "did you mean 'api.quiet'?" in broken.reason
    (quiet / "checklist.md").write_text(CHECKLIST.replace("api.quiet", "api.quite"))
    assert (load(shelf).broken, shelf.puts) == ((), 1)


def test_damaged_memory_is_a_miss(quiet: Path):
    shelf = Shelf()
    first = load(shelf)
    for key in shelf.data:
        shelf.data[key] = b"\xc1 no msgpack"
    assert load(shelf) == first
    assert shelf.puts == 2


def test_the_place_beside_the_code_holds_one_index_for_one_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packs, "__file__", str(tmp_path / "packs.py"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    beside = packs.Compiled()
    assert beside.get("packs", b"one") is None
    assert beside.put("packs", b"one", b"data") is False
    (tmp_path / "__pycache__").mkdir()
    assert beside.put("packs", b"one", b"data")
    assert (beside.get("packs", b"one"), beside.get("packs", b"two")) == (b"data", None)
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert beside.put("packs", b"two", b"more") is False


def test_what_the_first_shelf_does_not_take_goes_to_the_next(quiet: Path):
    class Full(Shelf):
        def put(self, kind: str, key: bytes, data: bytes) -> bool:
            return False

    shelf = Shelf()
    forget()
    first = packs.load(Full(), shelf)
    assert shelf.puts == 1
    assert packs.load(Full(), shelf) == first


def test_names_are_resolved_by_today_and_formerly(quiet: Path):
    index = load(Shelf())
    assert index.resolve("noisy-thing") == index.resolve("loud-operation") == index.rules["loud-operation"]
    assert index.resolve("loud-operations") is None


def test_a_module_without_a_rule_is_none():
    with pytest.raises(PackError, match="holds 0 rules"):
        rule_of(sys.modules[__name__])


@pytest.mark.parametrize("name", SURFACES)
def test_a_late_surface_promises_what_the_real_one_is(name: str):
    late = SURFACES[name]
    real = late._real  # type: ignore[attr-defined]
    assert (late.name, late.suffixes, late.sniffs) == (real.name, real.suffixes, real.sniffs)
    for path in ("a.py", "alembic/versions/1.py", "tests/versions/1.py", "up.sql", "compose.yml", "x.yaml", "tox.ini"):
        assert late.concerns(path) == real.concerns(path)


@pytest.mark.parametrize("package", ["openapi", "sql", "python", "contract"])
def test_a_package_offers_late_what_it_promises_to_type_checkers(package: str):
    surface = importlib.import_module(f"archcheck.surfaces.{package}")
    (promised,) = (node for node in ast.parse(Path(surface.__file__).read_text()).body if isinstance(node, ast.If))
    homes = {name.name: node.module for node in promised.body for name in node.names}
    assert sorted(homes) == surface.__all__
    for name, module in homes.items():
        assert getattr(surface, name) is getattr(importlib.import_module(module), name)
    assert not hasattr(surface, "Nothing")


def test_an_expression_is_compiled_when_it_is_used(monkeypatch: pytest.MonkeyPatch):
    compiled: list[str] = []
    monkeypatch.setattr("archcheck.late.re.compile", lambda text, flags: compiled.append(text) or Words())
    late = regex("a+", re.IGNORECASE)
    assert compiled == []
    assert (late.match("A"), late.match("AA")) == (1, 2)
    assert compiled == ["a+"]


class Words:
    """What a pattern is taken for here: it counts letters."""

    match = staticmethod(len)
