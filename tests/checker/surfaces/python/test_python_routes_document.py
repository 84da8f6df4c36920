"""What a route takes and answers is what FastAPI itself writes into its document."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from python_reading import MemoryFiles

from archcheck.surface import Settings, Tree
from archcheck.surfaces.python.link import served
from archcheck.surfaces.python.route import App, Route
from archcheck.surfaces.python.surface import Python

SHOP = {
    "shop/__init__.py": "",
    "shop/schemas.py": """
        from dataclasses import dataclass, field
        from enum import Enum
        from typing import Annotated, Optional

        from pydantic import BaseModel, ConfigDict, Field


        class Base(BaseModel):
            note: str = ""


        class Draft(Base):
            article: str
            count: Annotated[int, Field(ge=1)]
            price: float | None = None
            tags: list[str] = Field(default_factory=list)
            sent: bool = Field(alias="isSent")


        class Camel(BaseModel):
            model_config = ConfigDict(alias_generator=lambda name: name.upper())

            first_name: str


        class Kind(str, Enum):
            new = "new"
            old = "old"


        @dataclass
        class Address:
            street: str
            city: str = "Bern"
            lines: list[str] = field(default_factory=list)


        class Filter(BaseModel):
            minimum: int = 0
            color: str
    """,
    "shop/paging.py": """
        def paging(offset: int = 0, limit: int = 20):
            yield offset, limit


        class Sorting:
            def __init__(self, order: str, descending: bool = False) -> None:
                self.order = order
    """,
    "shop/main.py": """
        import uuid
        from datetime import date
        from typing import Annotated, Literal

        from fastapi import APIRouter, Body, Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Query
        from fastapi import Request, Response, UploadFile, status
        from fastapi.responses import JSONResponse, RedirectResponse
        from fastapi.security import HTTPBearer, OAuth2PasswordRequestForm

        from shop.paging import Sorting, paging
        from shop.schemas import Address, Camel, Draft, Filter, Kind


        def trace(x_trace_id: Annotated[str, Header()], region: str = Cookie("eu")) -> str:
            if region == "moon":
                raise HTTPException(status.HTTP_451_UNAVAILABLE_FOR_LEGAL_REASONS)
            return x_trace_id


        Page = Annotated[tuple, Depends(paging)]
        app = FastAPI(dependencies=[Depends(trace)])
        router = APIRouter(prefix="/orders", responses={404: {"description": "none"}})
        hidden = APIRouter(prefix="/inner", include_in_schema=False)


        @router.get("/{order_id}")
        def get_order(order_id: uuid.UUID, request: Request, since: date, kind: Kind = Kind.new, q: str = "") -> dict:
            raise HTTPException(404)


        @router.get("")
        def list_orders(page: Page, sorting: Annotated[Sorting, Depends()], ids: list[int] = Query(...)) -> list[int]:
            return []


        @router.post("", status_code=status.HTTP_201_CREATED)
        def create_order(draft: Draft, bearer=Depends(HTTPBearer())) -> dict:
            if draft.count > 9:
                raise HTTPException(status_code=409)
            return {}


        @router.put("/{order_id:int}", responses={"410": {"description": "gone"}})
        def put_order(order_id: int, draft: Draft, address: Address) -> dict:
            return {}


        @router.patch("/{number}")
        def patch_order(number: int, camel: Camel, dry: Literal["yes", "no"] = "no") -> dict:
            return {}


        @router.post("/filter")
        def filter_orders(filter: Annotated[Filter, Query()], which: Annotated[str, Query(alias="w")]) -> dict:
            return {}


        @router.post("/upload", status_code=204)
        def upload(file: UploadFile, name: str = Form(...), raw: bytes = File(b"")) -> None:
            return None


        @router.post("/address")
        def add_address(address: Address) -> dict:
            return {}


        @router.post("/any")
        def take_any(payload: dict, embed: int = Body(1)) -> dict:
            return {}


        @app.post("/token")
        def token(form: OAuth2PasswordRequestForm = Depends()) -> dict:
            return {}


        @app.delete("/old", status_code=status.HTTP_204_NO_CONTENT)
        def drop_old() -> Response:
            return Response(status_code=204)


        @app.get("/moved", response_class=RedirectResponse)
        def moved():
            return "/orders"


        @hidden.get("/state")
        def state() -> dict:
            return {}


        app.include_router(router)
        app.include_router(hidden)
    """,
}
RUNS = """
    import json

    from shop.main import app

    print(json.dumps(app.openapi()))
"""


def routes(files: dict[str, str]) -> dict[tuple[str, str], Route]:
    return {(route.method.lower(), route.template): route for route in app(files).routes}


def app(files: dict[str, str]) -> App:
    door = MemoryFiles({path: textwrap.dedent(text) for path, text in files.items()})
    surface, paths = Python(), tuple(sorted(door.data))
    units = surface.units(Tree(paths, dict.fromkeys(paths, "python")), door)
    told = [(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units]
    return served(told).apps[0]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict:
    pytest.importorskip("fastapi")
    folder: Path = tmp_path_factory.mktemp("shop")
    # FastAPI asks for the package that reads forms, and only for its version.
    for path, text in {**SHOP, "run.py": RUNS, "python_multipart.py": '__version__ = "1.0"'}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "ignore", "run.py"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def operations(document: dict) -> dict[tuple[str, str], dict]:
    return {(verb, path): told for path, item in document["paths"].items() for verb, told in item.items()}


def resolved(schema: dict, document: dict) -> dict:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def test_what_is_in_the_document_is_said_to_be(document: dict):
    assert {key for key, route in routes(SHOP).items() if route.in_schema} == operations(document).keys()


def test_parameters_are_those_of_the_document(document: dict):
    for key, told in operations(document).items():
        route = routes(SHOP)[key]
        real = {(each["in"], each["name"]): each for each in told.get("parameters", [])}
        assert route.inputs_known, key
        assert {(each.where, each.name) for each in route.inputs} == real.keys(), key
        for each in route.inputs:
            described = real[each.where, each.name]
            assert each.required is described["required"], (key, each)
            assert each.kind in ("", resolved(described["schema"], document).get("type")), (key, each)


def test_bodies_are_those_of_the_document(document: dict):
    for key, told in operations(document).items():
        assert (routes(SHOP)[key].body != "none") is ("requestBody" in told), key


def test_models_have_the_properties_of_the_document(document: dict):
    models = {str(route): route.model for route in routes(SHOP).values() if route.model is not None}
    assert models.keys() == {"POST /orders", "POST /orders/address", "PATCH /orders/{number}"}
    for name in ("POST /orders", "POST /orders/address"):
        verb, path = name.split()
        content = operations(document)[verb.lower(), path]["requestBody"]["content"]["application/json"]
        schema = resolved(content["schema"], document)
        required = set(schema["required"])
        assert models[name].whole
        assert dict(models[name].properties) == {each: each in required for each in schema["properties"]}
    assert not models["PATCH /orders/{number}"].whole


def test_statuses_are_those_of_the_document_and_those_that_are_raised(document: dict):
    found = routes(SHOP)
    for key, told in operations(document).items():
        plain = {int(each) for each in told["responses"] if each[0] in "23"}
        assert {found[key].success} == plain, key
        assert {int(each) for each in told["responses"] if each[0] == "4"} - {422} == set(found[key].responses), key
        assert found[key].answered[-1] == 451, key
    assert found["post", "/orders"].answered == (201, 409, 451)
    assert [status for status, _ in found["post", "/orders"].raised] == [409]


def test_a_status_that_the_handler_may_set_is_not_known():
    text = """
        from fastapi import FastAPI, Response

        app = FastAPI()


        @app.post("/orders")
        def create_order(response: Response):
            response.status_code = 201
    """
    assert next(iter(routes({"main.py": text}).values())).success == 0


def test_views_of_flask_tell_their_status_in_what_they_give_back():
    text = """
        from flask import Flask, abort, redirect

        app = Flask(__name__)


        @app.post("/a")
        def a():
            return {}, 201


        @app.get("/b")
        def b():
            if app.debug:
                abort(404)
            return "b"


        @app.get("/c")
        def c():
            return redirect("/b")


        @app.get("/d")
        def d():
            answer = made()
            return answer
    """
    found = routes({"main.py": text})
    assert [found[verb, path].success for verb, path in (("post", "/a"), ("get", "/b"), ("get", "/c"))] == [201, 200, 0]
    assert [found["get", path].answered for path in ("/b", "/c", "/d")] == [(200, 404), (302,), ()]
    assert found["get", "/d"].success == 0
