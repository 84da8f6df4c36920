"""JSON for machines that people can still read and compare: long lists have one item on each line.

Text stays readable in its own script; what does not print and what is no Unicode (a lone half of a pair, from a file
name that is no UTF-8) is escaped or replaced, so that the bytes are always valid UTF-8 and safe on a terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_HALF = re.compile("[\ud800-\udfff]")


def dumped(value: object, layout: Mapping[str, bool], *, deep: bool = True) -> Iterator[str]:
    """The document in pieces, ending in a line break.

    `layout` names the keys whose value is laid out over several lines; True when its items are laid out likewise.
    `deep` says the same of the document itself.
    """
    for piece in _spread(value, layout, "", deep=deep):
        yield _UNSAFE.sub(_escape, _HALF.sub("\ufffd", piece))
    yield "\n"


def _spread(value: object, layout: Mapping[str, bool], pad: str, *, deep: bool) -> Iterator[str]:
    inner = pad + "  "
    if isinstance(value, dict) and value and deep:
        before = "{\n"
        for key, item in value.items():
            yield f"{before}{inner}{json.dumps(key, ensure_ascii=False)}: "
            if key in layout:
                yield from _spread(item, layout, inner, deep=layout[key] or isinstance(item, dict))
            else:
                yield _flat(item)
            before = ",\n"
        yield f"\n{pad}}}"
    elif isinstance(value, list) and value:
        before = "[\n"
        for item in value:
            yield before + inner
            if deep:
                yield from _spread(item, layout, inner, deep=True)
            else:
                yield _flat(item)
            before = ",\n"
        yield f"\n{pad}]"
    else:
        yield _flat(value)


def _flat(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[index]:02x}{units[index + 1]:02x}" for index in range(0, len(units), 2))
