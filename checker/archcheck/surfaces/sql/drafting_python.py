"""Drafting in Python: the next revision of an Alembic history, and the next migration of a Django app, for indexes."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from archcheck.finding import NewFile

if TYPE_CHECKING:
    from archcheck.surfaces.sql.subjects import History, Migration


class NewIndex(NamedTuple):
    """An index to be made: names as the server keeps them, and the statements that make it and take it away."""

    name: str
    schema: str
    table: str
    columns: tuple[str, ...]
    up: str
    down: str
    alone: bool


_DIGITS: Final = 12
_NUMBERED: Final = re.compile(r"(\d{4})_\w+")


def revision(history: History, title: str, index: NewIndex) -> tuple[NewFile, ...]:
    """The revision that follows the head; none where there are two."""
    head = _head(history)
    if head is None:
        return ()
    # A revision has a random name; one that is made of the former is as unlikely to be taken, and always the same.
    version = hashlib.blake2b(head.version.encode("utf-8"), digest_size=_DIGITS // 2).hexdigest()
    folder, slash, _ = head.path.rpartition("/")
    block, indent = ("    with op.get_context().autocommit_block():\n", " " * 8) if index.alone else ("", " " * 4)
    frame = (
        f'"""{title.replace("_", " ").capitalize()}."""\n\nfrom alembic import op\n\nrevision = {json.dumps(version)}\n'
        f"down_revision = {json.dumps(head.version)}\nbranch_labels = None\ndepends_on = None\n\n\n"
        f"def upgrade() -> None:\n{block}",
        f"\n\ndef downgrade() -> None:\n{block}",
        "",
    )
    more = f", schema={json.dumps(index.schema)}" if index.schema else ""
    more += ", postgresql_concurrently=True" if index.alone else ""
    name, table, columns = (json.dumps(part) for part in (index.name, index.table, index.columns))
    parts = (
        f"{indent}op.create_index({name}, {table}, {columns}{more})\n",
        f"{indent}op.drop_index({name}, table_name={table}{more})\n",
    )
    return (NewFile(f"{folder}{slash}{version}_{title}.py", frame, parts),)


def migration(history: History, title: str, index: NewIndex, maker: Migration) -> tuple[NewFile, ...]:
    """The migration that follows the last one of the app that made the table; none where there are two.

    As SQL, since Django would take an index that the models do not name away again.
    """
    app = maker.version.partition(".")[0]
    leaf = _head(history, f"{app}.")
    last = leaf.version.partition(".")[2] if leaf else ""
    number = _NUMBERED.fullmatch(last)
    if leaf is None or number is None:
        return ()
    folder = leaf.path.rpartition("/")[0]
    frame = (
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        + ("    atomic = False\n\n" if index.alone else "")
        + f"    dependencies = [({json.dumps(app)}, {json.dumps(last)})]\n\n    operations = [\n",
        "    ]\n",
    )
    part = f"        migrations.RunSQL(\n            {_text(index.up)},\n            {_text(index.down)},\n        ),\n"
    return (NewFile(f"{folder}/{int(number[1]) + 1:04}_{title}.py", frame, (part,)),)


@lru_cache(maxsize=64)
def _head(history: History, start: str = "") -> Migration | None:
    """The one migration that no other follows, among those whose version starts so."""
    own = [step for step in history.migrations if step.version.startswith(start)]
    followed = {parent for step in own for parent in step.parents}
    heads = [step for step in own if step.version not in followed]
    return heads[0] if len(heads) == 1 and heads[0].version else None


def _text(sql: str) -> str:
    return json.dumps(sql.strip().removesuffix(";"), ensure_ascii=False)
