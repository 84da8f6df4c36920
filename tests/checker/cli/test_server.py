"""An editor and the language server, over the pipes of a real process: findings, pages, fixes and acceptances."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from editor_client import CAPABILITIES, Editor, applied

from archcheck.cli import main

ROOT = Path(__file__).resolve().parents[3]

KEYLESS = "CREATE TABLE words (word text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);\n"
KEYED = KEYLESS.replace("word text", "id bigint PRIMARY KEY, word text")
SHOUTS = """\
openapi: 3.1.0
info: {title: "Shop \U0001f6d2", version: 1.0.0}
paths:
  /orders:
    post:
      summary: x
      responses:
        "201": {description: Created.}
        "429": {description: "\U0001f6d1"}
components:
  schemas:
    Size: {type: string, description: "\U0001f455\U0001f455", enum: [small, "large \U0001f418", small]}
"""
WAITS = """\
import requests
from flask import Flask

app = Flask(__name__)


@app.get("/rates/<currency>")
def rates(currency):
    return {"\U0001f4b6": requests.get(f"https://rates.example/{currency}").json()}
"""
LISTED = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/orders": {"post": {"summary": "x", "responses": {"429": {"description": "later"}}}}},
    },
    indent=2,
)

Opened = Callable[..., Editor]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    monkeypatch.setenv("ARCHCHECK_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "shop" / ".git").mkdir(parents=True)

    def put(path: str, text: str) -> Path:
        file = tmp_path / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    return put


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Opened]:
    started: list[Editor] = []

    def start(*folders: Path, capabilities: dict[str, Any] | None = None) -> Editor:
        editor = Editor(*(folders or (tmp_path / "shop",)), capabilities=capabilities)
        started.append(editor)
        return editor

    yield start
    for each in started:
        assert each.noise == b""
        each.kill()


def rules(found: list[dict[str, Any]]) -> list[str]:
    return sorted(each["code"] for each in found)


def of_rule(found: list[dict[str, Any]], rule: str) -> dict[str, Any]:
    return next(each for each in found if each["code"] == rule)


def covered(text: str, place: dict[str, Any]) -> str:
    """The text of a range on one line, counted in UTF-16 code units."""
    assert place["start"]["line"] == place["end"]["line"]
    data = text.split("\n")[place["start"]["line"]].encode("utf-16-le")
    return data[2 * place["start"]["character"] : 2 * place["end"]["character"]].decode("utf-16-le")


def edits_of(action: dict[str, Any], file: Path, version: int | None) -> list[dict[str, Any]]:
    """The edits of an action, which are for one version of one file."""
    (change,) = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": file.as_uri(), "version": version}
    edits: list[dict[str, Any]] = change["edits"]
    return edits


LANGUAGES = [
    ("migrations/0001_words.sql", KEYLESS, "table-without-primary-key", "words", KEYED),
    ("openapi.yaml", SHOUTS, "duplicate-enum-value", "small", SHOUTS.replace(", small]", "]")),
    ("rates.py", WAITS, "missing-timeout", "requests.get", WAITS.replace('}")', '}", timeout=5)')),
    ("openapi.json", LISTED, "missing-retry-after", '"429"', LISTED.replace('"429"', '"400"')),
]


@pytest.mark.parametrize(("path", "text", "rule", "anchor", "mended"), LANGUAGES, ids=[each[0] for each in LANGUAGES])
def test_a_document_is_opened_changed_explained_accepted_and_left(
    path: str, text: str, rule: str, anchor: str, mended: str, put: Callable[[str, str], Path], editor: Opened
):
    file = put(path, text)
    ours = editor()
    ours.open(file)
    finding = of_rule(ours.found(file), rule)
    assert covered(text, finding["range"]) == anchor
    assert finding["source"] == "archcheck"
    assert "codeDescription" not in finding

    content = ours.hover(file, finding["range"]["start"])["contents"]
    assert content["kind"] == "markdown"
    assert f"**{rule}** (" in content["value"]
    assert ours.hover(file, {"line": text.count("\n") + 5, "character": 0}) is None

    ours.change(file, mended, 2)
    assert rule not in rules(ours.found(file, 2))
    ours.change(file, text, 3)
    finding = of_rule(ours.found(file, 3), rule)

    offered = [each for each in ours.actions(file, finding) if each["title"].startswith(f"Allow {rule}")]
    assert [each["title"].partition(": ")[2] for each in offered] == [
        "it is intended here",
        "it is a false alarm",
        "it is known, to be mended later",
    ]
    allowed = applied(text, edits_of(offered[0], file, 3))
    assert len(allowed) > len(text)
    ours.change(file, allowed, 4)
    assert rule not in rules(ours.found(file, 4))
    # What the command line says of the result is the same.
    file.write_text(allowed, encoding="utf-8")
    assert main(["check", "--root", str(file.parents[path.count("/")]), "--select", rule, "--fail-on", "note"]) == 0
    assert ours.leave() == 0


@pytest.mark.parametrize(
    ("path", "text", "rule", "title", "expected"),
    [
        ("openapi.yaml", SHOUTS, "duplicate-enum-value", "Remove the second 'small'", SHOUTS.replace(", small]", "]")),
        (
            "rates.py",
            WAITS,
            "missing-timeout",
            "Give it ten seconds (to be reviewed: it may change what the code does)",
            WAITS.replace('}")', '}", timeout=10)'),
        ),
    ],
)
def test_a_fix_is_applied_and_checked_again(
    path: str,
    text: str,
    rule: str,
    title: str,
    expected: str,
    put: Callable[[str, str], Path],
    editor: Opened,
):
    file = put(path, text)
    ours = editor()
    ours.open(file)
    finding = of_rule(ours.found(file), rule)
    action = ours.actions(file, finding)[0]
    assert action["title"] == title
    assert action.get("isPreferred", False) is ("reviewed" not in title)
    assert action["diagnostics"] == [finding]
    after = applied(text, edits_of(action, file, 1))
    assert after == expected
    ours.change(file, after, 2)
    assert rule not in rules(ours.found(file, 2))
    assert ours.leave() == 0


KEYS = """\
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));
"""


def test_a_fix_may_make_a_file(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_all.sql", KEYS)
    creating = {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}
    ours = editor(capabilities={**CAPABILITIES, "workspace": creating})
    ours.open(file)
    finding = of_rule(ours.found(file), "fk-without-index")
    action = ours.actions(file, finding)[0]
    made, filled = action["edit"]["documentChanges"]
    new = file.with_name("0002_index_orders_user_id.sql")
    assert made == {"kind": "create", "uri": new.as_uri()}
    assert filled["textDocument"] == {"uri": new.as_uri(), "version": None}
    assert (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_user_id_idx ON orders (user_id);"
        in filled["edits"][0]["newText"]
    )
    assert ours.leave() == 0


def test_a_fix_that_makes_a_file_is_not_offered_to_an_editor_that_makes_none(
    put: Callable[[str, str], Path], editor: Opened
):
    file = put("migrations/0001_all.sql", KEYS)
    ours = editor()
    ours.open(file)
    finding = of_rule(ours.found(file), "fk-without-index")
    assert all(action["title"].startswith("Allow") for action in ours.actions(file, finding))
    assert ours.leave() == 0


def test_a_fix_keeps_the_line_breaks_of_the_file(put: Callable[[str, str], Path], editor: Opened):
    text = "\r\n".join(SHOUTS.split("\n"))
    file = put("openapi.yaml", text)
    ours = editor(capabilities={})
    ours.open(file)
    finding = of_rule(ours.found(file), "missing-retry-after")
    fix = ours.actions(file, finding)[0]
    # An editor that knows no versions gets plain changes.
    (edits,) = fix["edit"]["changes"].values()
    after = applied(text, edits)
    assert "Retry-After" in after
    assert after.count("\r\n") == after.count("\n")


def test_what_is_typed_last_counts(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_words.sql", KEYED)
    ours = editor()
    ours.open(file)
    for version in range(2, 30):
        ours.change(file, KEYLESS if version % 2 else KEYED, version)
    assert rules(ours.found(file, 29)) == ["table-without-primary-key"]
    ours.settle(1)
    told = [(each["version"], rules(each["diagnostics"])) for each in ours.published]
    assert [version for version, _ in told] == sorted(version for version, _ in told)
    assert all(
        found == (["table-without-primary-key"] if version % 2 and version > 1 else []) for version, found in told
    )
    # Findings of an older text offer nothing for a newer one.
    finding = ours.shown(file)[0]
    ours.change(file, KEYED, 30)
    assert ours.actions(file, finding) == []


BROKEN = [
    ("rates.py", "def (:\n"),
    ("rates.py", "x = '''\U0001f41b\n"),
    ("rates.py", "\x00\ud800"),
    ("rates.py", "(" * 3000),
    ("rates.py", "# coding: latin-1\nx = '\u00e9\U0001f41b'\ndef (:\n"),
    ("rates.py", "# coding: klingon\nx = 1\n"),
    ("openapi.yaml", "openapi: 3.1.0\npaths: {/a: [\n"),
    ("openapi.yaml", "openapi: 3.1.0\npaths: &a {b: *a}\n"),
    ("openapi.yaml", "openapi: 3.1.0\n\tpaths: \U0001f41b\n"),
    ("openapi.json", '{"openapi": "3.1.0", "paths": {'),
    ("openapi.json", '{"openapi": "3.1.0", "x": ' + "[" * 2000),
    ("migrations/0001_words.sql", "CREATE TABLE (((( '\U0001f41b\n"),
    ("migrations/0001_words.sql", "\ufeff$$ \r\r\n\u2028 -- archcheck: allow[\n"),
    ("migrations/0001_words.sql", ""),
]


def test_a_broken_document_breaks_nothing(put: Callable[[str, str], Path], editor: Opened):
    ours = editor()
    good = {
        put("rates.py", WAITS): WAITS,
        put("openapi.yaml", SHOUTS): SHOUTS,
        put("openapi.json", LISTED): LISTED,
        put("migrations/0001_words.sql", KEYLESS): KEYLESS,
    }
    versions = dict.fromkeys(good, 1)
    for file in good:
        ours.open(file)
    before = {file: rules(ours.found(file)) for file in good}
    assert all(before.values())
    for path, text in BROKEN:
        file = next(file for file in good if file.as_posix().endswith(path))
        for typed in (text, good[file]):
            versions[file] += 1
            ours.change(file, typed, versions[file])
            found = ours.found(file, versions[file])
            for each in found:
                ours.hover(file, each["range"]["start"])
                ours.actions(file, each)
        assert rules(found) == before[file], (path, text)
    assert ours.messages == []
    assert ours.leave() == 0


def test_a_text_that_cannot_be_read_says_so_and_cannot_be_allowed(put: Callable[[str, str], Path], editor: Opened):
    file = put("rates.py", "def (:\n")
    ours = editor()
    ours.open(file)
    (finding,) = ours.found(file)
    assert (finding["code"], finding["severity"]) == ("unread-file", 1)
    assert ours.actions(file, finding) == []


def test_an_acceptance_is_never_put_into_a_string(put: Callable[[str, str], Path], editor: Opened):
    text = (
        "def orders(connection, request):\n"
        '    return connection.execute(f"""\n'
        "        SELECT * FROM orders\n"
        "        WHERE state = '{request.args['state']}'\n"
        '    """)\n'
    )
    file = put("m.py", "import flask\nfrom flask import request\n\n\n" + text)
    ours = editor()
    ours.open(file)
    for finding in ours.found(file):
        for action in ours.actions(file, finding):
            for edit in edits_of(action, file, 1):
                assert not 6 <= edit["range"]["start"]["line"] <= 7, action


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_the_editor_does(encoding: str, put: Callable[[str, str], Path], editor: Opened):
    file = put("openapi.yaml", SHOUTS)
    ours = editor(capabilities={"general": {"positionEncodings": [encoding]}})
    assert ours.server["capabilities"]["positionEncoding"] == encoding
    ours.open(file)
    place = of_rule(ours.found(file), "duplicate-enum-value")["range"]
    line = SHOUTS.split("\n")[place["start"]["line"]]
    before = line[: line.rindex("small")]
    units = {"utf-8": len(before.encode()), "utf-32": len(before), "utf-16": len(before) + 3}[encoding]
    assert place["start"]["character"] == units
    assert place["end"]["character"] == units + 5


def test_hover_speaks_plainly_to_who_knows_no_markdown(
    put: Callable[[str, str], Path], editor: Opened, capsys: pytest.CaptureFixture[str]
):
    file = put("migrations/0001_words.sql", KEYLESS)
    ours = editor(capabilities={})
    ours.open(file)
    (finding,) = ours.found(file)
    content = ours.hover(file, finding["range"]["start"])["contents"]
    assert content["kind"] == "plaintext"
    capsys.readouterr()
    assert main(["explain", finding["code"]]) == 0
    assert capsys.readouterr().out == content["value"]


def test_the_editor_is_told_what_the_command_line_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: Opened, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("ARCHCHECK_CACHE_DIR", str(tmp_path / "cache"))
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "fixtures" / "shop-fastapi", shop)
    (shop / ".git").mkdir(exist_ok=True)
    files = sorted(
        [*shop.glob("openapi/**/*.yaml"), *shop.glob("migrations/*.up.sql"), *shop.glob("shop/**/*.py")],
    )
    main(["check", "--root", str(shop), "--output", "json", "--changed-only", *map(str, files)])
    said = json.loads(capsys.readouterr().out)["findings"]
    ours = editor(shop)
    for file in files:
        ours.open(file)
    told = {
        (
            file.relative_to(shop).as_posix(),
            each["code"],
            each["range"]["start"]["line"] + 1,
            each["message"],
            len(each.get("relatedInformation", ())),
        )
        for file in files
        for each in ours.found(file)
    }
    names = {file.relative_to(shop).as_posix() for file in files}
    expected = {
        (each["path"], each["rule"], each["line"], each["message"], len(each["related"]))
        for each in said
        if each["path"] in names
    }
    assert told == expected
    assert {path.rpartition(".")[2] for path, *_ in told} == {"yaml", "sql", "py"}
    assert any(related for *_, related in told)


def test_what_is_saved_shows_in_the_files_that_it_touches(put: Callable[[str, str], Path], editor: Opened):
    part = "get:\n  summary: x\n  responses:\n    '204': {description: d}\n"
    whole = put(
        "openapi.yaml",
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /users:\n    get:\n      operationId: a\n"
        "      responses: {'204': {description: d}}\n  /orders: {$ref: paths/orders.yaml}\n",
    )
    same = part.replace("get:\n", "get:\n  operationId: a\n")
    file = put("paths/orders.yaml", part)
    ours = editor()
    ours.open(file)
    assert "duplicate-operation-id" not in rules(ours.found(file))
    ours.change(file, same, 2)
    ours.found(file, 2)
    shown = [each for each in (*ours.shown(file), *ours.shown(whole)) if each["code"] == "duplicate-operation-id"]
    file.write_text(same, encoding="utf-8")
    ours.save(file)
    ours.settle(2)
    shown = [each for each in (*ours.shown(file), *ours.shown(whole)) if each["code"] == "duplicate-operation-id"]
    assert len(shown) == 1
    (related,) = shown[0]["relatedInformation"]
    assert {related["location"]["uri"]} < {file.as_uri(), whole.as_uri()}
    ours.close_file(file)
    ours.wait_for(lambda: not ours.shown(file) and not ours.shown(whole), "the end of what was shown")


def test_every_folder_has_its_own_configuration(put: Callable[[str, str], Path], editor: Opened, tmp_path: Path):
    file = put("migrations/0001_words.sql", KEYLESS)
    other = tmp_path / "bakery" / "migrations" / "0001_words.sql"
    other.parent.mkdir(parents=True)
    other.write_text(KEYLESS, encoding="utf-8")
    settings = tmp_path / "bakery" / "archcheck.toml"
    settings.write_text('ignore = ["table-without-primary-key"]\n', encoding="utf-8")
    ours = editor(tmp_path / "shop", tmp_path / "bakery")
    ours.open(file)
    ours.open(other)
    assert rules(ours.found(file)) == ["table-without-primary-key"]
    assert ours.found(other) == []

    settings.write_text('\nignoer = ["table-without-primary-key"]\n', encoding="utf-8")
    ours.open(settings)
    ours.save(settings)
    ours.wait_for(lambda: ours.shown(settings), "the mistake")
    (mistake,) = ours.shown(settings)
    assert (mistake["range"]["start"]["line"], mistake["severity"]) == (1, 1)
    assert "'ignore'" in mistake["message"]
    ours.wait_for(lambda: len(ours.messages) == 1, "the message")
    settings.write_text("", encoding="utf-8")
    ours.save(settings)
    ours.wait_for(lambda: not ours.shown(settings) and ours.shown(other), "the end of the mistake")
    assert rules(ours.shown(file)) == ["table-without-primary-key"]


def test_accepted_debt_and_excluded_files_stay_quiet(
    put: Callable[[str, str], Path], editor: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CI", raising=False)
    file = put("migrations/0001_words.sql", KEYLESS)
    put("archcheck.toml", 'exclude = ["old/"]\n')
    assert main(["baseline", "write", "--root", str(tmp_path / "shop")]) == 0
    baseline = (tmp_path / "shop" / ".archcheck-baseline.json").read_bytes()
    excluded = put("old/rates.py", WAITS)
    ours = editor()
    ours.open(excluded)
    assert ours.found(excluded) == []
    ours.change(excluded, WAITS + "\n", 2)
    assert ours.found(excluded, 2) == []
    ours.open(file)
    assert ours.found(file) == []
    more = KEYLESS + KEYLESS.replace("words", "letters")
    ours.change(file, more, 2)
    (finding,) = ours.found(file, 2)
    assert "letters" in finding["message"]
    ours.change(file, KEYED, 3)
    assert ours.found(file, 3) == []
    assert (tmp_path / "shop" / ".archcheck-baseline.json").read_bytes() == baseline


def test_a_file_that_is_not_saved_yet_is_checked(put: Callable[[str, str], Path], editor: Opened, tmp_path: Path):
    put("migrations/0001_words.sql", KEYED)
    new = tmp_path / "shop" / "migrations" / "0002_letters.sql"
    ours = editor()
    ours.open(new, KEYLESS.replace("words", "letters"))
    assert rules(ours.found(new)) == ["table-without-primary-key"]
    assert not new.exists()


def test_nothing_of_what_is_checked_is_imported(put: Callable[[str, str], Path], editor: Opened, tmp_path: Path):
    for name in ("msgspec", "archcheck", "pygls", "lsprotocol", "yaml"):
        put(f"{name}.py", f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\nraise SystemExit\n")
    file = put("migrations/0001_words.sql", KEYLESS)
    ours = editor()
    ours.open(file)
    assert rules(ours.found(file)) == ["table-without-primary-key"]
    assert not (tmp_path / "ran").exists()


def test_an_editor_that_crashes_leaves_nobody_behind(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_words.sql", KEYLESS)
    ours = editor()
    ours.open(file)
    ours.found(file)
    assert ours.hang_up() in (0, 1)


def test_a_checker_that_dies_is_replaced(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_words.sql", KEYLESS)
    ours = editor()
    ours.open(file)
    ours.found(file)
    if not ours.checkers():
        pytest.skip("this system does not tell which processes a process has started")
    (checker,) = ours.checkers()
    os.kill(checker, signal.SIGKILL)
    ours.change(file, KEYED, 2)
    assert ours.found(file, 2) == []
    assert ours.checkers() != [checker]
    assert ours.messages == []


def test_what_is_cancelled_confuses_nobody(put: Callable[[str, str], Path], editor: Opened):
    file = put("rates.py", WAITS)
    ours = editor()
    ours.open(file)
    finding = of_rule(ours.found(file), "missing-timeout")
    checkers = ours.checkers()
    asked = {"textDocument": {"uri": file.as_uri()}, "range": finding["range"], "context": {"diagnostics": [finding]}}
    for version in range(2, 8):
        ours.change(file, WAITS + "\n" * version, version)
        ours.found(file, version)
        for _ in range(3):
            ours.ask_and_cancel("textDocument/codeAction", asked)
    assert ours.actions(file, finding)[0]["title"].startswith("Give it ten seconds")
    assert ours.checkers() == checkers
    assert ours.messages == []


def test_who_leaves_in_the_middle_leaves_nobody_behind(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_words.sql", KEYLESS)
    ours = editor()
    ours.open(file)
    ours.found(file)
    checkers = ours.checkers()
    for version in range(2, 20):
        ours.change(file, KEYLESS + "\n" * version, version)
        ours.save(file)
    assert ours.leave() == 0
    for checker in checkers:
        ours.wait_for(lambda pid=checker: not alive(pid), "the end of the checker")


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def test_a_watched_change_on_the_disk_is_seen(put: Callable[[str, str], Path], editor: Opened):
    file = put("migrations/0001_words.sql", KEYLESS)
    capabilities = CAPABILITIES | {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    ours = editor(capabilities=capabilities)
    ours.open(file)
    assert rules(ours.found(file)) == ["table-without-primary-key"]
    put("archcheck.toml", 'ignore = ["table-without-primary-key"]\n')
    change = {"uri": (file.parents[1] / "archcheck.toml").as_uri(), "type": 1}
    ours.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    ours.wait_for(lambda: not ours.shown(file), "the new configuration")


def test_without_pygls_the_way_out_is_said(tmp_path: Path):
    code = (
        "import importlib.util as u, sys; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pygls' else real(name, *a)\n"
        "from archcheck.cli import main; sys.exit(main(['server']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "pip install 'archcheck-lint[server]'" in done.stderr
