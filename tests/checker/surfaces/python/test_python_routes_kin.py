"""The routes read from the source are those that the younger frameworks serve, and Flask-AppBuilder.

Each sample runs for real where its framework is installed; what it serves was written down from such a run, and is held
against what is read everywhere.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_reading import MemoryFiles

from archcheck.surface import Settings, Tree
from archcheck.surfaces.python.link import served
from archcheck.surfaces.python.route import Route
from archcheck.surfaces.python.surface import Python


@dataclass(frozen=True, slots=True)
class Sample:
    """A small app, a program that prints what its framework serves, and what that is."""

    files: dict[str, str]
    program: str
    served: str


QUART = Sample(
    {
        "shop.py": """
            from quart import Blueprint, Quart

            app = Quart(__name__, static_folder=None)
            orders = Blueprint("orders", __name__, url_prefix="/orders")


            @orders.get("/")
            async def index():
                return []


            @orders.route("/<int:order_id>", methods=["PUT", "DELETE"])
            async def one(order_id):
                return {}


            app.register_blueprint(orders, url_prefix="/api/orders")
        """
    },
    """
        from shop import app

        for rule in app.url_map.iter_rules():
            for verb in rule.methods - {"HEAD", "OPTIONS"}:
                tell(verb, re.sub(r"<(?:\\w+:)?(\\w+)>", r"{\\1}", rule.rule))
    """,
    "GET /api/orders/, PUT /api/orders/{order_id}, DELETE /api/orders/{order_id}",
)

LITESTAR = Sample(
    {
        "shop.py": """
            from litestar import Controller, Litestar, Router, delete, get, post

            from stock import StockController


            @get("/health")
            async def health() -> str:
                return "ok"


            @get(["/orders", "/orders/latest"])
            async def orders() -> list[int]:
                return []


            @post("/orders")
            async def create(data: dict[str, int]) -> dict[str, int]:
                return data


            @delete(path="/orders/{order_id:int}")
            async def remove(order_id: int) -> None: ...


            api = Router(path="/api", route_handlers=[orders, create, remove, StockController])
            app = Litestar(route_handlers=[health, api], openapi_config=None)
        """,
        "stock.py": """
            from litestar import Controller, get, patch


            class StockController(Controller):
                path = "/stock"

                @get()
                async def index(self) -> list[int]:
                    return []

                @patch("/{item:str}", status_code=202)
                async def change(self, item: str) -> None: ...
        """,
    },
    """
        from shop import app

        for route in app.routes:
            for verb in set(route.methods) - {"OPTIONS"}:
                tell(verb, re.sub(r"{(\\w+):\\w+}", r"{\\1}", route.path))
    """,
    "GET /health, GET /api/orders, GET /api/orders/latest, POST /api/orders, DELETE /api/orders/{order_id}, "
    "GET /api/stock, PATCH /api/stock/{item}",
)

SANIC = Sample(
    {
        "shop.py": """
            from sanic import Blueprint, Sanic
            from sanic.response import json
            from sanic.views import HTTPMethodView

            app = Sanic("shop")
            orders = Blueprint("orders", url_prefix="/orders")
            stock = Blueprint("stock", url_prefix="/stock", version=2)
            group = Blueprint.group(orders, stock, url_prefix="/api")


            @orders.get("/all")
            async def index(request):
                return json([])


            @orders.route("/<order_id:int>", methods=["PUT", "DELETE"])
            async def one(request, order_id):
                return json({})


            class Items(HTTPMethodView):
                async def get(self, request, item):
                    return json({})

                async def post(self, request, item):
                    return json({}, status=201)


            stock.add_route(Items.as_view(), "/<item>")
            app.blueprint(group)


            @app.get("/health")
            async def health(request):
                return json({})
        """
    },
    """
        from shop import app

        app.finalize()
        for route in app.router.routes:
            for verb in route.methods - {"HEAD", "OPTIONS"}:
                tell(verb, "/" + re.sub(r"<(\\w+)(?::\\w+)?>", r"{\\1}", route.path))
    """,
    "GET /api/orders/all, PUT /api/orders/{order_id}, DELETE /api/orders/{order_id}, GET /v2/api/stock/{item}, "
    "POST /v2/api/stock/{item}, GET /health",
)

AIOHTTP = Sample(
    {
        "shop.py": r"""
            from aiohttp import web

            routes = web.RouteTableDef()


            @routes.get("/orders")
            async def index(request):
                return web.json_response([])


            @routes.view("/orders/{order_id:\\d+}")
            class Order(web.View):
                async def get(self):
                    return web.json_response({})

                async def delete(self):
                    raise web.HTTPNotFound()


            async def health(request):
                return web.Response(text="ok")


            async def stock(request):
                return web.json_response(await request.json())


            def create_app():
                app = web.Application()
                app.add_routes(routes)
                app.add_routes([web.get("/health", health), web.post("/stock", stock)])
                app.router.add_put("/stock/{item}", stock)
                admin = web.Application()
                admin.router.add_route("PATCH", "/stock", stock)
                app.add_subapp("/admin/", admin)
                return app
        """
    },
    """
        from aiohttp import web
        from shop import create_app

        for route in create_app().router.routes():
            verbs = [route.method]
            if route.method == "*":
                verbs = [verb for verb in ("GET", "POST", "PUT", "DELETE") if hasattr(route.handler, verb.lower())]
            for verb in verbs:
                if verb != "HEAD":
                    tell(verb, route.resource.canonical)
    """,
    "GET /orders, GET /orders/{order_id}, DELETE /orders/{order_id}, GET /health, POST /stock, PUT /stock/{item}, "
    "PATCH /admin/stock",
)

FALCON = Sample(
    {
        "shop.py": """
            import falcon


            class Orders:
                def on_get(self, req, resp):
                    resp.media = []

                def on_post(self, req, resp):
                    resp.status = falcon.HTTP_201

                def on_get_item(self, req, resp, order_id):
                    resp.media = {}

                def on_delete_item(self, req, resp, order_id):
                    resp.status = falcon.HTTP_204


            orders = Orders()
            app = falcon.App()
            app.add_route("/orders", orders)
            app.add_route("/orders/{order_id:int}", orders, suffix="item")
        """
    },
    """
        from falcon.inspect import inspect_routes
        from shop import app

        for route in inspect_routes(app):
            for method in route.methods:
                if not method.internal:
                    tell(method.method, re.sub(r"{(\\w+):\\w+}", r"{\\1}", route.path))
    """,
    "GET /orders, POST /orders, GET /orders/{order_id}, DELETE /orders/{order_id}",
)

TORNADO = Sample(
    {
        "shop.py": r"""
            import tornado.web
            from tornado.web import authenticated, url


            class Orders(tornado.web.RequestHandler):
                def get(self):
                    self.write("[]")

                def post(self):
                    self.set_status(201)


            class Order(tornado.web.RequestHandler):
                @authenticated
                def get(self, order_id):
                    self.write("{}")


            def make_app():
                return tornado.web.Application([(r"/orders", Orders), url(r"/orders/(?P<order_id>\\d+)", Order)])
        """
    },
    """
        from shop import make_app

        for rule in make_app().wildcard_router.rules:
            for verb in ("get", "post", "put", "patch", "delete"):
                if verb in vars(rule.target):
                    pattern = rule.matcher.regex.pattern.rstrip("$")
                    tell(verb.upper(), re.sub(r"\\(\\?P<(\\w+)>[^)]*\\)", r"{\\1}", pattern))
    """,
    "GET /orders, POST /orders, GET /orders/{order_id}",
)

NINJA = Sample(
    {
        "site_/settings.py": """
            SECRET_KEY = "for a test"
            ROOT_URLCONF = "site_.urls"
            INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
        """,
        "site_/urls.py": """
            from django.urls import path
            from ninja import NinjaAPI
            from ninja.security import HttpBearer

            from orders.api import router


            class Token(HttpBearer):
                def authenticate(self, request, token):
                    return token


            api = NinjaAPI(docs_url=None, openapi_url=None)
            api.add_router("/orders/", router)
            api.add_router("/stock", "orders.stock.router")


            @api.get("/health")
            def health(request):
                return {}


            @api.delete("/all", auth=Token())
            def clear(request):
                return {}


            urlpatterns = [path("api/", api.urls)]
        """,
        "orders/api.py": """
            from ninja import Router, Schema

            router = Router()


            class Order(Schema):
                name: str


            @router.get("/")
            def index(request):
                return []


            @router.post("/", response={201: Order})
            def create(request, order: Order):
                return 201, order


            @router.put("/{int:order_id}")
            def put(request, order_id: int, order: Order):
                return order
        """,
        "orders/stock.py": """
            from ninja import Router

            router = Router()


            @router.api_operation(["POST", "PATCH"], "/{item}")
            def change(request, item: str):
                return {}
        """,
    },
    """
        import os

        os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
        import django

        django.setup()
        from site_.urls import api

        for prefix, router in api._routers:
            for path, view in router.path_operations.items():
                for operation in view.operations:
                    for verb in operation.methods:
                        whole = re.sub("//+", "/", f"/api/{prefix}/{path}")
                        tell(verb, re.sub(r"{(?:\\w+:)?(\\w+)}", r"{\\1}", whole))
    """,
    "GET /api/health, DELETE /api/all, GET /api/orders/, POST /api/orders/, PUT /api/orders/{order_id}, "
    "POST /api/stock/{item}, PATCH /api/stock/{item}",
)

BUILDER = Sample(
    {
        "shop.py": """
            from flask import Flask
            from flask_appbuilder import AppBuilder, BaseView, expose, has_access
            from flask_appbuilder.api import BaseApi, ModelRestApi, expose as shown, protect
            from flask_appbuilder.models.sqla.interface import SQLAInterface
            from flask_appbuilder.security.sqla.models import Role
            from flask_sqlalchemy import SQLAlchemy

            app = Flask(__name__, static_folder=None)
            app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite://")
            db = SQLAlchemy(app)


            class Orders(BaseApi):
                resource_name = "orders"

                @shown("/", methods=["GET"])
                def index(self):
                    return self.response(200)

                @shown("/<int:order_id>", methods=["PUT", "DELETE"])
                @protect()
                def one(self, order_id):
                    return self.response(200)


            class Roles(ModelRestApi):
                resource_name = "roles"
                datamodel = SQLAInterface(Role)
                include_route_methods = {"get", "get_list", "post"}


            class Desk(BaseView):
                @expose("/front/<name>")
                @has_access
                def front(self, name):
                    return name


            with app.app_context():
                appbuilder = AppBuilder(app, db.session)
                appbuilder.add_api(Orders)
                appbuilder.add_api(Roles)
                appbuilder.add_view_no_menu(Desk())
        """
    },
    """
        from shop import app

        for rule in app.url_map.iter_rules():
            if rule.endpoint.split(".")[0] in ("Orders", "Roles", "Desk"):
                for verb in rule.methods - {"HEAD", "OPTIONS"}:
                    tell(verb, re.sub(r"<(?:\\w+:)?(\\w+)>", r"{\\1}", rule.rule))
    """,
    "GET /api/v1/orders/, PUT /api/v1/orders/{order_id}, DELETE /api/v1/orders/{order_id}, GET /api/v1/roles/, "
    "GET /api/v1/roles/{pk}, POST /api/v1/roles/, GET /desk/front/{name}",
)

SAMPLES = {
    "quart": QUART,
    "litestar": LITESTAR,
    "sanic": SANIC,
    "aiohttp": AIOHTTP,
    "falcon": FALCON,
    "tornado": TORNADO,
    "ninja": NINJA,
    "flask_appbuilder": BUILDER,
}
PROGRAM = """
import json, re

told = []


def tell(verb, path):
    told.append(f"{verb} {path}")


%s
print(json.dumps(told))
"""


def read(sample: Sample) -> list[Route]:
    door = MemoryFiles({path: textwrap.dedent(text) for path, text in sample.files.items()})
    surface, paths = Python(), tuple(sorted(door.data))
    units = surface.units(Tree(paths, dict.fromkeys(paths, "python")), door)
    composed = served([(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units])
    assert (composed.routers, composed.notes, len(composed.apps)) == ([], [], 1)
    return list(composed.apps[0].routes)


@pytest.mark.parametrize("framework", SAMPLES)
def test_what_is_read_is_what_was_served(framework: str):
    sample = SAMPLES[framework]
    assert sorted(map(str, read(sample))) == sorted(sample.served.split(", "))


@pytest.mark.parametrize("framework", SAMPLES)
def test_what_was_served_is_what_the_framework_serves(framework: str, tmp_path: Path):
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    sample = SAMPLES[framework]
    for path, text in sample.files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    (tmp_path / "run.py").write_text(PROGRAM % textwrap.dedent(sample.program), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "run.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(done.stdout)) == sorted(sample.served.split(", "))


def test_handlers_are_named_with_their_place():
    found = {str(route): (route.handler, route.at.path) for route in read(LITESTAR)}
    assert found["PATCH /api/stock/{item}"] == ("stock:StockController.change", "stock.py")
    assert found["DELETE /api/orders/{order_id}"] == ("shop:remove", "shop.py")


def test_what_is_proven_is_said_and_the_rest_is_doubt():
    """A guard of the framework's own is proof; without one these frameworks may still ask in ways nobody follows."""
    assert {str(route): route.auth for route in read(NINJA) if route.auth != "unknown"} == {
        "DELETE /api/all": "protected"
    }
    assert {route.auth for route in read(FALCON)} == {"unknown"}
    assert [str(route) for route in read(TORNADO) if route.auth == "protected"] == ["GET /orders/{order_id}"]


def test_the_status_that_a_framework_gives_is_known():
    found = {str(route): route.success for route in read(LITESTAR)}
    assert (found["POST /api/orders"], found["DELETE /api/orders/{order_id}"]) == (201, 204)
    assert (found["GET /health"], found["PATCH /api/stock/{item}"]) == (200, 202)
