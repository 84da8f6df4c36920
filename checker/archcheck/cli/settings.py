"""The settings in force as text: TOML that could stand in a configuration file, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from archcheck.config import Config
from archcheck.surface import Layers


def lines(root: Path, config: Config) -> Iterator[str]:
    """The project and its configuration file as comments, then every setting that is not a table, then the tables."""
    yield f"# project: {root}"
    yield f"# configuration: {config.written.path or 'none'}"
    yield f"select = {_toml(config.select)}"
    yield f"ignore = {_toml(config.ignore)}"
    yield f"profile = {_toml(config.profile)}"
    yield f"fail-on = {_toml(config.fail_on)}"
    yield f"include = {_toml(config.include)}"
    yield f"exclude = {_toml(config.exclude)}"
    if config.baseline:
        yield f"baseline = {_toml(config.baseline)}"
    yield f"jobs = {config.jobs}"
    if config.dialect:
        yield f"dialect = {_toml(config.dialect)}"
    yield f"postgres-version = {config.postgres_version}"
    if config.applied:
        yield f"applied = {_toml(config.applied)}"
    if config.pairs:
        yield from _table("contract", {"pairs": [{"spec": spec, "app": app} for spec, app in config.pairs]})
    if config.layers is not None:
        yield from _table("layers", _layers(config.layers))
    if config.severity:
        yield from _table("severity", config.severity)
    for rule, options in config.options.items():
        yield from _table(f"rules.{_key(rule)}", options)
    for glob, ignore, severity in config.per_path:
        yield from _table(f"per-path.{_key(glob)}", {"ignore": ignore, "severity": severity})


def _layers(layers: Layers) -> Mapping[str, object]:
    order = [
        (" | " if layer.apart else " : ").join(
            f"({name})" if name in layer.optional else name for name in layer.modules
        )
        for layer in layers.order
    ]
    ignore = [f"{importer} -> {imported}" for importer, imported in layers.ignore]
    told = {"order": order, "containers": layers.containers, "ignore": ignore, "type-checking": layers.type_checking}
    return {name: value for name, value in told.items() if value or name == "type-checking"}


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{_key(key)} = {_toml(value)}"


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else _toml(name)


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # TOML's strings, numbers and booleans are written as JSON's; its dates as they are.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | int | float) else str(value)
