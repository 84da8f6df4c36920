"""Helpers beside a worker: they answer in order, and what one of them could not do is done without it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archcheck import beside, judge
from archcheck.config import Config
from archcheck.files import Disk, ProjectFiles
from archcheck.judge import Law, Reading, read_unit
from archcheck.reading import Task, Work
from archcheck.surface import Settings, Unit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="helpers are forked on Linux only")

UNIT = Unit("openapi", "openapi.yaml", ("openapi.yaml",))


@pytest.fixture
def helper() -> Iterator[Callable[[Callable[[bytes], bytes]], beside.Helper]]:
    started: list[beside.Helper] = []

    def start(answer: Callable[[bytes], bytes]) -> beside.Helper:
        one = beside.start(answer, 5.0)
        assert one is not None
        started.append(one)
        return one

    yield start
    for one in started:
        one.dismiss()


def test_answers_come_in_the_order_of_the_questions(helper: Callable[..., beside.Helper]) -> None:
    one = helper(lambda question: question * 100_000)
    for question in (b"a", b"b", b"c"):
        one.ask(question)
    assert [one.answer() for _ in range(3)] == [b"a" * 100_000, b"b" * 100_000, b"c" * 100_000]


def test_a_failed_answer_is_nothing_and_the_next_one_stands(helper: Callable[..., beside.Helper]) -> None:
    one = helper(lambda question: bytes([1 // len(question)]))
    for question in (b"", b"a"):
        one.ask(question)
    assert [one.answer(), one.answer()] == [None, b"\x01"]


def test_a_dead_helper_has_no_answers(helper: Callable[..., beside.Helper]) -> None:
    def die(_: bytes) -> bytes:
        os.kill(os.getpid(), signal.SIGKILL)
        return b""

    one = helper(die)
    one.ask(b"a")
    assert one.answer() is None
    one.ask(b"b")
    assert one.answer() is None


def test_a_helper_has_so_much_processor_time() -> None:
    def spin(_: bytes) -> bytes:
        while True:
            pass

    one = beside.start(spin, 0.2)
    assert one is not None
    before = time.monotonic()
    one.ask(b"a")
    assert one.answer() is None
    assert time.monotonic() - before < 30
    one.dismiss()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An API of several hundred pieces, with something to find in many of them and in the whole."""
    paths = "".join(
        f"  /thing{n}s:\n"
        f"    get: {{summary: x, responses: {{'200': {{description: d, content: {{application/json: "
        f"{{schema: {{type: array, items: {{$ref: '#/components/schemas/Thing{n}'}}}}}}}}}}}}}}\n"
        f"    post: {{requestBody: {{content: {{application/json: {{schema: "
        f"{{$ref: '#/components/schemas/Thing{n}'}}}}}}}}, responses: {{'200': {{description: d}}}}}}\n"
        for n in range(120)
    )
    schemas = "".join(
        f"    Thing{n}: {{type: object, required: [id, gone], properties: {{id: {{type: integer, maxLength: {n}}},"
        f" name: {{type: string, enum: [a, b, a]}}}}, example: {{id: x}}}}\n"
        for n in range(120)
    )
    text = f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n{paths}components:\n  schemas:\n{schemas}"
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def law() -> Law:
    from archcheck import packs
    from archcheck.engine import Bench

    bench = Bench.of(packs.load(), Config(profile="audit"))
    return Work(Path(), Settings(), bench.entries, {}).law(Task(UNIT))


def read(project: Path, law: Law, helpers: int) -> Reading:
    return read_unit(UNIT, ProjectFiles(Disk(project, 1_000_000)), None, law, Settings(), helpers=helpers)


def test_helpers_change_nothing(project: Path, law: Law) -> None:
    alone = read(project, law, 0)
    assert len(alone.outcome.spoken) > 200
    for helpers in (1, 3):
        assert read(project, law, helpers) == alone


@pytest.mark.parametrize("answer", [b"", None])
def test_what_helpers_could_not_do_is_done_without_them(
    project: Path, law: Law, answer: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = read(project, law, 0)

    def lose(*_: object) -> bytes:
        if answer is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer or b""

    monkeypatch.setattr(judge, "_help", lose)
    assert read(project, law, 2) == alone
    monkeypatch.setattr(beside, "start", lambda *_: None)
    assert read(project, law, 2) == alone
