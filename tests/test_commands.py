"""Every command that the documentation shows works as it is written, in a repository of a backend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOP = ROOT / "fixtures" / "shop-fastapi"

STANDS_FOR = {
    "BASE REVISION": "origin/main:api/openapi.yaml api/openapi.yaml",
    "[PATHS]": "",
    "RULE": "fk-without-index",
    "SPEC": "api/openapi.yaml",
    "--stdin-filename FILE": "--stdin-filename shop/main.py < shop/main.py",
}
ELSEWHERE = {
    "server": "it is tried by an editor",
    "--watch": "it does not end by itself",
    "--install-completion": "it changes the shell of whoever runs it",
    "acme": "the pack of the guide is put together and tried in the tests of the documentation",
}


NAMED = {f"archcheck {command}" for command in ("explain", "bundle", "diff", "baseline")}
"""Prose that speaks of a command by its name: it takes more to run one."""


def commands(page: Path) -> list[str]:
    """The commands of a page in their order: lines of a shell, of pipelines and of prose."""
    text = page.read_text(encoding="utf-8")
    lines = re.finditer(
        r"^ *(?:- run: |- |\$ |\.venv/bin/)?(archcheck(?: [^\n]*[^.,\n])?)$", blocks(text), re.MULTILINE
    )
    spans = re.finditer(r"`(archcheck(?:\s[^`]*)?)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    found = [" ".join(match[1].partition(" #")[0].split()) for match in [*lines, *spans]]
    return [one for one in dict.fromkeys(found) if one not in NAMED and not any(word in one for word in ELSEWHERE)]


def blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, "-c", "init.defaultBranch=main", *words), cwd=folder, check=True)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backend with a second service, as a repository."""
    folder = tmp_path_factory.mktemp("backend")
    shutil.copytree(SHOP, folder, dirs_exist_ok=True)
    shutil.copytree(SHOP, folder / "services" / "shop")
    shutil.copytree(ROOT / "fixtures" / "tickets", folder / "api")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_works_as_it_is_written(page: Path, origin: Path, tmp_path: Path):
    project = tmp_path / "project"
    git(tmp_path, "clone", "-q", str(origin), str(project))
    inherited = {name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_STEP_SUMMARY")}
    environment = {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ARCHCHECK_CACHE_DIR": str(origin.parent / "cache"),
        "BASE": "main",
        "GITHUB_BASE_REF": "main",
    }
    for command in commands(page):
        line = command
        for name, meant in STANDS_FOR.items():
            line = line.replace(name, meant)
        done = subprocess.run(["bash", "-c", line], cwd=project, env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), (command, done.stderr)
        assert "archcheck: " not in done.stderr or command.split()[1:2] == ["routes"], done.stderr


def test_there_is_something_to_run():
    assert sum(len(commands(page)) for page in PAGES) > 30
