"""English words as they stand in paths and names: splitting them, and telling one from many.

A general inflector knows suffixes and no words: it takes `status`, `me` and `v1` for nouns. Here only nouns that are
listed are ever called singular, so that a word nobody thought of stays silent.
"""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")

# Countable nouns that name resources. Verbs that are nouns too (`check`, `search`, `import`, `test`) are left out.
_NOUNS: Final = frozenset(
    """
    account achievement actor addon address adjustment admin agent agreement album alert alias amendment
    announcement answer apartment app applicant application appointment approval approver archive area article
    artifact artist assertion asset assignee assignment attachment attendee attribute auction author
    authorization award badge balance bank banner basket batch beneficiary bid bill binding blog board body book
    booking bookmark bot branch brand broker browser bucket budget building bundle business button buyer cabin
    calendar campaign candidate car card cart catalog category certificate channel chapter charge chart chat
    checklist child city claim class classroom client clinic clip cluster collaborator collection color column
    comment commit committee community company comparison competition competitor complaint component condition
    conference connection connector contact container contest contract contribution contributor conversation
    cookie coupon courier course credential credit criterion currency customer dashboard database datacenter
    dataset datasource deal dealer definition delivery department dependency deployment destination detection
    device diagram dialog dictionary dimension directory discount discussion dispute district doctor document
    domain donation donor driver droplet element employee employer endpoint engine enrollment entity entry
    environment episode error evaluation event exam example exception exchange expense experiment expression
    facility factor family faq fare favorite fee feed field file finding fine fleet flight floor folder follower
    font forecast form forum friend function game gateway gift goal grade grant group guest guide holiday hook
    hotel house household identity image impression incident index indicator industry ingredient installation
    instance institution instructor integration invitation invite invoice issue item itinerary job journal
    journey key keyword kitchen label language lead league lecture ledger lesson letter library license line
    lineup link list listing loan location locker lot machine mailbox manager manufacturer map match meal
    measurement medication meeting member membership memo memory mention menu merchant message metric migration
    milestone mirror mission model module monitor movie namespace neighborhood network newsletter node note
    notebook notification object observation offer office operator opportunity order organisation organization
    origin outage owner package page parameter parcel parent participant partner party passenger patient payee
    payer payment payout penalty person pet phone photo picture pipeline place plan plane planet platform player
    playlist plugin podcast policy poll pool portfolio post postcard prediction preference prescription preset
    principal printer procedure product professor profile program programme project prompt property proposal
    provider province publication publisher purchase quarter query question queue quiz quota quote rack rate
    rating reaction reader receipt recipe recipient recommendation record recording refund region registration
    registry relation relationship release reminder repo report repository representative request requirement
    reseller reservation resident resource respondent restaurant result revenue review reviewer revision reward
    ride role room route router rule runner sale sample scenario schedule schema school score screen screenshot
    script season seat secret section sector segment seller seminar sensor server service session setting shape
    shelf shift shipment shop shopper signature site skill slide slot snapshot song source speaker specialist
    specification spreadsheet sprint stadium staffer stage stakeholder station stock store story stream street
    student studio subject submission subnet subscriber subscription suggestion supplier survey suspension table
    tag target task tax teacher team template tenant term terminal territory theater theme thread threshold
    ticket tier timer timesheet tip title toggle token topic tournament track trade trailer train trainer
    transaction transcript transfer translation transmission transporter traveler trigger trip truck tutorial
    tweet unit university upload user vacancy vacation variable variant vehicle vendor venue version video view
    viewer violation visit visitor volume voter voucher wallet warehouse warning warranty webhook webinar
    website wheel widget window wine wishlist word worker workflow workout workplace workspace workstation world
    zone
    """.split()
)  # fmt: skip

_IRREGULAR: Final = {
    "person": "people",
    "child": "children",
    "criterion": "criteria",
    "index": "indexes",
    "matrix": "matrices",
    "quiz": "quizzes",
    "shelf": "shelves",
    "medium": "media",
    "datum": "data",
    "phenomenon": "phenomena",
    "analysis": "analyses",
    "basis": "bases",
    "crisis": "crises",
    "bus": "buses",
    "alias": "aliases",
    "status": "statuses",
    "address": "addresses",
    "mouse": "mice",
    "man": "men",
    "woman": "women",
    "foot": "feet",
    "tooth": "teeth",
    "life": "lives",
    "leaf": "leaves",
    "knife": "knives",
    "wife": "wives",
}
_PLURALS: Final = frozenset(_IRREGULAR.values()) | {
    "indices",
    "vertices",
    "alumni",
    "schemata",
    "sheep",
    "series",
    "staff",
}
# They end in `s` and are not many.
_NOT_PLURAL: Final = frozenset(
    """
    access address alias always analysis analytics apis as atlas aws basis bias billing bonus bus business
    campus canvas census chaos chassis class compass consensus corpus cosmos crisis cross css diagnosis
    diagnostics dns does dress economics express gas gets glass gps gross has health https hypothesis ios iris
    is its js kubernetes lens loss mass mathematics miss news nexus os pass physics plus politics pos press
    previous process progress prospectus radius sms sos species ss status success surplus synopsis synthesis
    tennis this thus tls tms tos toss ups us virus vms vps was whois wireless yes
    """.split()
)  # fmt: skip


IDENTIFIERS: Final = frozenset(
    "by code guid handle hash id identifier ids key name no nr num number or pk ref sha sid slug uid urn uuid".split()
)
"""Words of parameters that tell one thing from another without saying what it is."""


def split(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, whatever joins them: camelCase, kebab-case, snake_case, dots; `IDs` is one."""
    return tuple(word.lower() for word in _WORD.findall(name))


def countable(word: str) -> bool:
    """Whether it is a known noun in the singular that has a plural."""
    return word in _NOUNS


def plural(word: str) -> str:
    """The plural of a noun in the singular."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def is_plural(word: str) -> bool:
    """Whether it looks like many: an irregular plural, or an `s` that is not part of the word."""
    if word in _PLURALS:
        return True
    return word.endswith("s") and len(word) > 2 and word not in _NOT_PLURAL and not word.endswith(("ss", "ous", "sis"))
