"""The same input gives the same bytes: whatever the number of workers, hash seed, folder, order of files, or cache."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FORMATS = ("sarif", "json", "concise")
BROKEN = {
    "broken/open.yaml": "openapi: 3.1.0\npaths: {\n",
    "broken/again.json": '{"openapi": "3.0.0", "paths": ',
    "broken/module.py": "def (:\n",
    "broken/migrations/0001_a.sql": "CREATE TABLE a (id int;\n$$",
    "broken/latin.py": b"# caf\xe9\n",
}


@dataclass(frozen=True)
class Way:
    """One way of running the same check."""

    arguments: Sequence[str] = ()
    seed: str = "0"
    inside: bool = True
    place: str = "project"
    order: str = "sorted"
    git: bool = False
    twice: bool = False
    env: dict[str, str] = field(default_factory=dict)


PLAIN = Way(("--jobs", "1", "--no-cache"))
WAYS = {
    "two workers": Way(("--jobs", "2", "--no-cache")),
    "four workers": Way(("--jobs", "4", "--no-cache")),
    "another hash seed": Way(("--jobs", "4", "--no-cache"), seed="1"),
    "a third hash seed": Way(("--jobs", "2", "--no-cache"), seed="4242"),
    "from another folder": Way(("--no-cache",), inside=False),
    "in another folder": Way(("--no-cache",), place="some where/else"),
    "files created backwards": Way(("--no-cache",), order="reversed"),
    "files created at random": Way(("--no-cache",), order="shuffled"),
    "listed by git": Way(("--no-cache",), git=True),
    "filling a cache": Way(("--jobs", "4")),
    "from a cache": Way(("--jobs", "4"), twice=True, seed="7"),
    "in another language": Way(
        ("--no-cache",), env={"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
    ),
}


def files() -> dict[str, bytes]:
    folder = FIXTURES / "shop-fastapi"
    found: dict[str, bytes] = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return found | {path: text.encode() if isinstance(text, str) else text for path, text in BROKEN.items()}


def said(way: Way, tmp_path: Path, archcheck: Callable[..., subprocess.CompletedProcess[str]]) -> tuple[object, ...]:
    """The exit code, the bytes of each report and the line on standard error."""
    root = tmp_path / way.place
    content = files()
    paths = sorted(content)
    if way.order == "reversed":
        paths.reverse()
    elif way.order == "shuffled":
        random.Random(1).shuffle(paths)
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content[path])
    if way.git:
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    outside = tmp_path / "elsewhere"
    outside.mkdir(exist_ok=True)
    reports = [tmp_path / f"report.{name}" for name in FORMATS]
    outputs = [word for name, file in zip(FORMATS, reports, strict=True) for word in ("--output", f"{name}:{file}")]
    arguments = ["check", "--profile", "audit", *outputs, *way.arguments]
    if not way.inside:
        arguments += ["--root", str(root)]
    env = {"PYTHONHASHSEED": way.seed, **way.env}
    folder = root if way.inside else outside
    if way.twice:
        archcheck(*arguments, folder=folder, env=env)
    done = archcheck(*arguments, folder=folder, env=env)
    shutil.rmtree(root)
    return (done.returncode, *(file.read_bytes() for file in reports), done.stdout, done.stderr)


@pytest.fixture(scope="module")
def plain() -> list[tuple[object, ...]]:
    """What the plain way says, once it was asked: one item."""
    return []


@pytest.mark.parametrize("name", WAYS)
def test_the_same_input_gives_the_same_bytes(name: str, plain: list[tuple[object, ...]], tmp_path: Path, archcheck):
    if not plain:
        plain.append(said(PLAIN, tmp_path, archcheck))
    expected = plain[0]
    assert expected[0] == 3
    found = said(WAYS[name], tmp_path, archcheck)
    assert found == expected


def test_no_report_knows_where_it_was_made(tmp_path: Path, archcheck):
    code, *texts = said(PLAIN, tmp_path, archcheck)
    assert code == 3
    for text in texts:
        words = text if isinstance(text, bytes) else str(text).encode()
        assert str(tmp_path).encode() not in words
