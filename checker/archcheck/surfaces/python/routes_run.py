"""Running the statements that wire an application: modules on demand, functions when they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from archcheck.source import Location
from archcheck.surfaces.python.routes_declare import decorated, decorated_class
from archcheck.surfaces.python.routes_form import (
    Attr,
    Bind,
    Choice,
    Deed,
    Do,
    Form,
    Function,
    Give,
    Glued,
    Invoke,
    Item,
    Kind,
    Listed,
    Loop,
    Mapped,
    Name,
    Opaque,
    Plain,
    Spot,
    Spread,
    Text,
)
from archcheck.surfaces.python.routes_names import Found, Names
from archcheck.surfaces.python.routes_reduce import fallback, flat, glued, one, text_method
from archcheck.surfaces.python.routes_values import (
    MISSING,
    Bound,
    Class,
    Dict,
    Env,
    Func,
    Instance,
    Module,
    Node,
    Options,
    Place,
    Ref,
    Seq,
    Unknown,
    Value,
)
from archcheck.surfaces.python.routes_wire import Wiring

_DEEPEST: Final = 12
_STEPS: Final = 400_000
_FIELDS: Final = frozenset({"Field", "config", "getenv", "get", "env", "str", "Path", "PurePosixPath"})


class Runner:
    """The state of one joining. `find` gives the module of a dotted name as an asker means it."""

    def __init__(
        self,
        find: Callable[[str, Place], Found | None],
        plain: Callable[[Place, str], bool],
    ) -> None:
        self.names = Names(self, find, plain)
        self.wiring = Wiring(self)
        self.left = _STEPS
        self.depth = 0
        self.guessing = 0
        self.functions: list[Func] = []
        self.called: set[int] = set()
        self.memo: dict[tuple[int, int], Value] = {}

    def run(self, deeds: Iterable[Deed], env: Env) -> None:
        """Run statements in order; branches one after the other."""
        for deed in deeds:
            self.left -= 1
            if self.left < 0:
                return
            match deed:
                case Bind(target, value, grows):
                    self._bind(target, self.value(value, env), env, grows)
                case Do(value):
                    self.value(value, env)
                case Function():
                    self._define(deed, env)
                case Kind():
                    env.names[deed.name] = self._class(deed, env)
                case Loop(target, over, body):
                    self._loop(target, self.value(over, env), body, env)
                case Give(value):
                    env.returned.append(self.value(value, env))

    def value(self, form: Form, env: Env) -> Value:
        """What a form comes to."""
        self.left -= 1
        if self.left < 0:
            return Unknown("...")
        match form:
            case Text(text):
                return text
            case Plain(value):
                return value
            case Name(id):
                return self.lookup(id, env)
            case Attr(of, name):
                return self.attribute(self.value(of, env), name)
            case Invoke(of, args, keywords, at):
                return self._invoke(form, of, args, keywords, at, env)
            case Listed(items):
                return self._items(items, env)
            case Mapped(pairs):
                return self._mapped(pairs, env)
            case Glued(parts):
                return glued([self.value(part, env) for part in parts], parts)
            case Choice(options, test):
                return self._choice(options, test, env)
            case Item(of, key):
                return self._item(self.value(of, env), key, env)
            case Spread(of):
                return self.value(of, env)
            case Opaque(text):
                return Unknown(text)

    def lookup(self, name: str, env: Env) -> Value:
        """What a name holds, from the inside out."""
        scope: Env | None = env
        while scope is not None:
            if name in scope.names and (scope.owner is None or scope is env):
                return scope.names[name]
            if name in scope.imports:
                return self.names.dotted(scope.imports[name], env.module)
            scope = scope.parent
        found = self.names.starred(env.module, name)
        if found is not MISSING:
            return found
        return Ref(name) if name in _BUILTINS else Unknown(name)

    def attribute(self, of: Value, name: str) -> Value:
        """An attribute of a value."""
        match of:
            case Module(place, dotted):
                return self.names.of_module(place, dotted, name)
            case Ref(known):
                return Ref(f"{known}.{name}")
            case Class():
                return Bound(of, name) if name == "as_view" else self._of_class(of, name)
            case Instance(Class() as owner):
                if name in of.keywords and name not in owner.names:
                    return of.keywords[name]
                found = self._of_class(owner, name)
                if isinstance(found, Func) and any(_named(d) == "property" for d, _ in found.guards):
                    return self.call(found, (of,), {}, found.at)
                return Bound(of, name) if isinstance(found, Func) else found
            case Node() | Seq() | Dict():
                if isinstance(of, Node) and name in ("router", "urls") and not isinstance(of.options.get(name), Node):
                    return of
                return Bound(of, name)
            case Instance():
                return Bound(of, name)
            case Unknown():
                return Bound(of, name)
            case Options(values):
                return Options([self.attribute(value, name) for value in values])
            case str():
                return Bound(of, name)
            case Func() if name == "mapping":
                return Bound(of, name)
            case Bound(Func()):
                return Bound(of, name)
        return Unknown(name)

    def call(self, of: Value, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Value:
        """What a call gives."""
        if self.depth > _DEEPEST:
            return Unknown("...")
        self.depth += 1
        try:
            return self._call(of, args, keywords, at)
        finally:
            self.depth -= 1

    def _call(self, of: Value, args: tuple[Value, ...], keywords: dict[str, Value], at: Location) -> Value:
        match of:
            case Func():
                return self._run_function(of, args, keywords)
            case Class():
                node = self.wiring.subclass(of, args, keywords, at)
                return node if node is not None else Instance(of, args, keywords, at)
            case Ref(name):
                made = self.wiring.constructed(name, args, keywords, at)
                if made is not None:
                    return made
                if name.rpartition(".")[2] in _FIELDS and (given := fallback(args, keywords)) is not MISSING:
                    return given
                return Instance(of, args, keywords, at)
            case Bound(holder, name):
                return self._method(holder, name, args, keywords, at)
            case Options(values):
                return Options([self.call(value, args, keywords, at) for value in values])
            case Instance(Ref() as made):
                # A decorator that was made by a call is applied by hand.
                return Instance(made, args, keywords, at)
        return Unknown("call")

    def _method(
        self, holder: Value, name: str, args: tuple[Value, ...], keywords: dict[str, Value], at: Location
    ) -> Value:
        match holder:
            case Seq():
                if name == "append" and args:
                    holder.items.append(args[0])
                elif name == "extend" and args and isinstance(args[0], Seq):
                    holder.items.extend(args[0].items)
                elif name == "insert" and len(args) == 2:
                    holder.items.insert(args[0] if isinstance(args[0], int) else 0, args[1])
                elif name == "extend":
                    # What plugins bring that nobody knows is not part of the project.
                    holder.open = holder.open or not self.guessing
                return None
            case Dict(pairs):
                if name == "items":
                    return Seq([Seq([key, value]) for key, value in pairs])
                if name in ("values", "keys"):
                    return Seq([pair[name == "values"] for pair in pairs])
                if name == "get" and args:
                    return next((v for k, v in pairs if k == args[0]), Unknown("get"))
                if name == "update":
                    more = [*(args[0].pairs if args and isinstance(args[0], Dict) else []), *keywords.items()]
                    keys = [key for key, _ in more]
                    pairs[:] = [*(pair for pair in pairs if not (isinstance(pair[0], str) and pair[0] in keys)), *more]
                    holder.open = holder.open or bool(args and not isinstance(args[0], Dict))
                    return None
            case str() as text:
                return text_method(text, name, args)
            case Instance(Class() as owner):
                found = owner.find(name)
                if isinstance(found, Func):
                    return self.call(found, (holder, *args), keywords, at)
            case Class() if name == "as_view":
                return Instance(Ref("<as_view>"), (holder, *args), keywords, at)
        wired = self.wiring.method(holder, name, args, keywords, at)
        if wired is not None:
            return wired
        if isinstance(holder, Instance) and isinstance(holder.of, Ref):
            return Instance(Ref(f"{holder.of.name}().{name}"), (holder, *args), keywords, at)
        return Unknown(name)

    def _run_function(self, func: Func, args: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
        function = func.function
        self.called.add(id(function))
        alone = not args and not keywords
        key = (id(function), id(func.env))
        if alone and key in self.memo:
            return self.memo[key]
        env = Env(func.env.module, func.env, imports=function.imports)
        fill(env, function, args, keywords, self, func)
        if alone:
            self.memo[key] = Unknown(function.name)
        self.run(function.body, env)
        result = one(env.returned)
        if isinstance(result, Unknown) and isinstance(function.gives, Name):
            given = self.value(function.gives, func.env)
            result = Instance(given, (), {}, func.at) if isinstance(given, Class) else result
        if alone:
            self.memo[key] = result
        return result

    def _invoke(
        self,
        form: Form,
        of: Form,
        args: tuple[Form, ...],
        keywords: tuple[tuple[str, Form], ...],
        at: Spot,
        env: Env,
    ) -> Value:
        if isinstance(of, Attr) and isinstance(of.of, Invoke) and of.of.of == Name("super"):
            return Unknown("super")
        called = self.value(of, env)
        given: list[Value] = []
        for each in args:
            value = self.value(each, env)
            if isinstance(each, Spread) and isinstance(value, Seq):
                given += value.items
            else:
                given.append(value)
        named: dict[str, Value] = {}
        for name, each in keywords:
            value = self.value(each, env)
            if name:
                named[name] = value
            elif isinstance(value, Dict):
                named.update((k, v) for k, v in value.pairs if isinstance(k, str))
        return self.call(called, tuple(given), named, env.module.at(at))

    def _bind(self, target: Form, value: Value, env: Env, grows: bool) -> None:
        match target:
            case Name(id):
                held = env.names.get(id)
                if grows and isinstance(grown := self._grown(id, env), Seq):
                    more = value.items if isinstance(value, Seq) else [value]
                    doubt = value.open if isinstance(value, Seq) else not isinstance(value, Node | Instance)
                    env.names[id] = Seq([*grown.items, *more], grown.open or doubt)
                    return
                if isinstance(value, Node) and not value.name:
                    value.name = id
                if value is None and id in env.names:
                    return
                if id == "ROOT_URLCONF" and isinstance(held, str | Options) and isinstance(value, str):
                    # One of them, as the environment has it.
                    value = Options([*(held.values if isinstance(held, Options) else [held]), value])
                if isinstance(held, Node) and held.app and self.wiring.wraps(held, value):
                    return
                env.names[id] = value
            case Attr(of, name):
                held = self.value(of, env)
                if isinstance(held, Node) and name in ("root_path", "url_prefix", "prefix"):
                    held.options.setdefault(name, value)
                elif isinstance(held, Node) and name in ("wsgi_app", "asgi_app"):
                    self.wiring.wraps(held, value)
                elif isinstance(held, Instance):
                    held.keywords.setdefault(name, value)

    def _grown(self, name: str, env: Env) -> Value:
        """What a name holds that something is added to; a list with one item where it is not a list yet."""
        held = self.lookup(name, env)
        return Seq([held]) if isinstance(held, Instance | Node) else held

    def _mapped(self, pairs: Sequence[tuple[Form, Form]], env: Env) -> Dict:
        found = Dict([])
        for key, form in pairs:
            if not isinstance(key, Spread):
                found.pairs.append((self.value(key, env), self.value(form, env)))
            elif isinstance(spread := self.value(key.of, env), Dict):
                found.pairs += spread.pairs
                found.open = found.open or spread.open
            else:
                found.open = True
        return found

    def _define(self, function: Function, env: Env) -> None:
        func = Func(function, env, env.owner)
        decorators = [(self.value(form, env), spot) for form, spot in function.decorators]
        func.guards = tuple(decorators)
        env.names[function.name] = func
        self.functions.append(func)
        decorated(self.wiring, func, decorators)

    def _class(self, kind: Kind, env: Env) -> Class:
        found = Class(kind, env, self._items(kind.bases, env).items)
        found.open = any(not isinstance(base, Class | Ref | Instance) for base in found.bases) or any(
            isinstance(base, Spread) and not isinstance(self.value(base, env), Seq) for base in kind.bases
        )
        inner = Env(env.module, env, found.names, owner=found)
        self.run(kind.body, inner)
        decorators = [(self.value(form, env), spot) for form, spot in kind.decorators]
        found.decorators = [value for value, _ in decorators]
        decorated_class(self.wiring, found, decorators)
        return found

    def _loop(self, target: tuple[str, ...], over: Value, body: Sequence[Deed], env: Env) -> None:
        items = (
            over.items if isinstance(over, Seq) else [key for key, _ in over.pairs] if isinstance(over, Dict) else None
        )
        guessed = items is None
        self.guessing += guessed
        for item in items[:500] if items is not None else [Unknown(target[0] if target else "each")]:
            if len(target) == 1:
                env.names[target[0]] = item
            else:
                parts = item.items if isinstance(item, Seq) else []
                for index, name in enumerate(target):
                    if name:
                        env.names[name] = parts[index] if index < len(parts) else Unknown(name)
            self.run(body, env)
        self.guessing -= guessed

    def _items(self, items: Sequence[Form], env: Env) -> Seq:
        found = Seq([])
        for each in items:
            value = self.value(each, env)
            if isinstance(each, Spread):
                if isinstance(value, Seq):
                    found.items += value.items
                    found.open = found.open or value.open
                    continue
                if not isinstance(value, Node):
                    found.open = True
                    continue
            found.items.append(value)
        return found

    def _choice(self, options: Sequence[Form], test: Form | None, env: Env) -> Value:
        if test is not None:
            decided = self.value(test, env)
            if isinstance(decided, bool):
                return self.value(options[0 if decided else 1], env)
        return one([self.value(option, env) for option in options])

    def _item(self, of: Value, key: Form, env: Env) -> Value:
        if isinstance(of, Ref):
            return Instance(of, tuple(flat(self.value(key, env))), {}, Location(env.module.path, 1))
        index = self.value(key, env)
        if isinstance(of, Dict):
            exact = [value for k, value in of.pairs if isinstance(k, str) and k == index]
            return exact[0] if exact else one([value for _, value in of.pairs])
        if isinstance(of, Seq) and isinstance(index, int) and -len(of.items) <= index < len(of.items):
            return of.items[index]
        if isinstance(of, Class):
            return of
        return Unknown("item")

    def _of_class(self, of: Class, name: str) -> Value:
        found = of.find(name)
        if found is not MISSING:
            return found
        outside = [each for each in of.mro() if isinstance(each, Ref)]
        return Ref(f"{outside[0].name}.{name}") if outside else Unknown(name)


def fill(
    env: Env, function: Function, args: tuple[Value, ...], keywords: dict[str, Value], runner: Runner, func: Func
) -> None:
    """Give the parameters of a function what a call gives them; what nobody gives is known by its annotation."""
    position = 0
    for param in function.params:
        if param.star == "*":
            env.names[param.name] = Seq(list(args[position:]))
        elif param.star == "**":
            taken = {each.name for each in function.params}
            env.names[param.name] = Dict([(k, v) for k, v in keywords.items() if k not in taken])
        elif param.name in keywords:
            env.names[param.name] = keywords[param.name]
        elif position < len(args):
            env.names[param.name] = args[position]
            position += 1
        elif param.default is not None:
            env.names[param.name] = runner.value(param.default, func.env)
        else:
            note = runner.value(param.note, func.env) if param.note is not None else None
            env.names[param.name] = Unknown(param.name, True, note)


def _named(value: Value) -> str:
    return value.name.rpartition(".")[2] if isinstance(value, Ref) else ""


_BUILTINS: Final = frozenset(
    "property staticmethod classmethod list dict tuple set frozenset str int bool float bytes type object Exception "
    "ValueError PermissionError RuntimeError super print len isinstance getattr".split()
)
