"""Who may call an operation: what it demands, and what it is about where it demands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.facts import Demand, Nature
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.words import split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.operation import Operation
    from archcheck.surfaces.openapi.view import View

# Joined words, so that `sign-in`, `signIn` and `signin` are the same.
_PROVING: Final = re.compile(
    r"(?:log|sign)[-_]?(?:in|up|on)|login|register|registration|"
    r"(?:forgot(?:ten)?|reset|recover|change|confirm)[-_]?password|password[-_]?(?:reset|recovery|forgot(?:ten)?)|recovery|"
    r"(?:access|refresh|auth|id|login|session|jwt|oauth2?)[-_]?tokens?|authenticate|authentication|"
    r"mfa|2fa|otp|totp|two[-_]?factor|magic[-_]?links?|(?:verify|send)[-_]?(?:otp|code|mfa|totp)|"
    r"introspect|revoke|refresh",
    re.I,
)
_AUTH: Final = frozenset("auth oauth oauth2 oidc authentication identity sso session sessions connect".split())
_TOKEN: Final = frozenset("token tokens refresh register registration revoke introspect recovery callback code".split())
_ACCOUNTS: Final = frozenset("auth account accounts user users me customer customers member members".split())
_PUBLIC: Final = frozenset(
    """
    alive authorize callback callbacks captcha contact csrf docs exchange feedback health healthcheck healthz heartbeat
    hook hooks ipn introspect jwks live liveness livez logout metrics oauth oauth2 oidc openapi ping probe public
    ready readiness readyz saml signout sso status telemetry unsubscribe userinfo verification verify version webhook
    webhooks
    """.split()
)  # fmt: skip


def demand(operation: Operation) -> Demand:
    """What an operation asks of a caller, from its own `security` or else the document's."""
    own = operation.has("security")
    declared = operation.value("security") if own else operation.api.value("security")
    if not isinstance(declared, list):
        return "none"
    if not declared:
        return "waived" if own else "none"
    return "optional" if any(one == {} for one in declared) else "required"


def requirements(view: View) -> Iterator[tuple[str, tuple[str, ...], Place]]:
    """The schemes that an operation or a document names in its `security`, with their scopes."""
    for one in view.entries("security"):
        for entry in one.children() if type(one.node) is dict else ():
            scopes = entry.node if isinstance(entry.node, list) else []
            yield str(entry.key), tuple(scope for scope in scopes if isinstance(scope, str)), entry


def nature(operation: Operation) -> Nature:
    """What an operation is about, from its path: proving who asks, or what nobody has to prove."""
    texts = [segment.text.lower() for segment in operation.segments if segment.kind != "parameter"]
    if not texts:
        return ""
    last, before = texts[-1], texts[-2] if len(texts) > 1 else ""
    if operation.method == "POST" and proves(last, before, texts):
        return "auth"
    words = {word for text in texts for word in split(text)}
    if texts[0].startswith(".well-known") or not words.isdisjoint(_PUBLIC) or any(map(_PROVING.fullmatch, texts)):
        return "public"
    return ""


def proves(last: str, before: str, texts: list[str]) -> bool:
    """Whether the last segment of a path is one where somebody proves who he is, or gets the means to."""
    if not _PROVING.fullmatch(last) and last not in _TOKEN:
        return False
    if last in _TOKEN:
        return not _AUTH.isdisjoint(texts[:-1]) or (before in _ACCOUNTS and last in ("register", "registration"))
    return True
