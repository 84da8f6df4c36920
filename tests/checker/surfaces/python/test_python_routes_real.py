"""The routes read from the source are those the frameworks themselves serve, and strangers get what `auth` says."""

from __future__ import annotations

import json
import os
import re
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

FASTAPI = {
    "shop/__init__.py": "",
    "shop/settings.py": """
        from functools import lru_cache

        from pydantic import BaseModel


        class Settings(BaseModel):
            prefix: str = "/api"


        class Local(Settings):
            debug: bool = True


        KINDS = {"local": Local, "live": Settings}


        @lru_cache
        def settings() -> Settings:
            kind = KINDS["local"]
            return kind()
    """,
    "shop/security.py": """
        from typing import Annotated

        from fastapi import APIRouter, Depends, Header, HTTPException
        from fastapi.security import HTTPBearer, OAuth2PasswordBearer

        oauth = OAuth2PasswordBearer(tokenUrl="/token")
        maybe = HTTPBearer(auto_error=False)


        def user(token: str = Depends(oauth)) -> str:
            return token


        def perhaps(token=Depends(maybe)):
            if token is None:
                return None
            return token


        def key(x_key: str | None = Header(None)) -> None:
            if x_key is None:
                raise HTTPException(403)


        class Role:
            def __init__(self, name: str) -> None:
                self.name = name

            def __call__(self, who: str = Depends(user)) -> str:
                return who


        def required(flag: bool = True):
            return user if flag else perhaps


        User = Annotated[str, Depends(user)]


        class StaffRouter(APIRouter):
            def __init__(self, prefix: str = "", **options) -> None:
                super().__init__(prefix=prefix, dependencies=[Depends(key)], **options)
    """,
    "shop/orders.py": """
        from fastapi import APIRouter, Depends, HTTPException, status

        from shop import security
        from shop.security import Role, User, required

        router = APIRouter(prefix="/orders", tags=["orders"])


        @router.get("")
        def list_orders():
            return []


        @router.get("/{order_id}")
        def get_order(order_id: int):
            if order_id < 0:
                raise HTTPException(status.HTTP_404_NOT_FOUND)
            return {}


        @router.post("", status_code=201)
        def create_order(who: User):
            return {}


        @router.put("/{order_id}", dependencies=[Depends(Role("admin"))])
        def put_order(order_id: int):
            return {}


        @router.patch("/{order_id}")
        def patch_order(order_id: int, who=Depends(required(False))):
            return {}


        @router.delete("/{order_id}")
        def delete_order(order_id: int, who=Depends(security.required())):
            return {}
    """,
    "shop/staff.py": """
        from shop.security import StaffRouter

        router = StaffRouter(prefix="/staff")


        @router.api_route("/report", methods=["GET", "POST"])
        def report():
            return {}


        def ping():
            return {}


        router.add_api_route("/ping", ping, methods=["GET"])
    """,
    "shop/api/__init__.py": """
        from ..orders import router as orders
        from ..staff import router as staff

        ROUTERS = {"orders": orders, "staff": staff}
    """,
    "shop/main.py": """
        from fastapi import APIRouter, FastAPI

        from shop.api import ROUTERS
        from shop.settings import settings

        VERSION = 2


        def create_app() -> FastAPI:
            app = FastAPI()
            api = APIRouter(prefix=f"/v{VERSION}")
            for name, router in ROUTERS.items():
                api.include_router(router)
            app.include_router(api, prefix=settings().prefix)

            @app.get("/health")
            def health():
                return {}

            return app


        app = create_app()
    """,
}
FASTAPI_RUNS = """
    import json, re
    from fastapi.testclient import TestClient
    from shop.main import app

    client = TestClient(app)
    told = []
    for path, item in app.openapi()["paths"].items():
        for verb in item:
            answer = client.request(verb.upper(), re.sub(r"{[^}]*}", "1", path))
            told.append([verb.upper(), path, answer.status_code])
    print(json.dumps(told))
"""

FLASK = {
    "desk/guards.py": """
        import functools

        from flask import abort, redirect, request, session, url_for


        def staff_only(view):
            @functools.wraps(view)
            def wrapper(*args, **kwargs):
                if "staff" not in session:
                    abort(403)
                return view(*args, **kwargs)

            return wrapper


        def role(name):
            def decorate(view):
                @functools.wraps(view)
                def wrapper(*args, **kwargs):
                    if session.get("role") != name:
                        abort(401)
                    return view(*args, **kwargs)

                return wrapper

            return decorate


        def timed(view):
            @functools.wraps(view)
            def wrapper(*args, **kwargs):
                return view(*args, **kwargs)

            return wrapper
    """,
    "desk/tickets.py": """
        from flask import Blueprint
        from flask.views import MethodView

        from .guards import role, staff_only, timed

        tickets = Blueprint("tickets", __name__, url_prefix="/tickets")
        notes = Blueprint("notes", __name__, url_prefix="/<int:ticket>/notes")


        @tickets.route("/")
        @timed
        def index():
            return "[]"


        @tickets.route("/<int:ticket>", methods=["GET", "DELETE"])
        @staff_only
        def one(ticket):
            return str(ticket)


        @notes.post("")
        @role("agent")
        def add(ticket):
            return "", 201


        class Labels(MethodView):
            decorators = [staff_only]

            def get(self):
                return "[]"

            def put(self):
                return ""


        tickets.add_url_rule("/labels", view_func=Labels.as_view("labels"))
        tickets.register_blueprint(notes)
    """,
    "desk/inner.py": """
        from flask import Blueprint, abort, session

        inner = Blueprint("inner", __name__)


        @inner.before_request
        def check():
            if "user" not in session:
                abort(401)


        @inner.get("/secrets")
        def secrets():
            return "none"
    """,
    "desk/__init__.py": """
        from flask import Flask


        def create_app():
            from desk.inner import inner
            from desk.tickets import tickets

            app = Flask(__name__, static_folder=None)
            app.secret_key = "for a test"
            for blueprint, prefix in [(tickets, "/api/tickets"), (inner, "/inner")]:
                app.register_blueprint(blueprint, url_prefix=prefix)
            install(app)
            return app


        def install(app):
            @app.route("/health")
            def health():
                return "ok"
    """,
}
FLASK_RUNS = """
    import json
    from desk import create_app

    app = create_app()
    client = app.test_client()
    told = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for verb in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(path.replace("<int:ticket>", "1"), method=verb)
            told.append([verb, path.replace("<int:ticket>", "{ticket}"), answer.status_code])
    print(json.dumps(told))
"""

DJANGO = {
    "site_/__init__.py": "",
    "site_/settings.py": """
        SECRET_KEY = "for a test"
        ROOT_URLCONF = "site_.urls"
        ALLOWED_HOSTS = ["*"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"]
        MIDDLEWARE = [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ]
        SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
        REST_FRAMEWORK = {
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        }
    """,
    "site_/urls.py": """
        from django.urls import include, path, re_path

        from shop import views

        urlpatterns = [
            path("", views.home),
            path("shop/", include("shop.urls")),
            re_path(r"^archive/(?P<year>[0-9]{4})/$", views.archive),
        ]
    """,
    "shop/__init__.py": "",
    "shop/urls.py": """
        from django.contrib.auth.decorators import login_required
        from django.urls import include, path
        from rest_framework.routers import SimpleRouter

        from . import views
        from .views import OrderViewSet

        router = SimpleRouter()
        router.register(r"orders", OrderViewSet, basename="order")

        urlpatterns = [
            path("account/", login_required(views.account)),
            path("items/<int:pk>/", views.ItemView.as_view()),
            path("mine/", views.MineView.as_view()),
            path("status/", views.status),
            path("ping/", views.ping),
            path("api/", include(router.urls)),
        ]
        urlpatterns += [path("late/", views.home)]
    """,
    "shop/views.py": """
        from django.contrib.auth.decorators import login_required
        from django.contrib.auth.mixins import LoginRequiredMixin
        from django.http import HttpResponse
        from django.views import View
        from django.views.decorators.http import require_GET, require_http_methods
        from rest_framework.decorators import action, api_view, permission_classes
        from rest_framework.permissions import AllowAny, IsAdminUser
        from rest_framework.response import Response
        from rest_framework.viewsets import ViewSet


        @require_GET
        def home(request):
            return HttpResponse("home")


        @login_required
        @require_http_methods(["GET", "POST"])
        def archive(request, year):
            return HttpResponse(year)


        @require_GET
        def account(request):
            return HttpResponse("account")


        class ItemView(View):
            def get(self, request, pk):
                return HttpResponse(pk)

            def delete(self, request, pk):
                return HttpResponse("")


        class MineView(LoginRequiredMixin, View):
            def get(self, request):
                return HttpResponse("mine")


        @api_view(["GET"])
        def status(request):
            return Response({})


        @api_view(["GET", "POST"])
        @permission_classes([AllowAny])
        def ping(request):
            return Response({})


        class OrderViewSet(ViewSet):
            def list(self, request):
                return Response([])

            def retrieve(self, request, pk=None):
                return Response({})

            def destroy(self, request, pk=None):
                return Response({})

            @action(detail=True, methods=["post"], url_path="pay-now", permission_classes=[IsAdminUser])
            def pay(self, request, pk=None):
                return Response({})

            @action(detail=False, permission_classes=[AllowAny])
            def open(self, request):
                return Response({})
    """,
}
DJANGO_RUNS = """
    import json, os, re

    os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client, RequestFactory
    from django.urls import get_resolver

    client, told = Client(), []
    known = User(pk=1, is_staff=True, is_superuser=True)


    def takes(view, verb, path, route):
        # Whether a view takes a method: guards may refuse strangers before it says so.
        request = RequestFactory().generic(verb, path)
        request.user = request._force_auth_user = known
        values = {"pk": "1", "year": "2020"}
        return view(request, **{name: values[name] for name in re.findall(r"{(\\w+)}", route)}).status_code != 405


    def walk(patterns, prefix):
        for each in patterns:
            route = str(each.pattern)
            route = re.sub(r"\\(\\?P<(\\w+)>[^)]*\\)", r"{\\1}", route).strip("^").rstrip("$").replace("\\\\Z", "")
            route = prefix + re.sub(r"<(?:\\w+:)?(\\w+)>", r"{\\1}", route)
            if hasattr(each, "url_patterns"):
                walk(each.url_patterns, route)
                continue
            for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                path = route.replace("{year}", "2020").replace("{pk}", "1")
                answer = client.generic(verb, path)
                if takes(each.callback, verb, path, route):
                    status = 401 if answer.status_code == 302 and "login" in answer["Location"] else answer.status_code
                    told.append([verb, route, status])


    walk(get_resolver().url_patterns, "/")
    print(json.dumps(told))
"""


def read(files: dict[str, str]) -> list[Route]:
    return list(app_of(files).routes)


def app_of(files: dict[str, str]) -> App:
    door = MemoryFiles({path: textwrap.dedent(text) for path, text in files.items()})
    surface, paths = Python(), tuple(sorted(door.data))
    units = surface.units(Tree(paths, dict.fromkeys(paths, "python")), door)
    told = [(unit.name, surface.read(unit, door, None, Settings()).interface()) for unit in units]
    composed = served(told)
    assert (composed.routers, composed.notes, len(composed.apps)) == ([], [], 1)
    return composed.apps[0]


def run(files: dict[str, str], program: str, folder: Path) -> dict[tuple[str, str], int]:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    (folder / "run.py").write_text(textwrap.dedent(program), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "run.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {(verb, path): status for verb, path, status in json.loads(done.stdout)}


@pytest.mark.parametrize(
    ("framework", "files", "program"),
    [("fastapi", FASTAPI, FASTAPI_RUNS), ("flask", FLASK, FLASK_RUNS), ("rest_framework", DJANGO, DJANGO_RUNS)],
    ids=["fastapi", "flask", "django"],
)
def test_what_is_read_is_what_is_served(framework: str, files: dict[str, str], program: str, tmp_path: Path):
    pytest.importorskip(framework)
    real = run(files, program, tmp_path)
    routes = {(route.method, route.template): route for route in read(files)}
    assert routes.keys() == real.keys()
    for key, status in real.items():
        said = routes[key].auth
        assert said in (("protected",) if status in (401, 403) else ("public", "optional")), (key, status, said)


def test_every_way_of_wiring_in_the_fixture_is_known():
    """No verdict of the sample apps is doubt: each idiom in them is one that is followed."""
    for files in (FASTAPI, FLASK):
        assert {route.auth for route in read(files)} <= {"protected", "optional", "public"}


def test_the_reason_is_a_chain_of_places():
    route = next(each for each in read(FASTAPI) if each.method == "PUT")
    assert [re.sub(r"`", "", step.label) for step in route.evidence][-1] == "OAuth2PasswordBearer demands credentials"
    assert {step.at.path for step in route.evidence} == {"shop/security.py"}


def test_parameters_have_names_and_types():
    found = {str(route): route.parameters for route in read(FLASK)}
    assert found["POST /api/tickets/{ticket}/notes"] == (("ticket", "int"),)
    found = {str(route): route.parameters for route in read(FASTAPI)}
    assert found["DELETE /api/v2/orders/{order_id}"] == (("order_id", "int"),)


SETTINGS = """
    from pydantic_settings import BaseSettings


    class Settings(BaseSettings):
        docs: bool = True

        @property
        def page(self) -> str | None:
            return "/page" if self.docs else None


    def load(folder: str) -> Settings:
        return Settings(_env_file=folder)


    def settings() -> Settings:
        return load(".")
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "/openapi.json, /docs, /docs/oauth2-redirect, /redoc"),
        ("openapi_url=None", ""),
        ("openapi_url='/api/schema.json', docs_url=None", "/api/schema.json, /redoc"),
        ("docs_url='/', swagger_ui_oauth2_redirect_url=None", "/openapi.json, /, /redoc"),
        ("redoc_url=os.environ.get('REDOC')", "/openapi.json, /docs, /docs/oauth2-redirect"),
    ],
)
def test_the_pages_of_fastapi_are_listed_where_settings_prove_them(given: str, expected: str):
    fastapi = pytest.importorskip("fastapi")
    served = app_of({"shop.py": f"import os\nfrom fastapi import FastAPI\n\napp = FastAPI({given})\n"}).own
    assert ", ".join(route.template for route in served) == expected
    assert {route.handler for route in served} <= {"fastapi"}
    real = eval(f"FastAPI({given})", {"FastAPI": fastapi.FastAPI, "os": os})
    unset = {route.path for route in real.routes} - {"/redoc"} if "environ" in given else {r.path for r in real.routes}
    assert unset == {route.template for route in served}


def test_a_page_that_a_computed_setting_names_is_listed():
    main = "from fastapi import FastAPI\nfrom settings import settings\napp = FastAPI(docs_url=settings().page)\n"
    paths = [route.template for route in app_of({"shop.py": main, "settings.py": SETTINGS}).own]
    assert paths == ["/openapi.json", "/page", "/docs/oauth2-redirect", "/redoc"]


def test_the_files_and_pages_of_flask_are_listed():
    restx = (
        "from flask import Flask\nfrom flask_restx import Api\n\napp = Flask(__name__)\napi = Api(app, prefix='/v1')\n"
    )
    paths = {route.template for route in app_of({"desk.py": restx}).own}
    assert paths == {"/static/{filename}", "/v1/swagger.json", "/v1", "/", "/swaggerui/{filename}"}
    assert not app_of(FLASK).own
    assert app_of({"desk.py": restx}).routes == ()
