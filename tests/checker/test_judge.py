"""A unit is judged piece by piece; what goes wrong is a gap, and what is remembered is only what still holds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from archcheck.files import MemoryFiles, ReadSet
from archcheck.finding import Finding, Findings
from archcheck.judge import Former, Law, OptionError, Reading, link_surface, meet_surfaces, options_of, read_unit
from archcheck.registry import SURFACES
from archcheck.rule import Rule
from archcheck.source import Location, Source, Unread
from archcheck.surface import Allow, Coverage, Files, Gap, Memory, Piece, Settings, Unit


@dataclass(frozen=True)
class Line:
    """A subject: one line of a file."""

    surface = "lines"
    stage = "unit"
    at: Location
    text: str


class Lines:
    """A model of `.txt` files: a unit's root lists the others, each of which is a piece of its own."""

    def __init__(self, unit: Unit, files: Files, memory: Memory | None, trouble: str) -> None:
        self.coverage = Coverage()
        self.files = files
        self.memory_given = memory
        self.trouble = trouble
        self.root = unit.name
        self.names = (unit.name, *files.open(unit.name).text.split())

    def pieces(self) -> Iterator[Piece]:
        for name in self.names:
            fresh = self.memory_given is None or not {name, self.root}.isdisjoint(self.memory_given.changed)
            yield Piece(name, fresh or name == self.root, lambda wanted, name=name: self.subjects(name), (name,))
            if name in self.trouble:
                raise Unread(name, "it is torn", kind="unparsable", line=2)
        self.coverage.counts["files"] = len(self.names)

    def subjects(self, name: str) -> Iterator[Line]:
        for number, text in enumerate(self.files.open(name).text.splitlines(), 1):
            yield Line(Location(name, number), text)

    def allows(self) -> Sequence[Allow]:
        if self.trouble == "allows":
            raise ValueError("no acceptances today")
        return ()

    def interface(self) -> bytes:
        return b"interface"

    def memory(self) -> bytes:
        return b"memory"


@dataclass
class LineSurface:
    name: str = "lines"
    suffixes: tuple[str, ...] = (".txt",)
    sniffs: bool = False
    trouble: str = ""

    def read(self, unit: Unit, files: Files, memory: Memory | None, settings: Settings) -> Lines:
        if self.trouble == "read":
            raise RecursionError
        return Lines(unit, files, memory, self.trouble)

    def link(self, interfaces: Sequence[tuple[str, bytes]]) -> None:
        raise KeyError("link")


@dataclass(frozen=True)
class Options:
    longest: int = 3
    allowed_words: tuple[str, ...] = field(default=())


def rule(check: Callable[..., Iterator[Finding]], id: str = "bad-line") -> Rule:
    return Rule(id, "api.lines", "warning", "regular", "0.1", "high", None, "", (), check)


def bad_line(line: Line) -> Findings:
    if "bad" in line.text:
        yield Finding(line.at, f"{line.text!r} is bad.", line.text)


def broken_line(line: Line) -> Findings:
    yield Finding(line.at, "Said before it broke.")
    raise ValueError("secret " * 1000 + "\n\nover two lines")


def long_line(line: Line, options: Options) -> Findings:
    if len(line.text) > options.longest:
        yield Finding(line.at, "It is long.")


FILES = {
    "root.txt": "one.txt two.txt",
    "one.txt": "good\nbad one",
    "two.txt": "bad two\n",
}
UNIT = Unit("lines", "root.txt", ("root.txt",))
LAW = Law({Line: [(rule(bad_line), None)]})


@pytest.fixture
def surface(monkeypatch: pytest.MonkeyPatch) -> LineSurface:
    made = LineSurface()
    monkeypatch.setitem(SURFACES, "lines", made)
    return made


def read(files: dict[str, str] = FILES, former: Former | None = None, law: Law = LAW) -> Reading:
    return read_unit(UNIT, MemoryFiles(files), former, law, Settings())


def again(reading: Reading, files: dict[str, str], *changed: str) -> Reading:
    return read(files, Former(reading.outcome, reading.remains, reading.read_set, frozenset(changed)))


def spoken(reading: Reading) -> list[tuple[str, int]]:
    return [(finding.at.path, finding.at.line) for _, finding in reading.outcome.spoken]


def test_every_rule_is_asked_once_for_each_subject(surface: LineSurface):
    reading = read()
    assert spoken(reading) == [("one.txt", 2), ("two.txt", 1)]
    assert [path for path, _ in reading.read_set.opened] == ["one.txt", "root.txt", "two.txt"]
    assert reading.outcome.counts == {"files": 3}
    assert (reading.remains.memory, reading.interface) == (b"memory", b"interface")
    assert gc.isenabled()


def test_a_rule_that_fails_is_one_gap_in_one_short_line_and_the_others_are_heard(surface: LineSurface):
    reading = read(law=Law({Line: [(rule(broken_line, "broken-line"), None), (rule(bad_line), None)]}))
    assert ("two.txt", 1) in spoken(reading)
    (gap,) = reading.outcome.gaps
    assert (gap.path, gap.line, gap.kind) == ("root.txt", 1, "crash")
    assert gap.reason.startswith("the rule broken-line failed on it: ValueError: secret secret")
    assert "(test_judge.py:" in gap.reason
    assert len(gap.reason) < 400
    assert "\n" not in gap.reason


def test_gaps_leave_no_memory_but_the_interface(surface: LineSurface):
    reading = read(law=Law({Line: [(rule(broken_line, "broken-line"), None)]}))
    assert (reading.remains.memory, dict(reading.remains.pieces)) == (b"", {})
    assert reading.interface == b"interface"


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        ("read", "limit", "nested too deeply"),
        ("two.txt", "unparsable", "it is torn"),
        ("allows", "crash", "ValueError: no acceptances today (test_judge.py:"),
    ],
)
def test_whatever_goes_wrong_is_a_gap(trouble: str, kind: str, said: str, surface: LineSurface):
    surface.trouble = trouble
    reading = read()
    (gap,) = reading.outcome.gaps
    assert gap.kind == kind
    assert said in gap.reason
    assert spoken(reading) == ([] if trouble == "read" else [("one.txt", 2), ("two.txt", 1)])
    assert gc.isenabled()


def test_running_out_of_memory_is_for_the_worker_to_say(surface: LineSurface):
    def hungry_line(line: Line) -> Findings:
        yield Finding(line.at, "So far, so good.")
        raise MemoryError

    with pytest.raises(MemoryError):
        read(law=Law({Line: [(rule(hungry_line, "hungry-line"), None)]}))
    assert gc.isenabled()


def test_a_root_that_is_not_there_is_a_gap_of_its_own(surface: LineSurface):
    reading = read({"other.txt": ""})
    assert reading.outcome.gaps == (Gap("root.txt", 0, "missing", "there is no such file", ""),)
    assert reading.read_set.absent == ("root.txt",)


def test_going_on_from_memory_says_what_reading_anew_says(surface: LineSurface):
    edited = FILES | {"one.txt": "bad\nbad\n"}
    warm, cold = again(read(), edited, "one.txt"), read(edited)
    assert warm.outcome == cold.outcome
    assert warm.read_set == cold.read_set
    assert dict(warm.remains.pieces) == dict(cold.remains.pieces)


class Noted(MemoryFiles):
    """Files that note what is opened."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.noted: list[str] = []

    def open(self, path: str) -> Source:
        self.noted.append(path)
        return super().open(path)


def test_a_piece_that_is_replayed_is_not_read(surface: LineSurface):
    former = read()
    files = Noted(FILES | {"one.txt": ""})
    changed = Former(former.outcome, former.remains, former.read_set, frozenset({"one.txt"}))
    reading = read_unit(UNIT, files, changed, LAW, Settings())
    assert "two.txt" not in files.noted
    assert spoken(reading) == [("two.txt", 1)]


def test_what_belongs_no_longer_leaves_nothing_behind(surface: LineSurface):
    """Acceptances come from comments, so the files here are SQL to the scanner."""
    files = {
        "root.txt": "one.sql two.sql",
        "one.sql": "bad -- archcheck: allow[bad-line] known\n",
        "two.sql": "bad -- archcheck: allow[bad-line] known\n",
    }
    former = read(files)
    assert [allow.at.path for allow in former.outcome.allows] == ["one.sql", "two.sql"]
    touched = files | {"one.sql": "good\n"}
    kept = again(former, touched, "one.sql")
    assert [allow.at.path for allow in kept.outcome.allows] == ["two.sql"]
    shorter = files | {"root.txt": "one.sql"}
    left = again(former, shorter, "root.txt")
    assert left.outcome == read(shorter).outcome
    assert [path for path, _ in left.read_set.opened] == ["one.sql", "root.txt"]


def test_a_link_that_fails_is_a_gap(surface: LineSurface):
    linked = link_surface("lines", [("root.txt", b"")], LAW, tells=True)
    (gap,) = linked.outcome.gaps
    assert (gap.path, gap.kind, linked.interface) == (".", "crash", b"")
    assert "linking the lines units failed: KeyError: 'link'" in gap.reason


def test_a_comparison_that_fails_is_a_gap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("archcheck.judge.meeting", lambda: {}["met"])
    (gap,) = meet_surfaces({"lines": [("root.txt", b"")]}, LAW, Settings()).outcome.gaps
    assert (gap.path, gap.kind) == (".", "crash")
    assert "comparing the surfaces failed: KeyError: 'met'" in gap.reason


def test_options_are_the_defaults_under_what_is_given():
    assert options_of(rule(long_line), {}) == Options()
    given = options_of(rule(long_line), {"longest": 5, "allowed-words": ["a"]})
    assert given == Options(5, ("a",))


@pytest.mark.parametrize(
    ("given", "option", "said"),
    [
        ({"longst": 5}, "longst", "there is no option 'longst'; this rule takes longest, allowed-words"),
        ({"longest": "five"}, "longest", "the option 'longest' does not fit"),
        ({"allowed-words": [1]}, "allowed-words", "the option 'allowed-words' does not fit"),
        ({"allowed_words": []}, "allowed_words", "there is no option 'allowed_words'"),
    ],
)
def test_options_that_do_not_fit_are_named(given: dict[str, object], option: str, said: str):
    with pytest.raises(OptionError) as caught:
        options_of(rule(long_line), given)
    assert caught.value.option == option
    assert said in caught.value.message


def test_a_rule_without_options_takes_none():
    assert options_of(rule(bad_line), {}) is None
    with pytest.raises(OptionError, match="this rule takes no options"):
        options_of(rule(bad_line), {"longest": 5})


def test_options_reach_the_rule(surface: LineSurface):
    reading = read(law=Law({Line: [(rule(long_line), Options(longest=4))]}))
    assert spoken(reading) == [("root.txt", 1), ("one.txt", 2), ("two.txt", 1)]


def test_a_read_set_over_a_former_one_keeps_what_did_not_change():
    former = ReadSet((("a", b"1"), ("b", b"2")), ("gone",), ("folder",), (("folder", b"3"),))
    now = ReadSet((("b", b"4"),), (), ("gone",), ())
    assert now.over(former, frozenset({"b", "gone"})) == ReadSet(
        (("a", b"1"), ("b", b"4")), (), ("folder", "gone"), (("folder", b"3"),)
    )
