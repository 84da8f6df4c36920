"""Django's migrations are read without being run: models become tables under the names that Django gives."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sql_histories import models, units

from archcheck.surfaces.sql import History
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.model import SqlModel

HEAD = "from django.conf import settings\nfrom django.db import migrations, models\n"
AUTO = 'DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"\nENGINE = "django.db.backends.postgresql"\n'
ID = '("id", models.BigAutoField(primary_key=True))'
FIRST = f"""
migrations.CreateModel("Author", [{ID}, ("name", models.CharField(max_length=80))]),
migrations.CreateModel("Book", [{ID}, ("author", models.ForeignKey("Author", models.CASCADE))]),
"""


def migration(operations: str, dependencies: str = "[]", more: str = "", head: str = "") -> str:
    body = textwrap.indent(textwrap.dedent(operations).strip(), "        ")
    fields = f"    dependencies = {dependencies}\n{more}    operations = [\n{body}\n    ]\n"
    return f"{HEAD}{head}\nclass Migration(migrations.Migration):\n{fields}"


def project(*steps: str, app: str = "shop", settings: str = AUTO) -> dict[str, str]:
    files = {"manage.py": "", "config/settings.py": settings}
    for number, step in enumerate(steps, 1):
        before = f'[("{app}", "{number - 1:04}_step")]' if number > 1 else "[]"
        files[f"{app}/migrations/{number:04}_step.py"] = migration(step, before)
    return files


def read(files: dict[str, str]) -> SqlModel:
    ((_, model),) = models(files).items()
    assert not model.coverage.gaps
    return model


def history(*steps: str) -> History:
    return read(project(*steps)).history


def columns(found: History) -> dict[str, list[tuple[str, str, bool]]]:
    return {t.name: [(c.name, c.type, c.nullable) for c in t.columns] for t in found.tables}


# Silent first: what is computed at run time is not concluded from.


@pytest.mark.parametrize(
    "step",
    [
        'migrations.RunSQL(load("x.sql")),',
        "custom.RebuildEverything(),",
        "*more_operations(),",
        'migrations.RunSQL(f"ALTER TABLE {table} ADD x int"),',
    ],
)
def test_what_hangs_on_the_run_leaves_a_doubt(step: str):
    assert all(table.doubts for table in history(FIRST, step).tables)


@pytest.mark.parametrize(
    "step",
    [
        "migrations.RunPython(forwards, migrations.RunPython.noop),",
        'migrations.AlterModelOptions("book", {"ordering": ["id"]}),',
        'migrations.RunSQL("UPDATE shop_book SET id = 1", migrations.RunSQL.noop),',
    ],
)
def test_rows_and_options_change_no_table(step: str):
    found = history(FIRST, step)
    assert not any(table.doubts for table in found.tables)
    assert found.migrations[1].undo is not None


@pytest.mark.parametrize("step", ["migrations.RunPython(forwards),", 'migrations.RunSQL("SELECT 1"),'])
def test_code_without_a_way_back_has_none(step: str):
    assert history(FIRST, step).migrations[1].undo is None


def test_state_alone_changes_no_table():
    step = """
    migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddField("book", "title", models.TextField())],
        database_operations=[migrations.RunSQL("ALTER TABLE shop_book ADD title text")],
    ),
    migrations.RenameField("book", "title", "name"),
    """
    assert columns(history(FIRST, step))["shop_book"][2:] == [("name", "text", True)]


def test_tables_that_django_does_not_manage_are_not_made():
    step = f'migrations.CreateModel("Report", [{ID}], options={{"managed": False}}),'
    step += 'migrations.CreateModel("Young", [], options={"proxy": True}, bases=("shop.author",)),'
    assert list(columns(history(FIRST, step))) == ["shop_author", "shop_book"]


def test_models_become_tables_under_the_names_of_django():
    found = history(FIRST)
    assert columns(found) == {
        "shop_author": [("id", "bigint", False), ("name", "varchar(80)", False)],
        "shop_book": [("id", "bigint", False), ("author_id", "bigint", False)],
    }
    book = found.tables[1]
    (key,) = book.foreign_keys
    assert (key.fact.name, key.fact.on_delete) == ("shop_book_author_id_82b8ab51_fk_shop_author_id", "")
    assert key.indexed
    assert key.managed_by_orm
    assert [index.implied for index in book.indexes] == [True]


def test_a_many_to_many_field_is_a_table():
    found = history(FIRST, 'migrations.AddField("author", "liked", models.ManyToManyField("shop.Book")),')
    assert columns(found)["shop_author_liked"] == [
        ("id", "bigint", False),
        ("author_id", "bigint", False),
        ("book_id", "bigint", False),
    ]
    table = found.tables[-1]
    assert [unique.columns for unique in table.fact.uniques] == [("author_id", "book_id")]
    assert [str(key.references) for key in table.foreign_keys] == ["shop_author", "shop_book"]


def test_fields_change_with_all_that_hangs_on_them():
    found = history(
        FIRST,
        """
        migrations.AlterField("author", "id", models.AutoField(primary_key=True)),
        migrations.AlterField("author", "name", models.TextField(null=True, unique=True)),
        migrations.RenameField("book", "author", "writer"),
        migrations.AddField("book", "pages", models.PositiveIntegerField(default=0)),
        migrations.AlterUniqueTogether("book", {("writer", "pages")}),
        migrations.AddIndex("book", models.Index(fields=["-pages"], name="by_pages")),
        """,
        """
        migrations.RenameModel("Author", "Person"),
        migrations.AlterUniqueTogether("book", set()),
        migrations.RemoveIndex("book", "by_pages"),
        migrations.RemoveField("book", "pages"),
        """,
    )
    assert columns(found) == {
        "shop_person": [("id", "integer", False), ("name", "text", True)],
        "shop_book": [("id", "bigint", False), ("writer_id", "integer", False)],
    }
    book = next(table for table in found.tables if table.name == "shop_book")
    assert [str(key.references) for key in book.foreign_keys] == ["shop_person"]
    assert not book.fact.uniques
    assert not book.fact.checks
    assert [index.fact.parts[0].key for index in book.indexes] == ["writer_id"]


def test_constraints_with_a_condition_are_indexes():
    step = """
    migrations.AddConstraint(
        "author", models.UniqueConstraint(fields=["name"], condition=models.Q(name__isnull=False), name="once")
    ),
    migrations.AddConstraint("author", models.CheckConstraint(check=models.Q(id__gt=0), name="positive")),
    """
    author = history(FIRST, step).tables[0]
    (index,) = author.indexes
    assert (index.fact.unique, index.fact.not_null) == (True, ("name",))
    assert [check.name for check in author.fact.checks] == ["positive"]


def test_the_user_model_is_that_of_the_settings():
    files = project('migrations.CreateModel("Note", [("user", models.ForeignKey(settings.AUTH_USER_MODEL, 1))]),')
    assert read(files).history.tables[0].foreign_keys[0].references == "auth_user"
    files["config/settings.py"] += 'AUTH_USER_MODEL = "people.Person"\n'
    files["people/migrations/0001_initial.py"] = migration(
        'migrations.CreateModel("Person", [("uid", models.UUIDField(primary_key=True))]),'
    )
    found = read(files).history
    assert [step.version for step in found.migrations] == ["people.0001_initial", "shop.0001_step"]
    assert columns(found)["shop_note"] == [("id", "bigint", False), ("user_id", "uuid", False)]


def test_a_squashed_migration_stands_for_what_it_replaces():
    files = project(FIRST, 'migrations.AddField("book", "x", models.IntegerField(null=True)),')
    more = '    replaces = [("shop", "0001_step"), ("shop", "0002_step")]\n'
    files["shop/migrations/0001_squashed.py"] = migration(FIRST, more=more)
    files["shop/migrations/0003_next.py"] = migration("", '[("shop", "0002_step")]')
    found = read(files).history
    assert [(step.version, step.fresh) for step in found.migrations] == [
        ("shop.0001_squashed", True),
        ("shop.0003_next", False),
    ]


def test_a_replaced_migration_that_is_gone_is_the_one_that_replaced_it():
    """NetBox deletes the replaced files, and other apps go on naming them."""
    files = project("")
    del files["shop/migrations/0001_step.py"]
    more = '    replaces = [("shop", "0001_step"), ("shop", "0002_step")]\n'
    files["shop/migrations/0001_squashed.py"] = migration(FIRST, more=more)
    added = 'migrations.AddField("book", "x", models.IntegerField(null=True)),'
    files["shop/migrations/0001_a_later_one.py"] = migration(added, '[("shop", "0002_step")]')
    found = read(files).history
    assert [step.version for step in found.migrations] == ["shop.0001_squashed", "shop.0001_a_later_one"]
    assert ("x", "integer", True) in columns(found)["shop_book"]


def test_a_migration_says_what_holds_it():
    files = project(FIRST)
    files["shop/migrations/0002_x.py"] = migration("", '[("shop", "0001_step")]', more="    atomic = False\n")
    assert [step.transaction for step in read(files).history.migrations] == ["wrapped", "alone"]


def test_sql_is_read_where_it_stands():
    step = (
        'migrations.RunSQL(\n    sql="""\n    CREATE TABLE extra (\n        id int\n    )""",\n'
        '    reverse_sql="DROP TABLE extra",\n),'
    )
    (extra,) = history(step).tables
    assert extra.at.line == 9
    assert not extra.managed_by_orm


def test_the_schema_editor_in_code_leaves_a_doubt():
    head = "def forwards(apps, schema_editor):\n    schema_editor.execute('ALTER TABLE shop_book ADD x int')\n"
    files = project(FIRST)
    files["shop/migrations/0002_x.py"] = migration(
        "migrations.RunPython(forwards),", '[("shop", "0001_step")]', head=head
    )
    assert all(table.doubts for table in read(files).history.tables)


def test_two_projects_are_two_histories():
    files = {f"{name}/{path}": text for name in ("a", "b") for path, text in project(FIRST).items()}
    assert [unit.name for unit in units(files)] == ["a/shop/migrations", "b/shop/migrations"]


RUN = """
import json, sys
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["shop"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
found = {}
with connection.cursor() as cursor:
    for name in connection.introspection.table_names(cursor):
        if name == "django_migrations":
            continue
        columns = [(c.name, bool(c.null_ok)) for c in connection.introspection.get_table_description(cursor, name)]
        keys = connection.introspection.get_constraints(cursor, name).items()
        found[name] = {
            "columns": sorted(columns),
            "unique": sorted(v["columns"] for v in dict(keys).values() if v["unique"] and not v["primary_key"]),
            "indexes": sorted(
                v["columns"] for v in dict(keys).values() if v["index"] and not v["unique"] and not v["primary_key"]
            ),
            "foreign": sorted((v["columns"], v["foreign_key"]) for k, v in keys if v["foreign_key"]),
        }
print(json.dumps(found))
"""
STEPS = (
    FIRST,
    """
    migrations.AddField("author", "friends", models.ManyToManyField("self")),
    migrations.AddField("author", "liked", models.ManyToManyField("shop.Book", related_name="+")),
    migrations.AddField("book", "slug", models.SlugField(default="")),
    migrations.AddField("book", "first", models.OneToOneField("shop.Author", models.SET_NULL, null=True)),
    migrations.AlterField("author", "name", models.CharField(max_length=120, db_index=True, null=True)),
    migrations.AlterUniqueTogether("book", {("author", "slug")}),
    migrations.AddIndex("book", models.Index(fields=["slug", "author"], name="by_slug")),
    """,
    """
    migrations.RemoveIndex("book", "by_slug"),
    migrations.RenameModel("Book", "Volume"),
    migrations.RenameField("volume", "author", "writer"),
    migrations.AlterField("author", "name", models.CharField(max_length=120, default="")),
    migrations.AlterModelTable("author", "people"),
    migrations.AddConstraint("volume", models.UniqueConstraint(fields=["slug"], name="one_slug")),
    """,
    """
    migrations.AlterUniqueTogether("volume", set()),
    migrations.RemoveField("volume", "first"),
    migrations.CreateModel("Gone", [("id", models.AutoField(primary_key=True))]),
    migrations.DeleteModel("Gone"),
    """,
)


def test_the_end_is_that_of_a_real_run(tmp_path: Path):
    pytest.importorskip("django", reason="Django is not installed")
    files = project(*STEPS, settings=AUTO.replace("postgresql", "sqlite3"))
    for path, text in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    for name in ("shop/__init__.py", "shop/migrations/__init__.py"):
        (tmp_path / name).touch()
    command = [sys.executable, "-c", RUN, str(tmp_path / "shop.db")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    ours = {}
    for table in read(files).history.tables:
        fact = table.fact
        # SQLite's tables are made anew for every change, and their indexes get other names.
        indexes = [[p.key for p in i.fact.parts] for i in table.indexes]
        ours[table.name] = {
            "columns": sorted([c.name, c.nullable] for c in table.columns),
            "unique": sorted(list(u.columns) for u in fact.uniques),
            "indexes": sorted(indexes),
            "foreign": sorted([list(f.columns), [f.table[1], f.referenced[0]]] for f in fact.foreigns),
        }
    assert ours == theirs


def test_what_a_migration_says_is_typed():
    (first,) = history(FIRST).migrations
    assert [type(s).__name__ for s in first.up] == ["CreateTable", "CreateTable", "CreateIndex"]
    assert isinstance(first.up[0], say.CreateTable)
    assert first.up[0].at.line == 7
