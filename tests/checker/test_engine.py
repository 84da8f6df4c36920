"""A run from end to end: PATHS, acceptances through the whole chain, and what is owed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from archcheck import packs
from archcheck.config import Config, ConfigError, PerPath
from archcheck.engine import Request, examine, run
from archcheck.report import Report
from archcheck.surface import Limits

SHARED = """\
Orders:
  get:
    responses:
      '200':
        description: all of them
        content:
          application/json:
            schema: {type: array, items: {type: object, properties: {created_at: {type: string}}}}
"""
LISTED = "/orders:\n    $ref: shared.yaml#/Orders"
CUSTOMERS = "CREATE TABLE customers (id bigint PRIMARY KEY, created_at timestamptz, updated_at timestamptz);\n"
ORDERS = CUSTOMERS.replace("customers", "orders").replace(
    " created_at", " customer_id bigint REFERENCES customers (id), created_at"
)
INDEX = "CREATE INDEX orders_customer_id ON orders (customer_id);\n"
STORE = """\
import sqlite3

from shop.names import state


def orders(cursor: sqlite3.Cursor) -> None:
    cursor.execute(f"SELECT * FROM orders WHERE state = '{state}'")
"""


RULES = (
    "create-without-201",
    "fk-without-index",
    "interpolated-query",
    "table-without-primary-key",
    "table-without-timestamps",
    "unpaginated-list",
    "unresolved-ref",
)


def settings(**more: object) -> Config:
    """One worker, and only rules that these tests know."""
    return Config(jobs=1, select=RULES, **more)  # type: ignore[arg-type]


def spec(paths: str = LISTED) -> str:
    return f"openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\npaths:\n  {paths}\n"


def check(
    root: Path,
    files: Mapping[str, str | bytes],
    *paths: str,
    config: Config | None = None,
    limits: Limits | None = None,
    force_exclude: bool = False,
) -> Report:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(
        Request(
            root=root,
            config=config or settings(),
            paths=tuple(root / path for path in paths),
            limits=limits or Limits(),
            cache=False,
            force_exclude=force_exclude,
        )
    )


def said(report: Report) -> list[tuple[str, int, str]]:
    return [(verdict.at.path, verdict.at.line, verdict.rule) for verdict in report.verdicts]


def gaps(report: Report) -> list[tuple[str, str]]:
    return [(gap.path, gap.kind) for gap in report.coverage.gaps]


SHOP = {
    "api.yaml": spec(),
    "shared.yaml": SHARED,
    "migrations/0001_customers.sql": CUSTOMERS,
    "migrations/0002_orders.sql": ORDERS,
    "migrations/0003_index.sql": INDEX,
    "shop/__init__.py": "",
    "shop/names.py": "state = 'open'\n",
    "shop/store.py": STORE,
}


@pytest.mark.parametrize("path", sorted(SHOP))
def test_a_single_file_says_what_the_whole_says_of_it(path: str, tmp_path: Path):
    """Neither the index of a later migration, nor the constant of another module, nor the root is ever missed."""
    whole = check(tmp_path, SHOP)
    part = check(tmp_path, {}, path)
    assert said(part) == [found for found in said(whole) if found[0] == path]
    assert gaps(part) == []
    assert part.coverage.files == (1 if (tmp_path / path).suffix else 0)


def test_a_single_file_that_is_excluded_is_read_with_those_beside_it(tmp_path: Path):
    config = settings(exclude=("migrations/", "shop/"))
    assert said(check(tmp_path, SHOP, config=config)) == [("shared.yaml", 2, "unpaginated-list")]
    for path in ("migrations/0002_orders.sql", "shop/store.py"):
        assert said(check(tmp_path, {}, path, config=config)) == []
    prisma = {"prisma/migrations/2024_a/migration.sql": "CREATE TABLE a (id int, created_at date, updated_at date);"}
    prisma["prisma/migrations/2025_b/migration.sql"] = "ALTER TABLE a ADD PRIMARY KEY (id);"
    excluded = settings(exclude=("prisma/",))
    assert said(check(tmp_path, prisma, "prisma/migrations/2024_a/migration.sql", config=excluded)) == []
    forced = check(tmp_path, {}, "migrations/0002_orders.sql", config=config, force_exclude=True)
    assert forced.coverage.files == 0


def test_paths_name_what_is_owed(tmp_path: Path):
    files = SHOP | {"other.yaml": "openapi: 3.1.0\npaths: {\n", "broken.py": "def (:\n"}
    assert gaps(check(tmp_path, files)) == [("broken.py", "unparsable"), ("other.yaml", "unparsable")]
    assert gaps(check(tmp_path, {}, "shop")) == []
    assert gaps(check(tmp_path, {}, "shop", "broken.py")) == [("broken.py", "unparsable")]
    assert gaps(check(tmp_path, {}, "nowhere.py")) == [("nowhere.py", "missing")]


def test_the_root_as_a_path_is_the_same_as_no_path(tmp_path: Path):
    """Also for a file that is excluded, and read because a document refers to it."""
    config = settings(exclude=("shared.yaml",))
    whole = check(tmp_path, SHOP, config=config)
    named = check(tmp_path, {}, ".", config=config)
    assert said(whole) == said(named) == [("shared.yaml", 2, "unpaginated-list")]
    assert said(check(tmp_path, {}, "api.yaml", config=config)) == []


def test_a_part_of_a_unit_is_owed_the_whole_unit(tmp_path: Path):
    """What could not be read elsewhere in the unit may be what is missing here."""
    files = {"api.yaml": spec(LISTED + "\n  /x: {$ref: bad.yaml}"), "shared.yaml": SHARED, "bad.yaml": "a: [\n"}
    assert gaps(check(tmp_path, files, "shared.yaml")) == [("bad.yaml", "unparsable")]


def test_a_named_file_that_nobody_reads_is_a_gap(tmp_path: Path):
    files = {"queries/lonely.sql": "CREATE TABLE a (id int);\n", "empty.yaml": "", "data.yaml": "a: 1\n"}
    assert gaps(check(tmp_path, files)) == []
    report = check(tmp_path, {}, *files)
    assert gaps(report) == [("empty.yaml", "unreadable"), ("queries/lonely.sql", "unreadable")]


def test_a_suffix_in_capitals_is_the_same_suffix(tmp_path: Path):
    report = check(tmp_path, {"API.YAML": spec("/order: {post: {responses: {}}}"), "B.PY": "def (:\n"})
    assert report.coverage.counts["openapi"]["specs"] == 1
    assert gaps(report) == [("B.PY", "unparsable")]


def test_a_shared_component_is_reported_and_accepted_once(tmp_path: Path):
    files = {"a.yaml": spec(), "b.yaml": spec(), "shared.yaml": SHARED}
    assert said(check(tmp_path, files)) == [("shared.yaml", 2, "unpaginated-list")]
    accepted = SHARED.replace("get:", "get:  # archcheck: allow[unpaginated-list] there are five")
    report = check(tmp_path, {"shared.yaml": accepted})
    assert (said(report), report.allowed) == ([], 1)


def test_an_acceptance_of_a_shared_file_is_not_judged_when_one_of_its_units_failed(tmp_path: Path):
    accepted = "# archcheck: allow-file[create-without-201] none here\n" + SHARED
    files = {"a.yaml": spec(), "b.yaml": spec(), "shared.yaml": accepted}
    assert ("shared.yaml", 1, "unused-suppression") in said(check(tmp_path, files))
    broken = {"b.yaml": spec(LISTED + "\n  /x: {$ref: bad.yaml}"), "bad.yaml": "a: [\n"}
    report = check(tmp_path, broken)
    assert ("shared.yaml", 1, "unused-suppression") not in said(report)
    assert gaps(report) == [("bad.yaml", "unparsable")]


def test_acceptances_as_data_count_in_yaml_and_json(tmp_path: Path):
    marked = SHARED.replace("get:", "get:\n    x-archcheck-allow: {unpaginated-list: there are five}")
    report = check(tmp_path, {"api.yaml": spec(), "shared.yaml": marked})
    assert (said(report), report.allowed) == ([], 1)
    schema = {"type": "array", "items": {"type": "object", "properties": {"created_at": {"type": "string"}}}}
    operation = {
        "x-archcheck-allow": {"unpaginated-list": "there are five", "no-such-rule": "x"},
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
    }
    document = {"openapi": "3.1.0", "info": {}, "paths": {"/orders": {"get": operation}}}
    report = check(tmp_path, {"api.yaml": "", "api.json": json.dumps(document, indent=1)})
    assert report.allowed == 1
    assert said(report) == [("api.json", 9, "unused-suppression")]


def test_an_acceptance_in_a_linked_finding_counts(tmp_path: Path):
    """The query waits for another module, so its verdict is found after linking."""
    strict = settings(profile="strict")
    files = SHOP | {"shop/names.py": "state = input()\n"}
    assert ("shop/store.py", 7, "interpolated-query") in said(check(tmp_path, files, config=strict))
    accepted = STORE.replace("    cursor", "    # archcheck: allow[interpolated-query] it is our own\n    cursor")
    report = check(tmp_path, {"shop/store.py": accepted}, "shop", config=strict)
    assert (said(report), report.allowed) == ([], 1)
    assert check(tmp_path, {}, "migrations", config=strict).allowed == 0, "what is allowed elsewhere is not counted"


def test_what_was_not_checked_cannot_be_silenced(tmp_path: Path):
    files = {"a.py": "# archcheck: allow-file[unread-file] never mind\ndef (:\n"}
    silent = (PerPath("*.py", ("tool", "severity:error", "tool.coverage"), {}),)
    report = check(tmp_path, files, config=settings(per_path=silent, ignore=("tool",)))
    assert said(report) == [("a.py", 2, "unread-file")]
    assert gaps(check(tmp_path, {}, config=settings(exclude=("a.py",)))) == []
    for config in (Config(ignore=("unread-file",)), Config(per_path=(PerPath("*", ("unread-file",), {}),))):
        with pytest.raises(ConfigError, match="cannot be ignored"):
            check(tmp_path, {}, config=config)


def test_a_pattern_without_bound_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="more than 3 stars"):
        check(tmp_path, SHOP, config=Config(per_path=(PerPath("*a*a*a*a*a*b", ("sql",), {}),)))


def test_severities_by_rule_and_path(tmp_path: Path):
    config = settings(
        severity={"unpaginated-list": "error"},
        per_path=(
            PerPath("shared.yaml", (), {"unpaginated-list": "note"}),
            PerPath("*.yaml", ("severity:warning",), {}),
        ),
    )
    (verdict,) = check(tmp_path, SHOP, config=config).verdicts
    assert verdict.severity == "note"
    louder = settings(per_path=(PerPath("*.yaml", ("severity:warning",), {}),))
    assert said(check(tmp_path, {}, config=louder)) == []


def test_a_data_file_that_is_too_large_is_a_note_and_a_document_a_gap(tmp_path: Path):
    padding = "#" * 3000 + "\n"
    files = {"data.yaml": "a: 1\n" + padding, "api.yaml": spec("/order: {post: {responses: {}}}") + padding}
    report = check(tmp_path, files, limits=Limits(file_size=1000))
    assert gaps(report) == [("api.yaml", "limit")]
    assert report.coverage.notes == ("data.yaml was not looked into: it is larger than the limit of 1,000 bytes",)


def test_kinds_that_no_surface_reads_are_named(tmp_path: Path):
    files = {"a.graphql": "", "b.gql": "", "c.PROTO": "", "ok.py": ""}
    assert check(tmp_path, files).coverage.notes == (
        "2 GraphQL schemas were not read: no surface reads them yet",
        "1 Protocol Buffers file was not read: no surface reads them yet",
    )
    assert check(tmp_path, {}, "ok.py").coverage.notes == ()


def test_a_pack_that_is_broken_is_a_gap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    index = packs.load()
    broken = packs.Broken("acme.loud", "acme/loud.py", "SyntaxError: it is loud")
    monkeypatch.setattr(packs, "load", lambda *_: packs.Index(index.packs, index.rules, (broken,), b"other"))
    report = check(tmp_path, {"ok.py": ""})
    assert gaps(report) == [("acme/loud.py", "crash")]


def test_files_in_memory_say_what_files_on_disk_say(tmp_path: Path):
    disk = check(tmp_path, SHOP, config=settings(profile="audit"))
    memory = examine(SHOP, rules=RULES)
    assert memory.verdicts == disk.verdicts
    assert memory.coverage == disk.coverage


def test_the_work_of_a_run_is_told(tmp_path: Path):
    steps: list[tuple[int, int]] = []
    begun: list[bool] = []
    check(tmp_path, SHOP)
    run(
        Request(
            root=tmp_path,
            config=Config(jobs=2),
            cache=False,
            started=lambda: begun.append(True),
            progress=lambda done, total: steps.append((done, total)),
        )
    )
    assert steps == [(number, 5) for number in range(1, 6)]
    assert begun == [True]


def test_settings_that_pair_what_is_not_there_are_a_gap_beside_one_surface(tmp_path: Path):
    files = {"openapi.json": '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = run(Request(root=tmp_path, config=Config(pairs=(("openapi.json", "gone.py"),)), cache=False))
    assert [(gap.path, gap.kind) for gap in report.coverage.gaps] == [("gone.py", "missing")]
