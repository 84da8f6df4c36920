"""The changelog of two releases, as those who use the API get it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck.cli import main
from archcheck.report import Changed, ReleaseNotes, Report, RunCoverage, SourceLines
from archcheck.reports import changelog
from archcheck.source import Location

ROOT = Path(__file__).resolve().parents[3]
SHOP = "fixtures/diff/shop"


def test_the_changelog_of_the_shop_is_as_agreed(
    golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert main(["diff", f"{SHOP}/before", f"{SHOP}/after", "--output", "markdown"]) == 1
    golden("changelog.md", capsys.readouterr().out)


def test_the_text_of_others_does_nothing() -> None:
    at = Location("a`b.yaml", 1)
    change = Changed(True, "The path /<script>@team is gone.", at, at)
    notes = ReleaseNotes("# <b>T</b>", "a`b.yaml", "c\x1b.yaml", "1", "1", (change,))
    report = Report(
        "0", (), {}, RunCoverage(), SourceLines(lambda _: None), releases=(notes,), compares=True
    )  # fmt: skip
    out = io.StringIO()
    changelog.write(report, out)
    assert "<script>" not in out.getvalue()
    assert "<b>" not in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "@team" not in out.getvalue()
    assert "## \\# &lt;b&gt;T&lt;/b&gt; 1\n" in out.getvalue()
