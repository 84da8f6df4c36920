"""Credentials as a project keeps, checks and takes them: secrets, passwords, tokens, and who may call from where."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from archcheck.finding import Stage
from archcheck.source import Location


class Secret(Struct, frozen=True):
    """A literal that is a credential by its shape.

    `at` is the literal, `name` what it is given to (`SECRET_KEY`; empty when it stands alone), `kind` what it looks
    like: "an access key of AWS", "a password in a URL", "a random value". `proven` says that the shape alone proves it.
    `kept` tells code from configuration: settings modules and files that hold nothing else.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    name: str
    kind: str
    proven: bool
    kept: Literal["code", "configuration"]

    def __str__(self) -> str:
        return self.name or self.kind


class PasswordUse(Struct, frozen=True):
    """A place where a password is hashed too fast, or not at all.

    `password` is the expression that holds it. `algorithm` is the hash (`md5`), empty where there is none. `use` is
    what becomes of the digest, or of the password itself: it is stored, compared, or nobody can tell.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    password: str
    algorithm: str
    use: Literal["stored", "compared", "unknown"]
    function: str


class TokenReading(Struct, frozen=True):
    """A JWT that is read without being verified.

    `flaw` says how: its signature is not checked, `none` is accepted, or no algorithms are named where the library
    takes what the token itself says. `decides` says that its claims tell who the caller is.
    """

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    call: str
    flaw: Literal["unverified", "none", "any"]
    decides: bool
    function: str


class OpenCors(Struct, frozen=True):
    """A setting that lets pages of any origin call with the visitor's credentials. `by` is what is set so."""

    surface: ClassVar[str] = "python"
    stage: ClassVar[Stage] = "unit"

    at: Location
    by: str
