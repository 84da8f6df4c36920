"""A history of difficult statements ends as a real PostgreSQL ends it: columns, types, keys, checks, indexes, names."""

from __future__ import annotations

import json
from pathlib import Path

from sql_server import QUERY, ask, replayed, told

SCRIPT = Path(__file__).with_name("server_history.sql")


def test_the_final_catalog_is_the_servers(server: list[str]):
    ask(server, SCRIPT.read_text("utf-8"))
    theirs = told(json.loads(ask(server, QUERY)))
    ours = replayed(SCRIPT.read_text("utf-8"))
    for kind, facts in theirs.items():
        assert ours[kind] == facts, kind
