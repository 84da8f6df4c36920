"""Facts about queues and consumers in one module: those of RabbitMQ, SQS and Kafka, as they are declared in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.frame import Context, spell
from archcheck.surfaces.python.invocations import Invocation, invocations
from archcheck.surfaces.python.survey import Scope
from archcheck.surfaces.python.task import Consumer, Queue
from archcheck.surfaces.python.tasks_settings import Reader
from archcheck.surfaces.python.words import words

RABBIT: Final = words("pika aio_pika amqpstorm aioamqp kombu")
SQS: Final = words("boto3 aioboto3 aiobotocore")
KAFKA: Final = words("kafka aiokafka confluent_kafka")
_DECLARES: Final = words("queue_declare declare_queue")
_REFUSES: Final = words("basic_nack basic_reject nack reject")
_DEAD: Final = re.compile(r"dead|dlq|dlx|parking|retry|reply|callback|rpc|temp", re.I)
_TARGETS: Final = re.compile(r"x-dead-letter-exchange|RedrivePolicy|dead.?letter", re.I)
_AMQP: Final = re.compile(r"""amqps?://|["']x-(?:max|message|expires|queue|single)""")
_OWN_DROP: Final = words("kombu aio_pika")
_TAKES: Final = words("poll consume getone getmany")
_CLIENTS: Final = re.compile(
    r"kafka\.(?:\w+\.)*KafkaConsumer|aiokafka\.(?:\w+\.)*AIOKafkaConsumer"
    r"|confluent_kafka\.(?:\w+\.)*(?:Consumer|DeserializingConsumer)"
)
_AUTO: Final = ("enable_auto_commit", "enable.auto.commit", "enable.auto.offset.store")
_GROUPS: Final = ("group_id", "group.id")
_SPEECH: Final = re.compile(
    r"print|debug|info|warning|error|exception|log|value|key|topic|decode|loads|is_set|len|str|sleep|partition|offset|type|repr|format|dumps|get"
)


def queues(context: Context) -> Iterator[Queue]:
    """Queues with nowhere to put what cannot be done. A module that names such a place anywhere is trusted."""
    broker = "rabbitmq" if _of_rabbit(context) else ""
    if not broker and SQS.isdisjoint(context.survey.tops):
        return
    calls = invocations(context)
    if any(_TARGETS.search(text) for call in calls for text in _texts(call.node)):
        return
    reader = Reader(context)
    if any(_TARGETS.search(f"{name} {text}") for name, text in _bound(reader.scope)):
        return
    for call in calls:
        last = _last(call)
        if broker and _declares(call):
            yield from _declared(call, reader)
        elif broker and last in _REFUSES and _drops(call, last, reader):
            yield Queue(call.function.rpartition(":")[2], call.at, "rabbitmq", f"{last}(requeue=False)")
        elif broker and last == "basic_consume" and _true(call.argument("auto_ack"), reader):
            name = call.argument("queue", 0)
            yield Queue(_name(name, reader), call.at, "rabbitmq", "basic_consume(auto_ack=True)")
        elif last == "create_queue" and call.argument("QueueName") is not None and not call.spreads:
            name = call.argument("QueueName")
            attributes = call.argument("Attributes")
            if (attributes is None or _written(attributes)) and not _DEAD.search(_name(name, reader)):
                yield Queue(_name(name, reader), call.at, "sqs")


def _of_rabbit(context: Context) -> bool:
    """Whether a module speaks with RabbitMQ; kombu has many brokers, and must be told which.

    Celery, which uses kombu, refuses nothing: what fails there is acknowledged.
    """
    tops = context.survey.tops
    if not (RABBIT - {"kombu"}).isdisjoint(tops):
        return True
    text = context.places.text
    return "kombu" in tops and _AMQP.search(text) is not None and "celery" not in text.lower()


def _drops(call: Invocation, last: str, reader: Reader) -> bool:
    """Whether a message that is refused is gone; `message.reject()` says so in kombu and aio-pika."""
    requeue = call.argument("requeue")
    if requeue is not None:
        return _false(requeue, reader)
    plain = not call.node.args and not call.spreads and isinstance(call.node.func, ast.Attribute)
    return last == "reject" and plain and not _OWN_DROP.isdisjoint(call.context.survey.tops)


def consumers(context: Context) -> Iterator[Consumer]:
    """Kafka consumers of a group that act on messages, and leave it to the client when these count as done."""
    if KAFKA.isdisjoint(context.survey.tops):
        return
    calls = invocations(context)
    if any(spell(call.node.func).endswith((".commit", ".commitSync", ".store_offsets")) for call in calls):
        return
    reader = Reader(context)
    for call in calls:
        if not _CLIENTS.fullmatch(call.target):
            continue
        settings = _settings(call.node, reader)
        if settings is None or not any(name in settings for name in _GROUPS):
            continue
        if any(settings[name] is not True for name in _AUTO if name in settings):
            continue
        if _acts(call, calls):
            group = next(settings[name] for name in _GROUPS if name in settings)
            shown = group if isinstance(group, str) else spell(call.node.func).rpartition(".")[2]
            yield Consumer(shown, call.at, call.target.partition(".")[0], call.function)


def _declares(call: Invocation) -> bool:
    name = spell(call.node.func)
    return name.rpartition(".")[2] in _DECLARES or name.endswith(".queue.declare") or call.target == "kombu.Queue"


def _declared(call: Invocation, reader: Reader) -> Iterator[Queue]:
    name = call.argument("queue", 0) or call.argument("name", 0)
    shown = _name(name, reader)
    arguments = call.argument("arguments") or call.argument("queue_arguments")
    if call.spreads or not shown or _DEAD.search(shown) or (arguments is not None and not _written(arguments)):
        return  # a queue without a name is one of a client's own, gone when it leaves
    if any(_true(call.argument(each), reader) for each in ("exclusive", "passive", "auto_delete")):
        return
    yield Queue(shown, call.at, "rabbitmq")


def _settings(call: ast.Call, reader: Reader) -> dict[str, object] | None:
    """The settings of a consumer by name; None where some of them are not written here.

    Topics may stand in front of them; the settings of Confluent's client are a dictionary.
    """
    found: dict[str, object] = {}
    confluent = not any(keyword.arg for keyword in call.keywords)
    for arg in call.args if confluent else ():
        values = reader.scope.bindings.get(arg.id, []) if isinstance(arg, ast.Name) else [arg]
        table = values[0] if len(values) == 1 else None
        if not isinstance(table, ast.Dict):
            return None
        for key, item in zip(table.keys, table.values, strict=True):
            if not isinstance(key, ast.Constant):
                return None
            found[str(key.value)] = _plain(item, reader)
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        found[keyword.arg] = _plain(keyword.value, reader)
    return found


def _plain(node: ast.expr, reader: Reader) -> object:
    """A literal as it is; the node itself where it is none."""
    value, known = reader.value(node)
    return value if known else node


def _acts(call: Invocation, calls: tuple[Invocation, ...]) -> bool:
    """Whether what stands beside the consumer takes messages and does more than to show them."""
    home = call.scope if call.scope.parent is None or call.scope.parent.kind != "class" else call.scope.parent
    mine = [(_last(each), each) for each in calls if _inside(each.scope, home) and each.node is not call.node]
    loops = any(isinstance(block, ast.For | ast.AsyncFor) for scope in _under(home) for block in scope.blocks)
    takes = loops or any(last in _TAKES for last, _ in mine)
    return takes and any(each.loop is not None and _works(each) for _, each in mine)


def _works(call: Invocation) -> bool:
    """Whether a call does more than to show or unpack something; a function beside it is asked for its own calls."""
    last = _last(call)
    if last in _TAKES or _SPEECH.search(last):
        return False
    for scope in call.context.survey.module.children:
        if scope.kind == "function" and scope.qualname == last and isinstance(call.node.func, ast.Name):
            return any(not _SPEECH.search(spell(inner.func).rpartition(".")[2]) for inner in scope.calls)
    return True


def _last(call: Invocation) -> str:
    return spell(call.node.func).rpartition(".")[2]


def _inside(scope: Scope, home: Scope) -> bool:
    inner: Scope | None = scope
    while inner is not None:
        if inner is home:
            return True
        inner = inner.parent
    return False


def _under(scope: Scope) -> Iterator[Scope]:
    yield scope
    for child in scope.children:
        yield from _under(child)


def _texts(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _bound(scope: Scope) -> Iterator[tuple[str, str]]:
    for each in _under(scope):
        for name, values in each.bindings.items():
            for value in values:
                texts = [n.value for n in ast.walk(value) if isinstance(n, ast.Constant)] if value is not None else []
                yield name, " ".join(str(text) for text in texts[:50])


def _name(node: ast.expr | None, reader: Reader) -> str:
    if node is None:
        return ""
    value, known = reader.value(node)
    return str(value) if known and value is not None else spell(node) if not known else ""


def _written(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict | ast.Constant) and (not isinstance(node, ast.Dict) or None not in node.keys)


def _true(node: ast.expr | None, reader: Reader) -> bool:
    return node is not None and reader.value(node) == (True, True)


def _false(node: ast.expr | None, reader: Reader) -> bool:
    return node is not None and reader.value(node) == (False, True)
