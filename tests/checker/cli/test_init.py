"""A first configuration: it says what is there, it is true, and every setting in it can be switched on."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck import packs
from archcheck.config import Config
from archcheck.configfile import load
from archcheck.engine import Bench
from archcheck.finding import PROFILES

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
FIXTURES = ("shop-fastapi", "clean", "ferry-fastapi", "tickets", "club-flask", "torn")


@pytest.fixture(params=FIXTURES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "fixtures" / request.param, folder)
    for name in (".archcheck.toml", "archcheck.toml"):
        (folder / name).unlink(missing_ok=True)
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "fixtures" / "shop-fastapi", tmp_path / "shop"))


def uncommented(text: str) -> str:
    """The text with every setting switched on: a bare # goes, and words stay comments."""
    return "\n".join(re.sub(r"^#(?=[^ #])", "", line) for line in text.splitlines())


def read_aloud(text: str) -> str:
    """The comments without the line breaks that they are wrapped by."""
    return text.replace("\n# ", " ")


def accepted(text: str, folder: Path) -> Config:
    """The configuration as a run takes it: its keys, its names and the options of its rules are known."""
    (folder / "archcheck.toml").write_text(text, encoding="utf-8")
    config = load(folder)
    Bench.of(packs.load(), config)
    return config


def test_what_is_written_is_a_configuration_with_every_setting_on_or_off(
    archcheck: Run, project: Path, tmp_path: Path
) -> None:
    done = archcheck("init", "--root", str(project))
    assert (done.returncode, done.stderr) == (0, "")
    text = (project / ".archcheck.toml").read_text(encoding="utf-8")
    assert set(tomllib.loads(text)) == {"profile", "fail-on"}
    config = accepted(uncommented(text), tmp_path)
    assert len(config.written.lines) >= len(re.findall(r"^#[^ #\[]", text, re.MULTILINE))
    assert accepted(text, tmp_path).profile in ("regular", "strict")


def test_the_findings_are_those_of_a_check(archcheck: Run, project: Path) -> None:
    text = archcheck("init", "--root", str(project), "--output", "-").stdout
    for profile in PROFILES:
        done = archcheck("check", "--root", str(project), "--profile", profile, "--output", "json")
        counts = Counter(finding["severity"] for finding in json.loads(done.stdout)["findings"])
        told = re.search(rf"^# - {profile}: (\d+) errors?, (\d+) warnings? and (\d+) notes?$", text, re.MULTILINE)
        assert told is not None
        assert [int(count) for count in told.groups()] == [counts["error"], counts["warning"], counts["note"]]


def test_the_check_fails_as_was_said(archcheck: Run, project: Path) -> None:
    assert archcheck("init", "--root", str(project)).returncode == 0
    text = read_aloud((project / ".archcheck.toml").read_text(encoding="utf-8"))
    code = archcheck("check", "--root", str(project)).returncode
    assert ("Nothing of today fails the check" in text) == (code == 0)
    assert ("What could not be read fails it whatever stands here." in text) == (code == 3)
    if code == 1:
        assert re.search(r" errors? of today fails? the check until mended", text)


def test_it_says_what_was_recognised(archcheck: Run, shop: Path) -> None:
    done = archcheck("init", folder=shop)
    text = (shop / ".archcheck.toml").read_text(encoding="utf-8")
    assert "# - OpenAPI 3.1: openapi/openapi.yaml (Shop API, 23 operations)\n" in text
    assert "# - Migrations: migrations (golang-migrate, postgres, 10 migrations, 15 tables)\n" in text
    assert "# - App: app in shop/main.py (FastAPI, 8 routes)\n" in text
    assert '#applied = ["000010"]\n' in text
    assert 'spec = "openapi/openapi.yaml", app = "shop/main.py"' in text
    assert done.stdout.startswith(
        "Wrote .archcheck.toml: 1 spec, 1 history, 1 app and 18 Python modules.\nA check finds "
    )
    assert "`archcheck baseline write` accepts them" in done.stdout


def test_a_project_without_a_fault_is_held_to_more(archcheck: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n", encoding="utf-8")
    text = archcheck("init", "--root", str(tmp_path), "--output", "-").stdout
    assert 'fail-on = "note"' in text
    assert "Nothing of today fails the check." in read_aloud(text)
    assert "baseline" not in text


@pytest.mark.parametrize("name", [".archcheck.toml", "archcheck.toml", "pyproject.toml"])
def test_a_configuration_is_never_written_over_or_beside(archcheck: Run, shop: Path, name: str) -> None:
    text = "[tool.archcheck]\njobs = 1\n" if name == "pyproject.toml" else "jobs = 1\n"
    (shop / name).write_text(text, encoding="utf-8")
    before = sorted(path.name for path in shop.iterdir())
    done = archcheck("init", folder=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"archcheck: {name} ")
    assert done.stderr.endswith("`archcheck init --output -` prints what would be written\n")
    assert (shop / name).read_text(encoding="utf-8") == text
    assert sorted(path.name for path in shop.iterdir()) == before


def test_a_link_that_leads_nowhere_is_not_followed(archcheck: Run, shop: Path, tmp_path: Path) -> None:
    (shop / ".archcheck.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert archcheck("init", folder=shop).returncode == 2
    assert not (tmp_path / "elsewhere.toml").exists()


def test_a_file_of_ones_own_choice(archcheck: Run, shop: Path) -> None:
    assert archcheck("init", "--output", "draft.toml", folder=shop).returncode == 0
    assert archcheck("check", "--config", "draft.toml", "--show-config", folder=shop).returncode == 0
    assert archcheck("init", "--output", "draft.toml", folder=shop).returncode == 2
    assert archcheck("init", "--output", "gone/draft.toml", folder=shop).returncode == 2


def test_nothing_to_check_is_said_and_nothing_is_written(archcheck: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = archcheck("init", "--root", str(tmp_path / "empty"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is nothing to check in " in done.stderr
    assert list((tmp_path / "empty").iterdir()) == []


def test_names_from_the_project_stay_within_their_comment(archcheck: Run, tmp_path: Path) -> None:
    title = "Sh\\u0007op\\nprofile = 3"
    (tmp_path / "openapi.yaml").write_text(f'openapi: 3.0.3\ninfo: {{title: "{title}", version: "1"}}\npaths: {{}}\n')
    (tmp_path / 'a]b"c.py').write_text("def (:\n", encoding="utf-8")
    text = archcheck("init", "--root", str(tmp_path), "--output", "-").stdout
    assert set(tomllib.loads(text)) == {"profile", "fail-on"}
    assert "Sh op profile = 3" in text
    assert tomllib.loads(uncommented(text))["exclude"] == ['/a]b"c.py']
