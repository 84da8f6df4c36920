"""The GitHub action: it is well formed, takes its inputs as data, and does in a real repository what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK, UPLOAD = ACTION["runs"]["steps"]
BIN = Path(sys.executable).parent

KEYLESS = (
    "CREATE TABLE {name} (word text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
)


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    allowed = ("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")
    done = subprocess.run(("git", *identity, *allowed, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a problem of old."""
    folder = tmp_path / "origin"
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "0001_a.sql").write_text(KEYLESS.format(name="a"), encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


class Runner:
    """Runs steps of the action as GitHub's runner does: inputs by the environment, the script through bash."""

    def __init__(self, temp: Path) -> None:
        self.temp = temp
        self.output = temp / "output"
        self.summary = temp / "summary.md"
        temp.mkdir()
        scripts = temp / "archcheck" / "bin"
        scripts.mkdir(parents=True)
        (scripts / "archcheck").symlink_to(BIN / "archcheck")

    def run(
        self, step: dict[str, Any], folder: Path, base: str = "", sha: str = "HEAD", **inputs: str
    ) -> subprocess.CompletedProcess[str]:
        values = {name: given["default"] for name, given in ACTION["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_SHA": sha,
            "RUNNER_TEMP": str(self.temp),
            "ARCHCHECK_CACHE_DIR": str(self.temp / "cache"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "protocol.file.allow",
            "GIT_CONFIG_VALUE_0": "always",
        }
        for name, given in step["env"].items():
            environment[name] = base if name == "BASE" else values[given.split(".")[1].split(" ")[0]]
        self.output.write_text("", encoding="utf-8")
        script = self.temp / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text(encoding="utf-8").splitlines())

    def found(self) -> set[str]:
        """The files with findings in the SARIF report."""
        results = json.loads(Path(self.outputs["sarif-file"]).read_text(encoding="utf-8"))["runs"][0]["results"]
        return {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "runner")


def test_it_is_an_action_as_github_defines_one():
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_inputs_are_data_and_never_part_of_a_script():
    for step in (INSTALL, CHECK):
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    asked = "".join(str(step) for step in ACTION["runs"]["steps"])
    assert [name for name in ACTION["inputs"] if f"inputs.{name} " not in asked] == []
    assert all(given["description"] and "default" in given for given in ACTION["inputs"].values())


def test_what_it_uses_is_pinned_and_uploads_whatever_was_found():
    name, _, revision = UPLOAD["uses"].partition("@")
    assert name == "github/codeql-action/upload-sarif"
    assert len(revision) == 40
    assert UPLOAD["if"].startswith("always() && inputs.upload-sarif == 'true'")
    assert "continue-on-error" not in str(ACTION["runs"]["steps"])


def test_everything_is_checked_on_a_push(repository: Path, runner: Runner):
    done = runner.run(CHECK, repository)
    assert done.returncode == 1, done.stderr
    assert "::error file=migrations/0001_a.sql,line=1," in done.stdout
    assert runner.outputs == {"exit-code": "1", "sarif-file": str(runner.temp / "archcheck.sarif")}
    assert runner.found() == {"migrations/0001_a.sql"}
    assert "table-without-primary-key" in runner.summary.read_text(encoding="utf-8")
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("depth", ["--depth=1", "--depth=2", "--no-single-branch"])
@pytest.mark.parametrize("moved", [False, True])
def test_a_pull_request_is_asked_for_what_it_touches(
    depth: str, moved: bool, repository: Path, runner: Runner, tmp_path: Path
):
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "-b", "work")
    (repository / "migrations" / "0002_b.sql").write_text(KEYLESS.format(name="b"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "b")
    git(repository, "checkout", "-q", "main")
    if moved:
        (repository / "README.md").write_text("More.\n", encoding="utf-8")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "meanwhile")
    git(repository, "checkout", "-q", "-b", "merge")
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "work")
    merge = git(repository, "rev-parse", "HEAD")
    checkout = tmp_path / "checkout"
    git(tmp_path, "clone", "-q", depth, "--branch", "merge", repository.as_uri(), str(checkout))
    done = runner.run(CHECK, checkout, base=base, sha=merge)
    assert done.returncode == 1, done.stderr
    assert runner.found() == {"migrations/0002_b.sql"}
    # Where it is asked for, everything is checked all the same.
    assert runner.run(CHECK, checkout, base=base, sha=merge, since="none").returncode == 1
    assert runner.found() == {"migrations/0001_a.sql", "migrations/0002_b.sql"}


def test_without_the_base_nothing_passes_for_checked(repository: Path, runner: Runner):
    (runner.temp / "archcheck.sarif").write_text("{}", encoding="utf-8")
    done = runner.run(CHECK, repository, base="0" * 39 + "1")
    assert done.returncode == 2
    assert "there is no revision" in done.stderr
    # The report of an earlier run is not taken for one of this run.
    assert runner.outputs == {"exit-code": "2"}


def test_every_input_arrives_as_it_is(repository: Path, runner: Runner):
    (repository / "my project").mkdir()
    shutil.copytree(repository / "migrations", repository / "my project" / "migrations")
    (repository / "quiet.toml").write_text('ignore = ["sql"]\n', encoding="utf-8")
    done = runner.run(CHECK, repository, paths="my project\n\n", root=".", category="a b", sarif_file="out put.sarif")
    assert done.returncode == 1, done.stderr
    assert runner.outputs["sarif-file"] == "out put.sarif"
    report = json.loads((repository / "out put.sarif").read_text(encoding="utf-8"))
    assert "a b" in report["runs"][0]["automationDetails"]["id"]
    uris = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in report["runs"][0]["results"]
    ]
    assert uris == ["my%20project/migrations/0001_a.sql"]
    assert runner.run(CHECK, repository, fail_on="never").returncode == 0
    assert runner.run(CHECK, repository, config="quiet.toml").returncode in (0, 2)
    assert runner.run(CHECK, repository, profile="loud").returncode == 2
    assert runner.run(CHECK, repository, baseline="gone.json").returncode == 2


@pytest.mark.parametrize(
    "hostile", ["$(touch ran)", "`touch ran`", "; touch ran", "--fix", "'; touch ran; '", '"; touch ran; "', "*"]
)
def test_nothing_in_an_input_is_run(hostile: str, repository: Path, runner: Runner):
    before = (repository / "migrations" / "0001_a.sql").read_bytes()
    for name in ("paths", "since", "fail_on", "profile", "config", "baseline", "category"):
        runner.run(CHECK, repository, **{name: hostile})
        assert runner.outputs["exit-code"] in ("0", "1", "2", "3")
    assert not (repository / "ran").exists()
    assert (repository / "migrations" / "0001_a.sql").read_bytes() == before


@pytest.mark.parametrize("package", ["", "archcheck-lint==0.1.0", "-r $(touch ran)"])
def test_it_is_installed_into_an_environment_of_its_own(package: str, tmp_path: Path, runner: Runner):
    """The interpreter and its pip are played by scripts that write down what they are asked for."""
    told = tmp_path / "told"
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> {told}\n'
        f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    done = runner.run(INSTALL, tmp_path, python=str(python), package=package)
    assert done.returncode == 0, done.stderr
    words = told.read_text(encoding="utf-8").splitlines()
    assert words[:3] == ["-m", "venv", str(runner.temp / "archcheck")]
    assert words[-2:] == ["--", package or str(ROOT)]
    assert not (tmp_path / "ran").exists()
