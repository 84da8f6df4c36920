"""`--fix`, `--unsafe-fixes` and `--diff`: what is written, what is shown, what is refused, and the exit code."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck import engine
from archcheck.cli import fix, main
from archcheck.engine import Request
from archcheck.report import Report

SHOP = b"""\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      responses:
        "201": {description: Created.}
        "429": {description: Slow down.}  # busy
components:
  schemas:
    Size:
      enum: [small, large, small]  # sizes
"""
SELECTED = ("--select", "duplicate-enum-value,missing-retry-after")
FIXED = SHOP.replace(b"large, small]", b"large]")
HEADER = b", headers: {Retry-After: {description: Seconds to wait., schema: {type: integer}}}}  # busy"

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "archcheck.toml").write_text("")
    (folder / "openapi.yaml").write_bytes(SHOP)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ARCHCHECK_CACHE_DIR", str(tmp_path / "cache"))
    return folder / "openapi.yaml"


@pytest.fixture
def check(shop: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["check", *SELECTED, "--output", "concise", *words] if "--diff" not in words else list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


class TestFix:
    def test_it_writes_the_safe_ones_and_reports_the_rest(self, shop: Path, check: Check) -> None:
        code, out, err = check("--fix")
        assert shop.read_bytes() == FIXED
        assert code == 0
        assert "missing-retry-after" in out
        assert "duplicate-enum-value" not in out
        assert "Fixed 1 finding in 1 file; 1 more could be fixed with --unsafe-fixes." in err

    def test_unsafe_ones_when_asked(self, shop: Path, check: Check) -> None:
        code, out, err = check("--fix", "--unsafe-fixes", "--fail-on", "note")
        assert shop.read_bytes() == FIXED.replace(b"}  # busy", HEADER)
        assert (code, out) == (0, "")
        assert "Fixed 2 findings in 1 file.\n" in err

    def test_a_second_run_changes_nothing(self, shop: Path, check: Check) -> None:
        check("--fix", "--unsafe-fixes")
        written = shop.read_bytes(), shop.stat().st_mtime_ns
        code, _, err = check("--fix", "--unsafe-fixes")
        assert (shop.read_bytes(), shop.stat().st_mtime_ns) == written
        assert code == 0
        assert "Fixed no findings." in err

    def test_the_exit_code_is_that_of_what_is_left(self, check: Check) -> None:
        assert check("--fail-on", "warning", "--fix")[0] == 1
        assert check("--fail-on", "warning", "--fix", "--unsafe-fixes")[0] == 0

    def test_it_works_without_a_cache(self, shop: Path, check: Check) -> None:
        assert "Fixed 1 finding" in check("--fix", "--no-cache")[2]
        assert shop.read_bytes() == FIXED

    def test_only_what_is_named_is_fixed(self, shop: Path, check: Check) -> None:
        other = shop.with_name("other.yaml")
        other.write_bytes(SHOP)
        check("--fix", "other.yaml")
        assert (shop.read_bytes(), other.read_bytes()) == (SHOP, FIXED)

    def test_an_accepted_finding_is_not_fixed(self, shop: Path, check: Check) -> None:
        accepted = SHOP.replace(b"# sizes", b"# archcheck: allow[duplicate-enum-value] as they were sent")
        shop.write_bytes(accepted)
        check("--fix")
        assert shop.read_bytes() == accepted

    def test_quiet_says_nothing_of_it(self, check: Check) -> None:
        assert check("--fix", "-q")[2] == ""

    def test_the_mode_stays(self, shop: Path, check: Check) -> None:
        shop.chmod(0o640)
        check("--fix")
        assert stat.S_IMODE(shop.stat().st_mode) == 0o640
        assert sorted(path.name for path in shop.parent.iterdir()) == ["archcheck.toml", "openapi.yaml"]

    def test_a_reference_to_another_file_is_followed(self, shop: Path, check: Check) -> None:
        shop.write_bytes(SHOP.replace(b"Size:\n      enum: [small, large, small]  # sizes", b"Size: {$ref: size.yaml}"))
        size = shop.with_name("size.yaml")
        size.write_bytes(b"\xef\xbb\xbfenum:\r\n- a\r\n- b\r\n- a\r\n")
        assert "Fixed 1 finding in 1 file" in check("--fix")[2]
        assert size.read_bytes() == b"\xef\xbb\xbfenum:\r\n- a\r\n- b\r\n"


class TestRefused:
    def test_a_symbolic_link(self, shop: Path, check: Check) -> None:
        target = shop.with_name("kept")
        shop.rename(target)
        shop.symlink_to(target)
        _, out, err = check("--fix")
        assert target.read_bytes() == SHOP
        assert shop.is_symlink()
        assert "duplicate-enum-value" in out
        assert "duplicate-enum-value was not fixed: it is reached through a symbolic link" in err

    def test_a_link_to_what_lies_outside(self, shop: Path, check: Check, tmp_path: Path) -> None:
        outside = tmp_path / "outside.yaml"
        shop.rename(outside)
        shop.symlink_to(outside)
        check("--fix")
        assert outside.read_bytes() == SHOP

    def test_a_read_only_file(self, shop: Path, check: Check) -> None:
        shop.chmod(0o444)
        _, out, err = check("--fix")
        assert shop.read_bytes() == SHOP
        assert "duplicate-enum-value" in out
        assert "was not fixed: the file is read-only." in err

    def test_a_file_that_was_changed_meanwhile(self, shop: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        real = engine.run

        def run(request: Request) -> Report:
            report = real(request)
            if request.instead:
                shop.write_bytes(SHOP + b"# mine\n")
            return report

        monkeypatch.setattr(engine, "run", run)
        code, _, err = check("--fix")
        assert code == 2
        assert shop.read_bytes() == SHOP + b"# mine\n"
        assert "cannot fix openapi.yaml: it was changed while it was being fixed" in err

    def test_a_disk_that_is_full(self, shop: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(path: Path, data: bytes) -> None:
            raise fix.Unwritable(str(path), "no space left on device")

        monkeypatch.setattr(fix, "rewrite", full)
        code, _, err = check("--fix")
        assert (code, shop.read_bytes()) == (2, SHOP)
        assert "cannot fix openapi.yaml: no space left on device" in err


KEYS = """\
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));
"""
MADE = "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_user_id_idx ON orders (user_id);\n"


class TestNewFiles:
    @pytest.fixture
    def folder(self, shop: Path) -> Path:
        shop.unlink()
        folder = shop.parent / "db" / "migrations" / "20260101000001_all"
        folder.mkdir(parents=True)
        (folder / "up.sql").write_text(KEYS)
        (folder / "down.sql").write_text("DROP TABLE orders, users;\n")
        return folder.with_name("20260101000002_index_orders_user_id")

    WORDS = ("--select", "fk-without-index", "--unsafe-fixes")

    def test_they_are_written_with_their_folder(self, folder: Path, check: Check) -> None:
        code, out, err = check(*self.WORDS, "--fix")
        assert (code, out) == (0, "")
        assert "Fixed 1 finding in 3 files." in err
        assert (folder / "up.sql").read_text() == MADE
        assert (folder / "metadata.toml").read_text() == "run_in_transaction = false\n"
        assert "Checked 1 history (2 migrations, 3 statements)" in check(*self.WORDS, "--fix")[2]

    def test_the_diff_makes_them(self, folder: Path, check: Check) -> None:
        _, out, err = check(*self.WORDS, "--diff")
        assert "--- /dev/null\n+++ b/db/migrations/20260101000002_index_orders_user_id/up.sql\n@@ -0,0 +1 @@\n" in out
        assert "Would fix 1 finding in 3 files." in err
        assert not folder.exists()
        subprocess.run(["git", "apply", "-"], input=out.encode(), cwd=folder.parents[2], check=True)
        assert (folder / "up.sql").read_text() == MADE

    def test_a_report_says_what_they_would_be(self, folder: Path, check: Check) -> None:
        check("--select", "fk-without-index", "--output", "json:report.json", "--output", "sarif:report.sarif")
        report, sarif = (json.loads(Path(name).read_text()) for name in ("report.json", "report.sarif"))
        (finding,) = report["findings"]
        assert finding["fix"]["edits"] == []
        assert finding["fix"]["files"][0]["text"] == MADE
        (fix,) = sarif["runs"][0]["results"][0]["fixes"]
        first = fix["artifactChanges"][0]
        assert first["artifactLocation"]["uri"].endswith("20260101000002_index_orders_user_id/up.sql")
        assert first["replacements"][0]["insertedContent"] == {"text": MADE}

    def test_what_is_there_is_not_overwritten(self, folder: Path, check: Check) -> None:
        folder.mkdir()
        (folder / "metadata.toml").write_text("mine")
        _, _, err = check(*self.WORDS, "--fix")
        assert "was not fixed: its new file would take the place of another." in err
        assert [file.name for file in folder.iterdir()] == ["metadata.toml"]

    def test_nothing_is_written_behind_a_link(self, folder: Path, check: Check, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        folder.symlink_to(elsewhere, target_is_directory=True)
        _, _, err = check(*self.WORDS, "--fix")
        assert "was not fixed: its new file would lie behind a symbolic link." in err
        assert list(elsewhere.iterdir()) == []


class TestDiff:
    def test_it_prints_a_diff_that_git_applies_and_writes_nothing(self, shop: Path, check: Check) -> None:
        code, out, err = check(*SELECTED, "--diff", "--unsafe-fixes")
        assert (code, shop.read_bytes()) == (0, SHOP)
        assert out.startswith("--- a/openapi.yaml\n+++ b/openapi.yaml\n@@ ")
        assert "Would fix 2 findings in 1 file.\n" in err
        subprocess.run(["git", "apply", "-"], input=out.encode(), cwd=shop.parent, check=True)
        assert shop.read_bytes() == FIXED.replace(b"}  # busy", HEADER)

    @pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
    def test_line_ends_are_in_it_as_they_are(self, shop: Path, check: Check, line_break: bytes) -> None:
        shop.write_bytes(SHOP.rstrip().replace(b"\n", line_break))
        _, out, _ = check(*SELECTED, "--diff")
        assert "\\ No newline at end of file\n" in out
        subprocess.run(["git", "apply", "-"], input=out.encode(), cwd=shop.parent, check=True)
        assert shop.read_bytes() == FIXED.rstrip().replace(b"\n", line_break)

    def test_findings_that_would_be_fixed_are_not_fixed(self, check: Check) -> None:
        assert check(*SELECTED, "--diff", "--unsafe-fixes", "--fail-on", "warning")[0] == 1

    def test_with_fix_it_still_writes_nothing(self, shop: Path, check: Check) -> None:
        check(*SELECTED, "--fix", "--diff")
        assert shop.read_bytes() == SHOP

    def test_what_would_be_is_not_taken_for_what_is(self, check: Check) -> None:
        """The project as it would be is judged with the same cache."""
        first = check()
        check(*SELECTED, "--diff", "--unsafe-fixes")
        assert check() == first

    def test_a_report_may_go_to_a_file(self, shop: Path, check: Check) -> None:
        check(*SELECTED, "--diff", "--output", "concise:report.txt")
        assert "duplicate-enum-value" in shop.with_name("report.txt").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes says which fixes; add --fix to write them, or --diff to see them"),
        (["--fix", "--show-files"], "--fix and --show-files ask for two things"),
        (["--diff", "--show-config"], "--diff and --show-config ask for two things"),
        (["--diff", "--output", "json"], "--diff goes to standard output"),
        (["--diff", "--statistics"], "--diff goes to standard output"),
    ],
)
def test_what_makes_no_sense_is_said(
    shop: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err
    assert shop.read_bytes() == SHOP
