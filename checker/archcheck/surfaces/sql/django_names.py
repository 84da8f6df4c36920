"""The names Django gives to tables, indexes and constraints that have none, and the apps that are not in the project.

The rules are those of BaseDatabaseSchemaEditor._create_index_name and truncate_name in Django's django/db/backends.
"""

from __future__ import annotations

import hashlib
from typing import Final

_LONGEST: Final = {"postgres": 63, "mysql": 64}

# Tables of Django's own apps, with the type of their key; their migrations are not in the project.
FOREIGN: Final = {
    ("auth", "user"): "auth_user",
    ("auth", "group"): "auth_group",
    ("auth", "permission"): "auth_permission",
    ("contenttypes", "contenttype"): "django_content_type",
    ("sites", "site"): "django_site",
    ("admin", "logentry"): "django_admin_log",
    ("flatpages", "flatpage"): "django_flatpage",
    ("redirects", "redirect"): "django_redirect",
}


def digest(*texts: str, length: int) -> str:
    """The first figures of the MD5 of the texts together: a name, nothing secret."""
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest()[:length]


def truncated(name: str, dialect: str) -> str:
    """A table's name within the length the server allows."""
    longest = _LONGEST.get(dialect, 0)
    plain = name.strip('"')
    if not longest or len(plain) <= longest:
        return plain
    return plain[: longest - 4] + digest(plain, length=4)


def index_name(table: str, columns: tuple[str, ...], suffix: str, dialect: str) -> str:
    """The name of an index or constraint: table, columns, a digest of both, and the suffix that tells its kind."""
    longest = _LONGEST.get(dialect, 200)
    tail = digest(table, *columns, length=8) + suffix
    name = f"{table}_{'_'.join(columns)}_{tail}"
    if len(name) > longest:
        tail = tail[: longest // 3] if len(tail) > longest / 3 else tail
        room = (longest - len(tail)) // 2 - 1
        name = f"{table[:room]}_{'_'.join(columns)[:room]}_{tail}"
    return f"D{name[:-1]}" if name[0] == "_" or name[0].isdigit() else name
