"""Verbs in the names of an API: what a segment or an operationId tells to do, and when the word is rather a noun.

A word counts as a verb only where it leads and where no noun is spelt the same; `posts`, `orders`, `exports`,
`searches` and `hooks` are things, and so are `check-runs`, `add-ons`, `restart_count` and a `remove-token`.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from archcheck.surfaces.openapi.words import split

ACTIONS: Final = frozenset(
    """
    accept activate add allow append apply approve archive assign attach authenticate authorize block bulk
    calculate cancel check clear clone close compare complete compute confirm connect convert copy create
    deactivate decline decrypt delete deny deploy describe destroy detach disable disconnect dismiss download
    duplicate edit enable encrypt execute exists export extend fetch finalize find follow generate get import
    init initialize initiate insert install introspect invalidate invoke join leave list load lock login logout
    lookup mark merge migrate modify move mute notify open parse patch pause perform ping post preview process
    promote provision publish purge put query reactivate rebuild recalculate recover redeem refresh regenerate
    register reindex reject release reload remove rename renew reopen reorder replace replay reprocess request
    resend reset resize resolve restart restore resume retrieve retry revert revoke rollback rotate run save
    scan schedule search send set share sign simulate start stop submit subscribe suspend swap switch sync
    synchronize terminate test toggle transfer trigger unarchive unassign unblock undelete undo unfollow
    uninstall unlink unlock unmute unpublish unsubscribe update upgrade upload upsert validate verify vote
    withdraw
    """.split()
)  # fmt: skip
"""Words that name what is done rather than a thing when they stand at the end of a path, be they nouns as well."""

READING: Final = frozenset("get fetch retrieve find".split())
WRITING: Final = frozenset("create insert update upsert delete destroy remove add edit modify save".split())
# What stands in a path and is no noun. What standards call their endpoints (`authorize`, `revoke`) is not among them.
_VERBS: Final = frozenset(
    """
    accept activate append apply approve assign attach calculate cancel change clear complete compute confirm convert
    deactivate decline decrypt deliver deny describe destroy detach disable disconnect dismiss enable encrypt
    execute expire extend finalize generate increment decrement initialize initiate install invalidate invoke join
    mark migrate modify notify parse perform promote provision purge reactivate recalculate redeem regenerate
    reindex reject rename renew reopen replace resend resize resolve restart restore resume retry revert
    submit suspend synchronize terminate toggle unarchive unassign unblock undelete undo uninstall unlink unlock
    unpublish upgrade validate verify void withdraw
    """.split()
)  # fmt: skip
# Verbs where something follows on which they act, else nouns.
_WITH_OBJECT: Final = frozenset("list send set process fund refund check".split())
_NOT_AN_OBJECT: Final = frozenset(
    """
    balance boxes case cases code codes count date delay deposit details event events file files flow flows form group
    groups history in info intent item items job jobs key keys limit limits list lists log logs mode number
    option options out page pages payment payments period plan plans point points policies policy price prices queue
    rate rates reason reasons request requests result results rule rules run runs script scripts state states status
    statuses step steps suite suites task tasks template templates time times token tokens type types up url urls view
    views window windows word words
    """.split()
)  # fmt: skip
_EVENTS: Final = frozenset(
    "counts event events history job jobs log logs marker markers policies policy request requests status".split()
)
# A token to remove is no removal of a token, and an add-on is no addition.
_PERMITTED: Final = frozenset("add edit remove update".split())
_PERMITS: Final = frozenset("on ons token tokens url urls link links".split())
_MANY: Final = frozenset("batch bulk mass multi".split())


class Verb(Struct, frozen=True):
    """A verb that leads a name: the word, what follows it, and whether it is done to many at once."""

    word: str
    rest: tuple[str, ...] = ()
    many: bool = False


def verb_of(text: str) -> Verb | None:
    """The verb that leads a segment; None where the words are those of a thing, or may be."""
    words = split(text)
    many = bool(words) and words[0] in _MANY and len(words) > 1
    words = words[1:] if many else words
    if not words:
        return None
    word, rest = words[0], words[1:]
    if word in READING:
        return Verb(word, rest, many)
    if word in WRITING:
        noun = bool(rest) and (rest[-1] in _EVENTS or (word in _PERMITTED and rest[0] in _PERMITS))
        return None if noun else Verb(word, rest, many)
    if word in _VERBS:
        return None if rest and rest[-1] in _NOT_AN_OBJECT else Verb(word, rest, many)
    if word in _WITH_OBJECT and rest and rest[-1] not in _NOT_AN_OBJECT and not rest[-1].endswith("ing"):
        return Verb(word, rest, many) if _acts(text, word, rest) else None
    return None


def _acts(text: str, word: str, rest: tuple[str, ...]) -> bool:
    """Whether a word that is a noun as well acts on what follows; `listUsers` does, `list-members` has members."""
    if word in ("list", "check", "set"):
        return text.startswith((f"{word}{rest[0].capitalize()}", f"{word.capitalize()}{rest[0].capitalize()}"))
    return True


def changes(name: str) -> str:
    """The verb by which an operationId says that it changes something, `deleteOrder`; empty where it does not.

    A group before a dot or a slash is passed over. A verb alone, such as `update`, may be the name of a thing.
    """
    verb = verb_of(name.replace("/", ".").rpartition(".")[2])
    return verb.word if verb is not None and verb.word in WRITING and verb.rest else ""
