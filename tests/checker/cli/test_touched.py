"""Runs about a change: files that are named, that git names, or that an editor holds; and the debt that is accepted."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck.cli import main

TABLE = (
    "CREATE TABLE {name} (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
)
KEYLESS = (
    "CREATE TABLE {name} (word text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
)
ROOT = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /users:\n    $ref: paths/users.yaml\n"
PART = (
    "get:\n  summary: x\n  responses:\n    '204': {description: d, content: {text/plain: {schema: {type: string}}}}\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put = {
        "migrations/0001_a.sql": TABLE.format(name="a"),
        "migrations/0002_b.sql": KEYLESS.format(name="b"),
        "openapi.yaml": ROOT,
        "paths/users.yaml": PART,
    }
    for path, text in put.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def git(project: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ("git", *identity, *words), cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "start")
    return project


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[tuple[str, str]]]:
    def found(*words: str, code: int | None = None) -> list[tuple[str, str]]:
        capsys.readouterr()
        ended = main(["check", "--no-cache", "--output", "json", "--fail-on", "note", *words])
        said = capsys.readouterr()
        assert code is None or ended == code, said.err
        return [(each["path"], each["rule"]) for each in json.loads(said.out)["findings"]]

    return found


def test_only_what_touches_the_files_is_reported(project: Path, found: Callable[..., list[tuple[str, str]]]):
    assert ("migrations/0002_b.sql", "table-without-primary-key") in found()
    assert found("--changed-only", "migrations/0001_a.sql", code=0) == []
    assert {path for path, _ in found("--changed-only", "migrations/0002_b.sql", code=1)} == {"migrations/0002_b.sql"}


def test_files_that_are_gone_or_of_no_concern_are_passed_over(found: Callable[..., list[tuple[str, str]]]):
    assert found("--changed-only", "gone.sql", "README.md", code=0) == []


def test_a_file_that_cannot_be_read_counts_where_it_was_changed(
    project: Path, found: Callable[..., list[tuple[str, str]]]
):
    (project / "broken.py").write_text("def (:\n", encoding="utf-8")
    assert found("--changed-only", "migrations/0001_a.sql", code=0) == []
    assert found("--changed-only", "broken.py", code=3) == [("broken.py", "unread-file")]


def test_an_idle_acceptance_is_not_judged(project: Path, found: Callable[..., list[tuple[str, str]]]):
    (project / "m.py").write_text("x = 1  # archcheck: allow[interpolated-query] it is fine\n", encoding="utf-8")
    assert found("m.py") == [("m.py", "unused-suppression")]
    assert found("--changed-only", "m.py", code=0) == []


def test_a_finding_touches_a_file_by_a_related_place(project: Path, found: Callable[..., list[tuple[str, str]]]):
    body = "import os\n\n\ndef orders(db, name):\n    return db.execute(text(name))\n"
    (project / "m.py").write_text(body, encoding="utf-8")
    (project / "paths/users.yaml").write_text(PART + "    '200': {$ref: '#/gone'}\n", encoding="utf-8")
    touched = found("--changed-only", "paths/users.yaml")
    assert ("paths/users.yaml", "unresolved-ref") in touched


def test_git_names_what_was_committed_staged_edited_and_added(
    repository: Path, found: Callable[..., list[tuple[str, str]]]
):
    assert found("--since", "main", code=0) == []
    git(repository, "checkout", "-q", "-b", "work")
    (repository / "migrations/0003_c.sql").write_text(KEYLESS.format(name="c"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "c")
    (repository / "migrations/0004_d.sql").write_text(KEYLESS.format(name="d"), encoding="utf-8")
    git(repository, "add", "-A")
    (repository / "migrations/0005_e.sql").write_text(KEYLESS.format(name="e"), encoding="utf-8")
    expected = {f"migrations/000{n}_{name}.sql" for n, name in ((3, "c"), (4, "d"), (5, "e"))}
    assert {path for path, _ in found("--since", "main", code=1)} == expected
    assert {path for path, _ in found("--since", "HEAD")} == expected - {"migrations/0003_c.sql"}
    assert found("--since", "main", "openapi.yaml", code=0) == []


def test_a_change_that_is_of_no_concern_is_no_mistake(repository: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "--since", "HEAD"]) == 0
    assert capsys.readouterr().err == "Nothing has changed since HEAD.\n"
    (repository / "README.md").write_text("More.\n", encoding="utf-8")
    assert main(["check", "--since", "HEAD"]) == 0
    none = "None of the files that changed is an OpenAPI document, a migration or a Python module.\n"
    assert capsys.readouterr().err == none
    assert main(["check", "--changed-only", "README.md"]) == 0
    assert capsys.readouterr().err == none
    assert main(["check", "--changed-only", "README.md", "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_what_happened_meanwhile_on_the_other_branch_is_no_change_of_ours(
    repository: Path, found: Callable[..., list[tuple[str, str]]]
):
    git(repository, "checkout", "-q", "-b", "work")
    git(repository, "checkout", "-q", "main")
    (repository / "migrations/0002_b.sql").write_text(TABLE.format(name="b"), encoding="utf-8")
    git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "checkout", "-q", "work")
    assert found("--since", "main", code=0) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "gone"), "there is no revision 'gone' here"),
        (("--since", "--output=x"), "--since"),
        (("--changed-only",), "it needs the files that have changed"),
        (("--changed-only", "--since", "main", "a.sql"), "use one of them"),
        (("--stdin-filename", "a.sql", "b.sql"), "leave out PATHS"),
        (("--stdin-filename", "/etc/passwd"), "outside the project root"),
    ],
)
def test_what_cannot_be_is_said(
    words: tuple[str, ...], said: str, repository: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["check", "--no-cache", *words]) == 2
    assert said in capsys.readouterr().err


def test_without_git_there_is_nothing_to_ask(project: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", "--no-cache", "--root", ".", "--since", "main"]) == 2
    assert "this is no git repository" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["migrations/0001_a.sql", "migrations/0003_new.sql"])
def test_an_editor_sees_what_it_holds(
    name: str, project: Path, found: Callable[..., list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(KEYLESS.format(name="z").encode())))
    assert (name, "table-without-primary-key") in found("--stdin-filename", name, code=1)
    assert "z" not in (project / "migrations/0001_a.sql").read_text(encoding="utf-8").partition("(")[0].split()


def test_an_editor_may_not_hold_more_than_a_file(project: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x = 1\n" * 400), encoding="utf-8"))
    assert main(["check", "--stdin-filename", "big.py", "--max-file-size", "2kB", "--output", "concise"]) == 3
    assert "big.py was not checked: it is larger than the limit of 2,000 bytes" in capsys.readouterr().out


def test_an_editor_that_holds_an_excluded_file_may_leave_it_out(
    project: Path, found: Callable[..., list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
):
    (project / "archcheck.toml").write_text('exclude = ["migrations/0001_a.sql"]\n', encoding="utf-8")
    name = "migrations/0001_a.sql"
    for more, expected in ((), [(name, "table-without-primary-key")]), (("--force-exclude",), []):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(KEYLESS.format(name="z").encode())))
        assert found("--stdin-filename", name, *more) == expected


def test_accepted_debt_leaves_what_is_new(
    repository: Path, found: Callable[..., list[tuple[str, str]]], capsys: pytest.CaptureFixture[str]
):
    baseline = repository / ".archcheck-baseline.json"
    assert main(["baseline", "write", "--no-cache"]) == 0
    first = baseline.read_text(encoding="utf-8")
    assert "accepted in .archcheck-baseline.json." in capsys.readouterr().out
    assert found(code=0) == []
    assert found("--baseline", "none", code=1) != []
    # Moved lines, and a file that is renamed.
    old = repository / "migrations/0002_b.sql"
    old.write_text("-- moved\n\n" + old.read_text(encoding="utf-8"), encoding="utf-8")
    assert found(code=0) == []
    assert baseline.read_text(encoding="utf-8") == first
    (repository / "migrations/0002_b.sql").rename(repository / "migrations/0002_bees.sql")
    assert found(code=0) == []
    assert "0002_bees.sql" in baseline.read_text(encoding="utf-8")
    # What is new is found, what is mended goes.
    (repository / "migrations/0002_bees.sql").write_text(TABLE.format(name="b"), encoding="utf-8")
    (repository / "migrations/0003_c.sql").write_text(KEYLESS.format(name="c"), encoding="utf-8")
    assert {path for path, _ in found(code=1)} == {"migrations/0003_c.sql"}
    assert "0002_bees.sql" not in baseline.read_text(encoding="utf-8")


def test_in_ci_nothing_is_written_and_what_is_mended_is_said(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    baseline = repository / ".archcheck-baseline.json"
    main(["baseline", "write", "--no-cache"])
    first = baseline.read_bytes()
    (repository / "migrations/0002_b.sql").write_text(TABLE.format(name="b"), encoding="utf-8")
    monkeypatch.setenv("CI", "true")
    for deed in ("write", "prune"):
        assert main(["baseline", deed, "--no-cache"]) == 2
    capsys.readouterr()
    assert main(["baseline", "check", "--no-cache"]) == 1
    assert "archcheck baseline prune" in capsys.readouterr().out
    main(["check", "--no-cache"])
    assert "archcheck baseline prune" in capsys.readouterr().err
    assert baseline.read_bytes() == first
    monkeypatch.delenv("CI")
    assert main(["baseline", "prune", "--no-cache"]) == 0
    assert "fewer than before" in capsys.readouterr().out
    assert main(["baseline", "check", "--no-cache"]) == 0


@pytest.mark.parametrize("deed", ["prune", "check"])
def test_without_a_baseline_there_is_nothing_to_do(deed: str, project: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["baseline", deed, "--no-cache"]) == 2
    assert "`archcheck baseline write` makes one" in capsys.readouterr().err


def test_a_damaged_baseline_is_a_mistake_and_never_overwritten(project: Path, capsys: pytest.CaptureFixture[str]):
    (project / ".archcheck-baseline.json").write_text("<<<<<<< ours\n", encoding="utf-8")
    assert main(["check", "--no-cache"]) == 2
    assert "it is no baseline" in capsys.readouterr().err
    assert (project / ".archcheck-baseline.json").read_text(encoding="utf-8") == "<<<<<<< ours\n"
