"""The wheel: it builds, holds both source roots and nothing else, and works where it is unpacked."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import hostile
import pytest

import archcheck

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree as it stands, without looking anything up."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(ROOT), "-w", str(folder), *options], check=True)
    (built,) = folder.glob("*.whl")
    return built


def run(unpacked: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command out of the unpacked wheel; an editable install of the same name loses against PYTHONPATH."""
    code = "import sys; from archcheck.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(unpacked), "ARCHCHECK_CACHE_DIR": str(folder / "cache"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_the_checker_and_the_rules(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names} == {
        "archcheck",
        "archcheck_rules",
        f"archcheck_lint-{archcheck.__version__}.dist-info",
    }
    for package, folder in (("archcheck", ROOT / "checker"), ("archcheck_rules", ROOT / "rules")):
        for source in (folder / package).rglob("*.py"):
            assert source.relative_to(folder).as_posix() in names
    assert {"archcheck/py.typed", "archcheck_rules/py.typed", "archcheck_rules/checklist.md"} <= names
    assert not [name for name in names if name.endswith((".pyc", ".pth")) or "/tests/" in name]


def test_the_wheel_says_what_it_is(wheel: Path):
    info = f"archcheck_lint-{archcheck.__version__}.dist-info"
    archive = zipfile.ZipFile(wheel)
    points = configparser.ConfigParser(delimiters=("=",))
    points.read_string(archive.read(f"{info}/entry_points.txt").decode())
    assert points["console_scripts"]["archcheck"] == "archcheck.cli:program"
    assert points["archcheck.rules"]["archcheck"] == "archcheck_rules"
    metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
    assert (metadata["Name"], metadata["Version"]) == ("archcheck-lint", archcheck.__version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert f"{info}/licenses/LICENSE" in archive.namelist()


def test_the_wheel_works_where_it_is_unpacked(wheel: Path, tmp_path: Path):
    unpacked, project = tmp_path / "unpacked", tmp_path / "project"
    zipfile.ZipFile(wheel).extractall(unpacked)
    hostile.put(project / hostile.WITNESS, hostile.WITNESS_TEXT)
    assert run(unpacked, "--version", folder=project).stdout.strip().endswith(archcheck.__version__)
    done = run(unpacked, "check", "--output", "concise", folder=project)
    assert f"{hostile.WITNESS}:5" in done.stdout, done.stderr
    home = subprocess.run(
        [sys.executable, "-c", "import archcheck_rules; print(archcheck_rules.__file__)"],
        env={"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(home.stdout.strip()).is_relative_to(unpacked)
