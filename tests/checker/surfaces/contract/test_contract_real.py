"""Apps that run for real: held against what they serve nothing is said, and of planted drift everything and no more."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from archcheck.examples import examined

Spec = dict[str, Any]
ROUTES = (
    "undocumented-route",
    "unimplemented-operation",
    "route-method-mismatch",
    "route-parameter-mismatch",
    "route-body-mismatch",
    "route-status-mismatch",
    "route-auth-mismatch",
    "route-limit-mismatch",
)

FASTAPI = {
    "shop/__init__.py": "",
    "shop/security.py": """
        from fastapi import Depends
        from fastapi.security import OAuth2PasswordBearer

        oauth = OAuth2PasswordBearer(tokenUrl="/token")


        def user(token: str = Depends(oauth)) -> str:
            return token
    """,
    "shop/models.py": """
        from pydantic import BaseModel, Field


        class Draft(BaseModel):
            amount: int
            currency: str = Field(min_length=3)
            note: str | None = None


        class Order(Draft):
            id: int
    """,
    "shop/orders.py": """
        from fastapi import APIRouter, Depends, Header, HTTPException, status

        from shop.models import Draft, Order
        from shop.security import user

        router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(user)])


        @router.get("")
        def list_orders(region: str, page: int = 1) -> list[Order]:
            return []


        @router.post("", status_code=status.HTTP_201_CREATED)
        def create_order(draft: Draft, x_tenant: str = Header()) -> Order:
            return Order(id=1, **draft.model_dump())


        @router.get("/{order_id}", responses={404: {"description": "There is none."}})
        def get_order(order_id: int) -> Order:
            if order_id > 9:
                raise HTTPException(404)
            return Order(id=order_id, amount=1, currency="EUR")


        @router.put("/{order_id}")
        def replace_order(order_id: int, draft: Draft) -> Order:
            return Order(id=order_id, **draft.model_dump())


        @router.delete("/{order_id}", status_code=204)
        def delete_order(order_id: int) -> None:
            return None
    """,
    "shop/main.py": """
        from fastapi import FastAPI

        from shop import orders

        app = FastAPI(title="Shop")
        app.include_router(orders.router, prefix="/api")


        @app.get("/api/products")
        def list_products(q: str = "") -> list[str]:
            return []


        @app.get("/api/products/{sku}")
        def get_product(sku: str) -> str:
            return sku


        @app.get("/health")
        def health() -> str:
            return "ok"


        @app.get("/api/internal", include_in_schema=False)
        def internal() -> str:
            return "ok"
    """,
}
FLASK = {
    "blog/__init__.py": "",
    "blog/posts.py": """
        from flask import Blueprint, abort, jsonify

        posts = Blueprint("posts", __name__, url_prefix="/posts")


        @posts.route("/", methods=["GET", "POST"])
        def everything():
            return jsonify([])


        @posts.get("/<int:post_id>")
        def one(post_id):
            return jsonify(post_id)


        @posts.delete("/<int:post_id>")
        def remove(post_id):
            return "", 204


        @posts.get("/<uuid:key>/comments/<string:slug>")
        def comment(key, slug):
            return slug
    """,
    "blog/app.py": """
        from flask import Flask

        from blog.posts import posts

        app = Flask(__name__)
        app.register_blueprint(posts)


        @app.put("/settings")
        def settings():
            return "ok"
    """,
}
FLASK_SPEC = """
import json, re
from blog.app import app
paths = {}
KINDS = {"IntegerConverter": "integer", "FloatConverter": "number"}
for rule in app.url_map.iter_rules():
    if rule.endpoint == "static":
        continue
    item = paths.setdefault(re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\\1}", rule.rule), {})
    for method in rule.methods - {"HEAD", "OPTIONS"}:
        kinds = {name: KINDS.get(type(rule._converters[name]).__name__, "string") for name in rule.arguments}
        item[method.lower()] = {
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": kind}} for name, kind in kinds.items()
            ],
            "responses": {"default": {"description": "Whatever it is."}},
        }
print(json.dumps({"openapi": "3.1.0", "info": {"title": "Blog", "version": "1"}, "paths": paths}))
"""

DJANGO = {
    "site_/__init__.py": "",
    "site_/settings.py": """
        SECRET_KEY = "for a test"
        ROOT_URLCONF = "site_.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "desk"]
        MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
        REST_FRAMEWORK = {
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        }
    """,
    "site_/urls.py": """
        from django.urls import include, path

        urlpatterns = [path("api/", include("desk.urls"))]
    """,
    "desk/__init__.py": "",
    "desk/models.py": """
        from django.db import models


        class Ticket(models.Model):
            title = models.CharField(max_length=80)


        class Label(models.Model):
            name = models.CharField(max_length=20)
    """,
    "desk/serializers.py": """
        from rest_framework import serializers

        from desk.models import Label, Ticket


        class TicketSerializer(serializers.ModelSerializer):
            class Meta:
                model = Ticket
                fields = ["id", "title"]


        class LabelSerializer(serializers.ModelSerializer):
            class Meta:
                model = Label
                fields = ["id", "name"]
    """,
    "desk/views.py": """
        from rest_framework import generics, status, viewsets
        from rest_framework.decorators import action, api_view, permission_classes
        from rest_framework.permissions import AllowAny
        from rest_framework.response import Response
        from rest_framework.views import APIView

        from desk.models import Label, Ticket
        from desk.serializers import LabelSerializer, TicketSerializer


        class TicketViewSet(viewsets.ModelViewSet):
            queryset = Ticket.objects.all()
            serializer_class = TicketSerializer

            @action(detail=True, methods=["post"], url_path="close-now")
            def close(self, request, pk=None):
                return Response({}, status=status.HTTP_202_ACCEPTED)

            @action(detail=False, methods=["get"], permission_classes=[AllowAny])
            def recent(self, request):
                return Response([])


        class LabelViewSet(viewsets.ReadOnlyModelViewSet):
            queryset = Label.objects.all()
            serializer_class = LabelSerializer
            permission_classes = [AllowAny]


        class Labels(generics.ListCreateAPIView):
            queryset = Label.objects.all()
            serializer_class = LabelSerializer


        class Count(APIView):
            def get(self, request, year):
                return Response({"year": year})

            def delete(self, request, year):
                return Response(status=status.HTTP_204_NO_CONTENT)


        @api_view(["GET", "POST"])
        @permission_classes([AllowAny])
        def hello(request):
            return Response({})
    """,
    "desk/urls.py": """
        from django.urls import include, path, re_path
        from rest_framework.routers import SimpleRouter

        from desk import views

        router = SimpleRouter()
        router.register("tickets", views.TicketViewSet)
        named = SimpleRouter()
        named.register("", views.LabelViewSet)

        urlpatterns = router.urls
        urlpatterns += [
            path("labels/", include(named.urls)),
            path("counts/<int:year>/", views.Count.as_view()),
            re_path(r"^archive/(?P<slug>[a-z]+)/$", views.Labels.as_view()),
            path("hello/", views.hello),
        ]
    """,
}
DJANGO_SPEC = """
import json, os, re

os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
import django

django.setup()
from django.urls import get_resolver
from rest_framework.permissions import AllowAny

paths = {}


def walk(patterns, prefix, kinds):
    for each in patterns:
        text = str(each.pattern)
        kinds = {**kinds, **{name: type(one).__name__ for name, one in each.pattern.converters.items()}}
        text = re.sub(r"\\(\\?P<(\\w+)>[^)]*\\)|<(?:\\w+:)?(\\w+)>", lambda m: "{%s}" % (m[1] or m[2]), text)
        whole = prefix + text.replace("\\\\Z", "").strip("^$")
        if hasattr(each, "url_patterns"):
            walk(each.url_patterns, whole, kinds)
            continue
        view = each.callback
        open_ = AllowAny in view.initkwargs.get("permission_classes", view.cls.permission_classes)
        actions = getattr(view, "actions", None) or {
            verb: verb for verb in ("get", "post", "put", "patch", "delete") if hasattr(view.cls, verb)
        }
        item = paths.setdefault(whole, {})
        for verb, name in actions.items():
            answer = {"create": "201", "destroy": "204", "close": "202"}.get(name, "200")
            answer = {("Labels", "post"): "201", ("Count", "delete"): "204"}.get((view.cls.__name__, verb), answer)
            item[verb] = {
                "parameters": [
                    {
                        "name": one,
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer" if kinds.get(one) == "IntConverter" else "string"},
                    }
                    for one in re.findall(r"{(\\w+)}", whole)
                ],
                "security": [] if open_ else [{"basic": []}],
                "responses": {answer: {"description": "Done."}},
            }


walk(get_resolver().url_patterns, "/", {})
schemes = {"basic": {"type": "http", "scheme": "basic"}}
told = {"openapi": "3.0.3", "info": {"title": "Desk", "version": "1"}, "paths": paths}
print(json.dumps({**told, "components": {"securitySchemes": schemes}}))
"""


def run(files: Mapping[str, str], code: str, folder: Path) -> Spec:
    """What the app tells of itself when it runs."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    spec: Spec = json.loads(done.stdout)
    return spec


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    code = "import json; from shop.main import app; print(json.dumps(app.openapi()))"
    return run(FASTAPI, code, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    return run(FLASK, FLASK_SPEC, tmp_path_factory.mktemp("blog"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    return run(DJANGO, DJANGO_SPEC, tmp_path_factory.mktemp("desk"))


def said(spec: Spec, files: Mapping[str, str]) -> set[tuple[str, str]]:
    """Rule and subject of every finding about routes."""
    sources = {path: textwrap.dedent(text).lstrip("\n") for path, text in files.items()}
    report = examined({**sources, "openapi.json": json.dumps(spec, indent=2)})
    assert not report.coverage.gaps
    return {(verdict.rule, verdict.finding.subject) for verdict in report.verdicts if verdict.rule in ROUTES}


def gone(spec: Spec, path: str, method: str = "") -> None:
    if method:
        del spec["paths"][path][method]
    else:
        del spec["paths"][path]


def moved(spec: Spec, path: str, method: str, to: str) -> None:
    spec["paths"][path][to] = spec["paths"][path].pop(method)


def added(spec: Spec, path: str, method: str) -> None:
    spec["paths"].setdefault(path, {})[method] = {"responses": {"200": {"description": "It never was."}}}


def parameter(spec: Spec, path: str, method: str, name: str) -> dict[str, Any]:
    return next(one for one in spec["paths"][path][method]["parameters"] if one["name"] == name)


def without_parameter(spec: Spec, path: str, method: str, name: str) -> None:
    kept = [one for one in spec["paths"][path][method]["parameters"] if one["name"] != name]
    spec["paths"][path][method]["parameters"] = kept


def required(spec: Spec, path: str, method: str, name: str) -> None:
    one = {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
    spec["paths"][path][method].setdefault("parameters", []).append(one)


DRIFTS: list[tuple[Callable[[Spec], object], set[tuple[str, str]]]] = [
    (lambda spec: gone(spec, "/api/products/{sku}"), {("undocumented-route", "GET /api/products/{sku}")}),
    (
        lambda spec: gone(spec, "/api/orders/{order_id}", "delete"),
        {("undocumented-route", "DELETE /api/orders/{order_id}")},
    ),
    (lambda spec: added(spec, "/api/coupons", "get"), {("unimplemented-operation", "GET /api/coupons")}),
    (
        lambda spec: moved(spec, "/api/orders/{order_id}", "put", "patch"),
        {("route-method-mismatch", "PATCH /api/orders/{order_id}")},
    ),
    (lambda spec: added(spec, "/api/products", "post"), {("route-method-mismatch", "POST /api/products")}),
    (
        lambda spec: without_parameter(spec, "/api/orders", "get", "region"),
        {("route-parameter-mismatch", "GET /api/orders region")},
    ),
    (
        lambda spec: parameter(spec, "/api/orders", "post", "x-tenant").update(required=False),
        {("route-parameter-mismatch", "POST /api/orders x-tenant")},
    ),
    (
        lambda spec: parameter(spec, "/api/orders/{order_id}", "get", "order_id").update(schema={"type": "string"}),
        {("route-parameter-mismatch", "GET /api/orders/{order_id} order_id")},
    ),
    (
        lambda spec: required(spec, "/api/products", "get", "shelf"),
        {("route-parameter-mismatch", "GET /api/products shelf")},
    ),
    (
        lambda spec: spec["paths"]["/api/orders"]["post"].pop("requestBody"),
        {("route-body-mismatch", "POST /api/orders undocumented")},
    ),
    (
        lambda spec: spec["components"]["schemas"]["Draft"]["properties"].pop("currency"),
        {
            ("route-body-mismatch", "POST /api/orders missing"),
            ("route-body-mismatch", "PUT /api/orders/{order_id} missing"),
        },
    ),
    (
        lambda spec: spec["paths"]["/api/orders/{order_id}"]["get"]["responses"].pop("404"),
        {("route-status-mismatch", "GET /api/orders/{order_id} 404")},
    ),
    (
        lambda spec: spec["paths"]["/api/orders"]["post"]["responses"].update(
            {"200": spec["paths"]["/api/orders"]["post"]["responses"].pop("201")}
        ),
        {("route-status-mismatch", "POST /api/orders 200")},
    ),
    (
        lambda spec: spec["paths"]["/api/orders"]["get"].update(security=[]),
        {("route-auth-mismatch", "GET /api/orders")},
    ),
    (
        lambda spec: spec["paths"]["/api/products"]["get"].update(security=[{"OAuth2PasswordBearer": []}]),
        {("route-auth-mismatch", "GET /api/products")},
    ),
    (
        lambda spec: spec["paths"]["/api/products"]["get"]["responses"].update({"429": {"description": "Too many."}}),
        {("route-limit-mismatch", "GET /api/products")},
    ),
]


def test_what_fastapi_tells_of_itself_is_what_we_read(shop: Spec):
    assert said(shop, FASTAPI) == set()


@pytest.mark.parametrize("number", range(len(DRIFTS)))
def test_each_planted_difference_is_found_alone(shop: Spec, number: int):
    spec = copy.deepcopy(shop)
    plant, wanted = DRIFTS[number]
    plant(spec)
    assert said(spec, FASTAPI) == wanted


def test_differences_do_not_hide_each_other(shop: Spec):
    spec = copy.deepcopy(shop)
    together = [DRIFTS[number] for number in (0, 2, 4, 5, 8, 10, 11, 14)]
    for plant, _ in together:
        plant(spec)
    assert said(spec, FASTAPI) == set().union(*(wanted for _, wanted in together))


@pytest.mark.parametrize("prefix", ["", "/gateway"])
def test_a_prefix_of_a_server_or_a_proxy_changes_nothing(shop: Spec, prefix: str):
    spec = copy.deepcopy(shop)
    paths = {path.removeprefix("/api"): item for path, item in spec["paths"].items() if path.startswith("/api")}
    spec["paths"] = {prefix + path: item for path, item in paths.items()}
    spec["servers"] = [{"url": "https://shop.example" + ("" if prefix else "/api")}]
    assert said(spec, FASTAPI) == set()


def test_what_flask_serves_is_what_we_read(blog: Spec):
    assert said(blog, FLASK) == set()


def test_planted_differences_are_found_in_flask(blog: Spec):
    spec = copy.deepcopy(blog)
    gone(spec, "/settings")
    moved(spec, "/posts/{post_id}", "delete", "patch")
    parameter(spec, "/posts/{post_id}", "get", "post_id")["schema"] = {"type": "string"}
    added(spec, "/authors", "get")
    assert said(spec, FLASK) == {
        ("undocumented-route", "PUT /settings"),
        ("route-method-mismatch", "PATCH /posts/{post_id}"),
        ("route-parameter-mismatch", "GET /posts/{post_id} post_id"),
        ("unimplemented-operation", "GET /authors"),
    }


DJANGO_DRIFTS: list[tuple[Callable[[Spec], object], set[tuple[str, str]]]] = [
    (lambda spec: gone(spec, "/api/hello/"), {("undocumented-route", "/api/hello")}),
    (
        lambda spec: gone(spec, "/api/tickets/{pk}/close-now/"),
        {("undocumented-route", "POST /api/tickets/{pk}/close-now/")},
    ),
    (lambda spec: gone(spec, "/api/labels/{pk}/"), {("undocumented-route", "GET /api/labels/{pk}/")}),
    (
        lambda spec: gone(spec, "/api/tickets/{pk}/", "delete"),
        {("undocumented-route", "DELETE /api/tickets/{pk}/")},
    ),
    (lambda spec: added(spec, "/api/queues/", "get"), {("unimplemented-operation", "GET /api/queues/")}),
    (lambda spec: added(spec, "/api/labels/", "post"), {("route-method-mismatch", "POST /api/labels/")}),
    (
        lambda spec: moved(spec, "/api/counts/{year}/", "delete", "put"),
        {("route-method-mismatch", "PUT /api/counts/{year}/")},
    ),
    (
        lambda spec: parameter(spec, "/api/counts/{year}/", "get", "year").update(schema={"type": "string"}),
        {("route-parameter-mismatch", "GET /api/counts/{year}/ year")},
    ),
    (
        lambda spec: spec["paths"]["/api/tickets/"]["get"].update(security=[]),
        {("route-auth-mismatch", "GET /api/tickets/")},
    ),
    (
        lambda spec: spec["paths"]["/api/tickets/recent/"]["get"].update(security=[{"basic": []}]),
        {("route-auth-mismatch", "GET /api/tickets/recent/")},
    ),
    (
        lambda spec: spec["paths"]["/api/tickets/{pk}/close-now/"]["post"].update(
            responses={"200": {"description": "Done."}}
        ),
        {("route-status-mismatch", "POST /api/tickets/{pk}/close-now/ 200")},
    ),
]


def test_what_django_and_rest_framework_serve_is_what_we_read(desk: Spec):
    assert len(desk["paths"]) == 9
    assert said(desk, DJANGO) == set()


@pytest.mark.parametrize("number", range(len(DJANGO_DRIFTS)))
def test_each_planted_difference_is_found_in_django(desk: Spec, number: int):
    spec = copy.deepcopy(desk)
    plant, wanted = DJANGO_DRIFTS[number]
    plant(spec)
    assert said(spec, DJANGO) == wanted


def test_differences_do_not_hide_each_other_in_django(desk: Spec):
    spec = copy.deepcopy(desk)
    together = [DJANGO_DRIFTS[number] for number in (1, 3, 4, 5, 7, 8, 9)]
    for plant, _ in together:
        plant(spec)
    assert said(spec, DJANGO) == set().union(*(wanted for _, wanted in together))
