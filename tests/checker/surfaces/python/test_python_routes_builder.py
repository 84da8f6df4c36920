"""The routes of a real shape of Flask-AppBuilder: a class adds the views in a method, and a factory makes the app.

What is served was written down from a run, and is held against what is read; the app runs again where the framework is
installed.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from python_reading import MemoryFiles

from archcheck.surface import Settings, Tree
from archcheck.surfaces.python.link import served
from archcheck.surfaces.python.surface import Python

FILES = {
    "shop/constants.py": """
        class Route:
            GET = "get"
            LIST = "get_list"
            INFO = "info"
            POST = "post"
            EXPORT = "export"
            READ = {GET, LIST, INFO}
    """,
    "shop/extensions.py": """
        from flask_appbuilder import AppBuilder
        from flask_appbuilder.utils.legacy import get_sqla_class

        db = get_sqla_class()()
        appbuilder = AppBuilder(update_perms=False)
    """,
    "shop/models.py": """
        from flask_appbuilder import Model
        from sqlalchemy import Column, Integer, String
        class Order(Model):
            __tablename__ = "order"
            id = Column(Integer, primary_key=True)
            name = Column(String(50))
        class Product(Model):
            __tablename__ = "product"
            id = Column(Integer, primary_key=True)
            name = Column(String(50))
        class Tag(Model):
            __tablename__ = "tag"
            id = Column(Integer, primary_key=True)
            name = Column(String(50))
    """,
    "shop/views.py": """
        from flask_appbuilder import BaseView, ModelRestApi, ModelView, SimpleFormView, expose, has_access
        from flask_appbuilder.api import BaseApi, protect, safe
        from flask_appbuilder.models.sqla.interface import SQLAInterface
        from flask_appbuilder.forms import DynamicForm
        from shop.constants import Route
        from shop.models import Order, Product, Tag


        class BaseShopApi(ModelRestApi):
            @expose("/related/<column>", methods=["GET"])
            @protect()
            def related(self, column):
                return self.response(200)

            @expose("/hidden", methods=["GET"])
            def hidden(self):
                return self.response(200)


        class OrderApi(BaseShopApi):
            datamodel = SQLAInterface(Order)
            include_route_methods = Route.READ | {Route.POST, "export", "related"}
            resource_name = "order"

            @expose("/export/", methods=["GET"])
            @protect()
            @safe
            def export(self):
                return self.response(200)

            @expose("/secret/", methods=["GET"])
            def secret(self):
                return self.response(200)

            @expose("/", methods=["POST"])
            @protect()
            def post(self):
                return self.response(201)


        class ProductApi(ModelRestApi):
            datamodel = SQLAInterface(Product)
            version = "v2"
            exclude_route_methods = {"delete"}


        class TagApi(BaseApi):
            route_base = "/tags"

            @expose("/")
            @expose("/all", methods=["GET", "POST"])
            def index(self):
                return self.response(200)


        class Ping(BaseApi):
            @expose("/ping")
            @protect()
            def ping(self):
                return self.response(200)


        class Reports(BaseView):
            default_view = "daily"

            @expose("/daily/<int:day>")
            @has_access
            def daily(self, day):
                return ""

            @expose("/open")
            def open(self):
                return ""


        class TagView(ModelView):
            datamodel = SQLAInterface(Tag)
            include_route_methods = {"list", "show", "add"}


        class Hello(SimpleFormView):
            form = DynamicForm
            form_title = "x"
            route_base = "/hello"
    """,
    "shop/init.py": """
        from shop.extensions import appbuilder, db


        class Initializer:
            def __init__(self, app):
                self.shop_app = app

            def init_app(self):
                db.init_app(self.shop_app)
                with self.shop_app.app_context():
                    appbuilder.init_app(self.shop_app, db.session)
                    self.init_views()

            def init_views(self):
                from shop.views import Hello, OrderApi, Ping, ProductApi, Reports, TagApi, TagView

                appbuilder.add_api(OrderApi)
                appbuilder.add_api(ProductApi)
                appbuilder.add_api(TagApi)
                appbuilder.add_api(Ping)
                appbuilder.add_view_no_menu(Reports)
                appbuilder.add_view(TagView, "Tags", category="Data")
                appbuilder.add_view(Hello(), "Hello")
    """,
    "shop/app.py": """
        from flask import Flask
        from shop.init import Initializer


        class ShopApp(Flask):
            pass


        def create_app():
            app = ShopApp(__name__)
            app.config["SECRET_KEY"] = "x" * 3
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
            app.config["WTF_CSRF_ENABLED"] = False
            initializer = app.config.get("INIT", Initializer)(app)
            initializer.init_app()
            return app
    """,
}
SERVED = {
    "GET /api/v1/order/": 401,
    "GET /api/v1/order/_info": 401,
    "GET /api/v1/order/export/": 401,
    "GET /api/v1/order/related/{column}": 401,
    "GET /api/v1/order/{pk}": 401,
    "GET /api/v1/ping/ping": 401,
    "GET /api/v2/productapi/": 401,
    "GET /api/v2/productapi/_info": 401,
    "GET /api/v2/productapi/{pk}": 401,
    "GET /hello/form": 302,
    "GET /reports/daily/{day}": 302,
    "GET /reports/open": 200,
    "GET /tags/": 200,
    "GET /tags/all": 200,
    "GET /tagview/add": 302,
    "GET /tagview/list/": 302,
    "GET /tagview/show/{pk}": 302,
    "POST /api/v1/order/": 401,
    "POST /api/v2/productapi/": 401,
    "POST /hello/form": 302,
    "POST /tags/all": 200,
    "POST /tagview/add": 302,
    "PUT /api/v2/productapi/{pk}": 401,
}
"""Every route of the classes above, and what it answers to a stranger."""

PROGRAM = """
    import json, re

    from shop.app import create_app

    app = create_app()
    client = app.test_client()
    told = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ("OrderApi", "ProductApi", "TagApi", "Ping", "Reports", "TagView", "Hello"):
            for verb in rule.methods - {"HEAD", "OPTIONS"}:
                path = re.sub(r"<(?:\\w+:)?(\\w+)>", r"{\\1}", rule.rule)
                told[f"{verb} {path}"] = client.open(re.sub("<[^>]+>", "1", rule.rule), method=verb).status_code
    print(json.dumps(told))
"""


def test_what_is_read_is_what_was_served_and_asked():
    door = MemoryFiles({path: textwrap.dedent(text) for path, text in FILES.items()})
    surface, paths = Python(), tuple(sorted(door.data))
    units = surface.units(Tree(paths, dict.fromkeys(paths, "python")), door)
    composed = served([(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units])
    assert (composed.routers, composed.notes, len(composed.apps)) == ([], [], 1)
    read = {str(route): route.auth for route in composed.apps[0].routes}
    assert read == {route: "protected" if status in (401, 302) else "public" for route, status in SERVED.items()}


def test_what_was_served_is_what_the_framework_serves(tmp_path: Path):
    if importlib.util.find_spec("flask_appbuilder") is None:
        pytest.skip("flask_appbuilder is not installed")
    for path, text in (*FILES.items(), ("run.py", PROGRAM)):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "run.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == SERVED
