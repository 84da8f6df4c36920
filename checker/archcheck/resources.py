"""Resources are data files that an installed distribution brings along, read without importing its code."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import PurePath


def resource(package: str, *parts: str) -> bytes:
    """The bytes of a file below an installed package. Raises `FileNotFoundError` when there is no such file."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = str(PurePath(folder, *parts))
        loader = spec.loader if spec is not None and hasattr(spec.loader, "get_data") else SourceFileLoader("", path)
        data: bytes = loader.get_data(path)  # type: ignore[union-attr]
        return data
    raise FileNotFoundError(f"{package} is not installed")
