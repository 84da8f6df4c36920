"""The hooks of pre-commit: what each of them says of a commit, asked by its own entry line and by pre-commit itself."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}
BIN = Path(sys.executable).parent

KEYED = (
    "CREATE TABLE {name} (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
)
KEYLESS = KEYED.replace("id bigint PRIMARY KEY", "word text NOT NULL")
PART = "get:\n  operationId: {name}\n  summary: x\n  responses:\n    '204': {{description: d}}\n"
WHOLE = (
    "openapi: 3.1.0\ninfo: {title: T, version: '1'}\nservers: [{url: https://a.example/v1}]\npaths:\n"
    "  /users: {$ref: paths/users.yaml}\n  /orders: {$ref: paths/orders.yaml}\n"
)


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose history and document are fine, but for one problem of old."""
    monkeypatch.setenv("ARCHCHECK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CI", raising=False)
    folder = tmp_path / "shop"
    for path, text in {
        "migrations/0001_a.sql": KEYED.format(name="a"),
        "migrations/0002_old.sql": KEYLESS.format(name="old"),
        "migrations/0003_c.sql": KEYED.format(name="c"),
        "migrations/0004_d.sql": KEYED.format(name="d"),
        "openapi.yaml": WHOLE,
        "paths/users.yaml": PART.format(name="listUsers"),
        "paths/orders.yaml": PART.format(name="listOrders"),
        "README.md": "Shop.\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(project: Path) -> Run:
    def run(hook: str, *files: str, more: Iterable[str] = ()) -> subprocess.CompletedProcess[str]:
        """One call of a hook's entry line, with files where the hook takes them."""
        entry = shlex.split(HOOKS[hook]["entry"])
        assert entry[0] == "archcheck"
        passed = files if HOOKS[hook].get("pass_filenames", True) else ()
        words = [str(BIN / "archcheck"), *entry[1:], *more, *passed]
        return subprocess.run(words, cwd=project, capture_output=True, text=True)

    return run


def found(done: subprocess.CompletedProcess[str]) -> set[tuple[str, str]]:
    return {(each["path"], each["rule"]) for each in json.loads(done.stdout)["findings"]}


def staged(project: Path) -> list[str]:
    """The files of a commit as pre-commit hands them on: those that are gone are not among them."""
    return git(project, "diff", "--staged", "--name-only", "--no-ext-diff", "--diff-filter=ACMRTUXB").splitlines()


def test_the_hooks_are_hooks_as_precommit_defines_them():
    assert {"archcheck", "archcheck-full"} <= HOOKS.keys()
    for hook in HOOKS.values():
        assert hook["language"] == "python"
        assert {"id", "name", "entry", "description"} <= hook.keys()
    assert HOOKS["archcheck"]["require_serial"] is True
    assert HOOKS["archcheck-full"]["pass_filenames"] is False
    if find_spec("pre_commit") is not None:
        words = ["-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_commit_is_asked_only_for_what_it_touches(project: Path, run: Run):
    (project / "migrations/0003_c.sql").write_text(KEYED.format(name="c") + "-- more\n", encoding="utf-8")
    git(project, "add", "-A")
    assert run("archcheck", *staged(project)).returncode == 0
    (project / "migrations/0005_e.sql").write_text(KEYLESS.format(name="e"), encoding="utf-8")
    git(project, "add", "-A")
    done = run("archcheck", *staged(project))
    assert done.returncode == 1
    assert "0005_e.sql" in done.stdout
    assert "0002_old.sql" not in done.stdout


def test_lists_that_are_split_say_the_same_together(project: Path, run: Run):
    names = [f"migrations/{number:04}_t.sql" for number in range(5, 25)]
    for number, name in enumerate(names):
        text = (KEYED if number % 3 else KEYLESS).format(name=f"t{number}")
        (project / name).write_text(text, encoding="utf-8")
    (project / "paths/orders.yaml").write_text(PART.format(name="listUsers"), encoding="utf-8")
    files = [*names, "paths/orders.yaml", "README.md"]
    json_out = ("--output", "json")
    whole = run("archcheck", *files, more=json_out)
    parts = [run("archcheck", *files[at : at + 5], more=json_out) for at in range(0, len(files), 5)]
    assert whole.returncode == max(part.returncode for part in parts) == 1
    assert found(whole) == set().union(*map(found, parts))
    assert any(rule == "duplicate-operation-id" for _, rule in found(whole))


def test_what_is_deleted_or_renamed_stops_nobody(project: Path, run: Run):
    git(project, "rm", "-q", "migrations/0004_d.sql")
    git(project, "mv", "migrations/0003_c.sql", "migrations/0003_cats.sql")
    assert staged(project) == ["migrations/0003_cats.sql"]
    assert run("archcheck", *staged(project)).returncode == 0
    # Other tools hand on what is gone, too.
    assert run("archcheck", "migrations/0004_d.sql", "migrations/0003_c.sql").returncode == 0
    # A file that others refer to leaves a hole in them: that is found from the file which is left.
    git(project, "mv", "paths/orders.yaml", "paths/sales.yaml")
    git(project, "commit", "-q", "-m", "renamed")
    (project / "openapi.yaml").write_text(WHOLE + "# more\n", encoding="utf-8")
    done = run("archcheck", "openapi.yaml", more=("--output", "json"))
    assert done.returncode == 1
    assert ("openapi.yaml", "unresolved-ref") in found(done)


def test_what_is_excluded_is_excluded_for_the_hook(project: Path, run: Run):
    (project / "archcheck.toml").write_text('exclude = ["migrations/0005_e.sql"]\n', encoding="utf-8")
    (project / "migrations/0005_e.sql").write_text(KEYLESS.format(name="e"), encoding="utf-8")
    assert run("archcheck", "migrations/0005_e.sql").returncode == 0


def test_the_whole_project_is_asked_for_everything(project: Path, run: Run):
    done = run("archcheck-full")
    assert done.returncode == 1
    assert "0002_old.sql" in done.stdout
    shutil.rmtree(project / "migrations")
    shutil.rmtree(project / "paths")
    (project / "openapi.yaml").unlink()
    assert run("archcheck-full").returncode == 0


def try_repo(project: Path, hook: str, *more: str) -> subprocess.CompletedProcess[str]:
    """`pre-commit try-repo`, which installs this very tree into an environment of its own."""
    if find_spec("pre_commit") is None:
        pytest.skip("pre-commit is not installed here")
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is no git repository, so pre-commit cannot clone it")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--verbose", "--color=never", *more],
        cwd=project,
        env={**os.environ, "SKIP": ""},
        capture_output=True,
        text=True,
    )
    for sign in ("No matching distribution", "Temporary failure", "Failed to establish", "Connection refused"):
        if "An unexpected error has occurred" in done.stdout + done.stderr and sign in done.stdout + done.stderr:
            pytest.skip(f"pre-commit could not install archcheck: {sign}; the network or its package index is missing")
    return done


def test_precommit_runs_it_on_what_is_staged(project: Path):
    """Staged and unstaged changes of one file, a file that is gone and one that is renamed, in one commit."""
    (project / "migrations/0005_e.sql").write_text(KEYLESS.format(name="e"), encoding="utf-8")
    git(project, "rm", "-q", "migrations/0004_d.sql")
    git(project, "mv", "migrations/0003_c.sql", "migrations/0003_cats.sql")
    git(project, "add", "-A")
    # What is staged counts, and not that it is mended on the disk.
    (project / "migrations/0005_e.sql").write_text(KEYED.format(name="e"), encoding="utf-8")
    (project / "migrations/0001_a.sql").write_text(KEYLESS.format(name="a"), encoding="utf-8")
    done = try_repo(project, "archcheck")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "migrations/0005_e.sql:1:" in done.stdout
    for other in ("0001_a", "0002_old", "0003_c", "0004_d"):
        assert f"migrations/{other}" not in done.stdout, done.stdout
    assert "PRIMARY KEY" in (project / "migrations/0005_e.sql").read_text(encoding="utf-8")


def test_precommit_runs_it_on_the_whole_project(project: Path):
    done = try_repo(project, "archcheck-full", "--hook-stage", "manual", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "migrations/0002_old.sql:1:" in done.stdout
