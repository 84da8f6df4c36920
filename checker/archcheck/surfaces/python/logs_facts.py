"""Finding what a module tells while it runs: log calls, prints, and swallowed failures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.source import Location
from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, around, invocations, scopes
from archcheck.surfaces.python.kind import started
from archcheck.surfaces.python.logs import Logs, Swallowed
from archcheck.surfaces.python.mending import with_arguments
from archcheck.surfaces.python.survey import Function, Scope
from archcheck.surfaces.python.words import words

_LEVELS: Final = words("debug info warning warn error critical exception fatal log msg trace success")
_LOGGERS: Final = regex(r"(?:.*[._])?_*(?:logger|log|logging|LOGGER|LOG)")
_MAKERS: Final = ("logging.", "structlog.", "loguru.logger", "flask.current_app.logger", "celery.utils.log.")

_ENDS: Final = regex(
    r"_*(?:(?:a?close|shutdown|disconnect|cleanup|clean_up|teardown|tear_down|stop|dispose|destroy|terminate)(?:_\w+)?"
    r"|(?:__a?exit__|__del__))"
)
_CLEANS: Final = regex(
    _ENDS.pattern + r"|_*(?:rollback|unlink|remove|rmtree|kill|cancel|join|quit|release|delattr|unsubscribe|unregister"
    r"|unroute|logout|discard|abort|wait|detach|exit|evict)(?:_\w+|s)?"
)
_LOGS: Final = regex(r"_*(?:safe_)?log_\w+", re.IGNORECASE)
"""Functions that write the log themselves: where they fail, there is nobody to tell."""

_CARRIES: Final = words("shield wait_for gather str int list getattr hasattr isinstance get bool")
_FORGIVES: Final = regex(
    r"\bok(?:ay)?\b|ignor|best[- ]effort|optional|can't|cannot|couldn't|\bfatal|harmless|matter|never rais|silent"
    r"|swallow|suppress|don't care|no-op|may fail|might fail|fails? to|failure|not available|in case|if possible"
    r"|returns? None|or None|defensive|(?:don't|doesn't|not|never) break|for safety",
    re.IGNORECASE,
)
_SETS_UP: Final = regex(
    r"(?:^|[/_])(?:logs?|loggers?|logging)(?:_?(?:config|setup|configurator))?(?:\.py|/__init__\.py)$"
)
_WANTED: Final = regex(r"verbos|\bDEBUG\b|print|progress|dry_?run|interactive|quiet|echo|stdout|isatty", re.IGNORECASE)
"""What says in a condition that somebody at a terminal asked for it."""

_PEOPLE: Final = regex(
    r"_?(?:main|cli|print|show|display|dump|usage|help|pprint|echo|emit|generate|debug_task)(?:_\w+)?|pretty_print\w*"
)
_SHOWS: Final = regex(r"\b(?:print(?:s|ing)?|display(?:s|ing)?)\b", re.IGNORECASE)
"""Functions that write for somebody at a terminal, by their names or by what they say they do; and the task that the
tutorial of Celery sets up to be tried by hand.
"""

_ACCEPTED: Final = regex(r"#\s*noqa(?:\s*$|:.*\bT20)")
_BROAD: Final = frozenset({"Exception", "BaseException"})
_SURE: Final = words(
    "now utcnow time monotonic perf_counter isoformat strftime len str repr list dict set tuple isinstance getattr get"
    " items keys values append add debug info warning error strip lower upper format join split startswith endswith"
)
"""Calls that hardly fail: another one is what is tried."""


def logs(context: Context) -> Iterator[Logs]:
    """The log calls of a module whose message is pasted together."""
    found = [call for call in log_calls(context) if _is_pasted(_message(call))]
    if found:
        places = tuple(call.at for call in sorted(found, key=position_of))
        first = min(found, key=position_of)
        mended = [with_arguments(call.node, _message(call), context.places) for call in found]
        certain = all(mended) and all(call.target.startswith("logging.") for call in found)
        edits = tuple(edit for each in mended for edit in each) if certain else ()
        yield Logs(context.name, places, spell(first.node.func), context.place, edits)


def log_calls(context: Context) -> Iterator[Invocation]:
    """The calls of a module that write to a log."""
    for call in invocations(context):
        function = call.node.func
        if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS or not call.node.args:
            continue
        if call.target.startswith(_MAKERS) or _LOGGERS.fullmatch(spell(function.value).removesuffix("()")):
            yield call


def position_of(call: Invocation) -> tuple[int, int]:
    """Where a call stands, to put calls in order."""
    return call.node.lineno, call.node.col_offset


def _message(call: Invocation) -> ast.expr:
    args = call.node.args
    leveled = isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "log" and len(args) > 1
    return args[1] if leveled else args[0]


def _is_pasted(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(left=left, op=ast.Mod() | ast.Add(), right=right):
            return _is_text(left) or _is_text(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _is_text(value)
    return False


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def swallowed(context: Context) -> Iterator[Swallowed]:
    """The handlers of a module that catch everything and do nothing."""
    for scope in scopes(context.survey.module):
        for block in scope.blocks:
            if isinstance(block, (ast.Try, ast.TryStar)):
                yield from _swallowed_by(block, scope, context)


def _swallowed_by(block: ast.Try | ast.TryStar, scope: Scope, context: Context) -> Iterator[Swallowed]:
    for handler in block.handlers:
        caught = _broad(handler.type)
        if not caught or not all(_does_nothing(node) for node in handler.body):
            continue
        if _says_why(handler, context) or _said_before(block, scope, context) or _best_effort(block, scope):
            continue
        calls = [node for node in scope.calls if _inside(node, block)]
        call = next(
            (node for node in calls if spell(node.func).rpartition(".")[2] not in _SURE), next(iter(calls), None)
        )
        yield Swallowed(
            context.places.of(handler),
            f"{context.name}:{scope.qualname}" if scope.qualname else context.name,
            caught,
            spell(call.func) if call is not None else "",
            _falls_back(block, handler, scope),
            context.place,
        )


def _broad(kind: ast.expr | None) -> str:
    if kind is None:
        return "everything"
    if isinstance(kind, ast.Tuple):
        return next((name for part in kind.elts if (name := _broad(part))), "")
    return spell(kind) if spell(kind).rpartition(".")[2] in _BROAD else ""


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Pass, ast.Continue)):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _says_why(handler: ast.ExceptHandler, context: Context) -> bool:
    """Whether a comment, or a sentence in quotes, stands in the handler or right above it."""
    first, last = _above(handler, context), handler.end_lineno or handler.lineno
    lines = [context.places.line(number) for number in range(first, last + 2)]
    own = any(_comment(line) for line in lines[handler.lineno - first : -1]) or lines[0].lstrip().startswith("#")
    after = lines[-1].lstrip().startswith("#") and len(lines[-1]) - len(lines[-1].lstrip()) > handler.col_offset
    said = any(isinstance(n, ast.Expr) and isinstance(getattr(n.value, "value", None), str) for n in handler.body)
    return own or after or said


def _said_before(block: ast.Try | ast.TryStar, scope: Scope, context: Context) -> bool:
    """Whether the comment around the `try`, or the function's own description, says that it may fail."""
    number = _above(block, context)
    while context.places.line(number).lstrip().startswith("#"):
        if _FORGIVES.search(context.places.line(number)):
            return True
        number -= 1
    if _FORGIVES.search(context.places.line(block.lineno + 1).partition("#")[2]):
        return True
    described = ast.get_docstring(scope.node, clean=False) if isinstance(scope.node, Function) else None
    return described is not None and _FORGIVES.search(described) is not None


def _above(node: ast.stmt | ast.ExceptHandler, context: Context) -> int:
    """The line above a node, over those that only accept a finding."""
    number = node.lineno - 1
    while context.places.accepts(number):
        number -= 1
    return number


def _comment(line: str) -> bool:
    _, mark, text = line.partition("#")
    text = text.strip()
    return bool(mark) and not re.fullmatch(r"(?:noqa|nosec|pylint|pragma|type|ruff|want)\b.*", text) and bool(text)


def _best_effort(block: ast.Try | ast.TryStar, scope: Scope) -> bool:
    """Whether nothing but tidying up or an import is tried, or the object is going away."""
    if _ENDS.fullmatch(scope.qualname.rpartition(".")[2]) or _is_optional(block):
        return True
    if _only_logs(block.body) or _LOGS.fullmatch(scope.qualname.rpartition(".")[2]):
        return True
    names = [spell(node.func) for node in scope.calls if _inside(node, block)]
    if not names:
        # `await task`: to wait for the end of something that was told to stop.
        return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Await) for node in block.body)
    left = [name for name in names if name.rpartition(".")[2] not in _CARRIES]
    return bool(left) and all(_CLEANS.fullmatch(name.rpartition(".")[2]) for name in left)


def _only_logs(body: list[ast.stmt]) -> bool:
    """Whether nothing but a message is tried: a log that fails has nowhere to say so."""
    return all(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in _LEVELS
        and _LOGGERS.fullmatch(spell(node.value.func.value).removesuffix("()")) is not None
        for node in body
    )


def _is_optional(block: ast.Try | ast.TryStar) -> bool:
    """Whether a library is tried, with what is defined where it is there."""
    kinds = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign)
    imports = any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in block.body)
    return imports and all(isinstance(node, kinds) for node in block.body)


def _inside(node: ast.Call, block: ast.Try | ast.TryStar) -> bool:
    start = block.body[0].lineno
    return start <= node.lineno <= (block.body[-1].end_lineno or start)


def _falls_back(block: ast.Try | ast.TryStar, handler: ast.ExceptHandler, scope: Scope) -> bool:
    """Whether success leaves the function or only fills a name in, so that what follows is the other way."""
    last = block.body[-1]
    if _in_trouble(block, scope):
        return True
    if block.orelse or isinstance(last, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
        return True
    if any(isinstance(node, ast.Return) and node.value is not None for part in block.body for node in ast.walk(part)):
        return True
    if isinstance(last, ast.If) and any(isinstance(node, ast.Break) for node in last.body):
        return True
    return all(
        isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Import, ast.ImportFrom))
        for node in block.body
    )


def _in_trouble(block: ast.Try | ast.TryStar, scope: Scope) -> bool:
    """Whether it stands where something failed already, or is being left."""
    around_it = around(block, scope)
    leaving = any(
        isinstance(outer, (ast.Try, ast.TryStar)) and any(node is block for node in outer.finalbody)
        for outer in around_it
    )
    return leaving or any(isinstance(outer, ast.ExceptHandler) for outer in around_it)


def prints(context: Context) -> tuple[tuple[Location, str], ...]:
    """The prints of a service's module, and the functions around them: not those for people at a terminal."""
    if context.place != "service" or "alembic.context" in context.survey.module.imports.values():
        return ()
    if _SETS_UP.search(context.places.source.path):
        # Nothing can be logged while logs are set up.
        return ()
    if any(_is_command(child.node) for child in context.survey.module.children):
        return ()  # a module of commands, whatever they are helped by
    main = started(context.survey)
    found = [call for call in invocations(context) if call.target == "builtins.print" and _is_left_over(call, main)]
    return tuple((call.at, call.scope.qualname.partition(".")[0]) for call in sorted(found, key=position_of))


def _is_left_over(call: Invocation, main: ast.If | None) -> bool:
    # Who says where a print goes, or how its line ends, writes for a terminal.
    if any(keyword.arg in ("file", "end", "flush") for keyword in call.node.keywords):
        return False
    # One record of JSON is for whatever reads the output.
    given = call.node.args[0] if len(call.node.args) == 1 else None
    if isinstance(given, ast.Call) and spell(given.func).endswith("dumps"):
        return False
    if main is not None and main.lineno <= call.node.lineno <= (main.end_lineno or 0):
        return False
    for block in around(call.node, call.scope):
        if isinstance(block, ast.If) and _WANTED.search(ast.unparse(block.test)):
            return False
    if _before_the_end(call):
        return False
    if _ACCEPTED.search(call.context.places.line(call.node.lineno)):
        return False
    scope: Scope | None = call.scope
    while scope is not None:
        if isinstance(scope.node, Function) and _for_people(scope.node):
            return False
        scope = scope.parent
    return True


def _before_the_end(call: Invocation) -> bool:
    """Whether the process ends after it: the last words go to whoever started it."""
    blocks = around(call.node, call.scope)
    bodies = [
        getattr(block, name) for block in blocks[:1] for name in ("body", "orelse", "finalbody") if hasattr(block, name)
    ]
    for body in bodies or [call.scope.node.body]:
        if isinstance(body, list) and any(node.lineno <= call.node.lineno <= (node.end_lineno or 0) for node in body):
            return any(node.lineno >= call.node.lineno and _exits(node) for node in body)
    return False


def _exits(node: ast.stmt) -> bool:
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="SystemExit")) | ast.Name(id="SystemExit")):
            return True
        case ast.Expr(value=ast.Call(func=function)):
            return spell(function) in ("sys.exit", "exit", "quit", "os._exit", "os.abort")
    return False


def _for_people(node: Function) -> bool:
    if _PEOPLE.fullmatch(node.name) is not None or "dry_run" in node.name or _is_command(node):
        return True
    described = ast.get_docstring(node, clean=False)
    return described is not None and _SHOWS.search(described) is not None


def _is_command(node: ast.AST) -> bool:
    if not isinstance(node, Function):
        return False
    names = [spell(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
    return any(name.endswith(("command", "group", "cli")) or name.startswith(("click", "typer")) for name in names)
