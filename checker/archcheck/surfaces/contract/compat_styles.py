"""How a parameter with several values is written out, in the words of all versions."""

from __future__ import annotations

from typing import Final

from archcheck.surfaces.openapi.message import Parameter

_DEFAULTS: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple", "formData": "form"}
_COLLECTIONS: Final = {
    "ssv": "spaceDelimited, joined",
    "pipes": "pipeDelimited, joined",
    "multi": "form, repeated",
    "tsv": "tabs, joined",
}


def style(parameter: Parameter) -> str:
    """The style and whether each value has a key of its own, such as `form, repeated`."""
    plain = _DEFAULTS.get(parameter.location, "")
    if parameter.api.version == "2.0":
        return _COLLECTIONS.get(parameter.text("collectionFormat"), f"{plain}, joined")
    if parameter.has("content"):
        return "as a document"
    own = parameter.text("style") or plain
    exploded = parameter.value("explode")
    repeated = exploded if isinstance(exploded, bool) else own == "form"
    return f"{own}, {'repeated' if repeated else 'joined'}"
