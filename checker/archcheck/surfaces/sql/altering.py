"""Readers for ALTER TABLE, ALTER INDEX and ALTER TYPE, action by action."""

from __future__ import annotations

from typing import Final

from archcheck.surfaces.sql.columns import (
    expression,
    is_constraint,
    is_index,
    read_column,
    read_constraint,
    read_index,
    read_type,
)
from archcheck.surfaces.sql.cursor import Cursor, NotRead
from archcheck.surfaces.sql.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterIndex,
    AlterTable,
    AlterType,
    AttachPartition,
    ChangeColumn,
    DropColumn,
    DropConstraint,
    Name,
    OtherAction,
    RenameColumn,
    RenameConstraint,
    RenameTo,
    SetDefault,
    SetGenerated,
    SetNullable,
    SetParent,
    SetSchema,
    SetType,
    Span,
    UnreadAction,
    ValidateConstraint,
    Word,
)

# First words of actions that change nothing the catalog holds.
_HARMLESS: Final = frozenset(
    "OWNER SET RESET ENABLE DISABLE CLUSTER FORCE REPLICA NO NOT OF ENGINE AUTO_INCREMENT COMMENT DEFAULT CONVERT "
    "CHARACTER CHARSET COLLATE ROW_FORMAT ALGORITHM LOCK ORDER UPDATE DELETE MATERIALIZE MATERIALIZED FREEZE FETCH "
    "DEPENDS MODIFY WITH WITHOUT REMOVE".split()
)


def read_alter_table(cursor: Cursor, at: Span) -> AlterTable:
    """What follows ALTER [FOREIGN] TABLE. Raises `NotRead` when not even the table can be read."""
    if_exists = cursor.accept("IF", "EXISTS")
    only = cursor.accept("ONLY")
    name = cursor.name()
    cursor.accept("*")
    if cursor.accept("ON", "CLUSTER"):
        cursor.skip()
    if cursor.dialect == "clickhouse":
        start = cursor.index
        cursor.skip_until("SETTINGS")
        cursor = cursor.within(start, cursor.index)
    if cursor.peek() == "MODIFY" and cursor.peek(1) == "QUERY":
        # ClickHouse: the query of a materialized view fills the rest, commas and all.
        return AlterTable(at, name, (OtherAction(cursor.here, "MODIFY QUERY"),), if_exists, only)
    actions = tuple(action for item in cursor.items() for action in _read(item))
    return AlterTable(at, name, actions, if_exists, only)


def _read(item: Cursor) -> tuple[Action, ...]:
    start = item.index
    try:
        return _action(item)
    except NotRead:
        item.index = min(start + 2, item.stop)
        return (UnreadAction(item.span_from(start), item.text_since(start).upper()),)


def _action(item: Cursor) -> tuple[Action, ...]:
    at = item.span_from(item.index)
    start = item.index
    if item.accept("ADD"):
        return _add(item)
    if item.accept("DROP"):
        return (_drop(item, start),)
    if item.accept("ALTER"):
        return (_alter(item),)
    if item.accept("RENAME"):
        return (_rename(item, at),)
    if item.accept("VALIDATE", "CONSTRAINT"):
        return (ValidateConstraint(at, item.word()),)
    if item.accept("SET", "SCHEMA"):
        return (SetSchema(at, item.word().key),)
    if item.accept("ATTACH", "PARTITION"):
        return (AttachPartition(at, item.name()),)
    if item.accept("DETACH", "PARTITION"):
        name = item.name()
        return (AttachPartition(at, name, attach=False, concurrently=item.accept("CONCURRENTLY")),)
    if item.accept("INHERIT"):
        return (SetParent(at, item.name()),)
    if item.accept("NO", "INHERIT"):
        return (SetParent(at, item.name(), inherit=False),)
    if item.dialect in ("mysql", "clickhouse") and item.accept_any("MODIFY", "CHANGE"):
        return (_change(item, at),)
    if item.peek() in _HARMLESS:
        return (OtherAction(at, _kind(item)),)
    raise NotRead("an action")


def _kind(item: Cursor) -> str:
    """The first words of an action, as far as they tell what it is."""
    words = [item.peek(ahead) for ahead in range(4) if item.kind(ahead) == "word"]
    return " ".join(words if words[-2:] == ["LEVEL", "SECURITY"] else words[:2] if words[0] == "SET" else words[:1])


def _add(item: Cursor) -> tuple[Action, ...]:
    start = item.index
    if is_constraint(item):
        constraint = read_constraint(item)
        return (AddConstraint(constraint.at, constraint),)
    if is_index(item):
        index = read_index(item)
        return (AddIndex(index.at, index),)
    if item.accept("GENERATED"):
        raise NotRead("a column")
    item.accept("COLUMN")
    if_not_exists = item.accept("IF", "NOT", "EXISTS")
    if item.peek() == "(":
        columns = [read_column(part) for part in item.group().items()]
    else:
        columns = [read_column(item)]
    if len(columns) == 1:
        return (AddColumn(item.span_from(start), columns[0], if_not_exists),)
    return tuple(AddColumn(column.name.at, column, if_not_exists) for column in columns)


_DROPPED_KINDS: Final = {"KEY": "index", "INDEX": "index", "CHECK": "check"}


def _drop(item: Cursor, start: int) -> Action:
    kind = ""
    if item.accept("PRIMARY", "KEY"):
        at = item.span_from(start)
        return DropConstraint(at, Word("", "", at), "primary")
    if item.accept("CONSTRAINT"):
        kind = "constraint"
    elif item.accept("FOREIGN", "KEY"):
        kind = "foreign"
    elif item.dialect not in ("postgres", "sqlite") and (what := item.accept_any("KEY", "INDEX", "CHECK")):
        kind = _DROPPED_KINDS[what]
    elif item.peek() == "PARTITION" and item.dialect != "postgres":
        return OtherAction(item.span_from(start), "DROP PARTITION")
    else:
        item.accept("COLUMN")
    if_exists = item.accept("IF", "EXISTS")
    word = item.word()
    cascade = item.accept("CASCADE")
    at = item.span_from(start)
    if kind:
        return DropConstraint(at, word, "" if kind == "constraint" else kind, if_exists, cascade)
    return DropColumn(at, word, if_exists, cascade)


def _alter(item: Cursor) -> Action:
    start = item.index - 1
    if item.accept_any("CONSTRAINT", "INDEX", "CHECK"):
        return OtherAction(item.span_from(start), "ALTER CONSTRAINT")
    item.accept("COLUMN")
    item.accept("IF", "EXISTS")
    column = item.word()
    if item.accept("TYPE") or item.accept("SET", "DATA", "TYPE"):
        kind = read_type(item)
        if item.accept("COLLATE"):
            item.name()
        using = item.index + 1
        if item.accept("USING"):
            item.index = item.stop
        return SetType(item.span_from(start), column, kind, item.text_since(using))
    if item.accept("SET", "DEFAULT"):
        default = expression(item)
        return SetDefault(item.span_from(start), column, default)
    if item.accept("DROP", "DEFAULT"):
        return SetDefault(item.span_from(start), column, None)
    if item.accept("SET", "NOT", "NULL"):
        return SetNullable(item.span_from(start), column, nullable=False)
    if item.accept("DROP", "NOT", "NULL"):
        return SetNullable(item.span_from(start), column, nullable=True)
    if item.accept("ADD", "GENERATED"):
        return SetGenerated(item.span_from(start), column, "identity")
    if item.accept("DROP", "IDENTITY") or item.accept("DROP", "EXPRESSION"):
        return SetGenerated(item.span_from(start), column, "")
    if item.peek() in ("SET", "RESET", "RESTART"):
        return OtherAction(item.span_from(start), "ALTER COLUMN SET")
    raise NotRead("a change of a column")


def _rename(item: Cursor, at: Span) -> Action:
    if item.accept("CONSTRAINT"):
        return RenameConstraint(at, *_pair(item))
    if item.dialect == "mysql" and item.accept_any("INDEX", "KEY"):
        return RenameConstraint(at, *_pair(item))
    if item.accept_any("TO", "AS"):
        return RenameTo(at, item.name())
    item.accept("COLUMN")
    item.accept("IF", "EXISTS")
    return RenameColumn(at, *_pair(item))


def _pair(item: Cursor) -> tuple[Word, Word]:
    old = item.word()
    item.expect("TO")
    return old, item.word()


def _change(item: Cursor, at: Span) -> Action:
    changes_name = item.tokens[item.index - 1].key == "CHANGE"
    item.accept("COLUMN")
    item.accept("IF", "EXISTS")
    old = item.word()
    if not changes_name:
        item.index -= 1
    return ChangeColumn(at, old, read_column(item))


def read_alter_index(cursor: Cursor, at: Span) -> AlterIndex:
    """What follows ALTER INDEX. Raises `NotRead`."""
    if_exists = cursor.accept("IF", "EXISTS")
    name = cursor.name()
    action: RenameTo | SetSchema | AttachPartition | OtherAction
    if cursor.accept("RENAME", "TO"):
        action = RenameTo(at, cursor.name())
    elif cursor.accept("ATTACH", "PARTITION"):
        action = AttachPartition(at, cursor.name())
    else:
        action = OtherAction(at, cursor.peek())
    return AlterIndex(at, name, action, if_exists)


def read_alter_type(cursor: Cursor, at: Span) -> AlterType:
    """What follows ALTER TYPE. Raises `NotRead`."""
    name: Name = cursor.name()
    if cursor.accept("ADD", "VALUE"):
        guarded = cursor.accept("IF", "NOT", "EXISTS")
        value = cursor.string()
        before = cursor.string() if cursor.accept("BEFORE") else ""
        after = cursor.string() if cursor.accept("AFTER") else ""
        return AlterType(at, name, "add-value", value, before=before, after=after, if_not_exists=guarded)
    if cursor.accept("RENAME", "VALUE"):
        value = cursor.string()
        cursor.expect("TO")
        return AlterType(at, name, "rename-value", value, cursor.string())
    if cursor.accept("RENAME", "TO"):
        return AlterType(at, name, "rename", new=cursor.name())
    if cursor.accept("SET", "SCHEMA"):
        return AlterType(at, name, "set-schema", new=cursor.name())
    return AlterType(at, name, "other")
