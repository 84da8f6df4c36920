"""A configuration file is found in the root and read into a `Config`; every error in it names its line.

It is `.archcheck.toml`, `archcheck.toml` or the table `[tool.archcheck]` of `pyproject.toml`, the first of them in the
root. It is data only: nothing in it names code to load or a place on the network.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from archcheck.config import DIALECTS, FAIL_ON, Config, ConfigError, PerPath, Written, nearest
from archcheck.finding import PROFILES, SEVERITIES, Severity
from archcheck.surface import Layers

if TYPE_CHECKING:
    from archcheck.tomllines import Key

FILE_NAMES = (".archcheck.toml", "archcheck.toml", "pyproject.toml")

_TABLE: Key = ("tool", "archcheck")
_MAX_BYTES = 1_000_000


def load(root: Path, *, path: Path | None = None) -> Config:
    """The configuration of the project at `root`, or the one in `path`; the defaults when there is none.

    Raises `ConfigError`.
    """
    if path is not None:
        found = _read(path, _shown(path, root), required=True)
        return found or Config()
    for name in FILE_NAMES:
        _confine(root / name, name, root)
        if (config := _read(root / name, name, required=False)) is not None:
            return config
    return Config()


def _confine(path: Path, shown: str, root: Path) -> None:
    """Refuse a link out of the project: what a repository points to is not ours to read, or to quote in an error."""
    if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise ConfigError(shown, 0, "it is a link that leads outside the project root; name the file with --config")


def _read(path: Path, shown: str, *, required: bool) -> Config | None:
    data = _bytes(path, shown, required=required)
    if data is None:
        return None
    if path.name != "pyproject.toml":
        return _Reader(shown, _parsed(data, shown), _lines(data)).config()
    tool = _parsed(data, shown).get("tool") if b"archcheck" in data else None
    table = tool.get("archcheck") if isinstance(tool, dict) else None
    if table is None:
        if required:
            raise ConfigError(shown, 0, "it has no table [tool.archcheck]; add one, or name another file")
        return None
    depth = len(_TABLE)
    lines = {key[depth:]: line for key, line in _lines(data).items() if key[:depth] == _TABLE}
    if not isinstance(table, dict):
        raise ConfigError(shown, lines.get((), 0), "'tool.archcheck' is a table; write [tool.archcheck]")
    return _Reader(shown, table, lines).config()


def _bytes(path: Path, shown: str, *, required: bool) -> bytes | None:
    """The bytes of a regular file of sensible size. A FIFO or a device is refused before it is opened."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            if required:
                raise ConfigError(shown, 0, "it is not a regular file")
            return None
        if status.st_size > _MAX_BYTES:
            raise ConfigError(shown, 0, f"it is larger than {_MAX_BYTES:,} bytes; a configuration is a short file")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if required:
            raise ConfigError(shown, 0, "there is no such configuration file") from None
        return None
    except OSError as error:
        raise ConfigError(shown, 0, f"it cannot be read: {error.strerror}") from None


def _parsed(data: bytes, shown: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(shown, data.count(b"\n", 0, error.start) + 1, "it is not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise ConfigError(shown, 0, "it is nested too deeply") from None
    except ValueError as error:
        message, line = _toml_complaint(str(error), data)
        raise ConfigError(shown, line, f"it is not valid TOML: {message}") from None


def _lines(data: bytes) -> Mapping[Key, int]:
    from archcheck.tomllines import key_lines  # most projects have no configuration

    return key_lines(data.decode("utf-8"))


def _toml_complaint(text: str, data: bytes) -> tuple[str, int]:
    """Take the place out of tomllib's message: `Expected '=' (at line 3, column 7)`."""
    message, _, place = text.partition(" (at ")
    if place.startswith("line "):
        return message, int(place[5:].partition(",")[0])
    return message, data.count(b"\n") + 1 if place else 0


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


class _Reader:
    """One table on its way to a `Config`: checks every key and every type, and knows each key's line."""

    def __init__(self, shown: str, table: Mapping[str, Any], lines: Mapping[Key, int]) -> None:
        self._shown = shown
        self._table = table
        self._lines = lines

    def config(self) -> Config:
        """Check the whole table. Raises `ConfigError` for the first thing that is wrong."""
        settings: dict[str, Any] = {}
        for name, value in self._table.items():
            read = _KEYS.get(name)
            if read is None:
                raise self.error((name,), _unknown_key(name, _KEYS))
            settings[_FIELDS.get(name, name.replace("-", "_"))] = read(self, (name,), value)
        return Config(written=Written(self._shown, self._lines), **settings)

    def error(self, key: Key, message: str) -> ConfigError:
        """An error with the place of the setting, or of the nearest table around it."""
        return Config(written=Written(self._shown, self._lines)).error(key, message)

    def names(self, key: Key, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"'{_dotted(key)}' is a list of strings, such as {_LIST_EXAMPLES[key[-1]]}")
        if "" in value:
            raise self.error(key, f"'{_dotted(key)}' holds an empty string")
        return tuple(value)

    def globs(self, key: Key, value: object) -> tuple[str, ...]:
        for glob in self.names(key, value):
            self.glob((*key, glob), glob)
        return self.names(key, value)

    def glob(self, key: Key, glob: str) -> None:
        from pathspec import GitIgnoreSpec  # only who writes patterns pays for them

        try:
            GitIgnoreSpec.from_lines([glob])
        except ValueError:
            raise self.error(key, f"'{glob}' is no pattern; write it as in a .gitignore, such as 'vendor/'") from None

    def one_of(self, key: Key, value: object, choices: Collection[str]) -> str:
        if not isinstance(value, str) or value not in choices:
            said = f"'{_dotted(key)}' is one of {', '.join(choices)}"
            raise self.error(key, said + (nearest(value, choices) if isinstance(value, str) else ""))
        return value

    def path(self, key: Key, value: object) -> str:
        """A file of the project: whoever writes the configuration decides on nothing outside."""
        if not isinstance(value, str) or not value or value.startswith("/") or ".." in value.split("/"):
            raise self.error(key, f"'{_dotted(key)}' is a file under the root, such as \"accepted.json\"")
        return value

    def number(self, key: Key, value: object, lowest: int, highest: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise self.error(key, f"'{_dotted(key)}' is a whole number from {lowest} to {highest}")
        return value

    def table(self, key: Key, value: object) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.error(key, f"'{_dotted(key)}' is a table; write [{_dotted(key)}]")
        return value

    def severities(self, key: Key, value: object) -> Mapping[str, Severity]:
        levels: dict[str, Severity] = {}
        for rule, level in self.table(key, value).items():
            if level in ("off", "none", False):
                raise self.error((*key, rule), f"'{_dotted((*key, rule))}' turns no rule off; add '{rule}' to 'ignore'")
            self.one_of((*key, rule), level, SEVERITIES)
            levels[rule] = level
        return levels

    def options(self, key: Key, value: object) -> Mapping[str, Mapping[str, object]]:
        return {rule: self.table((*key, rule), options) for rule, options in self.table(key, value).items()}

    def pairs(self, key: Key, value: object) -> tuple[tuple[str, str], ...]:
        table = self.table(key, value)
        for name in table:
            if name != "pairs":
                raise self.error((*key, name), _unknown_key(name, ("pairs",)))
        listed = table.get("pairs", [])
        if not isinstance(listed, list):
            raise self.error((*key, "pairs"), f"'contract.pairs' is a list, such as {_PAIRS_EXAMPLE}")
        return tuple(self._pair((*key, "pairs"), one) for one in listed)

    def layers(self, key: Key, value: object) -> Layers:
        from archcheck.layering import LayerError, layers_of  # most configurations declare none

        try:
            return layers_of(value)
        except LayerError as error:
            raise self.error((*key, *error.key), error.message) from None

    def _pair(self, key: Key, value: object) -> tuple[str, str]:
        if not isinstance(value, dict) or not all(isinstance(one, str) and one for one in value.values()):
            raise self.error(key, f"each of 'contract.pairs' is a table of two strings, such as {_PAIRS_EXAMPLE[1:-1]}")
        for name in value:
            if name not in ("spec", "app"):
                raise self.error((*key, name), _unknown_key(name, ("spec", "app")))
        for name in ("spec", "app"):
            if name not in value:
                raise self.error(key, f"one of 'contract.pairs' has no '{name}'; write it as {_PAIRS_EXAMPLE[1:-1]}")
        return value["spec"], value["app"]

    def per_path(self, key: Key, value: object) -> tuple[PerPath, ...]:
        found = []
        for glob, decided in self.table(key, value).items():
            place = (*key, glob)
            self.glob(place, glob)
            table = self.table(place, decided)
            for name in table:
                if name not in ("ignore", "severity"):
                    raise self.error((*place, name), _unknown_key(name, ("ignore", "severity")))
            ignore = self.names((*place, "ignore"), table.get("ignore", []))
            found.append(PerPath(glob, ignore, self.severities((*place, "severity"), table.get("severity", {}))))
        return tuple(found)


_Read: TypeAlias = "Callable[[_Reader, Key, object], object]"

_KEYS: Mapping[str, _Read] = {
    "select": _Reader.names,
    "ignore": _Reader.names,
    "profile": lambda reader, key, value: reader.one_of(key, value, PROFILES),
    "fail-on": lambda reader, key, value: reader.one_of(key, value, FAIL_ON),
    "include": _Reader.globs,
    "exclude": _Reader.globs,
    "baseline": _Reader.path,
    "jobs": lambda reader, key, value: reader.number(key, value, 0, 1024),
    "dialect": lambda reader, key, value: reader.one_of(key, value, DIALECTS),
    "postgres-version": lambda reader, key, value: reader.number(key, value, 9, 99),
    "applied": _Reader.names,
    "contract": _Reader.pairs,
    "layers": _Reader.layers,
    "severity": _Reader.severities,
    "rules": _Reader.options,
    "per-path": _Reader.per_path,
}
_FIELDS = {"rules": "options", "contract": "pairs"}
_PAIRS_EXAMPLE = '[{ spec = "openapi.yaml", app = "app/main.py" }]'
_LIST_EXAMPLES = {
    "select": '["sql", "api.pagination"]',
    "ignore": '["unpaginated-list"]',
    "include": '["services/*/openapi.yaml"]',
    "exclude": '["vendor/"]',
    "applied": '["0042_add_orders"]',
}


def _unknown_key(name: str, known: Iterable[str]) -> str:
    return f"there is no setting '{name}'" + (nearest(name, known) or f"; the settings are {', '.join(known)}")


def _dotted(key: Key) -> str:
    return ".".join(part if part.replace("-", "").replace("_", "").isalnum() else f'"{part}"' for part in key)
