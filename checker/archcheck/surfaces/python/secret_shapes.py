"""Shapes of secrets: what a credential looks like, wherever it is written, and what only looks like one.

The formats are those that the providers document for recognising their keys.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from archcheck.late import regex
from archcheck.surfaces.python.words import words

_FORMATS: Final = (
    (r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])", "an access key of AWS"),
    (r"gh[pousr]_[A-Za-z0-9]{36}(?![A-Za-z0-9])", "a token of GitHub"),
    (r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "a token of GitHub"),
    (r"glpat-[A-Za-z0-9_-]{20}(?![A-Za-z0-9_-])", "a token of GitLab"),
    (r"[sr]k_live_[A-Za-z0-9]{24,}", "a live key of Stripe"),
    (r"whsec_[A-Za-z0-9+/]{32,}", "a webhook secret of Stripe"),
    (r"xox[abprs]-(?:[0-9]{8,}-){1,3}[A-Za-z0-9]{20,}", "a token of Slack"),
    (r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}", "a webhook of Slack"),
    (r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", "a key of SendGrid"),
    (r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", "a key of Google"),
    (r"sk-(?:proj|ant-api03)-[A-Za-z0-9_-]{40,}", "a key of a model provider"),
    (r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])", "a token of npm"),
    (r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", "a token of PyPI"),
    (r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/]{40}", "a private key"),
)
_FORMAT: Final = regex("|".join(f"(?P<f{number}>{shape})" for number, (shape, _) in enumerate(_FORMATS)))
_CUES: Final = (
    *("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "k_live_", "whsec_", "xox"),
    *("hooks.slack.com", "SG.", "AIza", "sk-proj-", "sk-ant-", "npm_", "pypi-Ag", "PRIVATE KEY-----"),
)
_URL: Final = regex(
    r"\b[a-z][a-z0-9+]{1,20}://(?P<user>[^\s/:@'\"<>{}$%]{0,64}):(?P<password>[^\s/@'\"<>{}$]{3,128})@(?P<host>[^\s/:'\"?]{1,253})"
)
_NAMED: Final = regex(
    r"(?P<name>[A-Za-z_][\w.-]{2,60})[\"']?\]?[ \t]{0,20}(?::[ \t]{0,20}[\w\[\]. |]{1,40}?)?[ \t]{0,20}[:=][ \t]{0,20}"
    r"(?:[\w.]{0,40}(?:getenv|environ\.get|env|config|get)\([ \t]{0,4}[\"'][\w.-]{1,60}[\"'],[ \t]{0,4}(?:default=)?)?"
    r"[rb]?[\"'](?P<value>[^\"'\s\\]{10,200})[\"']"
)
_ASSIGNED: Final = regex(
    r"[ \t-]*(?:export[ \t]+)?[\"']?(?P<name>[A-Za-z_][\w.-]{2,60})[\"']?[ \t]*[:=][ \t]*"
    r"[\"']?(?P<value>[^\"'\s#;,]{10,200})[\"']?[ \t]*(?:[#;].*)?\r?"
)
_NAMES: Final = ("secret", "passw", "pwd", "pass_", "_pass", "_pw", "token", "_key", "-key", "apikey", "accesskey")

_PLACEHOLDER: Final = regex(
    r"change|example|dummy|sample|placeholder|your|foobar|foo_|default|secret|passw|token|todo|fixme|test|fake|mock|replace"
    r"|insert|here|demo|xxx|\*\*\*|\.\.\.|1234|abcd|abc123|qwert|aaaa|0000|1111|keyboard|lorem|redact|hunter|tiger|none|null"
    r"|local|dev|random|some|letme|admin|guest|root|user|development|unsafe|notreal|generate",
    re.IGNORECASE,
)
_MOCKED: Final = regex(r"example|sample|dummy|fake|your|xxxx|0{6}|12345678|abcdef", re.IGNORECASE)
_SOUGHT: Final = regex(r"(?:compile|match|search|fullmatch|findall|finditer|sub)\([ \t]*[rb]*[\"']$")
"""A text that is looked for, and not used."""

_DOCUMENTED: Final = ("xoxb-17653672481-", "xoxp-23984754863-")
"""How the providers' own examples begin."""

_REFERENCE: Final = regex(
    r"^[$<{%!&*@\[(^]|\$\{|\{\{|\{[\w.!:]*\}|%\(|<[a-z_ -]+>|^(?:vault|ssm|arn|sops|enc|kms|op|file):", re.I
)
_WORDS: Final = regex(
    r"[A-Za-z]?[a-z]*(?:[_\-./: ]?[A-Z][a-z]+|[_\-./: ][a-z]+)*\d{0,4}|[A-Z_]+|[\w.-]+\.[a-z]{2,5}|/.*|[a-z]+://.*"
)
_LOCAL: Final = regex(
    r"localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal|[\w-]+$|.*(?:example|\.test|\.local|\.invalid|\.internal)\b",
    re.IGNORECASE,
)
_UUID: Final = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGEST: Final = regex(
    r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})|\$\w+\$.*", re.I
)
_LAST: Final = words(
    "secret password passwd passphrase pwd pass apikey token secretkey accesskey privatekey authtoken pw"
)
_PAIRS: Final = frozenset(
    tuple(pair.split("_"))
    for pair in words(
        """
        api_key access_key secret_key private_key signing_key encryption_key auth_key client_secret master_key jwt_key
        session_key license_key
        """
    )
)
_TAIL: Final = words("default dev prod production value v1 v2 key")
_SPLIT: Final = regex(r"[_.\-]+|(?<=[a-z0-9])(?=[A-Z])")
_PUBLISHED: Final = ("phc_", "pk_live_", "pk_test_")
_PUBLIC: Final = words(
    "public publishable site csrf page next continuation cancel stop start end pad eos bos unk mask sep cls"
    " regex regexp pattern"
)


class Shape(Struct, frozen=True):
    """A secret in a text: the offsets of its value, the name it has, what it looks like."""

    start: int
    end: int
    name: str
    kind: str
    proven: bool


def shapes(text: str, *, code: bool) -> Iterator[Shape]:
    """The secrets of a text in their order, each once. `code` says that values stand in quotes."""
    found: dict[int, Shape] = {}
    for shape in (*_formats(text), *_urls(text), *_named(text, code=code)):
        if not any(known.start < shape.end and shape.start < known.end for known in found.values()):
            found[shape.start] = shape
    yield from (found[start] for start in sorted(found))


def _formats(text: str) -> Iterator[Shape]:
    if not any(cue in text for cue in _CUES):
        return
    for match in _FORMAT.finditer(text):
        kind = _FORMATS[int((match.lastgroup or "f0")[1:])][1]
        value = match.group()
        if _SOUGHT.search(text, max(0, match.start() - 40), match.start()) or value.startswith(_DOCUMENTED):
            continue
        if kind == "a private key" or (not _MOCKED.search(value) and _entropy(value) > 3.0):
            # An access key of AWS is the half that names the account.
            yield Shape(match.start(), match.end(), "", kind, kind != "an access key of AWS")


def _urls(text: str) -> Iterator[Shape]:
    for start, end in _lines(text, text, ("://",)):
        match = _URL.search(text, start, end) if text.find("@", start, end) >= 0 else None
        if match is None:
            continue
        password, host = match.group("password"), match.group("host")
        if _LOCAL.match(host) or password == match.group("user") or _dull(password, 8):
            continue
        yield Shape(match.start("password"), match.end("password"), "", "a password in a URL", False)


def _named(text: str, *, code: bool) -> Iterator[Shape]:
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    lines = _lines(text, lowered, _NAMES)
    if code:
        matches = (match for start, end in lines for match in _NAMED.finditer(text, start, end))
    else:
        matches = (match for start, end in lines if (match := _ASSIGNED.fullmatch(text, start, end)) is not None)
    for match in matches:
        name, value = match.group("name"), match.group("value")
        kind = means_secret(name)
        if kind == "password" and _DIGEST.fullmatch(value):
            # What is left of a password after hashing opens nothing by itself.
            continue
        if value.startswith((*_PUBLISHED, *_DOCUMENTED)):
            continue
        if kind and not _dull(value, 10 if kind == "password" else 16):
            yield Shape(match.start("value"), match.end("value"), name, f"a {kind}", False)


def _lines(text: str, searched: str, cues: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The offsets of the lines that hold one of the cues, each once; searching a text is cheaper than matching it."""
    found: dict[int, int] = {}
    for cue in cues:
        at = searched.find(cue)
        while at >= 0:
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            found[start] = end if end >= 0 else len(text)
            at = searched.find(cue, found[start])
    yield from sorted(found.items())


def suspicious(text: str) -> bool:
    """Whether a text may be a secret by itself, whatever its name: such texts are not to be remembered."""
    return ("://" in text and "@" in text) or (len(text) >= 16 and not _dull(text, 16))


def means_secret(name: str) -> str:
    """What kind of secret a name means: `password`, `secret`; empty for none."""
    parts = [part.lower() for part in _SPLIT.split(name) if part]
    if not _PUBLIC.isdisjoint(parts):
        return ""
    while len(parts) > 1 and parts[-1] in _TAIL and tuple(parts[-2:]) not in _PAIRS:
        parts.pop()
    if tuple(parts[-2:]) in _PAIRS:
        return "secret"
    if not parts or parts[-1] not in _LAST:
        return ""
    return "password" if parts[-1].startswith(("pass", "pw")) else "secret"


def _dull(value: str, shortest: int) -> bool:
    """Whether a value is nobody's secret: too short, a placeholder, a reference, words, or not random enough."""
    if len(value) < shortest or _placeholder(value) or _REFERENCE.search(value) or _UUID.fullmatch(value):
        return True
    if _WORDS.fullmatch(value) or not any(letter.isdigit() for letter in value):
        return True
    kinds = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    mixed = sum(any(kind(letter) for letter in value) for kind in kinds)
    return mixed < (3 if len(value) < 24 else 2) or _entropy(value) < (2.8 if len(value) < 16 else 3.2)


def _placeholder(value: str) -> bool:
    return _PLACEHOLDER.search(value) is not None


def _entropy(value: str) -> float:
    """Bits for each character, by how often each occurs in the value itself."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())
