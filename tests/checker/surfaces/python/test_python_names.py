"""Modules have the names they are imported by."""

from __future__ import annotations

import pytest

from archcheck.surfaces.python.names import absolute, import_roots, module_name


@pytest.mark.parametrize(
    ("path", "packages", "name"),
    [
        ("app/api/users.py", {"app", "app/api"}, "app.api.users"),
        ("src/app/api/users.py", {"src/app", "src/app/api"}, "app.api.users"),
        ("src/app/api/users.py", set(), "app.api.users"),
        ("backend/app/users.py", {"backend/app"}, "app.users"),
        ("app/api/users.py", {"app"}, "app.api.users"),
        ("app/api/__init__.py", {"app", "app/api"}, "app.api"),
        ("manage.py", set(), "manage"),
        ("scripts/run.py", set(), "scripts.run"),
        ("__init__.py", set(), "__init__"),
    ],
)
def test_a_path_becomes_a_name(path: str, packages: set[str], name: str):
    assert module_name(path, packages.__contains__) == name


@pytest.mark.parametrize(
    ("module", "package", "level", "target", "name"),
    [
        ("app.api.users", False, 0, "sqlalchemy.orm", "sqlalchemy.orm"),
        ("app.api.users", False, 1, "models", "app.api.models"),
        ("app.api.users", False, 2, "db", "app.db"),
        ("app.api", True, 1, "models", "app.api.models"),
        ("app.api.users", False, 1, "", "app.api"),
        ("users", False, 3, "db", "db"),
    ],
)
def test_relative_imports_become_absolute(module: str, package: bool, level: int, target: str, name: str):
    assert absolute(module, package, level, target) == name


def test_an_import_can_start_above_the_package_or_at_the_root():
    assert import_roots("backend/app/api/users.py", "app.api.users") == ("backend", "")
    assert import_roots("backend/app/__init__.py", "app") == ("backend", "")
    assert import_roots("manage.py", "manage") == ("",)
