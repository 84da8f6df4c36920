"""Who may call an operation: what it demands, and what it is about where it demands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from archcheck.surfaces.openapi.facts import Demand, Nature
from archcheck.surfaces.openapi.place import Place
from archcheck.surfaces.openapi.words import is_plural, split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import SecurityScheme
    from archcheck.surfaces.openapi.operation import Operation
    from archcheck.surfaces.openapi.view import View

# Joined words, so that `sign-in`, `signIn` and `signin` are the same.
_PROVING: Final = re.compile(
    r"(?:log|sign)[-_]?(?:in|up|on)|"
    r"(?:forgot(?:ten)?|reset|recover|change|confirm)[-_]?password|password[-_]?(?:reset|recovery|forgot(?:ten)?)|recovery|"
    r"(?:access|refresh|auth|id|login|session|jwt|oauth2?)[-_]?token|authenticate|authentication|"
    r"mfa|2fa|otp|totp|two[-_]?factor|magic[-_]?links?|(?:verify|send)[-_]?(?:otp|code|mfa|totp)",
    re.I,
)
_KEY: Final = re.compile(
    r"^authorization$|api[-_]?key|(?:access|auth|session)[-_]?(?:token|key|id)|^cookie$|^x-.*-?token$", re.I
)
_AUTH: Final = frozenset("auth oauth oauth2 oidc authentication identity sso session sessions connect".split())
_TOKEN: Final = frozenset("token refresh code".split())
_REGISTERING: Final = frozenset({"register", "registration"})
_ACCOUNTS: Final = frozenset("auth account accounts user users me customer customers member members".split())
_PROTOCOLS: Final = frozenset(
    "oauth oauth2 oidc openid saml sso jwks userinfo well captcha csrf logout signout".split()
)
"""Words of paths that belong to a protocol in which nobody is known yet."""
_OWN_STATE: Final = frozenset(
    """
    alive docs health healthcheck healthz heartbeat lbheartbeat live liveness livez metrics openapi ping probe ready
    readiness readyz status swagger token unsubscribe version
    """.split()
)  # fmt: skip
"""Last segments that tell of the service itself, where nothing but a prefix or such a word stands before them."""
_RECEIVING: Final = frozenset("callback callbacks hook hooks ipn webhook webhooks".split())


def demand(operation: Operation) -> Demand:
    """What an operation asks of a caller, from its own `security` or else the document's."""
    declared = operation.value("security") if operation.has("security") else operation.api.value("security")
    if not isinstance(declared, list):
        return "none"
    if not declared:
        return "waived"
    return "optional" if any(one == {} for one in declared) else "required"


def carries_key(operation: Operation) -> bool:
    """Whether it takes credentials as a plain parameter, behind the back of `security`."""
    return any(
        parameter.location in ("header", "cookie", "query") and _KEY.search(parameter.name)
        for parameter in operation.parameters
    )


def requirements(view: View) -> Iterator[tuple[str, tuple[str, ...], Place]]:
    """The schemes that an operation or a document names in its `security`, with their scopes."""
    for one in view.entries("security"):
        for entry in one.children() if type(one.node) is dict else ():
            scopes = entry.node if isinstance(entry.node, list) else []
            yield str(entry.key), tuple(scope for scope in scopes if isinstance(scope, str)), entry


def scopes_of(scheme: SecurityScheme) -> frozenset[str] | None:
    """The scopes that the flows of an OAuth scheme define; None where nobody can tell, and for other schemes."""
    if scheme.type != "oauth2":
        return None
    flows = list(scheme.entries("flows")) if scheme.api.version != "2.0" else [scheme.place]
    known = [flow.child("scopes") for flow in flows]
    if not known or any(flow.reference is not None for flow in flows):
        return None
    if any(scopes is None or type(scopes.node) is not dict or scopes.reference is not None for scopes in known):
        return None
    return frozenset(str(one.key) for scopes in known if scopes is not None for one in scopes.children())


def nature(operation: Operation) -> Nature:
    """What an operation is about, from its path: proving who asks, or what nobody has to prove."""
    segments = [segment for segment in operation.segments if segment.kind != "parameter"]
    texts = [segment.text.partition("#")[0].lower().strip("_") for segment in segments]
    if not texts:
        return "public" if operation.method == "GET" else ""
    if operation.method == "POST" and _proves(texts):
        return "auth"
    words = [set(split(text)) for text in texts]
    proving = any(_proves(texts[:end]) for end in range(1, len(texts) + 1))
    above = [segment.text.lower() for segment in segments[:-1] if segment.kind not in ("version", "prefix")]
    alone = len(segments) == len(operation.segments) and _OWN_STATE.issuperset(above)
    if proving or texts[-1] == "token" or not _PROTOCOLS.isdisjoint(set().union(*words)):
        return "public"
    return "public" if (texts[-1] in _OWN_STATE and alone) or _receives(operation) else ""


def _receives(operation: Operation) -> bool:
    """Whether somebody else's service posts to it: `/webhooks/payments`, and not where webhooks are kept."""
    at = next((at for at, segment in enumerate(operation.segments) if segment.text.lower() in _RECEIVING), None)
    if operation.method != "POST" or at is None or operation.segments[at].has_items:
        return False
    return all(segment.kind != "parameter" for segment in operation.segments[at:])


def _proves(texts: list[str]) -> bool:
    """Whether the last of these segments is one where somebody proves who he is, or gets the means to."""
    last, above = texts[-1], texts[:-1]
    if last in _REGISTERING:  # people, and not the devices or the webhooks that are above it
        return all(text in _ACCOUNTS or not is_plural(text) for text in above)
    return bool(_PROVING.fullmatch(last)) or (last in _TOKEN and not _AUTH.isdisjoint(above))
