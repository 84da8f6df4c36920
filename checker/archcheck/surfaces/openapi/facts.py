"""The compact facts that each piece of a document leaves: they are remembered, and what the API does most is read here.

Everything in them stands in the piece itself, in the pieces below it, or in the root document.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from archcheck.finding import Edit
from archcheck.source import Location

Demand: TypeAlias = Literal["required", "optional", "waived", "none"]
"""What an operation asks of a caller: credentials, credentials or nothing, nothing by choice, or it does not say."""
Nature: TypeAlias = Literal["", "auth", "public"]
"""What an operation is about by its name: proving who asks (login, token, reset), or what nobody has to prove."""


class ParameterFact(Struct, frozen=True, array_like=True):
    """A parameter of an operation: `kind` is its one type, empty where it has several or none that is known."""

    name: str
    where: str
    kind: str
    required: bool


class ListFact(Struct, frozen=True, array_like=True):
    """A collection that a GET answers with: the property it stands in, empty at the top, and whether it is `paged`.

    `rooted` says that it stands at the root of the API, `items` that single ones have paths; `dated` that they tell
    when they were made, or may. `word` is the last of its path, and `via` are the references that lead there.
    """

    property: str
    paged: bool
    rooted: bool
    items: bool
    dated: bool
    word: str
    via: tuple[Location, ...] = ()


class BodyFact(Struct, frozen=True, array_like=True):
    """What an operation takes as a body: the names of its top, and those that must be there.

    `whole` says that there are no others: nothing in its schema could not be read, or hangs on a choice.
    """

    required: bool
    names: tuple[str, ...] = ()
    demanded: tuple[str, ...] = ()
    whole: bool = False


class OperationFact(Struct, frozen=True, array_like=True):
    """One operation. `secured` is None where the document does not let it be known.

    `served` is false for webhooks and callbacks. `deprecated` is `dated` where it says until when. `styles` are the
    ways to page that it accepts, `onward` tells that a page leads on or has a total, `bare` that the answer is an array
    itself. `versions` is how it tells versions apart, such as `header:Api-Version`. `keyed` tells that it
    takes credentials as a plain parameter, `blind` that parameters could not be read. `takes` is its body,
    `listed` is the collection it returns, `adds` that it is a POST that makes one thing, as far as its name tells.
    `throttled` tells that an extension speaks of a limit on requests. `internal` says that it is marked so, `elsewhere`
    that it has servers of its own. `controller` is the module that a router binds it to.
    """

    method: str
    path: str
    id: str
    at: Location
    statuses: tuple[str, ...]
    secured: bool | None
    served: bool = True
    demand: Demand = "none"
    scoped: bool = False
    nature: Nature = ""
    lists: bool = False
    creates: bool = False
    body: bool = False
    constrained: bool = False
    styles: tuple[str, ...] = ()
    onward: bool = False
    bare: bool = False
    quota: bool = False
    deprecated: Literal["", "dated", "undated"] = ""
    versions: tuple[str, ...] = ()
    signed: bool = False
    idempotent: bool = False
    keyed: bool = False
    blind: bool = False
    parameters: tuple[ParameterFact, ...] = ()
    takes: BodyFact | None = None
    tags: tuple[str, ...] = ()
    internal: bool = False
    elsewhere: bool = False
    controller: str = ""
    listed: ListFact | None = None
    adds: bool = False
    throttled: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def variation(self) -> bool:
        """Whether its path has a fragment, which no request carries: a second description of what stands without it."""
        return "#" in self.path

    @property
    def writes(self) -> bool:
        """Whether its method is one that changes something."""
        return self.method in ("POST", "PUT", "PATCH", "DELETE")

    @property
    def read(self) -> bool:
        """Whether anything is known of its answers."""
        return bool(self.statuses)

    @property
    def limited(self) -> bool:
        """Whether it says that it turns clients away."""
        return "429" in self.statuses

    @property
    def successes(self) -> tuple[str, ...]:
        """The status keys of success it declares."""
        return tuple(status for status in self.statuses if status[:1] == "2")

    @property
    def pages(self) -> bool:
        """Whether it lists, a part at a time."""
        return self.lists and bool(self.styles)


class ErrorFact(Struct, frozen=True, array_like=True):
    """One answer to a request that failed, once for each piece that gives it.

    `owner` is the operation it is written in, or the name of a shared response; `uses` are the operations of this
    piece that give it, `count` how often they do. `shape` is what its schema says as `name:type` lines, empty where it
    says nothing that can be compared.
    """

    owner: str
    shared: bool
    at: Location
    statuses: tuple[str, ...]
    uses: tuple[str, ...]
    count: int
    described: bool
    problem: bool
    shape: tuple[str, ...] = ()
    schema: str = ""
    schema_at: Location | None = None


class RequirementFact(Struct, frozen=True, array_like=True):
    """A demand for credentials in one piece: the scheme and its scopes, where it first stands, and how often."""

    scheme: str
    scopes: tuple[str, ...]
    at: Location
    uses: int


class PageSizeFact(Struct, frozen=True, array_like=True):
    """A parameter that says how long a page is: where it is defined, for how many operations of the piece, and the
    `edits` that would bound it. `told` is the maximum that its description names, 0 for none.
    """

    name: str
    at: Location
    bounded: bool
    owner: str
    uses: int
    edits: tuple[Edit, ...] = ()
    told: int = 0

    @property
    def problem(self) -> str:
        """What is wrong with one that has no bound, and what to do."""
        users = f"{self.uses} lists" if self.uses > 1 else self.owner
        if self.told:
            return f"'{self.name}' of {users} tells its maximum of {self.told} in words alone; declare it"
        return f"'{self.name}' lets a client ask {users} for a page of any size; declare and enforce a maximum"


class PropertyFact(Struct, frozen=True, array_like=True):
    """One property of a schema. `types` is empty where the document does not say; `max_length` None where unbounded.

    `only` is `in` for what is written and never read, `out` for what is read and never written. `bounded` says that a
    pattern or a format keeps it short.
    """

    name: str
    types: tuple[str, ...]
    format: str
    required: bool
    nullable: bool
    max_length: int | None
    enum: tuple[str, ...]
    at: Location
    only: Literal["", "in", "out"] = ""
    bounded: bool = False


class SchemaFact(Struct, frozen=True, array_like=True):
    """One shared schema with its properties, and whether requests and responses carry it."""

    name: str
    at: Location
    in_request: bool
    in_response: bool
    properties: tuple[PropertyFact, ...]


class PieceFacts(Struct, frozen=True, array_like=True, omit_defaults=True):
    """All that one piece leaves."""

    operations: tuple[OperationFact, ...] = ()
    schemas: tuple[SchemaFact, ...] = ()
    errors: tuple[ErrorFact, ...] = ()
    requirements: tuple[RequirementFact, ...] = ()
    page_sizes: tuple[PageSizeFact, ...] = ()
