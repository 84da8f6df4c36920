"""What has changed, in one sentence each, for those who use an API: the lines of a changelog."""

from __future__ import annotations

from typing import Final

from archcheck.surfaces.contract.changes import Addition, Change, Demand, Limit, Removal, Shift, Sunset, listed

_WHOLE: Final = frozenset({"path", "operation", "server"})
"""What is not part of an operation: its own name says where it is."""
_SIDES: Final = {"parameter": "The parameter", "request": "In requests,", "response": "In answers,"}


def told(change: Change) -> str:
    """The sentence for a change; empty for a release as a whole, which is the list itself."""
    match change:
        case Addition():
            return _added(change)
        case Removal():
            return _removed(change)
        case Demand():
            return _demanded(change)
        case Limit():
            return _limited(change)
        case Shift():
            return _shifted(change)
        case Sunset():
            return f"{change.name} leaves on {change.after}."
    return ""


def _added(change: Addition) -> str:
    if change.of == "deprecation":
        return f"{change.name} is deprecated now{_unless_named(change)}."
    if change.of in _WHOLE:
        return f"The {change.of} {change.name} is new."
    return f"The {_noun(change)} {change} {_are(change)} new."


def _removed(change: Removal) -> str:
    name = f"{change.name}{change.more}" if change.of in _WHOLE else str(change)
    told = f"The {_noun(change)} {name} {_are(change)} gone"
    if change.of in ("parameter", "request property"):
        told += f" and will be {change.fate}"
    if change.planned:
        told += "; it was deprecated before"
    return f"{told}{change.early}."


def _demanded(change: Demand) -> str:
    match change.of:
        case "body":
            return f"The request body is required now{change.place}."
        case "credentials":
            return f"'{change.name}' has to be shown now{change.place}."
        case "scope":
            return f"The scope {change} is needed now."
    return f"The {_noun(change)} {change} {_are(change)} {'new and required' if change.added else 'required now'}."


def _limited(change: Limit) -> str:
    subject = f"{_SIDES[change.side]} {change}"
    match change.of:
        case "type":
            return f"{subject} {change.turn}."
        case "values":
            return f"{subject} {change.news}."
        case "null":
            return f"{subject} {'may be null now' if change.side == 'response' else 'may no longer be null'}."
        case "pattern":
            return f"The pattern of {change} went {change.step}."
    return f"{subject} went {change.step}."


def _shifted(change: Shift) -> str:
    match change.of:
        case "parameter place":
            return f"The parameter {change} moved from {change.before} to {change.after}."
        case "parameter style":
            return f"The values of the parameter {change} went from {change.before} to {change.after}."
        case "read-only":
            return f"The property {change} can no longer be sent: it is read-only."
        case "optional response":
            return f"In answers, {change} may be missing now."
        case "discriminator":
            return f"{change} is told apart by {change.after}, no longer by {change.before}."
    others = f", and {len(change.also)} more have new names" if change.also else ""
    return f"The operationId of {change.name} is {change.after}, no longer {change.before}{others}."


def _noun(change: Addition | Removal | Demand) -> str:
    """What it is, in the plural where several are told as one."""
    if not change.also:
        return change.of
    return (
        f"{change.of[:-1]}ies" if change.of.endswith("y") else f"{change.of}{'es' if change.of.endswith('s') else 's'}"
    )


def _are(change: Change) -> str:
    return "are" if change.also else "is"


def _unless_named(change: Change) -> str:
    """The operations, where the name is not one of them."""
    return "" if change.name in change.operations else f" in {listed(change.operations)}" if change.operations else ""
