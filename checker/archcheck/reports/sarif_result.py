"""Results in SARIF: a verdict with its places, its two fingerprints and its fix."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archcheck.finding import Edit, Finding, Fix, Related, Verdict
from archcheck.report import Lines
from archcheck.reports.sarif_place import Object, artifact, physical
from archcheck.reports.sarif_rule import MESSAGE_ID
from archcheck.reports.text import one_line, visible

_RELATED = 100
_HALF_LINK = re.compile(r"(?<!\\)\](?=\()")
_LINK = re.compile(r"\[([^\[\]]*)\](?=\()")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")


def result(
    verdict: Verdict, rules: Mapping[str, int], artifacts: Mapping[str, int], lines: Lines, line_hash: str
) -> Object:
    """One result. `rules` and `artifacts` say which index an id and a path have; `line_hash` may be empty."""
    finding = verdict.finding
    place: Object = {"physicalLocation": physical(finding.at, artifacts, lines)}
    if finding.subject:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.subject}]
    related = finding.related[:_RELATED]
    described: Object = {"ruleId": verdict.rule}
    if verdict.rule in rules:
        described["ruleIndex"] = rules[verdict.rule]
    described["level"] = verdict.severity
    described["message"] = _message(finding.message, related, len(finding.related) - len(related))
    described["locations"] = [place]
    if related:
        described["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": physical(other.at, artifacts, lines),
                "message": {"text": _sentence(_escaped(other.label))},
            }
            for number, other in enumerate(related, 1)
        ]
    if finding.flow and related:
        described["codeFlows"] = [_flow(finding, related, artifacts, lines)]
    described["partialFingerprints"] = {
        **({"primaryLocationLineHash": line_hash} if line_hash else {}),
        "archcheckFinding/v1": verdict.fingerprint,
    }
    if finding.fix:
        described["fixes"] = [_fix(finding.fix, artifacts)]
    described["properties"] = {"profile": verdict.profile}
    return described


def _flow(finding: Finding, steps: tuple[Related, ...], artifacts: Mapping[str, int], lines: Lines) -> Object:
    """The steps by which something came to the place of a finding, that place last."""
    places = [*((step.at, step.label) for step in steps), (finding.at, finding.message)]
    return {
        "threadFlows": [
            {
                "locations": [
                    {
                        "location": {
                            "physicalLocation": physical(at, artifacts, lines),
                            "message": {"text": _sentence(_escaped(text))},
                        }
                    }
                    for at, text in places
                ]
            }
        ]
    }


def _message(message: str, related: tuple[Related, ...], more: int) -> Object:
    """The message with a link to each related place: viewers show only places that the text links.

    It is given as text, which GitHub demands, and as the rule's message string with its argument, which the
    validators demand; the two say the same.
    """
    text = _escaped(message)
    if related:
        links = [f"[{_label(other.label)}]({number})" for number, other in enumerate(related, 1)]
        links += [f"{more} more places"] if more else []
        text = f"{_sentence(text)} See also: {'; '.join(links)}."
    text = _sentence(text)
    return {"text": text, "id": MESSAGE_ID, "arguments": [text[:-1]]}


def _label(label: str) -> str:
    """The text of a link: brackets in it are escaped, and there is always something to click."""
    return re.sub(r"([\[\]\\])", r"\\\1", _braces(visible(one_line(label)).rstrip("."))) or "related place"


def _escaped(text: str) -> str:
    """Text of others in which nothing is read as a link or a placeholder."""
    return _HALF_LINK.sub(r"\\]", _LINK.sub(r"\\[\1\\]", _braces(visible(one_line(text)))))


def _braces(text: str) -> str:
    """`{0}` would be replaced by an argument; other braces are left alone because few viewers undo their doubling."""
    return _PLACEHOLDER.sub(r"{{\1}}", text)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _fix(fix: Fix, artifacts: Mapping[str, int]) -> Object:
    changes: dict[str, list[Object]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.path, []).append(_replacement(edit))
    for file in fix.files:
        # A file that is not there is an empty one, into which all of it is inserted.
        changes.setdefault(file.path, []).append(_replacement(Edit(file.path, 1, 1, 1, 1, file.text)))
    return {
        "description": {"text": _sentence(_escaped(fix.title))},
        "artifactChanges": [
            {"artifactLocation": artifact(path, artifacts), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _replacement(edit: Edit) -> Object:
    replacement: Object = {
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        }
    }
    if edit.text:
        replacement["insertedContent"] = {"text": edit.text}
    return replacement
