"""Whether an operation lists a collection, and how a client gets through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Edit
from archcheck.surfaces.openapi.edits import added
from archcheck.surfaces.openapi.facts import ListFact
from archcheck.surfaces.openapi.schema import Schema
from archcheck.surfaces.openapi.words import plural, split

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.message import Parameter
    from archcheck.surfaces.openapi.operation import Operation

Style: TypeAlias = Literal["page", "offset", "cursor", "limit", "continuation"]

# What most APIs that name a longest page name.
_MAXIMUM: Final = 100
_TOLD: Final = re.compile(
    r"\bmax(?:imum)?(?: (?:page )?(?:value|size|limit))?(?: allowed)?(?: is| of|:|=)? ?(\d{1,9})\b"
    r"|\bbetween \d{1,9} and (\d{1,9})\b",
    re.I,
)
_PLAIN: Final = re.compile(r"[^a-z0-9]")
_NAMES: Final[dict[Style, str]] = {
    "cursor": """
        after afterid before beforeid bookmark continuation continuationtoken continue cursor endingbefore
        exclusivestartkey from fromid iterator lastevaluatedkey lastid lastkey marker maxid next nextcursor
        nextmarker nextpagetoken nexttoken pageafter pagebefore pagecursor pagemarker pagetoken resumetoken
        scroll scrollid since sinceid startafter startafterid startingafter startingtoken startkey
        streamposition synctoken until
    """,
    "page": """
        currentpage p page pageid pageindex pageno pagenum pagenumber pagination paging pg
    """,
    "offset": """
        firstresult offset pageoffset skip start startat startindex startposition startrow
    """,
    "limit": """
        batchsize count first itemsperpage last length limit max maxcount maxentries maxitems maxpagesize
        maxresult maxresults n numresults pagelength pagelimit pagesize perpage range resultlimit
        results resultsperpage rows size take top
    """,
}
"""Names of parameters by what they do, reduced as `plain` does it. What is missed here is said of every list."""
_STYLES: Final = {name: style for style, names in _NAMES.items() for name in names.split()}
_NEXT: Final = frozenset(
    """
    bookmark continuation continuationtoken continue currentpage cursor cursors endcursor hasmore hasnext
    hasnextpage incompleteresults istruncated lastevaluatedkey lastkey lastpage limit marker next nextcursor
    nextlink nextmarker nextoffset nextpage nextpageparams nextpagetoken nextpageuri nextpageurl nextrecords
    nextrecordsurl nextstartingafter nextstreamposition nextsynctoken nexttoken nexturl odatanextlink offset
    page pageable pagecount pageinfo pages pagesize pagination paging perpage resumetoken scrollid startingafter
    totalpages truncated
    """.split()
)  # fmt: skip
"""Names of properties of an answer that lead on, or tell how far the end is."""
_WRAPPING: Final = frozenset(
    """
    info links meta metadata page pageinfo pagination paging responsemetadata
    """.split()
)  # fmt: skip
"""Names of properties that hold such properties."""
_HEADERS: Final = frozenset(
    """
    accept-ranges content-range link next-page pagination-next x-continuation-token x-cursor x-has-more x-limit
    x-ms-continuation x-next x-next-cursor x-next-page x-next-page-token x-next-token x-offset x-page
    x-page-count x-pagination x-per-page x-total-pages
    """.split()
)  # fmt: skip
"""Headers of an answer that do the same."""
_LIST_KEYS: Final = frozenset(
    """
    collection content data edges elements entries hits items list nodes objects records resources results rows
    values
    """.split()
)  # fmt: skip
"""Names of properties that hold the items of a list, whatever it lists."""
_MADE: Final = frozenset(
    """
    added addedat created createdat createddate createdon createdtime createtime creationdate creationtime
    datecreated inserted insertedat timecreated
    """.split()
)  # fmt: skip
"""Names of properties that tell when a thing was made."""
SHORT_LISTS: Final = frozenset("countries currencies languages locales timezones continents".split())
"""Last words of paths that list what is fixed by the world and not by the customers."""

_MOST_OTHERS: Final = 6


class Listed(Struct, frozen=True):
    """What a list operation returns: the array, the property it stands in (empty at the top), and how sure that is.

    `dated` says that its items tell when they were made, or may, for what they are is not written out: then it holds
    what came to be one by one, and is no catalogue that somebody wrote once.
    """

    array: Schema
    property: str
    dated: bool


class Pagination(Struct, frozen=True):
    """How a client pages: the style, the parameters that do it, and what in the answer leads on."""

    style: Style
    parameters: tuple[str, ...]
    continuation: tuple[str, ...]


def plain(name: str) -> str:
    """A name as it is compared: letters and digits in lower case. `page[number]` and `pageNumber` are the same."""
    return _PLAIN.sub("", name.lower())


def listed(operation: Operation) -> Listed | None:
    """The collection a GET answers with; None where it answers with one thing, or where that is not certain."""
    last = operation.last
    if operation.method != "GET" or not operation.served or last is None or last.kind not in ("collection", "word"):
        return None
    answer = operation.answer
    if answer is None:
        return None
    offered = "available" in split(operation.text("summary"))
    if answer.is_array:
        found = last.kind == "collection" and _of_objects(answer)
        return Listed(answer, "", not offered and _dated(answer)) if found else None
    if not answer.is_object or last.kind != "collection":
        return None
    for name, schema in answer.properties.items():
        if schema.is_array and _of_objects(schema) and _main(name, last.word, answer):
            return Listed(schema, name, not offered and _dated(schema))
    return None


def listing(operation: Operation) -> ListFact | None:
    """What is remembered of a list operation, to be judged when it is known who can add to the collection."""
    found, last = operation.listed, operation.last
    if found is None or last is None:
        return None
    return ListFact(
        property=found.property,
        paged=operation.pagination is not None,
        rooted=all(segment.kind in ("version", "prefix") for segment in operation.segments[:-1]),
        items=last.has_items,
        dated=found.dated,
        word=last.word,
        via=tuple(place.at for place in operation.chain),
    )


def _dated(array: Schema) -> bool:
    """Whether the items of an array say when they were made; true where nobody knows what they say."""
    items = array.items
    if items is None:
        return True
    kinds = [items, *items.alternatives] if items.properties else items.alternatives
    names = {
        plain(inner)
        for kind in kinds
        for name, schema in kind.properties.items()
        for inner in (name, *(schema.properties if plain(name) in _WRAPPING else ()))
    }
    return not names or not _MADE.isdisjoint(names)


def wraps_list(answer: Schema) -> bool:
    """Whether an answer is an array of objects, or an envelope around one under a name that says so."""
    if answer.is_array:
        return _of_objects(answer)
    arrays = [name for name, schema in answer.properties.items() if schema.is_array] if answer.is_object else []
    return len(arrays) == 1 and plain(arrays[0]) in _LIST_KEYS and _of_objects(answer.properties[arrays[0]])


def _main(name: str, word: str, answer: Schema) -> bool:
    """Whether an array property is what the answer is about: named as lists are, or after the path, nearly alone."""
    others = [other for other in answer.properties.values() if other.is_array]
    if len(others) > 1 or len(answer.properties) > _MOST_OTHERS:
        return False
    words = split(name)
    return plain(name) in _LIST_KEYS or (bool(words) and words[-1] in (word, plural(word)))


def _of_objects(array: Schema) -> bool:
    """Whether its items are things and not words or numbers. An array with a ceiling cannot grow and is no list."""
    items = array.items
    if items is None or array.number("maxItems") is not None:
        return False
    if items.is_object:
        return True
    kinds = items.alternatives
    return not items.types and bool(kinds) and all(kind.is_object for kind in kinds)


def paged(operation: Operation) -> Pagination | None:
    """How an operation pages, from its parameters and its answer; None where nothing points to a next part."""
    taken = {
        parameter.name: _STYLES[key]
        for parameter in operation.parameters
        if parameter.location in ("query", "header", "querystring", "formData")
        and (key := _key(parameter.name)) in _STYLES
    }
    given = tuple(_continuations(operation))
    styles: tuple[Style, ...] = ("cursor", "page", "offset", "limit")
    for style in styles:
        if style in taken.values():
            return Pagination(style, tuple(taken), given)
    return Pagination("continuation", (), given) if given else None


_TIMES: Final = frozenset("date date-time time".split())
_VAGUE: Final = frozenset("after before since until from start next last first continue".split())
"""Names of cursors that are as often filters: they count where nothing clearer does."""
_SIZES: Final = frozenset(("limit",))
_LEADING: Final = re.compile(r"next|cursor|total|more|count|page|paging|pagination|link|offset|token|marker|last|end")


def styles(operation: Operation) -> tuple[Style, ...]:
    """The ways to get to a further part of a collection that an operation accepts, the clearest first."""
    clear: dict[Style, None] = {}
    vague: dict[Style, None] = {}
    for parameter in operation.parameters:
        key = _key(parameter.name)
        style = _STYLES.get(key)
        if style is None or style in _SIZES or parameter.location not in ("query", "querystring", "header"):
            continue
        if key not in _VAGUE:
            clear[style] = None
        elif parameter.schema is None or parameter.schema.word("format") not in _TIMES:
            vague[style] = None
    return tuple(clear or vague)


def leads_on(operation: Operation) -> bool:
    """Whether a page says where the next one is or how many there are, or may say so where nobody can see it."""
    for status in operation.successes:
        response = operation.responses.get(status)
        if response is not None and (response.opaque_headers or any(map(_LEADING.search, response.headers))):
            return True
    answer = operation.answer
    if answer is None or not answer.is_object:
        return answer is None
    return any(
        _LEADING.search(plain(name)) and not schema.is_array for name, schema in answer.properties.items()
    ) or any(plain(name) in _WRAPPING for name in answer.properties)


def page_sizes(operation: Operation) -> Iterator[tuple[Parameter, bool]]:
    """The parameters that say how long a page is, each with whether there is a longest."""
    for parameter in operation.parameters:
        if parameter.location != "query" or _STYLES.get(_key(parameter.name)) != "limit":
            continue
        schema = parameter.schema
        numbers = _numbers(schema) if schema is not None else []
        if numbers:
            yield parameter, all(_capped(number) for number in numbers)


def told_maximum(parameter: Parameter) -> int:
    """The longest page that a description names, as in "max 100" or "between 1 and 100"; 0 for none."""
    schema = parameter.schema
    found = _TOLD.search(f"{parameter.text('description')} {schema.word('description') if schema is not None else ''}")
    return int(found.group(found.lastindex or 0)) if found is not None else 0


def capped(parameter: Parameter) -> tuple[Edit, ...]:
    """The edits that give a page size a longest, no less than what its own words take for granted.

    None where its schema stands elsewhere: others may use that for something else.
    """
    schema = parameter.schema
    numbers = _numbers(schema) if schema is not None else []
    edits: list[Edit] = []
    for place in [number.place for number in numbers if not _capped(number)]:
        own = parameter.place
        if place.path != own.path or place.parts[: len(own.parts)] != own.parts or place.reference is not None:
            return ()
        node = place.node if isinstance(place.node, dict) else {}
        told = [value for value in map(node.get, ("default", "minimum", "example")) if type(value) is int]
        edit = added(place, "maximum", max([told_maximum(parameter) or _MAXIMUM, *told]))
        if not edit:
            return ()
        edits += edit
    return tuple(edits)


def _numbers(schema: Schema) -> list[Schema]:
    """The schemas that a number is held to; none where it may be something else."""
    kinds = [schema, *schema.alternatives] if not schema.types else [schema]
    numbers = [kind for kind in kinds if kind.types & {"integer", "number"}]
    return numbers if all(kind in numbers or kind.types <= {"null"} for kind in kinds) else []


def _capped(schema: Schema) -> bool:
    return any(part.child(key) is not None for part in schema.parts for key in ("maximum", "exclusiveMaximum", "enum"))


def _key(name: str) -> str:
    """The plain name, without a vendor's or a filter's prefix (`$top`, `page[limit]`, `q.page`)."""
    key = plain(name)
    if key in _STYLES:
        return key
    last = plain(re.split(r"[.\[]", name.rstrip("]"))[-1])
    return last if last in _STYLES else key


def _continuations(operation: Operation) -> Iterator[str]:
    for status in operation.successes:
        response = operation.responses.get(status)
        if response is not None:
            yield from (name for name in response.headers if name in _HEADERS)
    answer = operation.answer
    if answer is None or not answer.is_object:
        return
    for name, schema in answer.properties.items():
        key = plain(name)
        if key in _NEXT:
            yield name
        elif key in _WRAPPING:
            yield from (f"{name}.{inner}" for inner in schema.properties if plain(inner) in _NEXT)
