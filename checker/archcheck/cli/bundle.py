"""`archcheck bundle`: one self-contained document out of a specification that is spread over many files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from archcheck.cli import streams
from archcheck.cli.check import CLEAN, INCOMPLETE, USAGE
from archcheck.cli.options import Misused
from archcheck.config import nearest
from archcheck.files import ProjectFiles
from archcheck.project import find_root
from archcheck.reports.files import Unwritable, replacing
from archcheck.source import Unread
from archcheck.surface import Limits
from archcheck.surfaces.openapi.bundling import Bundle, bundle
from archcheck.surfaces.openapi.writing import to_json, to_yaml

FORMATS: Final = ("yaml", "json")
_SUFFIXES: Final = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_MOST_TOLD: Final = 20


def write_bundle(spec: str, *, output: str = "", form: str = "", root: str = "") -> int:
    """Write the bundle of a specification to a file or to standard output, and return the exit code.

    Raises `Misused` for a format that there is not, and for a root, a specification or a file that cannot be meant.
    """
    if form and form not in FORMATS:
        raise Misused(f"--format: '{form}' is not one of {', '.join(FORMATS)}{nearest(form, FORMATS)}")
    if root and not Path(root).is_dir():
        raise Misused(f"--root: '{root}' is no folder; name the folder of the project")
    file = "" if output == "-" else output
    place = find_root(Path.cwd(), override=Path(root) if root else None)
    path = _inside(place, spec)
    limits = Limits()
    try:
        made = bundle(path, ProjectFiles(place, limits), limits)
    except Unread as unread:
        name = unread.path or spec
        where = f"{name}:{unread.line}" if unread.line else name
        way_out = f"; {unread.way_out}" if unread.way_out else ""
        streams.complain(f"{where}: not read: {unread.reason}{way_out}")
        return INCOMPLETE
    if made.broken:
        return _tell(made)
    _spare_sources(place, made, file)
    kind = form or _SUFFIXES.get(Path(file).suffix.lower(), "") or _SUFFIXES.get(Path(path).suffix.lower(), "yaml")
    return _write(made, kind, file)


def _inside(root: Path, spec: str) -> str:
    # Not resolved: a link is known under the name it was given by.
    for path in (Path(os.path.abspath(spec)), Path(spec).resolve()):  # noqa: PTH100
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    raise Misused(f"'{spec}' lies outside the project {root}; name its folder with --root")


def _tell(made: Bundle) -> int:
    for at, reason in made.broken[:_MOST_TOLD]:
        streams.complain(f"{at.path}:{at.line}: {reason}")
    if len(made.broken) > _MOST_TOLD:
        streams.complain(f"and {len(made.broken) - _MOST_TOLD} more")
    streams.complain("nothing was written")
    return INCOMPLETE


def _spare_sources(root: Path, made: Bundle, file: str) -> None:
    """A bundle never replaces what it is made of."""
    target = Path(file).resolve() if file else None
    for path in made.files:
        if target == (root / path).resolve():
            raise Misused(f"--output: '{file}' is one of the files that the bundle is made of; name another one")


def _write(made: Bundle, kind: str, file: str) -> int:
    try:
        text = to_json(made.value) if kind == "json" else to_yaml(made.value)
    except (ValueError, RecursionError) as error:
        streams.complain(f"{made.files[0]}: it cannot be written as {kind}: {error}; nothing was written")
        return INCOMPLETE
    try:
        if file:
            with replacing(file) as out:
                out.write(text)
        else:
            print(text, end="")
    except Unwritable as error:
        streams.complain(f"{error}; name another file")
        return USAGE
    if made.kept:
        at = made.first_kept
        where = f"; the first is at {at.path}:{at.line}" if at is not None else ""
        what = "1 reference to a file" if made.kept == 1 else f"{made.kept} references to files"
        streams.complain(f"left as written, being data of examples and extensions: {what}{where}")
    return CLEAN
