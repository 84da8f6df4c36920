"""The table `[layers]` of a configuration: which modules may know which, the highest layer first.

    [layers]
    order = ["api", "services | jobs", "(cache)", "storage"]
    containers = ["shop.orders", "shop.billing"]
    ignore = ["shop.orders.storage.legacy -> shop.orders.api.errors"]

A layer knows those below it. Modules in one layer are kept apart by `|` and may know each other with `:`; one in
parentheses may be absent. With containers the names are relative to each of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from archcheck.config import nearest
from archcheck.surface import Layer, Layers

KEYS: Final = ("order", "containers", "ignore", "type-checking")
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_PATTERN: Final = re.compile(r"(?:\*\*?|[^\W\d]\w*)(?:\.(?:\*\*?|[^\W\d]\w*))*")


class LayerError(Exception):
    """Something in the table that cannot be used; `key` leads to it."""

    def __init__(self, key: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message


def layers_of(table: object) -> Layers:
    """The layers that a table declares. Raises `LayerError` for the first thing that is wrong."""
    if not isinstance(table, Mapping):
        raise LayerError((), "'layers' is a table; write [layers]")
    for name in table:
        if name not in KEYS:
            hint = nearest(name, KEYS) or f"; the settings are {', '.join(KEYS)}"
            raise LayerError((name,), f"there is no setting '{name}' in [layers]{hint}")
    texts = _texts(table, "order", '["app.api", "app.services", "app.storage"]')
    if len(texts) < 2:
        raise LayerError(("order",), "'layers.order' names two layers or more, the highest first")
    order = tuple(_layer(text) for text in texts)
    _apart(order)
    containers = _texts(table, "containers", '["app.orders", "app.billing"]')
    for container in containers:
        if not _NAME.fullmatch(container):
            raise LayerError(("containers", container), f"'{container}' is no module; write it as it is imported")
    ignore = tuple(_ignored(text) for text in _texts(table, "ignore", '["app.storage.legacy -> app.api.errors"]'))
    counts = table.get("type-checking", True)
    if not isinstance(counts, bool):
        raise LayerError(("type-checking",), "'layers.type-checking' is true or false")
    return Layers(order, containers, ignore, counts)


def _texts(table: Mapping[str, object], name: str, example: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise LayerError((name,), f"'layers.{name}' is a list of strings, such as {example}")
    return tuple(value)


def _layer(text: str) -> Layer:
    apart, together = "|" in text, ":" in text
    key = ("order", text)
    if apart and together:
        raise LayerError(key, f"'{text}' mixes '|' and ':'; modules of one layer are either kept apart or not")
    modules: list[str] = []
    optional: list[str] = []
    for part in re.split(r"[|:]", text):
        name = part.strip()
        if name.startswith("(") and name.endswith(")"):
            name = name[1:-1].strip()
            optional.append(name)
        if not _NAME.fullmatch(name):
            raise LayerError(key, f"'{name or text}' is no module; write it as it is imported, such as 'app.services'")
        modules.append(name)
    return Layer(tuple(modules), tuple(optional), not together)


def _apart(order: tuple[Layer, ...]) -> None:
    """No module may lie in two layers: nobody could say which counts."""
    names = [(name, layer) for layer in order for name in layer.modules]
    for index, (name, _) in enumerate(names):
        for other, _ in names[index + 1 :]:
            if name == other:
                raise LayerError(("order",), f"'{name}' stands in two layers")
            inner, outer = (name, other) if name.startswith(f"{other}.") else (other, name)
            if inner.startswith(f"{outer}."):
                raise LayerError(("order",), f"'{inner}' lies in '{outer}', which is another layer")


def _ignored(text: str) -> tuple[str, str]:
    importer, arrow, imported = (part.strip() for part in text.partition("->"))
    if not arrow or not _PATTERN.fullmatch(importer) or not _PATTERN.fullmatch(imported):
        raise LayerError(("ignore", text), f"'{text}' is no import; write it as 'app.storage.* -> app.api.errors'")
    return importer, imported
