"""What the body of a function does to the world outside, and whether it looks first if it has done so before."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.frame import spell
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.tasks_form import Again, Deed
from archcheck.surfaces.python.tasks_settings import Reader
from archcheck.surfaces.python.words import words

# Botocore tries again by itself, so that calls through boto3 are none of these.
CLIENTS: Final = words("requests httpx urllib aiohttp smtplib stripe niquests")
_OUT: Final = regex(
    r"(?:requests|httpx|niquests|aiohttp)\.(?:\w+\.)*?(?:[Ss]ession\.|Client\.|AsyncClient\.|ClientSession\.|api\.)?"
    r"(?:get|post|put|patch|delete|head|options|request|stream)|urllib\.request\.urlopen|smtplib\.SMTP(?:_SSL)?"
    r"|django\.core\.mail\.(?:send_mail|send_mass_mail|mail_admins|EmailMessage|EmailMultiAlternatives)"
)
_CHARGES: Final = regex(
    r"stripe\.(?:\w+\.)*(?:Charge|PaymentIntent|Refund|Transfer|Payout|Invoice|InvoiceItem|Subscription|TopUp)\.create"
    r"(?:_async)?"
)
_GUARDS: Final = words(
    """
    get_or_create update_or_create exists on_conflict_do_nothing on_conflict_do_update setnx select_for_update
    scalar_one_or_none one_or_none first aexists aget_or_create aupdate_or_create acquire with_for_update merge
    """
)
_SAYS: Final = regex(r"idempoten|dedup|already|processed|lock|once|upsert|on conflict|ignore into", re.I)
_SESSION: Final = regex(r"(?:^|[._])(?:session|db)$", re.I)
_CLASS: Final = regex(r"_*[A-Z]\w*[a-z]\w*")
_INSERT: Final = regex(r"\s*INSERT\s+INTO\b(?!.*\bON\s+(?:CONFLICT|DUPLICATE)\b)", re.I | re.S)
_AGAIN: Final = words("Retry RetryJob")
_QUEUES: Final = words("delay apply_async send send_with_options schedule reschedule")
_DEEPEST: Final = 3


def deeds(scope: Scope, reader: Reader, depth: int = 0) -> Iterator[Deed]:
    """What a function does itself, and through other functions of its module."""
    for call in scope.calls:
        name = reader.target(call, scope)
        if _CHARGES.fullmatch(name):
            if not any(keyword.arg == "idempotency_key" for keyword in call.keywords):
                yield Deed("charge", spell(call.func), reader.spot(call))
        elif _OUT.fullmatch(name):
            yield Deed("call", spell(call.func), reader.spot(call))
        elif _inserts(call, scope):
            yield Deed("insert", spell(call.func), reader.spot(call))
        elif depth < _DEEPEST:
            inner = _called(call.func, scope, reader)
            if inner is not None and inner.kind == "function" and inner is not scope:
                yield from deeds(inner, reader, depth + 1)


def _called(function: ast.expr, scope: Scope, reader: Reader) -> Scope | None:
    """The function of this module that is called, or the method of the same class."""
    match function:
        case ast.Name(id=name):
            return next((each for each in reader.scope.children if each.qualname == name), None)
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if scope.parent is not None:
            home = scope.parent
            return home.named(name) if home.kind == "class" else None
        case _:
            return None


def asks(scope: Scope, reader: Reader) -> Iterator[str]:
    """The dotted names of what a function calls from elsewhere."""
    imports = {**reader.scope.imports, **scope.imports}
    for call in scope.calls:
        head: ast.expr = call.func
        while isinstance(head, ast.Attribute):
            head = head.value
        if isinstance(head, ast.Name) and head.id in imports and (name := reader.name(call.func, scope)):
            yield name


def guarded(scope: Scope, reader: Reader) -> bool:
    """Whether a function looks if its work is done, or makes it safe to do twice: by a key, a lock, a constraint."""
    if "IntegrityError" in {**reader.scope.imports, **scope.imports}:
        return True
    for call in scope.calls:
        name = spell(call.func)
        if name.rpartition(".")[2] in _GUARDS or _SAYS.search(name):
            return True
        if any(
            (keyword.arg or "") in ("nx", "ignore_conflicts") or _SAYS.search(keyword.arg or "")
            for keyword in call.keywords
        ):
            return True
        if any(isinstance(arg, ast.Constant) and _SAYS.search(str(arg.value)[:5000]) for arg in call.args):
            return True
    return False


def again(scope: Scope, reader: Reader) -> Iterator[Again]:
    """The places where a task asks to be run again: `self.retry(...)`, `raise Retry(...)`, or queueing itself."""
    own = scope.qualname.rpartition(".")[2]
    for call in scope.calls:
        function = call.func
        if not isinstance(function, ast.Attribute) and not isinstance(function, ast.Name):
            continue
        last = function.attr if isinstance(function, ast.Attribute) else function.id
        queues = last in _QUEUES and _called(function, scope, reader) is None
        if isinstance(function, ast.Attribute) and (
            (last == "retry" and spell(function.value) in ("self", "task", "current_task", own, "cls"))
            or (queues and spell(function.value) in ("self", own))
        ):
            if queues:
                yield Again(reader.spot(call), None, None)
                continue
        elif last not in _AGAIN:
            continue
        given = {keyword.arg or "": keyword for keyword in call.keywords}
        wait = next((given[key] for key in ("countdown", "eta", "defer", "delay", "") if key in given), None)
        limit = given.get("max_retries")
        yield Again(
            reader.spot(call),
            reader.setting("wait", wait.value, wait)
            if wait is not None
            else reader.setting("wait", ast.Constant(0), call),
            reader.setting("max_retries", limit.value, limit) if limit is not None else None,
        )


def _inserts(call: ast.Call, scope: Scope) -> bool:
    """Whether a call adds rows: the model's manager, the session with a new object, a statement."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    receiver = spell(function.value)
    match function.attr:
        case "create" | "acreate":
            return receiver.endswith(".objects")
        case "bulk_create" | "abulk_create":
            return not any(keyword.arg in ("ignore_conflicts", "update_conflicts") for keyword in call.keywords)
        case "insert_one" | "insert_many":
            return True
        case "add":
            return _SESSION.search(receiver) is not None and len(call.args) == 1 and _new(call.args[0], scope)
        case "execute":
            first = call.args[0] if call.args else None
            while isinstance(first, ast.Call) and first.args and isinstance(first.args[0], ast.Constant):
                first = first.args[0]
            text = first.value if isinstance(first, ast.Constant) else None
            return isinstance(text, str) and _INSERT.match(text) is not None
        case _:
            return False


def _new(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is an object that was made in this function just now."""
    if isinstance(node, ast.Call):
        return _CLASS.fullmatch(spell(node.func).rpartition(".")[2]) is not None
    if not isinstance(node, ast.Name):
        return False
    made = [
        each.value
        for each in ast.walk(scope.node)
        if isinstance(each, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in each.targets)
    ]
    return bool(made) and all(isinstance(value, ast.Call) and _new(value, scope) for value in made)
