"""What the database libraries call things: constructors, sinks, and what makes a value harmless.

Facts from the libraries' documentation. Names are written `library:Name`, whatever submodule they are imported from:
the libraries re-export freely, and a class name is unique within each.
"""

from __future__ import annotations

import re
from typing import Final

from archcheck.late import regex
from archcheck.surfaces.python.words import words

DBAPI: Final = words(
    """
    sqlite3 aiosqlite psycopg psycopg2 psycopg_pool pymysql MySQLdb mysql pyodbc pymssql oracledb cx_Oracle duckdb
    snowflake aiomysql aiopg pysqlite2 pysqlite3 sqlcipher3 hdbcli ibm_db_dbi trino databricks clickhouse_driver
    phoenixdb pg8000 mariadb asyncmy redshift_connector psycopg2cffi pyhive vertica_python
    """
)
SQLALCHEMY: Final = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "flask_sqlalchemy_lite", "alembic"})
OTHERS: Final = words(
    """
    asyncpg databases django peewee pandas polars tortoise google pyspark fastapi starlette flask quart aiohttp
    sanic rest_framework litestar ninja connexion
    """
)
DATABASES: Final = DBAPI | {"asyncpg", "databases", "sqlmodel", "duckdb"}
"""The packages that talk to a database themselves."""

KNOWN: Final = DBAPI | SQLALCHEMY | OTHERS
"""The top-level packages whose names mean something here, unless the project shadows them."""

_SQLALCHEMY_KINDS: Final = {
    "create_engine": "engine",
    "create_async_engine": "engine",
    "engine_from_config": "engine",
    "async_engine_from_config": "engine",
    "Engine": "engine",
    "AsyncEngine": "engine",
    "Connection": "sa-connection",
    "AsyncConnection": "sa-connection",
    "Session": "session",
    "AsyncSession": "session",
    "sessionmaker": "sessionmaker",
    "async_sessionmaker": "sessionmaker",
    "scoped_session": "session",
    "async_scoped_session": "session",
    "SQLAlchemy": "flask-db",
    "op": "alembic-op",
}
_DBAPI_KINDS: Final = {
    "connect": "connection",
    "Connection": "connection",
    "AsyncConnection": "connection",
    "Connect": "connection",
    "connection": "connection",
    "MySQLConnection": "connection",
    "DuckDBPyConnection": "connection",
    "create_pool": "pool",
    "ConnectionPool": "pool",
    "AsyncConnectionPool": "pool",
    "SimpleConnectionPool": "pool",
    "ThreadedConnectionPool": "pool",
    "MySQLConnectionPool": "pool",
    "Client": "connection",
    "Cursor": "cursor",
    "AsyncCursor": "cursor",
    "cursor": "cursor",
    "RealDictCursor": "cursor",
    "DictCursor": "cursor",
    "MySQLCursor": "cursor",
}
_OTHER_KINDS: Final = {
    "asyncpg:connect": "asyncpg",
    "asyncpg:create_pool": "asyncpg-pool",
    "asyncpg:Connection": "asyncpg",
    "asyncpg:Pool": "asyncpg-pool",
    "databases:Database": "databases",
    "django:connection": "django-connection",
    "django:connections": "django-connections",
    "django:CursorWrapper": "cursor",
    "flask:request": "request",
    "quart:request": "request",
    "fastapi:Request": "request",
    "starlette:Request": "request",
    "fastapi:WebSocket": "request",
    "django:HttpRequest": "request",
    "django:WSGIRequest": "request",
    "rest_framework:Request": "request",
    "aiohttp:Request": "request",
    "sanic:Request": "request",
    "connexion:request": "request",
    "litestar:Request": "request",
    "peewee:SqliteDatabase": "peewee",
    "peewee:PostgresqlDatabase": "peewee",
    "peewee:MySQLDatabase": "peewee",
}

PRODUCTS: Final = {
    ("connection", "cursor"): "cursor",
    ("connection", "connect"): "connection",
    ("connection", "execute"): "cursor",
    ("cursor", "execute"): "cursor",
    ("cursor", "cursor"): "cursor",
    ("pool", "getconn"): "connection",
    ("pool", "connection"): "connection",
    ("pool", "acquire"): "connection",
    ("pool", "get_connection"): "connection",
    ("engine", "connect"): "sa-connection",
    ("engine", "begin"): "sa-connection",
    ("engine", "execution_options"): "engine",
    ("engine", "raw_connection"): "connection",
    ("sa-connection", "execution_options"): "sa-connection",
    ("session", "connection"): "sa-connection",
    ("session", "get_bind"): "engine",
    ("sessionmaker", "begin"): "session",
    ("sessionmaker", "()"): "session",
    ("session", "()"): "session",
    ("flask-db", "session"): "session",
    ("flask-db", "engine"): "engine",
    ("flask-db", "get_engine"): "engine",
    ("flask-db", "text"): "flask-text",
    ("alembic-op", "get_bind"): "sa-connection",
    ("asyncpg-pool", "acquire"): "asyncpg",
    ("databases", "connection"): "databases",
    ("django-connection", "cursor"): "cursor",
    ("django-connections", "[]"): "django-connection",
    ("peewee", "cursor"): "cursor",
}
"""What an attribute or method of a known thing gives; `()` is a call, `[]` a subscript."""

_PEP249: Final = (
    "execute",
    "executemany",
    "executescript",
    "execute_insert",
    "execute_fetchall",
    "mogrify",
    "copy_expert",
    "callproc",
)
_SESSION: Final = ("execute", "scalar", "scalars", "stream", "stream_scalars", "exec", "exec_driver_sql")
_ASYNCPG: Final = (
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetchmany",
    "copy_from_query",
    "prepare",
    "cursor",
)
_DATABASES: Final = ("execute", "execute_many", "fetch_all", "fetch_one", "fetch_val", "iterate")

METHODS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "cursor": ("DB-API", (*_PEP249, "stream", "copy")),
    "connection": ("DB-API", (*_PEP249, "sql", "query", "run")),
    "engine": ("SQLAlchemy", _SESSION),
    "sa-connection": ("SQLAlchemy", _SESSION),
    "session": ("SQLAlchemy", _SESSION),
    "flask-db": ("SQLAlchemy", ("execute",)),
    "alembic-op": ("SQLAlchemy", ("execute",)),
    "asyncpg": ("asyncpg", _ASYNCPG),
    "asyncpg-pool": ("asyncpg", _ASYNCPG),
    "databases": ("databases", _DATABASES),
    "peewee": ("peewee", ("execute_sql",)),
}
"""The methods that take SQL first, by kind of receiver, with the family they belong to."""

FUNCTIONS: Final = {
    "text": "SQLAlchemy",
    "TextClause": "SQLAlchemy",
    "literal_column": "SQLAlchemy",
    "DDL": "SQLAlchemy",
}
"""SQLAlchemy's constructors that take SQL as a string."""

OTHER_FUNCTIONS: Final = {
    "django:RawSQL": "Django",
    "psycopg:SQL": "psycopg",
    "psycopg2:SQL": "psycopg",
    "pandas:read_sql": "pandas",
    "pandas:read_sql_query": "pandas",
    "polars:read_database": "polars",
    "peewee:SQL": "peewee",
    "duckdb:sql": "DB-API",
    "duckdb:execute": "DB-API",
    "duckdb:query": "DB-API",
}

GUESSED: Final = frozenset({*_PEP249, *_SESSION, *_ASYNCPG, *_DATABASES, "execute_sql"}) - {
    "cursor",
    "callproc",
    "copy",
}
"""Methods that count on a receiver known by its name alone, when the text is SQL."""

STATEMENTS: Final = frozenset({"execute", "executemany", "executescript", "execute_sql", "exec_driver_sql", "mogrify"})
"""Methods that count on any receiver when the text is unmistakably a statement."""

KEYWORDS: Final = ("sql", "query", "statement", "operation", "text", "query_string", "sql_script", "clause", "command")
"""How the libraries name the parameter that takes the text."""

BINDS: Final = ("params", "parameters", "args", "vars", "values", "seq_of_parameters", "multiparams", "bindparams")

_CALLED: Final = frozenset(method for _, methods in METHODS.values() for method in methods)
_COMMON: Final = frozenset({"cursor", "copy", "prepare", "query", "stream", "run", "sql", "exec"})

INTERESTING: Final = (_CALLED - _COMMON) | {"raw", "extra", *FUNCTIONS, "RawSQL", "SQL", "read_sql", "read_sql_query"}
"""The names of calls that make a function worth following."""

COMMON: Final = _CALLED & _COMMON
"""Names that many libraries use: they count in modules that import one of the databases' own."""

CONVENTIONAL: Final = regex(
    r"(?:.*_)?(?:cursor|cur|curs|c|conn|con|connection|cnx|db|database|session|sess|engine|tx|trans|transaction|pool|dbh|dbc|bind)\d?",
    re.IGNORECASE,
)
_NAMED: Final = "(?:names?|ident|identifiers?|table|tables|column|columns|schema)"
QUOTES: Final = regex(
    rf"_?(?:(?:quote|escape)(?:_\w+)?|\w+_quote_name|quoted_name|qn|(?:format|safe|sanitize)_(?:sql_?)?{_NAMED}"
    r"|mogrify|literal|adapt|Identifier|Literal|Placeholder)"
)
"""Functions that quote what they are given, by the names drivers and projects give them."""

VALIDATES: Final = regex(
    r"_?(?:validate|check|ensure|assert|verify|require|sanitize)_?\w*|_?is_(?:valid|safe|allowed|known|supported)\w*|_?allowed_\w*"
)
HARMLESS_CALLS: Final = words(
    """
    int float len bool round abs sum hash id ord uuid4 uuid1 UUID time timestamp now utcnow today date datetime
    timedelta Decimal isoformat strftime total_seconds hexdigest token_hex randint randrange getrandbits
    bit_length toordinal count fromtimestamp utcfromtimestamp fromisoformat monotonic perf_counter time_ns nextval
    """
)
"""Calls whose result, as text, holds only digits, letters and what dates have."""

HARMLESS_TYPES: Final = words(
    """
    int float bool complex UUID UUID4 UUID1 UUID7 date datetime time timedelta Decimal PositiveInt NonNegativeInt
    conint NegativeInt StrictInt PositiveFloat IPv4Address IPv6Address Enum IntEnum StrEnum Literal ObjectId
    NonNegativeFloat AwareDatetime NaiveDatetime PastDate FutureDate
    """
)
CONTAINER_TYPES: Final = words(
    """
    list List set Set frozenset FrozenSet tuple Tuple Sequence Iterable Iterator Collection MutableSequence
    AbstractSet Generator
    """
)
ROUTE_MAKERS: Final = words(
    """
    fastapi:FastAPI fastapi:APIRouter flask:Flask flask:Blueprint quart:Quart quart:Blueprint sanic:Sanic
    sanic:Blueprint
    starlette:Starlette starlette:Router aiohttp:RouteTableDef litestar:Router ninja:NinjaAPI ninja:Router
    """
)
ROUTE_METHODS: Final = words("get post put patch delete head options route api_route websocket")
REQUEST_PARTS: Final = words(
    """
    args form values json data cookies headers files view_args query_params path_params query match_info GET POST
    COOKIES META FILES body query_string full_path path get_json get_data get_full_path match_dict url raw_args
    stream params kwargs REQUEST rel_url
    """
)


def canonical(dotted: str) -> str:
    """`sqlalchemy.sql.expression.text` as `sqlalchemy:text`; names of packages that mean nothing here as they are."""
    top, _, rest = dotted.partition(".")
    if top not in KNOWN:
        return dotted
    last = rest.rpartition(".")[2]
    if top == "mysql" and last == "connector":
        return dotted
    return f"{top}:{last}"


def kind_of(dotted: str) -> str:
    """The kind of thing an imported name is, or gives when it is called; empty when it is none of ours."""
    name = canonical(dotted)
    top, _, last = name.partition(":")
    if top in DBAPI:
        return _DBAPI_KINDS.get(last, "")
    if top in SQLALCHEMY:
        return _SQLALCHEMY_KINDS.get(last, "")
    return _OTHER_KINDS.get(name, "")


def function_family(dotted: str) -> str:
    """The family of an imported function that takes SQL as a string; empty when it is none."""
    name = canonical(dotted)
    top, _, last = name.partition(":")
    if top in SQLALCHEMY:
        return FUNCTIONS.get(last, "")
    return OTHER_FUNCTIONS.get(name, "")
