"""A rule is a generator from one typed subject to findings; its signature is its request."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from archcheck.finding import PROFILES, SEVERITIES, Finding, Precision, Profile, Severity, Stage

_ID = re.compile(r"(?:[a-z][a-z0-9]+/)?[a-z0-9]{2,}(?:-[a-z0-9]{2,})+")


class PackError(Exception):
    """A rule or a pack is not well formed; the message names it and says what to change."""


class Subject(Protocol):
    """What every subject type declares: the surface it belongs to and the stage at which it is settled.

    `unit` subjects are judged where their unit is read; `surface` subjects after the units of the surface are
    linked; `project` subjects after the surfaces have met; `change` subjects only where two releases are compared.
    """

    surface: ClassVar[str]
    stage: ClassVar[Stage]


@dataclass(frozen=True, slots=True)
class Rule:
    """One law: what it judges, how serious it is, and the generator that judges.

    `checklist` is the anchor it answers to. `severity` and `profile` are upper bounds: a finding may say less.
    `security` is a score from 0.0 to 10.0 for security rules, with `cwe` like `CWE-89`. `formerly` holds old ids.
    """

    id: str
    checklist: str
    severity: Severity
    profile: Profile
    since: str
    precision: Precision
    security: float | None
    cwe: str
    formerly: tuple[str, ...]
    check: Callable[..., Iterator[Finding]] = field(repr=False, compare=False)

    def __call__(self, *arguments: object) -> Iterator[Finding]:
        return self.check(*arguments)

    @property
    def module(self) -> str:
        """The module that holds the rule: one file, one rule."""
        return self.check.__module__

    @property
    def docs(self) -> str:
        """The rule's law in Markdown: its module's docstring."""
        return inspect.cleandoc(sys.modules[self.module].__doc__ or "")

    @property
    def subject(self) -> type:
        """The type it judges: the annotation of its first parameter."""
        return self._requests()[0]

    @property
    def options(self) -> type | None:
        """Its own frozen `Options` dataclass, when it takes one."""
        requests = self._requests()
        return requests[1] if len(requests) > 1 else None

    def _requests(self) -> list[type]:
        try:
            hints = typing.get_type_hints(self.check)
        except NameError as error:
            raise PackError(
                f"rule {self.id}: {error}; subjects are imported at run time, not under TYPE_CHECKING"
            ) from None
        names = list(inspect.signature(self.check).parameters)
        if not 1 <= len(names) <= 2 or any(name not in hints for name in names):
            raise PackError(f"rule {self.id} takes one annotated subject and at most one Options dataclass")
        requests = [hints[name] for name in names]
        if not hasattr(requests[0], "stage"):
            raise PackError(f"rule {self.id} asks for {requests[0]!r}, which is no subject of any surface")
        if len(requests) > 1 and not dataclasses.is_dataclass(requests[1]):
            raise PackError(f"rule {self.id}: its second parameter is no Options dataclass")
        return requests


def rule(
    id: str,
    *,
    checklist: str,
    severity: Severity,
    profile: Profile,
    since: str,
    precision: Precision = "high",
    security: float | None = None,
    cwe: str = "",
    formerly: tuple[str, ...] = (),
) -> Callable[[Callable[..., Iterator[Finding]]], Rule]:
    """Make a rule of a generator function. Raises `PackError` for metadata that is not well formed."""
    if not _ID.fullmatch(id):
        raise PackError(f"rule id '{id}' is not kebab-case of two words or more, each of two letters or more")
    if severity not in SEVERITIES or profile not in PROFILES:
        raise PackError(f"rule {id}: severity is one of {SEVERITIES}, profile one of {PROFILES}")
    if security is not None and not 0.0 <= security <= 10.0:
        raise PackError(f"rule {id}: security is a score from 0.0 to 10.0")

    def decorate(check: Callable[..., Iterator[Finding]]) -> Rule:
        return Rule(id, checklist, severity, profile, since, precision, security, cwe, formerly, check)

    return decorate


def rule_of(module: types.ModuleType) -> Rule:
    """The one rule that a module holds. Raises `PackError` when it holds none or several."""
    found = [value for value in vars(module).values() if isinstance(value, Rule) and value.module == module.__name__]
    if len(found) != 1:
        raise PackError(f"{module.__name__} holds {len(found)} rules; one file holds one rule")
    return found[0]
