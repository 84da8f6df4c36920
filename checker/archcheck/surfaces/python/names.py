"""Names of modules from their paths, and what an import means."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

_SOURCE_FOLDERS = ("src", "lib", "python")


def module_name(path: str, is_package: Callable[[str], bool]) -> str:
    """The dotted name a module is imported by.

    `is_package` tells whether a folder holds `__init__.py`. The outermost such folder is the top package; without
    any, the name counts from the root, or from a source folder.
    """
    folder, _, file = path.rpartition("/")
    parts = folder.split("/") if folder else []
    top = next((i for i in range(len(parts)) if is_package("/".join(parts[: i + 1]))), None)
    if top is None:
        top = 1 if parts and parts[0] in _SOURCE_FOLDERS else 0
    stem = file.removesuffix(".py")
    names = parts[top:] if stem == "__init__" and parts[top:] else [*parts[top:], stem]
    return ".".join(names)


def absolute(module: str, is_package: bool, level: int, target: str) -> str:
    """The absolute name of a relative import (`level` dots before `target`) seen from a module."""
    if not level:
        return target
    parts = module.split(".")
    drop = level - 1 if is_package else level
    base = parts[: len(parts) - drop] if drop <= len(parts) else []
    return ".".join([*base, target] if target else base)


def import_roots(path: str, name: str) -> tuple[str, ...]:
    """The folders an absolute import can start from: the one above the top package, and the root.

    The file's own folder is none of them: `query_runner/duckdb.py` imports the library of its own name.
    """
    folder = posixpath.dirname(path)
    parts = folder.split("/") if folder else []
    depth = len(name.split(".")) - (0 if path.endswith("/__init__.py") else 1)
    above = "/".join(parts[: len(parts) - depth]) if depth <= len(parts) else ""
    return tuple(dict.fromkeys((above, "")))
