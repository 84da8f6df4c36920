"""Two releases side by side: paths, operations, messages and shared objects, over files and versions."""

from __future__ import annotations

import textwrap
from datetime import date

import pytest

from archcheck.files import MemoryFiles
from archcheck.surface import Coverage, Settings, Unit
from archcheck.surfaces.contract.changes import Addition, Demand, Limit, Release, Removal, Shift
from archcheck.surfaces.contract.compat import compare
from archcheck.surfaces.contract.compat_release import promised
from archcheck.surfaces.openapi.surface import OpenApi

OK = 'responses: {"200": {description: Done.}}'


def answering(schema: str) -> str:
    return f'{{responses: {{"200": {{description: Done., content: {{application/json: {{schema: {schema}}}}}}}}}}}'


def read(root: str, files: dict[str, str]):
    door = MemoryFiles({path: textwrap.dedent(text) for path, text in files.items()})
    return OpenApi().read(Unit("openapi", root, (root,)), door, None, Settings())


def changes(before: str, after: str, *, today: date | None = None, coverage: Coverage | None = None):
    models = [read("openapi.yaml", {"openapi.yaml": text}) for text in (before, after)]
    return [one for one in compare(*models, today=today, coverage=coverage) if not isinstance(one, Addition | Release)]


def described(paths: str, rest: str = "", version: str = "openapi: 3.1.0") -> str:
    return f"{version}\ninfo: {{title: Shop, version: '1'}}\n{textwrap.dedent(rest)}\npaths:\n" + textwrap.indent(
        textwrap.dedent(paths), "  "
    )


def test_every_change_has_both_places_and_the_operations_it_reaches():
    before = described(
        f"""
        /orders:
          get: {answering("{type: array, items: {$ref: '#/components/schemas/Order'}}")}
        /orders/{{id}}:
          get: {answering("{$ref: '#/components/schemas/Order'}")}
        """,
        """
        components:
          schemas:
            Order:
              type: object
              properties:
                total: {type: integer}
        """,
    )
    (change,) = changes(before, before.replace("total: {type: integer}", "total: {type: string}"))
    assert isinstance(change, Limit)
    assert (change.side, change.of, change.before, change.after) == ("response", "type", "integer", "string")
    assert (change.base.line, change.revision.line) == (9, 9)
    assert change.operations == ("GET /orders", "GET /orders/{id}")
    assert change.shared
    assert str(change) == "'Order.total' in GET /orders and GET /orders/{id}"


def test_a_form_of_2_0_is_a_body_of_3_0():
    before = described(
        f"""
        /orders:
          post:
            consumes: [multipart/form-data]
            parameters:
              - {{name: item, in: formData, type: string, required: true}}
              - {{name: file, in: formData, type: file}}
            {OK}
        """,
        version='swagger: "2.0"',
    )
    body = """
        /orders:
          post:
            requestBody:
              content:
                multipart/form-data:
                  schema:
                    type: object
                    required: [item{more}]
                    properties:
                      item: {{type: string}}
                      file: {{type: string, format: binary}}
                      shop: {{type: string}}
            {ok}
        """
    assert changes(before, described(body.format(ok=OK, more=""), version="openapi: 3.0.3")) == []
    (change,) = changes(before, described(body.format(ok=OK, more=", file"), version="openapi: 3.0.3"))
    assert isinstance(change, Demand)
    assert (change.of, change.name, change.added) == ("property", "file", False)


def test_a_reference_may_change_its_file():
    operation = "get: {responses: {'200': {description: One., content: {application/json: {schema: {$ref: %s}}}}}}"
    schema = "type: object\nproperties:\n  id: {type: string}\n  total: {type: %s}\n"
    before = read(
        "openapi.yaml",
        {
            "openapi.yaml": described("/orders:\n  " + operation % "'#/components/schemas/Order'")
            + "\ncomponents:\n  schemas:\n    Order:\n"
            + textwrap.indent(schema % "integer", "      ")
        },
    )
    revision = {"openapi.yaml": described("/orders:\n  " + operation % "schemas/Order.yaml")}
    same = read("openapi.yaml", revision | {"schemas/Order.yaml": schema % "integer"})
    other = read("openapi.yaml", revision | {"schemas/Order.yaml": schema % "string"})
    assert [one for one in compare(before, same) if not isinstance(one, Release)] == []
    (change,) = (one for one in compare(before, other) if not isinstance(one, Release))
    assert (change.revision.path, change.revision.line, change.name) == ("schemas/Order.yaml", 4, "Order.total")


def test_what_cannot_be_read_is_counted_and_never_missed():
    before = described(
        f"""
        /orders:
          get: {answering("{$ref: '#/components/schemas/A'}")}
          post:
            requestBody: {{$ref: '#/components/requestBodies/A'}}
            parameters: [{{$ref: '#/components/parameters/A'}}]
            responses: {{}}
        /carts: {{$ref: carts.yaml}}
        """
    )
    after = described(
        f"""
        /orders:
          get: {answering("{type: string}")}
          post: {{responses: {{}}}}
        /carts: {{$ref: carts.yaml}}
        """
    )
    coverage = Coverage()
    assert changes(before, after, coverage=coverage) == []
    assert set(coverage.undecided) == {
        "references that lead nowhere",
        "parameters that cannot be read",
        "bodies that cannot be read",
        "paths that cannot be read",
    }
    assert changes(after, before) == []


def test_a_path_that_is_lost_in_another_file_is_not_called_gone():
    before = described(f"/carts:\n  get: {{{OK}}}")
    coverage = Coverage()
    assert changes(before, described("/carts: {$ref: carts.yaml}"), coverage=coverage) == []
    assert coverage.undecided == {"paths that cannot be read": 1}


def test_the_server_calls_and_the_client_answers():
    paths = """
        /orders:
          post:
            {ok}
            callbacks:
              paid:
                "{{$request.query.url}}":
                  post:
                    requestBody: {{content: {{application/json: {{schema: {{type: {sent}}}}}}}}}
                    responses:
                      "200": {{description: Noted., content: {{application/json: {{schema: {{type: {answered}}}}}}}}}
        """
    before = described(paths.format(ok=OK, sent="integer", answered="number"))
    (sent,) = changes(before, described(paths.format(ok=OK, sent="number", answered="number")))
    (answered,) = changes(before, described(paths.format(ok=OK, sent="integer", answered="integer")))
    assert isinstance(sent, Limit)
    assert isinstance(answered, Limit)
    assert (sent.side, answered.side) == ("response", "request")


def test_what_was_done_everywhere_is_told_once():
    def paths(parameter: str) -> str:
        return "\n".join(f"/p{n}:\n  get:\n    operationId: {parameter}{n}\n    {OK}" for n in range(20))

    (change,) = changes(described(paths("get")), described(paths("list")))
    assert isinstance(change, Shift)
    assert (change.name, len(change.operations), len(change.also)) == ("GET /p0", 20, 19)


@pytest.mark.parametrize(
    ("today", "planned"),
    [(None, False), (date(2026, 6, 30), False), (date(2026, 7, 1), True), (date(2027, 1, 1), True)],
)
def test_an_announced_day_is_respected(today: date | None, planned: bool):
    before = described(f'/orders:\n  get: {{deprecated: true, x-sunset: "2026-07-01", {OK}}}\n/carts:\n  get: {{{OK}}}')
    (change,) = changes(before, described(f"/carts:\n  get: {{{OK}}}"), today=today)
    assert isinstance(change, Removal)
    assert change.planned is planned
    assert change.breaking is not planned


@pytest.mark.parametrize("count", [12, 14])
def test_paths_that_were_announced_may_move_together(count: int):
    def paths(prefix: str, said: str = "") -> str:
        return described("\n".join(f"{prefix}/r{n}:\n  get: {{{said}{OK}}}" for n in range(count)))

    old = paths("/legacy", 'deprecated: true, x-sunset: "2026-07-01", ')
    (change,) = changes(old, paths(""), today=date(2026, 7, 2))
    assert isinstance(change, Removal)
    assert change.planned
    assert (change.name, len(change.also)) == ("/legacy/r0 (moved out of /legacy)", count - 1)
    (early,) = changes(paths("/legacy"), paths(""))
    assert early.breaking


def test_a_server_of_a_path_is_gone_once():
    methods = f"get: {{{OK}}}\n  put: {{{OK}}}"
    before = described(f"/files:\n  servers: [{{url: 'https://a.test'}}, {{url: 'https://b.test'}}]\n  {methods}")
    after = described(
        f"/files:\n  get: {{servers: [{{url: 'https://b.test'}}], {OK}}}\n"
        f"  put: {{servers: [{{url: 'https://b.test'}}], {OK}}}"
    )
    (change,) = changes(before, after)
    assert (change.name, change.operations) == ("a.test", ("GET /files", "PUT /files"))


def test_a_chain_of_thousands_of_references_costs_no_stack():
    def chain(kind: str) -> str:
        links = "\n".join(
            f"    S{n}: {{type: object, properties: {{next: {{$ref: '#/components/schemas/S{n + 1}'}}}}}}"
            for n in range(3000)
        )
        body = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}"
        paths = f"/orders:\n  post: {{{body}, {OK}}}"
        return described(paths) + f"\ncomponents:\n  schemas:\n{links}\n    S3000: {{type: {kind}}}\n"

    (change,) = changes(chain("string"), chain("integer"))
    assert (change.name, change.operations) == ("S3000", ("POST /orders",))


def test_a_schema_that_is_all_of_itself_is_left_undecided():
    schema = "components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}, {type: %s}]}}}"
    body = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}"
    paths = f"/orders:\n  post: {{{body}, {OK}}}"
    coverage = Coverage()
    assert changes(described(paths, schema % "string"), described(paths, schema % "integer"), coverage=coverage) == []
    assert coverage.undecided == {"schemas that cannot be told": 1}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.2.3", "2.0.0", True),
        ("1.2.3", "1.3.0", False),
        ("1.2.3", "1.2.3", False),
        ("0.2.3", "0.3.0", True),
        ("0.2.3", "0.2.4", False),
        ("v1.0.0", "v2.0.0-rc.1", True),
        ("70", "71", True),
        ("2.10", "2.11", True),
        ("2026-01-01", "2026-02-01", True),
        ("", "", False),
    ],
)
def test_a_version_promises_a_break_or_none(before: str, after: str, expected: bool):
    assert promised(before, after) is expected


def test_the_same_documents_give_the_same_changes_in_the_same_order():
    before = described(f"/a:\n  get: {{{OK}}}\n/b:\n  get: {{{OK}}}\n/c:\n  get: {{{OK}}}")
    after = described(f"/c:\n  post: {{{OK}}}")
    assert changes(before, after) == changes(before, after)
    assert [one.name for one in changes(before, after)] == ["/a", "/b", "GET /c"]
