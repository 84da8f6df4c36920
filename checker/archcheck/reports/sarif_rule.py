"""Rules in SARIF: what code scanning shows beside an alert, made from the rule's own page."""

from __future__ import annotations

import re

from archcheck.report import RuleInfo
from archcheck.reports.page import markdown, plain, prose
from archcheck.reports.sarif_place import Object
from archcheck.reports.text import cut

MESSAGE_ID = "default"

_DESCRIPTION = 1024
_NAME = 255
_TAGS = 20
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}


def descriptor(rule: RuleInfo) -> Object:
    """A rule with everything that GitHub and the validators of Microsoft ask for."""
    described: Object = {
        "id": rule.id,
        "name": pascal_case(rule.id),
        "shortDescription": {"text": _sentence(rule.summary or rule.id)},
        "fullDescription": {"text": _sentence(prose(rule.docs) or rule.id)},
        "help": {"text": plain(rule.docs), "markdown": markdown(rule.docs)},
    }
    if rule.url:
        described["helpUri"] = rule.url
    if rule.formerly:
        described["deprecatedIds"] = list(rule.formerly)
    described["defaultConfiguration"] = {"level": rule.severity}
    described["messageStrings"] = {MESSAGE_ID: {"text": "{0}."}}
    described["properties"] = _properties(rule)
    return described


def pascal_case(name: str) -> str:
    """`unpaginated-list` as `UnpaginatedList`."""
    return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", name))[:_NAME]


def _properties(rule: RuleInfo) -> Object:
    tags = [rule.surface, rule.checklist]
    properties: Object = {"precision": rule.precision}
    if rule.security is None:
        properties["problem.severity"] = _PROBLEMS[rule.severity]
    else:
        properties["security-severity"] = f"{rule.security:.1f}"
        tags.append("security")
    if rule.cwe:
        tags.append(_cwe_tag(rule.cwe))
    properties["tags"] = [tag for tag in dict.fromkeys(tags) if tag][:_TAGS]
    properties["since"] = rule.since
    properties["profile"] = rule.profile
    return properties


def _cwe_tag(cwe: str) -> str:
    """`CWE-89` as `external/cwe/cwe-089`, the form by which GitHub links weaknesses."""
    number = cwe.lower().removeprefix("cwe-")
    return f"external/cwe/cwe-{number:0>3}"


def _sentence(text: str) -> str:
    """A description within GitHub's limit that ends like a sentence."""
    text = cut(text, _DESCRIPTION)
    return text if text.endswith((".", "…", "!", "?")) else f"{cut(text, _DESCRIPTION - 1)}."
