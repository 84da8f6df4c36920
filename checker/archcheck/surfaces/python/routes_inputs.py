"""What a handler takes from a request: parameters and body, its own and those of its dependencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from archcheck.surfaces.python.route import Body, Input, Shape, Where
from archcheck.surfaces.python.routes_fields import KINDS
from archcheck.surfaces.python.routes_form import (
    Attr,
    Choice,
    Field,
    Form,
    Invoke,
    Item,
    Listed,
    Name,
    Param,
    Plain,
    Text,
)
from archcheck.surfaces.python.routes_run import Runner
from archcheck.surfaces.python.routes_values import MISSING, Bound, Class, Func, Instance, Options, Ref, Unknown, Value
from archcheck.surfaces.python.words import words

_PLACES: Final[dict[str, Where]] = {"Query": "query", "Header": "header", "Cookie": "cookie", "Path": "path"}
_BODIES: Final = frozenset({"Body", "Form", "File"})
_DEPENDS: Final = frozenset({"Depends", "Security"})
_GIVEN: Final = words(
    "Request Response BackgroundTasks WebSocket HTTPConnection SecurityScopes JSONResponse HTMLResponse"
)
_RAW: Final = re.compile(r"request\.(?:get_json|json|form|body|stream)")
_READS: Final = re.compile(r"request\.(?:query_params|headers|args)\b")
_FORMS: Final = frozenset({"OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
_SECURE: Final = re.compile(r"(?:fastapi\.security|fastapi_users|fastapi_limiter|fastapi_cache)\b")
_CLEAN: Final = frozenset(
    words("BaseModel SQLModel object Generic ABC Protocol Struct NamedTuple TypedDict Document GenericModel")
)
_FRAMED: Final = frozenset({"BaseModel", "SQLModel", "RootModel", "GenericModel", "Struct", "TypedDict"})
_ANYTHING: Final = frozenset({"dict", "Dict", "Any", "object", "Mapping"})
_CONVERTERS: Final = {"int": "integer", "float": "number", "path": "string", "slug": "string", "uuid": "string"}
_DEEPEST: Final = 12


class Taken(Struct):
    """What one function takes. `bodies` are the values that stand for the body, None for one of form fields."""

    inputs: list[Input] = field(default_factory=list)
    bodies: list[Value] = field(default_factory=list)
    raw: bool = False
    known: bool = True

    def add(self, other: Taken) -> None:
        """The same request feeds both."""
        self.inputs += other.inputs
        self.bodies += other.bodies
        self.raw = self.raw or other.raw
        self.known = self.known and other.known


class Taking(Struct, frozen=True):
    """What a handler takes, as its route tells it; `loose` says that a parameter of the body lets anything in."""

    inputs: tuple[Input, ...]
    known: bool
    body: Body
    model: Shape | None
    loose: bool = False


class Inputs:
    """Reads functions, each once. `named` gives the targets of the `Depends(...)` in a value."""

    def __init__(self, runner: Runner, named: Callable[[Value], Iterator[Value]]) -> None:
        self.runner = runner
        self.named = named
        self.known: dict[int, Taken] = {}

    def handler(self, func: Func, path: tuple[tuple[str, str], ...], demands: Iterable[Value]) -> Taking:
        """What a handler of FastAPI takes; `demands` are the dependencies that its routers and app add."""
        taken = Taken()
        taken.add(self.of(func, 0))
        for target in (*demands, *self._around(func)):
            taken.add(self.target(target, 0))
        names = {name for name, _ in path}
        found: dict[tuple[str, str], Input] = {}
        for each in taken.inputs:
            if each.name in names:
                each = Input(each.name, "path", each.kind, True)
            found.setdefault((each.where, each.name.lower()), each)
        for name, converter in path:
            found.setdefault(("path", name.lower()), Input(name, "path", _CONVERTERS.get(converter, ""), True))
        # A path parameter that is a plain annotation is not read from elsewhere.
        kept = tuple(each for each in found.values() if each.where != "path" or each.name in names)
        models = [each for each in taken.bodies if isinstance(each, Class) and is_model(each)]
        body: Body = "unknown"
        loose = any(_shapeless(each) for each in taken.bodies)
        if taken.raw or loose:
            body = "raw"
        elif taken.bodies:
            body = "schema"
        elif taken.known:
            body = "none"
        model = shape(models[0]) if len(models) == 1 and len(taken.bodies) == 1 else None
        return Taking(kept, taken.known, body, model, loose)

    def _around(self, func: Func) -> Iterator[Value]:
        """The dependencies among the attributes of the class that a handler stands in."""
        for each in func.owner.mro() if func.owner is not None else ():
            for value in each.names.values() if isinstance(each, Class) else ():
                yield from self.named(value)

    def of(self, func: Func, depth: int) -> Taken:
        """What a function takes, its dependencies included."""
        key = id(func.function)
        if key in self.known:
            return self.known[key]
        found = self.known[key] = Taken()
        if depth > _DEEPEST:
            found.known = False
            return found
        for call in func.function.calls:
            found.raw = found.raw or _RAW.fullmatch(call) is not None
            found.known = found.known and not _READS.match(call)
        bound = func.owner is not None and not any(_last(each) == "staticmethod" for each, _ in func.guards)
        for index, param in enumerate(func.function.params):
            if param.star or (bound and index == 0):
                # Who takes anything has its signature made by somebody.
                found.known = found.known and not param.star
                continue
            self._param(param, func, found, depth)
        return found

    def target(self, value: Value, depth: int) -> Taken:
        """What a dependency takes."""
        match value:
            case Func():
                return self.of(value, depth + 1)
            case Class():
                init = value.find("__init__")
                if isinstance(init, Func):
                    return self.of(init, depth + 1)
                found = Taken(known=value.kind.fields != () or not value.kind.bases)
                self._fields(value, "query", found)
                return found
            case Instance(Class() as owner):
                call = owner.find("__call__")
                return self.of(call, depth + 1) if isinstance(call, Func) else Taken()
            case Bound(Instance(Class() as owner), name):
                method = owner.find(name)
                if isinstance(method, Func):
                    return self.of(method, depth + 1)
            case Ref(name) | Instance(Ref(name)):
                if _last(value) in _FORMS:
                    return Taken(bodies=[None])
                if _SECURE.match(name):
                    return Taken()
        return Taken(known=value is MISSING or value is None)

    def _param(self, param: Param, func: Func, found: Taken, depth: int) -> None:
        note = self.runner.value(param.note, func.env) if param.note is not None else None
        default = self.runner.value(param.default, func.env) if param.default is not None else MISSING
        markers = [each for each in (default, *_marks(note)) if isinstance(each, Instance)]
        kind = _unwrapped(note)
        for marker in markers:
            last = _last(marker)
            if last in _DEPENDS:
                given = marker.args[0] if marker.args else marker.get("dependency")
                found.add(self.target(kind if given is MISSING or given is None else given, depth))
                return
            if last in _PLACES:
                self._marked(param, marker, marker is default, kind, found)
                return
            if last in _BODIES:
                found.bodies.append(None if last != "Body" else kind if isinstance(kind, Class) else _loose(kind))
                return
        if _last(kind) in _GIVEN:
            return
        if _bodily(kind):
            found.bodies.append(kind)
        elif _last(kind) == "UploadFile":
            found.bodies.append(None)
        elif (family := _family(kind)) or kind is None:
            required = default is MISSING and not _nullable(param.note)
            undecided = default is MISSING and not required
            found.inputs.append(Input(param.name, "query", family, None if undecided else required))
        else:
            found.known = False

    def _marked(self, param: Param, marker: Instance, stands: bool, kind: Value, found: Taken) -> None:
        """A parameter with `Query()`, `Header()` and their like, as its default (`stands`) or in its annotation."""
        where = _PLACES[_last(marker)]
        alias = marker.get("alias")
        name = alias if isinstance(alias, str) else param.name
        if isinstance(kind, Class) and kind.kind.fields and is_model(kind):
            self._fields(kind, where, found)
            return
        if where == "header" and alias is MISSING and marker.get("convert_underscores") is not False:
            name = name.replace("_", "-")
        if stands:
            given = marker.get("default", 0)
            factory = marker.get("default_factory") is not MISSING
            unset = (given is MISSING and not factory) or (isinstance(given, Unknown) and given.text == "Ellipsis")
        else:
            unset = param.default is None
        required = None if unset and _nullable(param.note) else unset
        known = alias is MISSING or isinstance(alias, str)
        found.known = found.known and known
        found.inputs.append(Input(name, where, _family(kind), required))

    def _fields(self, owner: Class, where: Where, found: Taken) -> None:
        """The fields of a class, each as a parameter."""
        made = shape(owner)
        found.known = found.known and made.whole
        kinds = {_camel(each.name): each.kind for each in _held(owner)}
        for name, required in made.properties:
            spelled = name.replace("_", "-") if where == "header" else name
            found.inputs.append(Input(spelled, where, kinds.get(_camel(name), ""), required))


def plain(path: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    """The parameters of a path alone."""
    return tuple(Input(name, "path", _CONVERTERS.get(kind, KINDS.get(kind, "")), True) for name, kind in path)


def shape(owner: Class) -> Shape:
    """The properties of a model, those it inherits included."""
    found: dict[str, bool | None] = {}
    fixed: set[str] = set()
    whole, rename = True, ""
    for each in reversed(owner.mro()):
        if isinstance(each, Ref):
            whole = whole and each.name.rpartition(".")[2] in _CLEAN
            continue
        whole = whole and all(not isinstance(base, Unknown | Options) for base in each.bases)
        rename = each.kind.renames or rename
        for own in each.kind.fields:
            whole = whole and own.name != "?"
            found[own.name] = own.required
            fixed |= {own.name} if own.fixed else set()
    found.pop("?", None)
    if "camel" in rename.lower():
        found = {name if name in fixed else _camel(name): required for name, required in found.items()}
    return Shape(owner.kind.name, owner.at, tuple(found.items()), whole and (not rename or "camel" in rename.lower()))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)


def is_model(found: Class) -> bool:
    """Whether a class is read from a body by itself."""
    return any(isinstance(each, Ref) and each.name.rpartition(".")[2] in _FRAMED for each in found.mro()) or any(
        _last(each) in ("dataclass", "define") for each in found.decorators
    )


def _held(owner: Class) -> Iterator[Field]:
    for each in reversed(owner.mro()):
        if isinstance(each, Class):
            yield from each.kind.fields


def _marks(note: Value) -> Iterator[Value]:
    """What `Annotated` carries, through aliases and unions."""
    match note:
        case Instance(Ref(name), args) if name.rpartition(".")[2] == "Annotated":
            yield from args[1:]
            yield from _marks(args[0] if args else None)
        case Instance(Ref(), args) if _last(note) in ("Optional", "Union"):
            for each in args:
                yield from _marks(each)


def _unwrapped(note: Value) -> Value:
    """The type inside `Annotated`, `Optional` and `NewType`."""
    for _ in range(5):
        match note:
            case Instance(Ref(), args) if _last(note) in ("Annotated", "Optional") and args:
                note = args[0]
            case Instance(Ref(), args) if _last(note) == "NewType" and len(args) > 1:
                note = args[1]
            case Instance(Ref(), args) if _last(note) == "Union":
                kept: list[Value] = [each for each in args if each is not None]
                if len(kept) != 1:
                    return Options(kept)
                note = kept[0]
            case _:
                break
    return note


def _bodily(kind: Value) -> bool:
    """Whether FastAPI reads a parameter of this type from the body by itself."""
    match kind:
        case Class():
            return is_model(kind)
        case Instance(Ref()) if _last(kind) in KINDS and KINDS[_last(kind)] in ("array", "object"):
            return True
        case Ref():
            return KINDS.get(_last(kind)) in ("array", "object") or kind.name == "typing.Any"
        case Options(values):
            return any(_bodily(each) for each in values)
    return False


def _shapeless(kind: Value) -> bool:
    """Whether a type of a body lets anything in: `dict`, `Any`, a list of them."""
    match kind:
        case Ref():
            return True
        case Instance(Ref(), args):
            return not args or (_shapeless(args[-1]) and _last(args[-1]) in _ANYTHING)
    return False


def _loose(kind: Value) -> Value:
    """A body of `dict` or `Any` stays as it is, one of a single value is as good as a form field."""
    return kind if _bodily(kind) else None


def _family(kind: Value) -> str:
    match kind:
        case Class():
            outside = [each.name.rpartition(".")[2] for each in kind.mro() if isinstance(each, Ref)]
            if "IntEnum" in outside or "int" in outside:
                return "integer"
            return "string" if "StrEnum" in outside or "str" in outside or "Enum" in outside else ""
        case Instance(Ref(name), args) if name.rpartition(".")[2] == "Literal":
            return "string" if args and all(isinstance(each, str) for each in args) else ""
        case Options(values):
            families = {_family(each) for each in values}
            return families.pop() if len(families) == 1 else ""
        case Ref() | Instance(Ref()):
            return KINDS.get(_last(kind), "")
    return ""


def _nullable(note: Form | None) -> bool:
    """Whether an annotation is written so that nothing may come, which older versions took for a default."""
    match note:
        case Choice(options):
            return any(each == Plain(None) or _nullable(each) for each in options)
        case Item(of, key):
            name = _written(of)
            if name == "Annotated":
                return isinstance(key, Listed) and bool(key.items) and _nullable(key.items[0])
            return name == "Optional" or (name == "Union" and isinstance(key, Listed) and Plain(None) in key.items)
        case Text(text):
            return "Optional" in text
    # An alias may hold anything.
    return isinstance(note, Name | Attr | Invoke) and _written(note) not in KINDS


def _written(form: Form) -> str:
    return form.id if isinstance(form, Name) else form.name if isinstance(form, Attr) else ""


def _last(value: Value) -> str:
    match value:
        case Ref(name) | Instance(Ref(name)):
            return name.rpartition(".")[2]
    return ""
