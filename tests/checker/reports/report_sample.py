"""A report made by hand in which everything occurs that a format has to cope with."""

from __future__ import annotations

from archcheck.finding import Edit, Finding, Fix, Related, Severity, Verdict
from archcheck.report import ChecklistLine, Report, RuleInfo, RunCoverage, SourceLines
from archcheck.source import Location, Source
from archcheck.surface import Gap

FILES = {
    "api/openapi.yaml": (
        "openapi: 3.1.0\n"
        "paths:\n"
        "  /orders/{id}:\n"
        "    get:\n"
        "      summary: 注文を取得する 📦 and <script>alert(1)</script>\n"
        "      responses:\n"
        "        '429': {description: Slow down}\n"
        "        '503':\n"
        "          description: Down\n"
    ),
    "app/orders.py": (
        "import db\n"
        "\n"
        "\n"
        "@router.get('/orders/{id}')\n"
        "def order(id: str, 顧客: str):\n"
        "\tname = request.query['name']\n"
        "\n"
        "\n"
        "\n"
        "\trows = db.execute(f\"select * from orders where 名前 = '{name}' and id = {id}\")\n"
        "\treturn rows\n"
    ),
    "migrations/0001_init.up.sql": (
        "create table orders (\r\n  id bigint primary key,\r\n  user_id bigint references users (id)\r\n);"
    ),
    "web & co/[v1] größe.json": '{"openapi":"3.0.0","paths":{'
    + ",".join(f'"/thing{number}":{{"get":{{"responses":{{}}}}}}' for number in range(400))
    + "}}",
    "api/evil.yaml": "x-title: \x1b[31mred\x1b[0m \u202eelif\u202c \u200bzero\x07\n",
    "api/broken.yaml": "openapi: 3.1.0\npaths: [\n}\n",
}

_QUERY = FILES["app/orders.py"].splitlines()[9]
_ARGUMENT = _QUERY.index('f"')
_LONG = FILES["web & co/[v1] größe.json"]
_THING = _LONG.index('"/thing200"')
_OTHER = _LONG.index('"/thing390"')


def source(path: str) -> Source | None:
    return Source(path, FILES[path].encode()) if path in FILES else None


RULES = (
    RuleInfo(
        "missing-retry-after",
        "api.status-codes",
        "warning",
        "regular",
        "0.1",
        "high",
        "openapi",
        "archcheck",
        "A client that is told to slow down is not told for how long.\n\nWithout `Retry-After` every client guesses,"
        " and all guess the same. Declare the header on 429 and 503.\n\n"
        "```yaml bad\nresponses:\n  '429': {description: Slow down}  # want\n```\n"
        "```yaml good\nresponses:\n  '429':\n    headers: {Retry-After: {schema: {type: integer}}}\n```\n",
        url="https://example.org/rules/missing-retry-after",
    ),
    RuleInfo(
        "interpolated-query",
        "db.injection",
        "error",
        "regular",
        "0.1",
        "very-high",
        "python",
        "archcheck",
        "A query is built out of text that comes from outside.\n\nBind the value as a parameter.\n\n"
        '```python bad\ndb.execute(f"... {name}")  # want\n```\n'
        '```python good\ndb.execute("... %s", [name])\n```\n',
        security=9.8,
        cwe="CWE-89",
        formerly=("sql-injection",),
        url="https://example.org/rules/interpolated-query",
    ),
    RuleInfo(
        "fk-without-index",
        "db.indexes",
        "warning",
        "regular",
        "0.1",
        "high",
        "sql",
        "archcheck",
        "A foreign key has no index.\n\nEvery delete of the parent scans the child.\n\n"
        "```sql bad migrations/0001_init.up.sql\ncreate table a (b_id bigint references b (id)); -- want\n```\n",
        url="https://example.org/rules/fk-without-index",
    ),
    RuleInfo(
        "acme/odd-title",
        "api.docs",
        "note",
        "audit",
        "1.0",
        "low",
        "openapi",
        "acme",
        "A title is odd.",
        url="https://example.org/rules/odd-title",
    ),
    RuleInfo(
        "unread-file",
        "tool.reading",
        "error",
        "regular",
        "0.1",
        "very-high",
        "tool",
        "archcheck",
        "A file could not be checked.\n\nMend it, or exclude it.",
        url="https://example.org/rules/unread-file",
    ),
)

_GAPS = (
    Gap("api/broken.yaml", 3, "unparsable", "expected a value, but found '}'", "mend the YAML, or exclude the file"),
    Gap("api/gone.yaml", 0, "missing", "there is no such file", ""),
)


def verdict(rule: str, severity: Severity, number: int, finding: Finding) -> Verdict:
    return Verdict(rule, severity, "regular", finding, f"{number:016x}")


VERDICTS = (
    verdict(
        "unread-file",
        "error",
        1,
        Finding(
            Location("api/broken.yaml", 3, 1, 2),
            "api/broken.yaml was not checked: expected a value, but found '}'. Mend the YAML, or exclude the file.",
            "api/broken.yaml",
        ),
    ),
    verdict(
        "acme/odd-title",
        "note",
        2,
        Finding(
            Location("api/evil.yaml", 1, 10, 45),
            "The title '\x1b[31mred\x1b[0m \u202eelif\u202c' is odd; [click](https://example.org) or {0} <p>; mend it.",
        ),
    ),
    verdict(
        "unread-file",
        "error",
        3,
        Finding(Location("api/gone.yaml", 1), "api/gone.yaml was not checked: there is no such file.", "api/gone.yaml"),
    ),
    verdict(
        "missing-retry-after",
        "warning",
        4,
        Finding(
            Location("api/openapi.yaml", 7, 9, 14),
            "The 429 response of GET /orders/{id} has no Retry-After header; declare it so that clients know when to "
            "come back.",
            "GET /orders/{id}",
            (
                Related(Location("app/orders.py", 4, 1, 28), "the route is declared here"),
                Related(Location("api/openapi.yaml", 5, 16, 25), "この操作 [summary]"),
                Related(Location("migrations/0001_init.up.sql", 3, 3, 10), "the column it reads"),
            ),
            Fix(
                "Declare Retry-After",
                (Edit("api/openapi.yaml", 7, 41, 7, 41, ", headers: {Retry-After: {}}"),),
                safe=True,
            ),
        ),
    ),
    verdict(
        "interpolated-query",
        "error",
        5,
        Finding(
            Location("app/orders.py", 10, _QUERY.index("{name}") + 1, _QUERY.index("{name}") + 7),
            "`name` reaches db.execute() inside the text of the query; pass it as a parameter.",
            "app.orders:order",
            (
                Related(Location("app/orders.py", 6, 2), "the value comes from the request"),
                Related(Location("app/orders.py", 10, 9, 19), "the query is sent here"),
                Related(Location("app/orders.py", 5, 20, 22), "a neighbour whose name fills two cells a character"),
            ),
            Fix(
                "Bind both values",
                (
                    Edit(
                        "app/orders.py",
                        10,
                        _ARGUMENT + 1,
                        10,
                        len(_QUERY),
                        '"select * from orders where 名前 = %s and id = %s"',
                    ),
                    Edit("app/orders.py", 10, len(_QUERY), 10, len(_QUERY), ", [name, id]"),
                ),
            ),
        ),
    ),
    verdict(
        "interpolated-query",
        "error",
        6,
        Finding(
            Location("app/orders.py", 10, _QUERY.index("{id}") + 1, _QUERY.index("{id}") + 5),
            "`id` reaches db.execute() inside the text of the query; pass it as a parameter.",
            "app.orders:order",
        ),
    ),
    verdict(
        "fk-without-index",
        "warning",
        7,
        Finding(
            Location("migrations/0001_init.up.sql", 3, 3, 10),
            "orders.user_id references users and has no index; add one.",
            "orders.user_id",
        ),
    ),
    verdict(
        "missing-retry-after",
        "warning",
        8,
        Finding(
            Location("web & co/[v1] größe.json", 1, _THING + 1, _THING + 12),
            "GET /thing200 has no 429 response with Retry-After; declare one.",
            "GET /thing200",
            (Related(Location("web & co/[v1] größe.json", 1, _OTHER + 1, _OTHER + 12), "its sibling has one"),),
        ),
    ),
)

COVERAGE = RunCoverage(
    counts={
        "python": {"modules": 310},
        "openapi": {"specs": 2, "operations": 40},
        "sql": {"migrations": 18, "statements": 1096},
    },
    opaque={"sql": {"ALTER TYPE": 2, "GRANT": 1}},
    undecided={"the origin of a query's text": 4},
    passed_over={"not an OpenAPI document": 7},
    notes=("The dialect was taken to be PostgreSQL.",),
    gaps=_GAPS,
    rules=5,
    files=337,
)


CHECKLIST = (
    ChecklistLine("api.status-codes", "every outcome has its code", "API contracts", ("missing-retry-after",), 1),
    ChecklistLine("api.docs", "a stranger | could <b>use</b> it", "API contracts", ("acme/odd-title", "acme/unrun")),
    ChecklistLine("api.methods", "GET reads", "API contracts"),
    ChecklistLine("api.errors", "errors have a body", "API contracts", ("unrun-rule",)),
    ChecklistLine("db.indexes", "what is searched is indexed", "Databases", ("fk-without-index",)),
    ChecklistLine("db.injection", "values are bound", "Databases", ("interpolated-query",)),
    ChecklistLine("tool.reading", "what was not read is said", "The tool itself", ("unread-file",)),
)


def report() -> Report:
    return Report(
        "0.1.0",
        VERDICTS,
        {rule.id: rule for rule in RULES},
        COVERAGE,
        SourceLines(source),
        exit_code=3,
        fail_on="error",
        allowed=2,
        checklist=CHECKLIST,
    )
