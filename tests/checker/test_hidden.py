"""What a finding hides is shown by no report: not in its own frame, not in a neighbour's, not out of the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcheck.report import SourceLines
from archcheck.source import Location, Source

SECRET = "dragon-42-of-the-north"
SCRIPT = f"""\
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE ROLE app LOGIN SUPERUSER PASSWORD '{SECRET}';
CREATE TABLE keys (id bigint PRIMARY KEY);
INSERT INTO keys VALUES (E'-----BEGIN PRIVATE KEY-----', '-----BEGIN RSA PRIVATE KEY-----
{SECRET}
');
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "0001_init.sql").write_text(SCRIPT)
    return folder


@pytest.mark.parametrize(
    "output",
    ["terminal", "concise", "json", "sarif", "html", "markdown", "github", "gitlab", "junit"],
)
def test_no_report_shows_a_secret(project: Path, archcheck, output: str):
    for _ in range(2):  # the second run is out of the cache
        done = archcheck("check", ".", "--profile", "audit", "--output", output, folder=project)
        assert done.returncode == 1, done.stderr
        assert "secret-in-migration" in done.stdout
        assert SECRET not in done.stdout + done.stderr


def test_a_neighbour_of_an_accepted_secret_hides_it_too(project: Path, archcheck):
    script = project / "migrations" / "0001_init.sql"
    script.write_text(SCRIPT.replace("';\n", "'; -- archcheck: allow[secret-in-migration] changed since\n", 1))
    done = archcheck("check", ".", "--profile", "audit", folder=project)
    assert "excessive-grant" in done.stdout
    assert SECRET not in done.stdout


def test_nothing_that_is_remembered_holds_it(project: Path, archcheck, tmp_path: Path):
    archcheck("check", ".", "--profile", "audit", folder=project)
    kept = [path for path in (tmp_path / "archcheck-cache").rglob("*") if path.is_file()]
    assert kept
    assert all(SECRET.encode() not in path.read_bytes() for path in kept)


@pytest.fixture
def service(tmp_path: Path) -> tuple[Path, str]:
    """A service whose secrets stand in its code, in its settings and beside it."""
    value = "Kq8Zr2Lm9Xc4Vb7Nk1Hj6Tg"
    folder = tmp_path / "service"
    files = {
        "shop/__init__.py": "",
        "shop/settings.py": f'SECRET_KEY = "{value}"\nDATABASE = "postgresql://shop:{value}@db.shop.dev/shop"\n',
        "shop/main.py": (
            f'from fastapi import FastAPI\n\nfrom .settings import SECRET_KEY\n\nAPI_TOKEN = "{value}"\n'
            'PREFIX = "/v1"\napp = FastAPI()\n\n\n@app.post(PREFIX + "/orders")\ndef order():\n'
            f'    return pay(client_secret="{value}")\n'
        ),
        "compose.yaml": f"services:\n  shop:\n    environment:\n      SIGNING_KEY: {value}\n",
        ".env": f"MAIL_PASSWORD={value}\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder, value


@pytest.mark.parametrize(
    "output", ["terminal", "concise", "json", "sarif", "html", "markdown", "github", "gitlab", "junit"]
)
def test_no_report_shows_a_secret_of_the_code(service: tuple[Path, str], archcheck, output: str):
    folder, value = service
    done = archcheck("check", ".", "--profile", "audit", "--output", output, folder=folder)
    assert "secret-in-config" in done.stdout
    assert "hardcoded-secret" in done.stdout
    assert value not in done.stdout + done.stderr


def test_nothing_that_is_remembered_of_the_code_holds_it(service: tuple[Path, str], archcheck, tmp_path: Path):
    folder, value = service
    archcheck("check", ".", "--profile", "audit", folder=folder)
    kept = [path for path in (tmp_path / "archcheck-cache").rglob("*") if path.is_file()]
    assert kept
    assert all(value.encode() not in path.read_bytes() for path in kept)


def test_columns_hold_where_text_is_hidden():
    source = Source("a.sql", b"one 'two' three\nfour")
    lines = SourceLines(lambda path: source, [Location("a.sql", 1, 5, 10), Location("a.sql", 2, 2)])
    assert lines.line("a.sql", 1) == "one ***** three"
    assert lines.line("a.sql", 2) == "f***"
    assert lines.line("a.sql", 3) == ""
