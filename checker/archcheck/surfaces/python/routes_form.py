"""Forms: the few kinds of expressions that wire an application, as plain data that crosses process borders."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Spot(Struct, frozen=True, array_like=True, gc=False):
    """A place in the module at hand: line, column and end column, as in a location."""

    line: int
    column: int
    end: int


class Name(Struct, frozen=True, array_like=True, tag="n", gc=False):
    """A name."""

    id: str


class Attr(Struct, frozen=True, array_like=True, tag="a"):
    """An attribute of something."""

    of: Form
    name: str


class Text(Struct, frozen=True, array_like=True, tag="s", gc=False):
    """A string literal."""

    text: str


class Plain(Struct, frozen=True, array_like=True, tag="k", gc=False):
    """A number, a truth value or None."""

    value: bool | int | None


class Invoke(Struct, frozen=True, array_like=True, tag="c"):
    """A call. A keyword without a name is `**`; an argument under a star is a `Spread`."""

    of: Form
    args: tuple[Form, ...]
    keywords: tuple[tuple[str, Form], ...]
    at: Spot


class Spread(Struct, frozen=True, array_like=True, tag="*"):
    """`*items` in a call or a list."""

    of: Form


class Listed(Struct, frozen=True, array_like=True, tag="l"):
    """A list, tuple or set."""

    items: tuple[Form, ...]


class Mapped(Struct, frozen=True, array_like=True, tag="d"):
    """A dictionary."""

    pairs: tuple[tuple[Form, Form], ...]


class Glued(Struct, frozen=True, array_like=True, tag="+"):
    """An f-string, or a sum."""

    parts: tuple[Form, ...]


class Choice(Struct, frozen=True, array_like=True, tag="?"):
    """A conditional expression, `or`, `and`: one of several. `test` is the condition of the first of two."""

    options: tuple[Form, ...]
    test: Form | None = None


class Item(Struct, frozen=True, array_like=True, tag="i"):
    """A subscript."""

    of: Form
    key: Form


class Opaque(Struct, frozen=True, array_like=True, tag="x", gc=False):
    """Anything else, as a person would name it."""

    text: str


Form: TypeAlias = Name | Attr | Text | Plain | Invoke | Spread | Listed | Mapped | Glued | Choice | Item | Opaque


class Param(Struct, frozen=True, array_like=True):
    """A parameter of a function; `star` is empty, `*` or `**`."""

    name: str
    note: Form | None = None
    default: Form | None = None
    star: str = ""
    at: Spot | None = None


class Read(Struct, frozen=True, array_like=True):
    """A body that a function reads as it came: `what` is `json`, `form` or `bytes`.

    `picked` is how many keys it takes out of it, `handed` the names of the calls that get it whole, those that get it
    spread behind `**`, `?` for what is built of it.
    """

    what: str
    at: Spot
    picked: int
    handed: tuple[str, ...]


class Traits(Struct, frozen=True, array_like=True):
    """What a function does with data.

    `whole` is the place of a query for all rows that it gives back, `of` the name of what the query is of; `hands` are
    the names of calls of which it gives back the result and that may give rows. `noted` says that what takes events
    names something that tells a repeated one, `open` that its words say that anybody may call it.
    """

    reads: tuple[Read, ...] = ()
    whole: Spot | None = None
    hands: tuple[str, ...] = ()
    of: str = ""
    noted: bool = False
    open: bool = False


class Function(Struct, frozen=True, array_like=True, tag="def"):
    """A function: what stands above it, what it takes, and of its body what wires, gives back or raises.

    `calls` are the spelled names of what it calls. `above` are the lines of its decorators, where each has one line.
    """

    name: str
    qualname: str
    at: Spot
    decorators: tuple[tuple[Form, Spot], ...] = ()
    params: tuple[Param, ...] = ()
    body: tuple[Deed, ...] = ()
    imports: dict[str, str] = {}
    calls: tuple[str, ...] = ()
    wires: bool = False
    gives: Form | None = None
    wary: bool = False
    traits: Traits | None = None
    above: tuple[str, ...] = ()


class Field(Struct, frozen=True, array_like=True, gc=False):
    """An annotated attribute of a class.

    `required` is None where `Optional` may say so; `kind` as in `route.Input`; `fixed` says that the name is an alias.
    """

    name: str
    required: bool | None
    kind: str = ""
    fixed: bool = False


class Kind(Struct, frozen=True, array_like=True, tag="class"):
    """A class: what it inherits from, what stands above it, what it holds; `renames` names what rewrites its names."""

    name: str
    at: Spot
    bases: tuple[Form, ...] = ()
    decorators: tuple[tuple[Form, Spot], ...] = ()
    body: tuple[Deed, ...] = ()
    fields: tuple[Field, ...] = ()
    renames: str = ""


class Bind(Struct, frozen=True, array_like=True, tag="="):
    """A value put under a name, or under an attribute of one."""

    target: Form
    value: Form
    grows: bool = False


class Do(Struct, frozen=True, array_like=True, tag="do"):
    """An expression that stands as a statement."""

    value: Form


class Loop(Struct, frozen=True, array_like=True, tag="for"):
    """A loop over something."""

    target: tuple[str, ...]
    over: Form
    body: tuple[Deed, ...]


class Give(Struct, frozen=True, array_like=True, tag="give"):
    """A returned value."""

    value: Form
    at: Spot


class Throw(Struct, frozen=True, array_like=True, tag="raise"):
    """A raised exception."""

    value: Form
    at: Spot


Deed: TypeAlias = Function | Kind | Bind | Do | Loop | Give | Throw


class Web(Struct, frozen=True, array_like=True):
    """What a module does with applications and routers.

    `web` says that it has to do with a framework at all; `branches` are the first and last lines of what runs under a
    condition; `kits` are what it imports to limit, trace and number requests, `request-id` where it names
    one, `health-path` where it answers that it is well, and `default-limits` where it names limits for every route.
    """

    body: tuple[Deed, ...]
    web: bool = False
    branches: tuple[tuple[int, int], ...] = ()
    kits: tuple[str, ...] = ()
