"""Lets Django run a project's migrations on one database, each up and then each down, and tells what is there after it.

In a process of its own, because Django can be set up once in one. As JSON on standard input it gets the folder of the
project, its apps, the settings of its database, a query, and the migrations with the one before each in its app (`zero`
before the first). For each way it prints a line: the answer to the query, or for SQLite the name of a copy.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path


def main() -> None:
    asked = json.load(sys.stdin)
    folder, database = Path(asked["folder"]), asked["database"]
    sys.path.insert(0, str(folder))
    from django.conf import settings

    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=asked["apps"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    steps = asked["steps"]
    targets = [(app, name) for app, name, _ in steps] + [(app, earlier) for app, _, earlier in reversed(steps)]
    for number, (app, name) in enumerate(targets):
        call_command("migrate", app, name, verbosity=0, interactive=False)
        if database["ENGINE"].endswith("sqlite3"):
            connection.close()
            print(shutil.copy(database["NAME"], folder / f"{number}.sqlite3"))
        else:
            with connection.cursor() as cursor:
                cursor.execute(asked["query"])
                print(*cursor.fetchone())


main()
