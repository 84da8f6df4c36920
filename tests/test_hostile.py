"""Bad input costs itself and nothing else: it is named, the rest is checked, nothing leaks and nothing is fetched."""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hostile
import pytest

SECONDS = 30
"""Of processor time, whatever else the machine does."""
PLACE = re.compile(r"^([\w./-]+):(\d+):\d+: ", re.MULTILINE)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that remembers who asked for what."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"A: {type: string}\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()


@pytest.mark.parametrize("name", [case.name for case in hostile.cases()])
def test_bad_input_costs_only_itself(name: str, listener, tmp_path: Path, archcheck):
    address, asked = listener
    case = next(case for case in hostile.cases(address) if case.name == name)
    folder = tmp_path / case.name
    hostile.write(case, folder)

    begun = os.times()
    done = archcheck(
        "check",
        *case.paths,
        "--output",
        "concise",
        "--jobs",
        "2",
        folder=folder,
        before=unprivileged if name == "unreadable" else None,
    )
    ended = os.times()
    lasted = ended.children_user + ended.children_system - begun.children_user - begun.children_system

    printed = done.stdout + done.stderr
    assert "Traceback" not in printed
    assert done.returncode in case.exits, printed
    assert [text for text in case.said if text not in printed] == [], printed
    if done.returncode != 2:
        assert f"{hostile.WITNESS}:5" in done.stdout, "everything else is still checked"
    if done.returncode == 3:
        assert "unread-file" in done.stdout
    assert hostile.SECRET not in printed
    assert "root:" not in printed
    assert not CONTROL.search(printed)
    assert len(printed) < 20_000
    for path, line in PLACE.findall(done.stdout):
        assert int(line) <= lines_of(folder / path), f"{path} has no line {line}"
    assert asked == []
    assert lasted < SECONDS


def lines_of(path: Path) -> int:
    """How many lines a file has; one, where nobody can know."""
    if not path.is_file() or not path.stat().st_mode:
        return 1
    return max(len(path.read_bytes().splitlines()), 1)


def unprivileged() -> None:
    """Let a process of root respect file modes like any other: drop what overrides them, before it starts."""
    if sys.platform == "linux" and os.geteuid() == 0:
        drop_from_bounding_set, overrides, reads_and_searches = 24, 1, 2
        system = ctypes.CDLL(None)
        system.prctl(drop_from_bounding_set, overrides, 0, 0, 0)
        system.prctl(drop_from_bounding_set, reads_and_searches, 0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "config", "said"),
    [
        (["--no-such-option"], "", "--no-such-option"),
        (["--profile", "loud"], "", "loud"),
        (["--select", "unpaginated-lists"], "", "unpaginated-list"),
        (["--output", "yaml"], "", "yaml"),
        (["--root", "nowhere"], "", "nowhere"),
        (["--config", "nowhere.toml"], "", "nowhere.toml"),
        ([], "profile = \n", "archcheck.toml"),
        ([], 'profil = "audit"\n', "profile"),
        ([], "[rules.no-such-rule]\na = 1\n", "no-such-rule"),
        ([], "[rules.unpaginated-list]\nno_such_option = 1\n", "no_such_option"),
    ],
)
def test_what_was_asked_wrongly_is_exit_code_two(
    arguments: list[str], config: str, said: str, tmp_path: Path, archcheck
):
    project = tmp_path / "project"
    hostile.put(project / hostile.WITNESS, hostile.WITNESS_TEXT)
    if config:
        hostile.put(project / "archcheck.toml", config)
    done = archcheck("check", *arguments, folder=project)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_nothing_to_check_is_exit_code_two_unless_that_is_fine(tmp_path: Path, archcheck):
    done = archcheck("check", folder=tmp_path)
    assert done.returncode == 2
    assert "nothing to check" in done.stderr
    assert archcheck("check", "--allow-empty", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("store", ["a file", "garbage", "read-only"])
def test_a_bad_cache_is_a_miss(store: str, tmp_path: Path, archcheck):
    project, cache = tmp_path / "project", tmp_path / "cache"
    hostile.put(project / hostile.WITNESS, hostile.WITNESS_TEXT)
    if store == "a file":
        hostile.put(cache, "not a folder")
    else:
        archcheck("check", folder=project, env={"ARCHCHECK_CACHE_DIR": str(cache)})
        for file in [path for path in cache.rglob("*") if path.is_file()]:
            file.write_bytes(b"garbage" * 500) if store == "garbage" else file.chmod(0o400)
    done = archcheck("check", "--output", "json", folder=project, env={"ARCHCHECK_CACHE_DIR": str(cache)})
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    fresh = archcheck("check", "--output", "json", "--no-cache", folder=project)
    assert json.loads(done.stdout)["findings"] == json.loads(fresh.stdout)["findings"] != []
