"""Units are read in workers; what was lost is a gap, and what may be otherwise next time is not remembered."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archcheck.cache import NoStore, Store
from archcheck.reading import Harvest, Reader, Work
from archcheck.registry import SURFACES
from archcheck.source import Unread
from archcheck.surface import Coverage, Files, Gap, Limits, Memory, Piece, Settings, Unit

BASE = b"tool"


@dataclass
class Words:
    """What a file of the test surface does when it is read is written in it."""

    name: str = "words"
    suffixes: tuple[str, ...] = (".txt",)
    sniffs: bool = False
    coverage: Coverage = field(default_factory=Coverage)
    text: str = ""

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Words:
        text = files.open(unit.name).text
        coverage = Coverage(counts={"words": len(text.split())})
        if text == "die":
            os.abort()
        elif text == "spin":
            while True:
                pass
        elif text == "eat":
            raise MemoryError
        elif text == "sleep":
            time.sleep(60)
        elif text in ("timeout", "crash", "unreadable", "unparsable", "limit", "missing"):
            coverage.gaps.append(Gap(unit.name, 1, text, f"it says {text}"))  # type: ignore[arg-type]
        elif text == "torn":
            raise Unread(unit.name, "it is torn", kind="unparsable")
        return Words(coverage=coverage, text=text)

    def pieces(self) -> Iterator[Piece]:
        yield Piece("all", True, lambda wanted: ())

    def allows(self) -> tuple[()]:
        return ()

    def interface(self) -> bytes:
        return self.text.encode()

    def memory(self) -> bytes:
        return b""

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> Words | None:
        texts = [data.decode() for _, data in interfaces]
        if "unlinkable" in texts:
            os.abort()
        if "untied" in texts:
            raise ValueError("untied")
        return Words(coverage=Coverage(counts={"linked": len(texts)}))


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> Words:
    made = Words()
    monkeypatch.setitem(SURFACES, "words", made)
    return made


def read(root: Path, files: dict[str, str], *, cache: Path | None = None) -> tuple[Harvest, int]:
    """Read the files as units; what came of it, and how many were read anew."""
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        (root / name).write_text(text)
    steps: list[int] = []
    limits = Limits(unit_seconds=0.3)
    with Store.open(cache or root.parent / "cache", root) as store:
        stats = {name: (0, (root / name).stat().st_size) for name in files}
        reader = Reader(
            work=Work(root, Settings(limits=limits), (), {}),
            store=store,
            base=BASE,
            own=BASE,
            digests=store.digests(stats, root),
            jobs=2,
            progress=lambda done, total: steps.append(done),
        )
        harvest = reader.read([Unit("words", name, (name, "beside.txt")) for name in files], [Words()])
    return harvest, len(steps)


def outcome(harvest: Harvest, name: str):
    return next(each for unit, each in harvest.outcomes.items() if unit.name == name)


def test_what_is_remembered_is_the_same_and_costs_nothing(tmp_path: Path):
    files = {"b.txt": "one two", "a.txt": "three"}
    first, read_first = read(tmp_path / "root", files)
    second, read_again = read(tmp_path / "root", files)
    assert (read_first, read_again) == (2, 0)
    assert first.outcomes == second.outcomes
    assert (first.marks, first.read_sets, first.linked) == (second.marks, second.read_sets, second.linked)
    assert first.interfaces and not second.interfaces, "what they tell is not even loaded"
    assert [unit.name for unit in first.outcomes] == ["b.txt", "a.txt"], "in the order of the plan"
    assert outcome(first, "b.txt").counts == {"words": 2}
    assert first.linked["words"].counts == {"linked": 2}


def test_what_a_unit_told_is_asked_again_where_it_was_lost(tmp_path: Path):
    files = {"a.txt": "one two", "b.txt": "three"}
    read(tmp_path / "root", files)
    for database in (tmp_path / "cache").glob("*.sqlite"):
        with closing(sqlite3.connect(database)) as connection, connection:
            one = "SELECT min(rowid) FROM entries WHERE kind = 'told'"
            connection.execute(f"DELETE FROM entries WHERE kind = 'link' OR rowid = ({one})")
    harvest, anew = read(tmp_path / "root", files)
    assert anew == 1
    assert harvest.linked["words"].counts == {"linked": 2}


def test_the_files_of_a_unit_and_those_that_were_read_are_two_things(tmp_path: Path):
    for _ in range(2):
        harvest, _ = read(tmp_path / "root", {"a.txt": "one"})
        ((unit, paths),) = harvest.paths.items()
        assert paths == {"a.txt", "beside.txt"}
        assert harvest.read[unit] == {"a.txt"}


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("die", "crash", "killed by SIGABRT"),
        ("spin", "timeout", "more than 0.3 s of processor time"),
        ("sleep", "timeout", "not done after 3 s"),
        ("eat", "limit", "bytes of memory"),
    ],
)
def test_a_lost_worker_is_a_gap_and_costs_its_unit_only(text: str, kind: str, said: str, tmp_path: Path):
    for _ in range(2):
        harvest, count = read(tmp_path / "root", {"a.txt": "one", "bad.txt": text, "z.txt": "two"})
        (gap,) = outcome(harvest, "bad.txt").gaps
        assert (gap.path, gap.kind) == ("bad.txt", kind)
        assert said in gap.reason
        assert outcome(harvest, "z.txt").counts == {"words": 1}
        assert harvest.linked["words"].counts == {"linked": 2}
        bad = next(unit for unit in harvest.outcomes if unit.name == "bad.txt")
        assert (harvest.paths[bad], harvest.read[bad]) == ({"bad.txt", "beside.txt"}, frozenset())
    assert count == 1, "it is tried again, and nothing else is"


@pytest.mark.parametrize(
    ("text", "remembered"),
    [
        ("timeout", False),
        ("crash", False),
        ("unreadable", False),
        ("unparsable", True),
        ("limit", True),
        ("missing", True),
        ("torn", True),
    ],
)
def test_only_what_the_files_decide_is_remembered(text: str, remembered: bool, tmp_path: Path):
    first, _ = read(tmp_path / "root", {"a.txt": text})
    second, count = read(tmp_path / "root", {"a.txt": text})
    assert outcome(first, "a.txt").gaps == outcome(second, "a.txt").gaps != ()
    assert count == (0 if remembered else 1)


@pytest.mark.parametrize(("text", "said"), [("unlinkable", "SIGABRT"), ("untied", "ValueError: untied")])
def test_a_link_that_fails_is_a_gap_each_time(text: str, said: str, tmp_path: Path):
    for _ in range(2):
        harvest, _ = read(tmp_path / "root", {"a.txt": "one", "b.txt": text})
        (gap,) = harvest.linked["words"].gaps
        assert (gap.path, gap.kind) == (".", "crash")
        assert said in gap.reason
        assert outcome(harvest, "a.txt").gaps == ()


def test_a_file_that_cannot_be_read_was_not_read(tmp_path: Path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").mkdir()
    reader = Reader(work=Work(root, Settings(), (), {}), store=NoStore(), base=BASE, own=BASE, digests={}, jobs=1)
    harvest = reader.read([Unit("words", "a.txt", ("a.txt",))], [])
    (unit,) = harvest.outcomes
    assert harvest.outcomes[unit].gaps[0].kind == "unreadable"
    assert harvest.read[unit] == frozenset()
