"""What the tests of the SQL surface share: a real PostgreSQL, where it can be had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sql_server import running


@pytest.fixture(scope="session")
def server() -> Iterator[list[str]]:
    """The psql command of a server; without one the test is skipped and says why."""
    yield from running()
