"""The texts that a check limits a column to: `status IN ('open', 'paid')`, and how PostgreSQL prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from archcheck.surfaces.sql.catalog import CheckFact

_CAST: Final = r"(?:\s*::\s*(?:character varying|[a-z_]\w*)(?:\(\d+\))?(?:\[\])?)?"
_MEMBERSHIP: Final = re.compile(
    rf"\(*\s*[\"`]?(?P<column>[A-Za-z_]\w*)[\"`]?\s*\)?{_CAST}\s*\)*\s*"
    rf"(?:in\s*\((?P<listed>[^()]*)\)|=\s*any\s*\(+\s*array\s*\[(?P<array>[^\[\]]*)\]\s*\)?{_CAST}\s*\)+)\s*\)*",
    re.I,
)
_TEXT: Final = re.compile(rf"\(?'((?:[^']|'')*)'{_CAST}\)?{_CAST}", re.I)
_LONGEST: Final = 4000


def allowed_values(checks: Iterable[CheckFact]) -> Mapping[str, tuple[str, ...]]:
    """The allowed texts by the folded name of the column; nothing for checks that say anything else."""
    found: dict[str, tuple[str, ...]] = {}
    for check in checks:
        match = _MEMBERSHIP.fullmatch(check.text.strip()) if len(check.text) <= _LONGEST else None
        if match is None:
            continue
        listed = match["listed"] if match["listed"] is not None else match["array"]
        if not _TEXT.sub("", listed).replace(",", "").strip():
            found[match["column"].lower()] = tuple(text.replace("''", "'") for text in _TEXT.findall(listed))
    return found
