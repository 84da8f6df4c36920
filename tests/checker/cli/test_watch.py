"""`--watch` in a process of its own: it checks again when a file changes, and Ctrl-C ends it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archcheck.cli.options import CheckArguments, Misused
from archcheck.cli.watch import watch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")

TABLE = (
    "CREATE TABLE {name} (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
)
KEYLESS = "CREATE TABLE {name} (word text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"


class Watching:
    """The command with its output, standard error among it, as lines that are waited for."""

    def __init__(self, project: Path, *words: str) -> None:
        script = "import sys; from archcheck.cli import main; sys.exit(main())"
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, "check", "--watch", *words],
            cwd=project,
            env={**os.environ, "ARCHCHECK_CACHE_DIR": str(project.parent / "cache"), "NO_COLOR": "1", "CI": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, text: str) -> list[str]:
        """The lines up to the one that holds the text."""
        found: list[str] = []
        end = time.monotonic() + 60
        while not found or text not in found[-1]:
            try:
                found.append(self.lines.get(timeout=max(end - time.monotonic(), 0.1)))
            except queue.Empty:
                raise AssertionError(f"'{text}' was waited for in vain; there were {found}") from None
        return found

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "migrations").mkdir(parents=True)
    (folder / "archcheck.toml").write_text('select = ["table-without-primary-key"]\n', encoding="utf-8")
    (folder / "migrations" / "0001_a.sql").write_text(TABLE.format(name="a"), encoding="utf-8")
    return folder


@pytest.fixture
def watching(project: Path) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*words: str) -> Watching:
        started.append(Watching(project, *words))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


def test_it_checks_again_after_each_change_and_ends_with_ctrl_c(
    project: Path, watching: Callable[..., Watching]
) -> None:
    run = watching("--output", "terminal", "--output", "json:report.json")
    assert any("No findings" in line for line in run.until("Watching "))

    (project / "migrations" / "0001_a.sql").write_text(KEYLESS.format(name="a"), encoding="utf-8")
    assert run.until("migrations/0001_a.sql changed ---")
    assert any("The table a has no primary key" in line for line in run.until("Watching "))

    (project / "migrations" / "0002_b.sql").write_text(KEYLESS.format(name="b"), encoding="utf-8")
    assert run.until("migrations/0002_b.sql changed ---")
    assert any("Found 2 errors" in line for line in run.until("Watching "))

    (project / "archcheck.toml").write_text('select = ["opanapi"]\n', encoding="utf-8")
    assert run.until("archcheck.toml changed ---")
    assert any("did you mean 'openapi'?" in line for line in run.until("Watching "))

    (project / "archcheck.toml").write_text('select = ["table-without-primary-key"]\n', encoding="utf-8")
    (project / "migrations" / "0002_b.sql").unlink()
    assert any("Found 1 error " in line for line in run.until("Watching "))

    assert run.interrupt() == 0
    assert run.until("No longer watching.")
    assert (project / "report.json").exists()


def test_a_report_that_it_writes_is_no_change(project: Path, watching: Callable[..., Watching]) -> None:
    run = watching("--output", "json:report.json")
    run.until("Watching ")
    time.sleep(3)
    assert run.lines.empty()


def test_a_baseline_that_shrinks_is_no_change(project: Path, watching: Callable[..., Watching]) -> None:
    (project / "migrations" / "0002_b.sql").write_text(KEYLESS.format(name="b"), encoding="utf-8")
    run = watching("--fail-on", "never", "--baseline", ".archcheck-baseline.json")
    run.until("there is no such baseline")
    run.until("Watching ")
    entry = {"path": "gone.sql", "rule": "table-without-primary-key", "subject": "x", "fingerprint": "0" * 16}
    text = json.dumps({"version": 1, "profile": "regular", "accepted": [entry]})
    (project / ".archcheck-baseline.json").write_text(text, encoding="utf-8")
    assert run.until(".archcheck-baseline.json changed ---")
    assert any("1 accepted finding mended" in line for line in run.until("Watching "))
    time.sleep(3)
    assert run.lines.empty()


@pytest.mark.parametrize("name", ["fix", "diff", "show_files", "show_config", "stdin_filename"])
def test_what_cannot_be_watched_is_refused(tmp_path: Path, name: str) -> None:
    arguments = CheckArguments(watch=True, **{name: "a.py" if name == "stdin_filename" else True})  # type: ignore[arg-type]
    with pytest.raises(Misused, match=f"leave out --{name.replace('_', '-')}"):
        watch(arguments, tmp_path, lambda _: 0)


def test_in_ci_nothing_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Misused, match="nobody presses in CI"):
        watch(CheckArguments(watch=True), tmp_path, lambda _: 0)
