"""What the libraries that talk to other systems call things. Facts from their documentation and source.

Names are written as an import would bring them, without the parentheses of calls: `requests.Session.get` is a method
of what `requests.Session` gives.
"""

from __future__ import annotations

from typing import Final

from archcheck.surfaces.python.words import words

VERBS: Final = words("get post put patch delete head options request send")

REQUESTS: Final = frozenset(f"requests.{verb}" for verb in VERBS - {"send"}) | frozenset(
    f"requests.api.{verb}" for verb in VERBS - {"send"}
)
SESSIONS: Final = words(
    "requests.Session requests.session requests.sessions.Session requests_oauthlib.OAuth2Session"
    " requests_oauthlib.OAuth1Session"
)
SESSION_CALLS: Final = frozenset(f"{maker}.{verb}" for maker in SESSIONS for verb in VERBS)
HTTPX: Final = frozenset(f"httpx.{verb}" for verb in (*VERBS, "stream")) - {"httpx.send"}
HTTPX_CLIENTS: Final = frozenset({"httpx.Client", "httpx.AsyncClient"})
HTTPX_CALLS: Final = frozenset(f"{maker}.{verb}" for maker in HTTPX_CLIENTS for verb in (*VERBS, "stream"))
AIOHTTP_CALLS: Final = frozenset(f"aiohttp.ClientSession.{verb}" for verb in VERBS) | {"aiohttp.request"}

URLOPEN: Final = frozenset({"urllib.request.urlopen"})
MAIL: Final = frozenset(
    {"smtplib.SMTP", "smtplib.SMTP_SSL", "imaplib.IMAP4", "imaplib.IMAP4_SSL", "poplib.POP3", "poplib.POP3_SSL"}
)
TRANSFER: Final = frozenset({"ftplib.FTP", "ftplib.FTP_TLS"})

TIMEOUT_AT: Final = {
    "urllib.request.urlopen": 2,
    "smtplib.SMTP": 3,
    "smtplib.SMTP_SSL": 3,
    "poplib.POP3": 2,
    "poplib.POP3_SSL": 2,
    "imaplib.IMAP4": 2,
    "imaplib.IMAP4_SSL": 2,
    "ftplib.FTP": 4,
    "ftplib.FTP_TLS": 4,
    "socket.create_connection": 1,
}
"""At which position a timeout may stand without its name."""

CONNECTS: Final = {
    "psycopg2.connect": "connect_timeout",
    "psycopg.connect": "connect_timeout",
    "redis.Redis": "socket_timeout",
    "redis.StrictRedis": "socket_timeout",
    "redis.from_url": "socket_timeout",
    "redis.Redis.from_url": "socket_timeout",
    "redis.StrictRedis.from_url": "socket_timeout",
    "socket.create_connection": "timeout",
    "ldap3.Server": "connect_timeout",
}
"""What connects to databases, brokers and sockets without a timeout of its own, and how the timeout is called."""

HTTP_CALLS: Final = REQUESTS | SESSION_CALLS | HTTPX | HTTPX_CALLS | AIOHTTP_CALLS | URLOPEN
OUTSIDE: Final = HTTP_CALLS | MAIL | TRANSFER | CONNECTS.keys()
"""Everything that asks another system for something at once."""

CALLING: Final = words(
    "requests requests_oauthlib httpx aiohttp urllib smtplib imaplib poplib ftplib socket psycopg psycopg2 redis ldap3"
)
"""The packages that calls to other systems are made with."""

BLOCKING: Final[dict[str, str]] = {
    "time.sleep": "sleep",
    **dict.fromkeys(sorted(REQUESTS | SESSION_CALLS | URLOPEN | HTTPX), "http"),
    **{f"httpx.Client.{verb}": "http" for verb in sorted(VERBS)},
    **dict.fromkeys(("smtplib.SMTP", "smtplib.SMTP_SSL", "imaplib.IMAP4", "imaplib.IMAP4_SSL", "ftplib.FTP"), "mail"),
    "socket.create_connection": "socket",
    "socket.getaddrinfo": "socket",
    "socket.gethostbyname": "socket",
    **dict.fromkeys(
        ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "os.system"),
        "process",
    ),
    **dict.fromkeys(("psycopg2.connect", "psycopg.connect", "pymysql.connect", "MySQLdb.connect"), "database"),
}
_SESSIONS: Final = (
    "sqlalchemy.orm.Session.",
    "sqlalchemy.orm.session.Session.",
    "sqlmodel.Session.",
    "sqlalchemy.orm.sessionmaker.",
    "sqlalchemy.orm.scoped_session.",
    "psycopg2.connect.",
    "psycopg.connect.",
    "pymysql.connect.",
    "MySQLdb.connect.",
)
_WAITING: Final = words(
    "execute executemany scalar scalars commit flush refresh get merge all first one one_or_none count exec fetchall"
    " fetchone"
)
"""Methods of synchronous sessions and connections that wait for the database."""

RETRYING: Final = frozenset({"tenacity", "backoff", "retrying", "retry", "urllib3"})
"""The packages that try things again."""

STALLING: Final = words(
    "time requests requests_oauthlib urllib httpx smtplib imaplib ftplib socket subprocess os psycopg2 psycopg pymysql"
    " MySQLdb sqlalchemy sqlmodel"
)
"""The packages whose calls stop an event loop."""


def stalls(target: str) -> str:
    """The kind of work by which a call stops the event loop it is made on; empty when it does not."""
    if target.startswith(_SESSIONS) and target.rpartition(".")[2] in _WAITING:
        return "database"
    return BLOCKING.get(target, "")
