"""Which document belongs to which app, and which table to which schema; what is not sure is said and not guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcheck import engine
from archcheck.report import Report
from archcheck.source import Location
from archcheck.surfaces.contract.pairing import fits, shape
from archcheck.surfaces.contract.pairing_routes import match
from archcheck.surfaces.contract.tables import NullableRequired
from archcheck.surfaces.openapi.facts import OperationFact, PropertyFact
from archcheck.surfaces.openapi.interface import Interface
from archcheck.surfaces.python.route import App, Route
from archcheck.surfaces.sql.catalog import CheckFact
from archcheck.surfaces.sql.checks import allowed_values
from archcheck.surfaces.sql.interface import ColumnView

HERE = Location("x", 1)
CONTRACT = ("undocumented-route", "unimplemented-operation", "route-method-mismatch", "nullable-required")


def spec(*paths: str, **more: object) -> str:
    answers = {"get": {"responses": {"200": {"description": "Done"}}}}
    return json.dumps(
        {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": dict.fromkeys(paths, answers), **more}
    )


def app(*paths: str) -> str:
    routes = "".join(f'\n\n@app.get("{path}")\ndef handler{at}():\n    return []\n' for at, path in enumerate(paths))
    return f"from fastapi import FastAPI\n\napp = FastAPI()\n{routes}"


def checked(files: Mapping[str, str], pairs: tuple[tuple[str, str], ...] = ()) -> Report:
    return engine.examine(files, rules=CONTRACT, pairs=pairs)


def said(report: Report) -> list[tuple[str, str]]:
    return [(verdict.rule, verdict.finding.subject) for verdict in report.verdicts]


TWO = {
    "shop/main.py": app("/orders", "/products"),
    "old/main.py": app("/orders", "/products", "/legacy"),
    "openapi.json": spec("/orders", "/products", "/coupons"),
}


def test_two_apps_that_serve_a_document_alike_are_not_guessed_between():
    report = checked(TWO)
    assert said(report) == []
    (note,) = [note for note in report.coverage.notes if "not compared" in note]
    assert "openapi.json: not compared, because app (old/main.py) and app (shop/main.py) serve it alike" in note


def test_the_settings_decide_between_two_apps():
    report = checked(TWO, (("openapi.json", "shop/main.py"),))
    assert said(report) == [("unimplemented-operation", "GET /coupons")]
    named = checked(TWO, (("openapi.json", "old/main.py:app"),))
    assert said(named) == [("undocumented-route", "GET /legacy"), ("unimplemented-operation", "GET /coupons")]


def test_the_nearer_of_two_apps_is_meant():
    near = {path.replace("openapi.json", "shop/openapi.json"): text for path, text in TWO.items()}
    assert said(checked(near)) == [("unimplemented-operation", "GET /coupons")]


def test_two_documents_that_tell_the_same_are_not_guessed_between():
    files = {
        "main.py": app("/orders", "/items", "/new"),
        "a.json": spec("/orders", "/items"),
        "b.json": spec("/orders", "/items"),
    }
    report = checked(files)
    assert said(report) == []
    assert any("a.json and b.json describe it alike" in note for note in report.coverage.notes)


def test_documents_of_different_parts_stand_together():
    files = {
        "main.py": app("/orders", "/orders/open", "/items", "/items/new", "/more"),
        "orders.json": spec("/orders", "/orders/open"),
        "items.json": spec("/items", "/items/new"),
    }
    assert said(checked(files)) == [("undocumented-route", "GET /more")]


def test_what_the_settings_name_in_vain_is_said():
    report = checked(TWO, (("missing.json", "shop/main.py"), ("openapi.json", "nowhere.py")))
    assert [(gap.path, gap.kind) for gap in report.coverage.gaps] == [
        ("missing.json", "missing"),
        ("nowhere.py", "missing"),
    ]


def test_a_document_that_binds_its_operations_itself_is_not_held_against_routes():
    bound = json.loads(spec("/orders"))
    bound["paths"]["/orders"]["get"]["operationId"] = "shop.orders.list_orders"
    report = checked({"main.py": app("/orders", "/items"), "openapi.json": json.dumps(bound)})
    assert said(report) == []
    assert any("a router binds its operations" in note for note in report.coverage.notes)


def test_what_was_compared_is_counted():
    report = checked({"main.py": app("/orders", "/items"), "openapi.json": spec("/orders", "/items")})
    assert report.coverage.counts["contract"] == {"comparisons": 1, "routes": 2}


def test_where_a_router_is_not_known_nothing_is_missed():
    code = (
        app("/orders", "/items")
        + "\n\nfrom plugins import load\n\nfor router in load():\n    app.include_router(router)\n"
    )
    report = checked({"main.py": code, "openapi.json": spec("/orders", "/items", "/plugin")})
    assert said(report) == []
    assert report.coverage.undecided["unimplemented-operation"] == 1


SEGMENT = st.sampled_from(["orders", "items", "users", "{id}", "{key}", "search", "v1", "teams"])
PATHS = st.lists(
    st.lists(SEGMENT, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
    min_size=4,
    max_size=12,
    unique_by=shape,
)
PREFIX = st.sampled_from(["", "/api", "/gate/v2", "/t/{tenant}"])


def route(path: str) -> Route:
    return Route("GET", path, (), "h", HERE, HERE, "fastapi", "unknown", (), None)


@settings(max_examples=60, deadline=None)
@given(paths=PATHS, prefix=PREFIX, ours=st.booleans(), stated=st.booleans())
def test_whatever_prefix_one_side_has_everything_is_found(paths: list[str], prefix: str, ours: bool, stated: bool):
    served = App("app", HERE, "fastapi", tuple(route((prefix if ours else "") + path) for path in paths), True)
    facts = tuple(OperationFact("GET", ("" if ours else prefix) + path, "", HERE, ("200",), None) for path in paths)
    servers = (f"https://x.example{prefix}",) if stated and ours else ()
    document = Interface("a.json", "T", "3.1", servers, facts, (), HERE, False, True)
    telling = [path for path in paths if path.strip("/{}idkey")]
    found = list(fits([served], [document]))
    if len(telling) < 4:
        return
    matching = match(found)
    assert len(matching.matched) == len(paths)
    assert not (matching.undocumented or matching.unimplemented or matching.methods)


def test_what_a_setting_puts_before_a_part_of_the_routes_is_what_the_document_has_there():
    files = {
        "main.py": "from fastapi import APIRouter, FastAPI\n\nfrom conf import prefix\n\napp = FastAPI()\n"
        "router = APIRouter()\n\n\n"
        + "".join(f"@router.get('/{name}')\ndef {name}():\n    return []\n\n\n" for name in ("a", "b", "c", "d"))
        + "app.include_router(router, prefix=prefix())\n\n\n@app.get('/share')\ndef share():\n    return []\n",
        "openapi.json": spec("/api/v9/a", "/api/v9/b", "/api/v9/c", "/share"),
    }
    assert said(checked(files)) == [("undocumented-route", "GET /api/v9/d")]


def test_documents_of_two_versions_of_one_app_each_say_what_the_setting_is():
    names = ("orders", "users", "items")
    code = "".join(f"@router.get('/{name}')\ndef {name}():\n    return []\n\n\n" for name in names)
    files = {
        "main.py": "from fastapi import APIRouter, FastAPI\n\nfrom conf import settings\n\napp = FastAPI()\n"
        f"router = APIRouter()\n\n\n{code}app.include_router(router, prefix=settings.API_PREFIX)\n\n\n"
        "@app.get('/health')\ndef health():\n    return {}\n",
        "v1.json": spec(*(f"/v1/{name}" for name in names)),
        "v2.json": spec(*(f"/v2/{name}" for name in names)),
    }
    assert said(checked(files)) == []


def test_what_a_library_serves_under_a_prefix_with_a_parameter_is_withheld():
    files = {
        "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
        "shop/urls.py": "from django.urls import include, path\n\nfrom shop.views import orders\n\nurlpatterns = [\n"
        "    path('orders/', orders),\n    path('orgs/<int:org>/', include('thirdparty.urls')),\n]\n",
        "shop/views.py": "from rest_framework.decorators import api_view\n\n\n"
        "@api_view(['GET'])\ndef orders(request):\n    return None\n",
        "openapi.json": spec("/orders/", "/orgs/{id}/things/"),
    }
    report = checked(files)
    assert said(report) == []
    assert report.coverage.undecided["unimplemented-operation"] == 1


def test_a_package_means_by_the_name_of_its_module_what_it_took_from_it():
    files = {
        "shop/conf/__init__.py": "from shop.conf.settings import settings\n",
        "shop/conf/settings.py": "class Settings:\n    prefix: str = '/v1'\n\n\nsettings = Settings()\n",
        "shop/__init__.py": "",
        "shop/main.py": "from fastapi import APIRouter, FastAPI\n\nfrom shop.conf import settings\n\napp = FastAPI()\n"
        "router = APIRouter()\n\n\n@router.get('/a')\ndef a():\n    return []\n\n\n"
        "app.include_router(router, prefix=settings.prefix)\n",
        "openapi.json": spec("/v1/a", "/v1/b"),
    }
    assert said(checked(files)) == [("unimplemented-operation", "GET /v1/b")]


def test_each_of_the_roots_that_the_settings_may_name_is_an_app():
    files = {
        "shop/settings.py": "import os\n\nROOT_URLCONF = 'shop.urls'\n"
        "if os.environ.get('WORKER'):\n    ROOT_URLCONF = 'work.urls'\n",
        "shop/urls.py": "from django.urls import path\n\nfrom shop.views import orders\n\n"
        "urlpatterns = [path('orders/', orders)]\n",
        "work/urls.py": "from django.urls import path\n\nfrom shop.views import orders\n\n"
        "urlpatterns = [path('jobs/', orders)]\n",
        "shop/views.py": "from rest_framework.decorators import api_view\n\n\n"
        "@api_view(['GET'])\ndef orders(request):\n    return None\n",
        "openapi.json": spec("/orders/", "/products/"),
        "jobs.json": spec("/jobs/", "/tasks/"),
    }
    assert sorted(said(checked(files))) == [
        ("unimplemented-operation", "GET /products/"),
        ("unimplemented-operation", "GET /tasks/"),
    ]


def test_of_a_column_that_a_default_fills_less_is_said():
    order = {
        "type": "object",
        "required": ["id", "note", "state"],
        "properties": {"id": {"type": "integer"}, "note": {"type": "string"}, "state": {"type": "string"}},
    }
    answer = {"description": "One", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/order": {"get": {"responses": {"200": answer}}}},
        "components": {"schemas": {"Order": order}},
    }
    files = {
        "openapi.json": json.dumps(document),
        "migrations/1.sql": "CREATE TABLE orders (id int PRIMARY KEY, note text DEFAULT NULL::character varying, "
        "state text DEFAULT 'a');",
    }
    found = {verdict.finding.subject: verdict.finding for verdict in checked(files).verdicts}
    assert {name: finding.severity for name, finding in found.items()} == {"orders.note": None, "orders.state": "note"}
    assert found["orders.state"].profile == "strict"


@pytest.mark.parametrize(
    ("default", "filled"),
    [
        ("NULL", False),
        ("(NULL)", False),
        ("null::text", False),
        ("CAST(NULL AS text)", False),
        ("nullif('', '')", True),
    ],
)
def test_a_default_of_null_fills_nothing(default: str, filled: bool):
    column = ColumnView("note", "text", True, default, "", None, (), HERE)
    told = PropertyFact("note", ("string",), "", True, False, None, (), HERE)
    assert NullableRequired("Order", "orders", told, column).filled is filled


@pytest.mark.parametrize("sent_first", [False, True])
def test_what_a_column_refuses_weighs_more_than_what_a_schema_does_not_know(sent_first: bool):
    def schema(*states: str) -> dict[str, object]:
        state = {"type": "string", "enum": list(states)}
        return {"type": "object", "properties": {"id": {"type": "integer"}, "state": state}}

    def body(name: str) -> dict[str, object]:
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    schemas = {"Order": schema("open"), "OrderCreate": schema("open", "gone")}
    answered = {"responses": {"200": {"description": "One", **body("Order")}}}
    sent = {"requestBody": body("OrderCreate"), "responses": {"204": {"description": "Kept"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/order": {"get": answered, "post": sent}},
        "components": {"schemas": dict(reversed(schemas.items())) if sent_first else schemas},
    }
    files = {
        "openapi.json": json.dumps(document, indent=1),
        "migrations/1.sql": "CREATE TABLE orders (id int PRIMARY KEY, state text CHECK (state IN ('open', 'x')));",
    }
    (verdict,) = engine.examine(files, rules=("enum-mismatch",)).verdicts
    assert verdict.finding.severity is None
    assert "'gone'" in verdict.finding.message


def test_checks_tell_what_a_column_may_hold():
    def held(text: str) -> Mapping[str, tuple[str, ...]]:
        return allowed_values([CheckFact("", text, False, HERE)])

    assert held("state IN ('open', 'paid')") == {"state": ("open", "paid")}
    assert held("((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))") == {
        "state": ("a", "b")
    }
    assert held("name in ('it''s')") == {"name": ("it's",)}
    for other in ("state IN ('a') OR id > 3", "n IN (1, 2)", "length(state) > 3", "state <> 'a'"):
        assert held(other) == {}


def test_a_document_of_one_part_owes_nothing_to_the_rest():
    paths = [f"/part{at}" for at in range(9)]
    report = checked({"main.py": app("/orders", "/items", *paths), "openapi.json": spec("/orders", "/items")})
    assert said(report) == []
    assert report.coverage.undecided["undocumented-route"] == 9
    assert any("it tells of 2 routes of app (main.py)" in note for note in report.coverage.notes)


def test_what_several_operations_have_in_common_keeps_its_fingerprint_in_any_order():
    paths = [f"/{name}" for name in ("orders", "products", "coupons", "carts", "refunds")]
    code = (
        app(*paths).replace("return []", "raise HTTPException(409)").replace("FastAPI\n", "FastAPI, HTTPException\n", 1)
    )

    def found(*order: str) -> list[tuple[str, str]]:
        report = engine.examine({"main.py": code, "openapi.json": spec(*order)}, rules=("route-status-mismatch",))
        return [(verdict.finding.subject, verdict.fingerprint) for verdict in report.verdicts]

    assert [subject for subject, _ in found(*paths)] == ["several operations 409"]
    assert found(*paths) == found(*reversed(paths)) == found(*paths[1:])
