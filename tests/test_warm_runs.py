"""A warm run says what a cold one says, to the byte, whatever happened in between; it reads no more than it must."""

from __future__ import annotations

import dataclasses
import io
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archcheck import reports
from archcheck.config import Config, PerPath
from archcheck.engine import Request, run
from archcheck.surface import Limits

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

ROOT = """\
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /orders:
    $ref: paths/orders.yaml
  /items:
    $ref: paths/items.yaml
"""
LIST = """\
get:
  responses:
    '200':
      description: all of them
      content:
        application/json:
          schema: {$ref: '../schemas/%s.yaml'}
"""
ORDERS, ITEMS = LIST % "orders", LIST % "items"
SCHEMA = "type: array\nitems: {type: object, properties: {id: {type: integer}, created_at: {type: string}}}\n"
CUSTOMERS = "CREATE TABLE customers (id bigint PRIMARY KEY, created_at timestamptz, updated_at timestamptz);\n"
KEYED = """\
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    created_at timestamptz,
    updated_at timestamptz
);
"""
DOCUMENT = "openapi: 3.1.0\ninfo: {}\npaths:\n  /order:\n    post:\n      responses: {}\n"
INDEX = "CREATE INDEX orders_customer_id ON orders (customer_id);\n"
ACCEPTED = "-- archcheck: allow-file[fk-without-index] few rows\n"
CONSTANT = "state = 'open'\n"
VARIABLE = "state = input()\n"
STORE = """\
import sqlite3

from shop.names import state


def orders(cursor: sqlite3.Cursor) -> None:
    cursor.execute(f"SELECT * FROM orders WHERE state = '{state}'")
"""
FILES = {
    "api/openapi.yaml": ROOT,
    "api/paths/orders.yaml": ORDERS,
    "api/paths/items.yaml": ITEMS,
    "api/schemas/items.yaml": SCHEMA,
    "migrations/0001_customers.sql": CUSTOMERS,
    "migrations/0002_orders.sql": KEYED,
    "prisma/migrations/20240101_init/migration.sql": "CREATE TABLE t (id int);\n",
    "shop/__init__.py": "",
    "shop/names.py": CONSTANT,
    "shop/store.py": STORE,
}
HOUR = 3_600_000_000_000
PLAIN = Config(jobs=1, profile="strict")
USUAL = Limits()


@dataclasses.dataclass(frozen=True)
class Said:
    """What a run said in JSON and in SARIF, and how many units it read anew."""

    json: str
    sarif: str
    read: int

    def __contains__(self, rule: str) -> bool:
        return f'"rule": "{rule}"' in self.json or f'"rule":"{rule}"' in self.json

    @property
    def text(self) -> str:
        return self.json + self.sarif


class Project:
    """A project on the disk that can be edited and run; its files look old unless they are edited in a hurry."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.cache = folder / "cache"
        self.clock = 0
        self.root.mkdir(exist_ok=True)

    def write(self, path: str, content: str | bytes, *, old: bool = True) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        if old:
            self.clock += 1_000_000_000
            at = file.stat().st_mtime_ns - HOUR + self.clock
            os.utime(file, ns=(at, at))

    def delete(self, path: str) -> None:
        (self.root / path).unlink()

    def run(self, cache: Path | None, config: Config = PLAIN, *paths: str, limits: Limits = USUAL) -> Said:
        steps: list[int] = []
        report = run(
            Request(
                root=self.root,
                config=config,
                paths=tuple(self.root / path for path in paths),
                limits=limits,
                cache=cache is not None,
                cache_dir=cache,
                progress=lambda done, total: steps.append(done),
            )
        )
        written = []
        for name in ("json", "sarif"):
            out = io.StringIO()
            reports.load(name)(report, out)
            written.append(out.getvalue())
        return Said(*written, len(steps))

    def warm(self, config: Config = PLAIN, *paths: str, limits: Limits = USUAL) -> Said:
        return self.run(self.cache, config, *paths, limits=limits)

    def cold(self, config: Config = PLAIN, *paths: str, limits: Limits = USUAL) -> Said:
        return self.run(None, config, *paths, limits=limits)

    def agree(self, config: Config = PLAIN, *paths: str, limits: Limits = USUAL) -> Said:
        """A warm run that says what a cold one says; and one more that reads nothing and says it again."""
        warm, cold = self.warm(config, *paths, limits=limits), self.cold(config, *paths, limits=limits)
        assert warm.text == cold.text
        again = self.warm(config, *paths, limits=limits)
        assert again.text == cold.text
        return warm


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for path, content in FILES.items():
        made.write(path, content)
    return made


def test_a_second_run_reads_nothing_and_says_the_same_bytes(project: Project):
    first, second = project.warm(), project.warm()
    assert first.text == second.text == project.cold().text
    assert (first.read, second.read) == (6, 0)
    assert "unresolved-ref" in first
    assert "fk-without-index" in first
    assert "interpolated-query" not in first


def edits() -> dict[str, tuple[Callable[[Project], object], int, str]]:
    """Edits by name: what is done, how many units are read for it, and the rule that speaks (+) or is silent (-)."""
    return {
        "nothing": (lambda p: None, 0, ""),
        "a file touched": (lambda p: os.utime(p.root / "api/openapi.yaml"), 0, ""),
        "a reference's target created": (lambda p: p.write("api/schemas/orders.yaml", SCHEMA), 1, "-unresolved-ref"),
        "a reference's target deleted": (lambda p: p.delete("api/schemas/items.yaml"), 1, "-unpaginated-list"),
        "a component edited": (
            lambda p: p.write("api/schemas/items.yaml", "type: object\n"),
            1,
            "-unpaginated-list",
        ),
        "the root edited": (lambda p: p.write("api/openapi.yaml", ROOT.replace("/items", "/item")), 1, ""),
        "a migration added": (lambda p: p.write("migrations/0003_index.sql", INDEX), 1, "-fk-without-index"),
        "a migration edited": (
            lambda p: p.write("migrations/0001_customers.sql", CUSTOMERS.replace(" PRIMARY KEY", "")),
            1,
            "",
        ),
        "a migration deleted": (lambda p: p.delete("migrations/0002_orders.sql"), 1, "-fk-without-index"),
        "a constant that becomes a variable": (lambda p: p.write("shop/names.py", VARIABLE), 1, "+interpolated-query"),
        "a package beside a module": (lambda p: p.write("shop/names/__init__.py", VARIABLE), 1, "+interpolated-query"),
        "a module that nobody imports": (lambda p: p.write("shop/other.py", "x = 1\n"), 1, ""),
        "a module with a syntax error": (lambda p: p.write("shop/store.py", "def (\n"), 1, "+unread-file"),
        "a lock file that names a dialect": (
            lambda p: p.write("prisma/migrations/migration_lock.toml", 'provider = "mongodb"\n'),
            0,
            "",
        ),
        "a lock file that names another dialect": (
            lambda p: p.write("prisma/migrations/migration_lock.toml", 'provider = "mysql"\n'),
            1,
            "",
        ),
        "data that becomes a document": (
            lambda p: p.write("data.yaml", DOCUMENT),
            1,
            "",
        ),
        "a document that becomes data": (lambda p: p.write("api/openapi.yaml", "a: 1\n"), 0, "-unresolved-ref"),
        "an acceptance added": (
            lambda p: p.write("migrations/0002_orders.sql", ACCEPTED + KEYED),
            1,
            "-fk-without-index",
        ),
        "an acceptance in a component": (
            lambda p: p.write("api/paths/orders.yaml", ORDERS + "# archcheck: allow[unresolved-ref] soon\n"),
            1,
            "+unused-suppression",
        ),
        "a component left alone": (
            lambda p: p.write("api/paths/items.yaml", "get:\n  responses: {'200': {description: none}}\n"),
            1,
            "-unpaginated-list",
        ),
    }


@pytest.mark.parametrize("name", edits())
def test_an_edit_costs_what_it_concerns_and_says_what_a_cold_run_says(name: str, project: Project):
    edit, read, changes = edits()[name]
    before = project.agree()
    edit(project)
    after = project.agree()
    assert after.read == read
    if changes:
        rule = changes[1:]
        assert ((rule in before), (rule in after)) == ((False, True) if changes[0] == "+" else (True, False))


def test_the_cache_forgets_nothing_when_an_edit_is_undone(project: Project):
    first = project.agree()
    project.write("api/schemas/orders.yaml", SCHEMA)
    assert project.agree().text != first.text
    project.delete("api/schemas/orders.yaml")
    assert project.agree().text == first.text


def test_what_no_piece_names_any_more_is_forgotten(project: Project):
    """The acceptances of a component count as long as something refers to it."""
    project.write("api/schemas/items.yaml", "# archcheck: allow[create-without-201] no\n" + SCHEMA)
    assert "unused-suppression" in project.agree()
    project.write("api/paths/items.yaml", "get:\n  responses: {'200': {description: none}}\n")
    assert "unused-suppression" not in project.agree()
    project.write("api/schemas/items.yaml", "type: [\n")
    assert "unread-file" not in project.agree()


def test_the_notes_of_documents_that_are_replayed_are_kept(project: Project):
    project.write("api/schemas/items.yaml", SCHEMA + "---\na: 1\n")
    assert "holds several documents" in project.agree().json
    project.write("api/paths/orders.yaml", ORDERS + "# edited\n")
    assert "holds several documents" in project.agree().json


def test_an_edit_within_the_same_second_with_the_same_size_is_seen(project: Project):
    project.write("shop/names.py", "state = 'an open one'\n", old=False)
    assert "interpolated-query" not in project.warm()
    status = (project.root / "shop/names.py").stat()
    project.write("shop/names.py", "state = input('a/b')\n\n", old=False)
    assert (project.root / "shop/names.py").stat().st_size == status.st_size
    os.utime(project.root / "shop/names.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "interpolated-query" in project.agree()


CONFIGS = {
    "another profile": (Config(jobs=1, profile="audit"), 6),
    "a selection": (Config(profile="strict", jobs=1, select=("sql", "python")), 5),
    "a rule ignored": (Config(profile="strict", jobs=1, ignore=("unresolved-ref",)), 6),
    "an option": (
        Config(profile="strict", jobs=1, options={"table-without-timestamps": {"created": ["created_at"]}}),
        6,
    ),
    "a severity": (Config(profile="strict", jobs=1, severity={"unresolved-ref": "note"}), 0),
    "a rule ignored at a path": (
        Config(profile="strict", jobs=1, per_path=(PerPath("api/", ("unresolved-ref",), {}),)),
        0,
    ),
    "an exclusion": (Config(profile="strict", jobs=1, exclude=("shop/store.py", "migrations/0002*")), 1),
    "a dialect": (Config(profile="strict", jobs=1, dialect="mysql"), 6),
    "other jobs": (Config(profile="strict", jobs=2), 0),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_setting_costs_what_it_concerns(name: str, project: Project):
    config, read = CONFIGS[name]
    first = project.agree()
    assert project.agree(config).read == read
    back = project.warm()
    assert (back.text, back.read) == (first.text, 0)


def test_a_limit_holds_against_a_warm_cache(project: Project):
    project.agree()
    assert "unread-file" in project.agree(limits=Limits(file_size=120))
    assert "unread-file" not in project.agree()


SUBSETS = [
    (".",),
    ("api",),
    ("api/paths/orders.yaml",),
    ("migrations/0001_customers.sql",),
    ("shop/store.py", "api"),
    ("shop",),
]


@pytest.mark.parametrize("paths", SUBSETS)
def test_a_part_against_a_warm_cache_of_the_whole_and_the_reverse(paths: tuple[str, ...], project: Project):
    whole = project.agree()
    assert project.agree(PLAIN, *paths).read == 0
    shutil.rmtree(project.cache)
    project.agree(PLAIN, *paths)
    assert project.agree().text == whole.text


def test_a_changed_rule_judges_anew(tmp_path: Path, archcheck):
    """A pack beside the built-in one, as an installer leaves it: edited, it is asked again."""
    packs = tmp_path / "packs"
    pack = packs / "loud_rules"
    metadata = packs / "loud_rules-1.0.dist-info"
    metadata.mkdir(parents=True)
    pack.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[archcheck.rules]\nloud = loud_rules\n")
    (pack / "__init__.py").write_text('"""Loud rules."""\n')
    (pack / "checklist.md").write_text("### api.loudness: every operation speaks\n")
    rule = (
        '"""An operation is there."""\nfrom archcheck import Finding, rule\n'
        "from archcheck.surfaces.openapi import Operation\n\n"
        '@rule("loud-operation", checklist="api.loudness", severity="note", profile="regular", since="1")\n'
        "def loud_operation(operation: Operation):\n    yield Finding(operation.at, 'It says MOO.')\n"
    )
    (pack / "loud_operation.py").write_text(rule)
    project = Project(tmp_path)
    project.write("api.yaml", "openapi: 3.1.0\ninfo: {}\npaths: {/a: {get: {responses: {}}}}\n")

    def said() -> str:
        warm = archcheck("check", "--output", "json", folder=project.root, path=(packs,))
        cold = archcheck("check", "--output", "json", "--no-cache", folder=project.root, path=(packs,))
        assert warm.stdout == cold.stdout
        return str(warm.stdout)

    assert "It says MOO." in said()
    assert "It says MOO." in said()
    (pack / "loud_operation.py").write_text(rule.replace("MOO", "BAA"))
    assert "It says BAA." in said()
    (pack / "loud_operation.py").write_text(rule.replace("yield", "nonsense"))
    assert "could not be loaded" in said()
    (pack / "loud_operation.py").write_text(rule.replace("api.loudness", "api.silence"))
    assert "no checklist has" in said()
    (pack / "checklist.md").write_text("### api.silence: every operation is silent\n")
    assert "It says MOO." in said()
    shutil.rmtree(metadata)
    assert "MOO" not in said()


@pytest.mark.parametrize("damage", ["garbage", "empty", "truncated", "a database of another program", "zeroed pages"])
def test_a_damaged_cache_is_a_miss_and_mended(damage: str, project: Project):
    import sqlite3

    first = project.warm()
    (store,) = project.cache.glob("*.sqlite")
    data = store.read_bytes()
    if damage == "a database of another program":
        store.unlink()
        with sqlite3.connect(store) as connection:
            connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.close()
    else:
        half = len(data) // 2
        store.write_bytes(
            {
                "garbage": b"garbage" * 1000,
                "empty": b"",
                "truncated": data[:half],
                "zeroed pages": data[:half] + bytes(len(data) - half),
            }[damage]
        )
    foreign = store.read_bytes() if "another" in damage else None
    assert project.warm().text == first.text
    last = project.warm()
    assert last.text == first.text
    if foreign is not None:
        assert store.read_bytes() == foreign, "what is not ours is left alone"
    else:
        assert last.read == 0


def test_a_cache_folder_that_cannot_be_used_costs_nothing_but_time(project: Project, tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    cold = project.cold()
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nowhere")):
        assert project.run(folder).text == cold.text
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user can read everything")
def test_a_file_that_becomes_readable_is_read(project: Project):
    file = project.root / "api/schemas/items.yaml"
    file.chmod(0)
    assert "unread-file" in project.agree()
    file.chmod(0o644)
    assert "unread-file" not in project.agree()


def test_a_file_that_could_not_be_read_for_another_reason_is_read_when_it_can_be(project: Project):
    """The same for any user: a folder stands where the file is expected, then a link out of the root, then the file."""
    project.delete("api/schemas/items.yaml")
    (project.root / "api/schemas/items.yaml").mkdir()
    first = project.agree()
    (project.root / "api/schemas/items.yaml").rmdir()
    outside = project.root.parent / "outside.yaml"
    outside.write_text("description: WHISPER\n" + SCHEMA)
    (project.root / "api/schemas/items.yaml").symlink_to(outside)
    linked = project.agree()
    assert "WHISPER" not in linked.text
    assert linked.text != first.text
    project.delete("api/schemas/items.yaml")
    project.write("api/schemas/items.yaml", SCHEMA)
    assert "unread-file" not in project.agree()


def test_an_edit_of_what_a_migration_leans_on_is_seen(project: Project):
    head = "from alembic import op\nimport sqlalchemy as sa\n"
    table = "sa.Column('id', sa.Integer(), primary_key=True), sa.Column('note', sa.Text())"
    step = head + "from shop.changes import change\nrevision = '%s'\ndown_revision = %s\n"
    make = step % ("a", "None") + f"def upgrade():\n    op.create_table('notes', {table})\n"
    drop = step % ("b", "'a'") + "def upgrade():\n    change('notes', 'note')\n"
    project.write("alembic/versions/a_notes.py", make)
    project.write("alembic/versions/b_less.py", drop)
    assert "dropped-column" not in project.agree()
    helper = head + "def change(table, column):\n    op.%s(table, column)\n"
    project.write("shop/changes.py", helper % "drop_column")
    assert "dropped-column" in project.agree()
    project.write("shop/changes.py", helper % "get_bind")
    assert "dropped-column" not in project.agree()
    project.write("alembic/shop/changes.py", helper % "drop_column")
    assert "dropped-column" in project.agree()
    project.delete("alembic/shop/changes.py")
    assert "dropped-column" not in project.agree()


def test_a_layout_of_its_own_counts_the_same_in_every_run(project: Project):
    head = "--liquibase formatted sql\n--changeset a:1\n"
    project.write("db/0001_a.sql", head + CUSTOMERS)
    project.write("db/0002_b.sql", head + KEYED)
    assert '"histories":' in project.agree().json
    assert "unread-file" not in project.agree(PLAIN, "db/0001_a.sql")


SNIPPETS = {
    ".py": ["\nx = 1\n", "\nstate = input()\n", "\ndef broken(:\n", "# archcheck: allow[interpolated-query] why not\n"],
    ".sql": [
        "\n-- a remark\n",
        "\nCREATE TABLE extra (id int);\n",
        "\nALTER TABLE orders ADD COLUMN extra int;\n",
        "'",
    ],
    ".yaml": ["\n# archcheck: allow[unresolved-ref] why not\n", "\nx-extra: 1\n", "\n  - [\n", "\n---\nb: 1\n"],
    ".json": ["\n", "\n\n", "]", " "],
}


@pytest.mark.parametrize("seed", range(3))
def test_after_any_edits_a_warm_run_says_what_a_cold_one_says(seed: int, tmp_path: Path):
    shutil.copytree(FIXTURES / "shop-fastapi", tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tmp_path / "project", tmp_path / "original")
    project = Project(tmp_path)
    chance = random.Random(seed)
    config = Config(profile="audit", jobs=1)
    history: list[str] = []
    project.warm(config)
    for _ in range(15):
        history.append(_edit(project.root, tmp_path / "original", chance))
        assert project.warm(config).text == project.cold(config).text, history


def _edit(root: Path, original: Path, chance: random.Random) -> str:
    """One random edit; says which."""
    files = sorted(path for path in root.rglob("*") if path.suffix in SNIPPETS)
    file, other = chance.sample(files, 2)
    what = chance.choice(["append", "append", "mend", "mend", "delete", "rename", "create", "swap", "insert"])
    if what == "append":
        file.write_text(file.read_text() + chance.choice(SNIPPETS[file.suffix]))
    elif what == "insert":
        lines = file.read_text().splitlines(keepends=True)
        lines.insert(chance.randrange(len(lines) + 1), "\n")
        file.write_text("".join(lines))
    elif what == "mend":
        file = chance.choice(sorted(path for path in original.rglob("*") if path.suffix in SNIPPETS))
        target = root / file.relative_to(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    elif what == "delete":
        file.unlink()
    elif what == "rename":
        file.rename(file.with_name("renamed_" + file.name))
    elif what == "create":
        file.with_name("new_" + file.name).write_bytes(other.read_bytes())
    else:
        here, there = file.read_bytes(), other.read_bytes()
        file.write_bytes(there)
        other.write_bytes(here)
    return f"{what} {file.name} {other.name if what in ('create', 'swap') else ''}"
