"""What is published about the formats of others: a report that is not as this says is not shown where it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import jsonschema

SARIF = json.loads((Path(__file__).resolve().parents[2] / "golden/reports/sarif-2.1.0.schema.json").read_text())

CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!/|\./|[a-z]+:)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The fields that GitLab documents for a Code Quality report; its own importer demands fewer of them."""


class Kind(NamedTuple):
    """An element of JUnit XML: what it must have, what it may have, and what it may hold."""

    required: frozenset[str]
    optional: frozenset[str]
    children: frozenset[str]
    text: bool = False


def _kind(required: str, optional: str, children: str = "", text: bool = False) -> Kind:
    return Kind(frozenset(required.split()), frozenset(optional.split()), frozenset(children.split()), text)


JUNIT = {
    "testsuites": _kind("", "name time tests failures errors", "testsuite"),
    "testsuite": _kind(
        "name tests failures errors",
        "group time skipped timestamp hostname id package file log url version",
        "testsuite properties testcase system-out system-err",
    ),
    "testcase": _kind(
        "name",
        "time classname group",
        "skipped error failure rerunFailure rerunError flakyFailure flakyError system-out system-err",
    ),
    "failure": _kind("", "type message", text=True),
    "error": _kind("", "type message", text=True),
}
"""JUnit XML as Jenkins reads it: the schema `junit-10` of its xUnit plugin, as far as these reports go."""


def valid_sarif(text: str) -> dict[str, Any]:
    """The log, which is valid by the schema of OASIS."""
    log: dict[str, Any] = json.loads(text)
    validator = jsonschema.validators.validator_for(SARIF)
    validator(SARIF, format_checker=validator.FORMAT_CHECKER).validate(log)
    return log


def valid_code_quality(text: str) -> list[dict[str, Any]]:
    """The issues, which have what GitLab documents and begin with no byte order mark."""
    assert not text.startswith("\ufeff")
    document: list[dict[str, Any]] = json.loads(text)
    jsonschema.Draft202012Validator(CODE_QUALITY).validate(document)
    return document


def valid_junit(text: str) -> ElementTree.Element:
    """The root of the document, which is as Jenkins has it, and whose numbers are those of its cases."""
    root = ElementTree.fromstring(text.encode())
    assert root.tag == "testsuites"
    assert list(_wrong(root)) == []
    for element in (root, *root):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert element.get(attribute) == str(len(list(element.iter(tag)))), (element.attrib, tag)
    return root


def _wrong(element: ElementTree.Element) -> Iterator[str]:
    kind, named = JUNIT[element.tag], set(element.keys())
    yield from (f"{element.tag} without {name}" for name in kind.required - named)
    yield from (f"{element.tag} with {name}" for name in named - kind.required - kind.optional)
    between = [element.text or "", *(child.tail or "" for child in element)]
    if not kind.text and "".join(between).strip():
        yield f"text in {element.tag}"
    for child in element:
        if child.tag in kind.children & JUNIT.keys():
            yield from _wrong(child)
        else:
            yield f"{child.tag} in {element.tag}"
