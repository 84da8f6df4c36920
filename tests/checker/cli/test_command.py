"""The command as users run it, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck import __version__
from archcheck.cli.options import COMMANDS

Run = Callable[..., "subprocess.CompletedProcess[str]"]
LAZY = ("typer", "rich", "click", "argparse", "tomllib", "yaml", "sqlglot", "libcst")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "archcheck.toml").write_text("")
    (folder / "app.py").write_text("x = 1\n")
    return folder


def imported(words: str, folder: Path) -> set[str]:
    """The modules that a command line imports."""
    script = (
        "import sys; from archcheck.cli import main; code = main(sys.argv[1:])\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{script}", *words.split()],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "ARCHCHECK_CACHE_DIR": str(folder / ".cache")},
    )
    return set(done.stderr.split())


class TestVersion:
    @pytest.mark.parametrize("words", [["--version"], ["-V"]])
    def test_it_says_it(self, archcheck: Run, words: list[str]) -> None:
        done = archcheck(*words)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"archcheck {__version__}\n", "")

    def test_as_a_module(self) -> None:
        done = subprocess.run([sys.executable, "-m", "archcheck", "--version"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, f"archcheck {__version__}\n")

    def test_it_imports_next_to_nothing(self, tmp_path: Path) -> None:
        modules = imported("--version", tmp_path)
        assert modules.isdisjoint({*LAZY, "dataclasses", "pathlib", "json", "inspect"})


def test_the_hook_path_imports_no_command_line_library(project: Path) -> None:
    modules = imported("check --force-exclude --allow-empty --fail-on warning app.py", project)
    assert "archcheck.cli.check" in modules
    assert modules.isdisjoint({"typer", "rich", "click", "argparse"})


def test_explaining_imports_neither_that_nor_a_parser(project: Path) -> None:
    modules = imported("explain unread-file", project)
    assert "archcheck.cli.catalogue" in modules
    assert modules.isdisjoint({"typer", "rich", "click", "yaml", "sqlglot", "libcst", "archcheck.engine"})


class TestHelp:
    def test_of_the_program(self, archcheck: Run) -> None:
        done = archcheck("--help")
        assert done.returncode == 0
        assert all(command in done.stdout for command in ("check", "explain", "rules"))

    def test_of_check_names_every_option(self, archcheck: Run) -> None:
        from archcheck.cli.options import OPTIONS

        done = archcheck("check", "--help", env={"COLUMNS": "160"})
        assert done.returncode == 0
        for option in OPTIONS:
            assert option.name in done.stdout

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_a_command_names_values_and_no_types(self, archcheck: Run, command: str) -> None:
        done = archcheck(command, "-h")
        assert done.returncode == 0
        assert re.search(r"--help\s+-h\s+Show this message", done.stdout)
        assert not re.search(r"<\w+(\[\w+\])?>", done.stdout)

    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("check --profile s", ["strict"]),
            ("check --output sa", ["sarif"]),
            ("check --select db.indexes,opena", ["db.indexes,openapi"]),
            ("rules --ignore severity:n", ["severity:note"]),
            ("explain unread", ["unread-file"]),
            ("baseline w", ["write"]),
            ("tables --output m", ["mermaid"]),
            ("ini", ["init"]),
            ("check --wat", ["--watch"]),
            ("--wat", ["--watch"]),
            ("--profile st", ["strict"]),
            ("--version", ["--version"]),
        ],
    )
    def test_the_shell_completes(self, archcheck: Run, line: str, offered: list[str]) -> None:
        words = f"archcheck {line}".split()
        asked = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
        assert archcheck(env={"_ARCHCHECK_COMPLETE": "complete_bash", **asked}).stdout.split() == offered
        asked = {"_TYPER_COMPLETE_ARGS": " ".join(words)}
        told = archcheck(env={"_ARCHCHECK_COMPLETE": "complete_zsh", **asked}).stdout.replace("\\", "")
        assert re.findall(r'\("([^"]+)"', told) == offered


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "--no-such-option"], "there is no option '--no-such-option'; `archcheck check --help` shows how"),
        (["--selct", "x"], "there is no option '--selct'; did you mean '--select'?"),
        (["check", "--fixx"], "there is no option '--fixx'; did you mean '--fix'?"),
        (["explain"], "missing argument 'RULE'; `archcheck explain --help` shows how"),
        (["explain", "unread-fil"], "there is no rule 'unread-fil'; did you mean 'unread-file'?"),
        (["explain", "tool"], "'tool' is no rule; `archcheck rules --select tool` lists the rules it stands for"),
        (["explain", "zzz"], "there is no rule 'zzz'; `archcheck rules` lists them"),
        (["rules", "--select", "tol"], "'tol' is no rule, checklist anchor or surface; did you mean 'tool'?"),
        (["rules", "--output", "xml"], "--output: 'xml' is not one of table, json"),
        (["--config", "gone.toml"], "gone.toml: there is no such configuration file"),
        (["--select", "openapy"], "'openapy' is no rule, checklist anchor or surface; did you mean 'openapi'?"),
    ],
)
def test_mistakes_are_answered_in_one_line(archcheck: Run, project: Path, words: list[str], said: str) -> None:
    done = archcheck(*words, folder=project)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"archcheck: {said}\n")


class TestCatalogue:
    def test_a_page(self, archcheck: Run) -> None:
        done = archcheck("explain", "unread-file")
        assert done.returncode == 0
        head, _, rest = done.stdout.partition("\n")
        assert head.startswith("unread-file (error, profile regular, checklist tool.coverage, since 0.1)")
        assert "A file that was asked for could not be checked." in rest
        assert "# want" not in rest
        assert "allow[unread-file]" not in rest, "it cannot be accepted"

    def test_the_table(self, archcheck: Run) -> None:
        done = archcheck("rules", "--select", "tool")
        assert done.returncode == 0
        first, *rows = done.stdout.splitlines()
        assert first == "tool"
        assert any(row.split()[:3] == ["unread-file", "error", "regular"] for row in rows)

    def test_a_selection_lists_what_it_names_and_no_more(self, archcheck: Run) -> None:
        done = archcheck("rules", "--select", "unread-file", "--output", "json")
        assert [rule["id"] for rule in json.loads(done.stdout)] == ["unread-file"]

    def test_json_holds_what_a_program_needs(self, archcheck: Run) -> None:
        rules = json.loads(archcheck("rules", "--output", "json").stdout)
        assert len({rule["id"] for rule in rules}) == len(rules) > 2
        for rule in rules:
            assert {"id", "summary", "surface", "checklist", "severity", "profile", "pack", "docs"} <= set(rule)

    def test_the_packs_are_well_formed(self, archcheck: Run) -> None:
        done = archcheck("rules", "--check")
        assert done.returncode == 0, done.stdout


class TestCheck:
    def test_clean(self, archcheck: Run, project: Path) -> None:
        done = archcheck(folder=project)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[-1].startswith("Checked 1 Python module with ")

    def test_a_missing_path_is_not_checked(self, archcheck: Run, project: Path) -> None:
        done = archcheck("check", "gone.py", "app.py", folder=project)
        assert done.returncode == 3
        assert "gone.py" in done.stdout

    def test_nothing_to_check(self, archcheck: Run, tmp_path: Path) -> None:
        (tmp_path / "archcheck.toml").write_text("")
        done = archcheck(folder=tmp_path)
        assert done.returncode == 2
        assert "nothing to check in " in done.stderr
        assert archcheck("--allow-empty", folder=tmp_path).returncode == 0

    def test_the_files_that_would_be_checked(self, archcheck: Run, project: Path) -> None:
        (project / "notes.md").write_text("x")
        done = archcheck("--show-files", folder=project)
        assert (done.returncode, done.stdout) == (0, "app.py\n")

    def test_an_option_that_a_rule_does_not_take_names_the_line(self, archcheck: Run, project: Path) -> None:
        (project / "archcheck.toml").write_text("[rules.unread-file]\n\nlimit = 3\n")
        done = archcheck(folder=project)
        assert done.returncode == 2
        assert done.stderr.startswith("archcheck: archcheck.toml:3: ")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_is_said_and_not_traced(self, project: Path) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "archcheck", "--no-cache"],
                cwd=project,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert done.returncode == 2
        assert done.stderr == "archcheck: cannot write the report to standard output: No space left on device\n"

    def test_a_reader_that_leaves_early_changes_nothing(self, project: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "archcheck", "--no-cache"],
            cwd=project,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, "")

    def test_names_that_a_narrow_encoding_lacks(self, archcheck: Run, project: Path) -> None:
        (project / "naïve–ø.py").write_text("def (:\n", encoding="utf-8")
        narrow = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
        done = archcheck(folder=project, env=narrow)
        assert done.returncode == 3
        assert "na\\xefve\\u2013\\xf8.py" in done.stdout
        assert "naïve–ø.py" in archcheck(folder=project, env={"LC_ALL": "C"}).stdout
