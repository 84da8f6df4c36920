"""Which Python files may be migrations, by where they lie and how they are named: no others are opened for them."""

from __future__ import annotations

import re
from typing import Final

_FOLDERS: Final = frozenset({"versions", "revisions", "migrations", "migration", "alembic"})
_REVISION_NAME: Final = re.compile(r"(?:.*_)?[0-9a-f]{10,13}(?:_.*)?\.py")
_TESTS: Final = frozenset({"test", "tests", "testing", "__tests__", "testdata", "stub", "stubs"})


def concerns(path: str) -> bool:
    """Any script, and the Python files that lie or are named as migrations do."""
    if path[-3:].lower() != ".py":
        return True
    return not for_tests(path) and named_so(path)


def named_so(path: str) -> bool:
    """Whether a Python file lies or is named as migrations do."""
    *folders, name = path.split("/")
    if name == "__init__.py" or not name.endswith(".py"):
        return False
    return not _FOLDERS.isdisjoint(folders[-4:]) or _REVISION_NAME.fullmatch(name) is not None


def for_tests(path: str) -> bool:
    """Whether a file lies among tests: what is made for them, no service runs."""
    return not _TESTS.isdisjoint(path.split("/")[:-1])
