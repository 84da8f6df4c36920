"""The checklist is read from the packs, remembered with them, and comes into the report with what stands behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archcheck import engine, packs
from archcheck.config import Config
from archcheck.engine import Request
from archcheck.packing import checklist_of
from archcheck.packs import Line, Pack
from archcheck.report import ChecklistLine, Report

TEXT = "# Law\n\n## 1. Names\n\n### names.plural: in the plural\n- `some-rule`\n\n## Alone\n### alone: by itself\n"


def pack(folder: Path, name: str, text: str) -> Pack:
    (folder / name).mkdir()
    (folder / name / "checklist.md").write_text(text, encoding="utf-8")
    return Pack(name, name, (str(folder / name),))


def test_lines_keep_their_order_and_their_heading(tmp_path: Path) -> None:
    assert checklist_of([pack(tmp_path, "one", TEXT)]) == (
        Line("names.plural", "in the plural", "Names"),
        Line("alone", "by itself", "Alone"),
    )


def test_who_names_an_anchor_first_has_it(tmp_path: Path) -> None:
    second = pack(tmp_path, "two", "### alone: otherwise\n### further: more\n")
    lines = checklist_of([pack(tmp_path, "one", TEXT), second, Pack("bare", "bare", (str(tmp_path),))])
    assert [(line.anchor, line.title) for line in lines[1:]] == [("alone", "by itself"), ("further", "more")]


class Shelf(dict[bytes, bytes]):
    """Keeps what it is given, as the cache does between runs."""

    def get(self, kind: str, key: bytes) -> bytes | None:  # type: ignore[override]
        return super().get(key)

    def put(self, kind: str, key: bytes, data: bytes) -> None:
        self[key] = data


def test_the_index_remembers_the_checklist_until_it_is_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pack(tmp_path, "one", TEXT)
    monkeypatch.setattr("archcheck.packing.installed", lambda: iter([one]))
    monkeypatch.setattr("archcheck.packing.rules_of", lambda packs: ({}, ()))
    shelf = Shelf()
    first = packs.load(shelf)
    assert packs.load(shelf) == first
    assert [line.anchor for line in first.checklist] == ["names.plural", "alone"]
    (tmp_path / "one" / "checklist.md").write_text("### new: now\n", encoding="utf-8")
    assert [line.anchor for line in packs.load(shelf).checklist] == ["new"]


def run(root: Path) -> Report:
    return engine.run(Request(root=root, config=Config(select=("openapi", "sql")), cache=False))


def test_a_report_has_every_line_with_all_rules_that_exist_for_it(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(
        json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}})
    )
    report = run(tmp_path)
    index = packs.load()
    assert [line.anchor for line in report.checklist] == [line.anchor for line in index.checklist]
    assert {name for line in report.checklist for name in line.rules} == set(index.rules)
    queries = next(line for line in report.checklist if line.anchor == "security.queries")
    assert "interpolated-query" in queries.rules
    assert "interpolated-query" not in report.rules


def test_what_was_not_read_counts_where_its_rules_would_have_judged(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\npaths: [\n}\n")
    unread = {line.anchor: line.unread for line in run(tmp_path).checklist}
    assert unread["api.pagination"] == 1
    assert unread["db.indexes"] == 0
    assert ChecklistLine("api.unwatched", "nobody").checkable is False
