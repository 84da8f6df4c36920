"""`archcheck routes`: what the code serves, as text, as data and as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": """from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

router = APIRouter(prefix="/orders")


@router.get("")
def list_orders():
    return []


@router.api_route("/{order_id}", methods=["PUT", "DELETE"], dependencies=[Depends(HTTPBearer())])
def change_order(order_id: int):
    return {}
""",
    "shop/main.py": """from fastapi import FastAPI

from shop import orders

app = FastAPI()
app.include_router(orders.router, prefix="/v1")


@app.websocket("/live")
async def live(socket):
    return None
""",
    "shop/lost.py": """from fastapi import APIRouter

router = APIRouter()


@router.get("/lost")
def lost():
    return []
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        target = tmp_path / "project" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_text_is_for_people(archcheck, project: Path):
    done = archcheck("routes", folder=project)
    assert (done.returncode, done.stderr) == (
        0,
        "archcheck: shop/lost.py:3: no app reaches the router `router`\n",
    )
    assert done.stdout == (
        "app (fastapi, shop/main.py:5): 8 routes, 2 protected, 6 public\n"
        "  WS      /live                  public     shop.main:live  shop/main.py:9\n"
        "  GET     /v1/orders             public     shop.orders:list_orders  shop/orders.py:7\n"
        "  PUT     /v1/orders/{order_id}  protected  shop.orders:change_order  shop/orders.py:12\n"
        "  DELETE  /v1/orders/{order_id}  protected  shop.orders:change_order  shop/orders.py:12\n"
        "  GET     /openapi.json          public     fastapi  shop/main.py:5\n"
        "  GET     /docs                  public     fastapi  shop/main.py:5\n"
        "  GET     /docs/oauth2-redirect  public     fastapi  shop/main.py:5\n"
        "  GET     /redoc                 public     fastapi  shop/main.py:5\n"
    )


def test_data_is_for_programs(archcheck, project: Path, tmp_path: Path):
    done = archcheck("routes", "--output", f"json:{tmp_path / 'routes.json'}", folder=project)
    assert (done.returncode, done.stdout) == (0, "")
    rows = json.loads((tmp_path / "routes.json").read_text("utf-8"))
    assert rows[1] == {
        "method": "GET",
        "path": "/v1/orders",
        "handler": "shop.orders:list_orders",
        "file": "shop/orders.py",
        "line": 7,
        "auth": "public",
    }
    assert [row["method"] for row in rows] == ["WS", "GET", "PUT", "DELETE", *["GET"] * 4]
    assert {row["handler"] for row in rows[4:]} == {"fastapi"}


def test_paths_choose_and_the_whole_project_is_read(archcheck, project: Path):
    done = archcheck("routes", "shop/orders.py", "--output", "markdown", folder=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[4:6] == [
        "| GET | `/v1/orders` | public | `shop.orders:list_orders` | shop/orders.py:7 |",
        "| PUT | `/v1/orders/{order_id}` | protected | `shop.orders:change_order` | shop/orders.py:12 |",
    ]


def test_modules_that_import_a_name_from_each_other_lose_nobody_elses_routes(archcheck, project: Path):
    (project / "shop/one.py").write_text("from shop.two import router\n", encoding="utf-8")
    (project / "shop/two.py").write_text("from shop.one import router\n", encoding="utf-8")
    with (project / "shop/main.py").open("a", encoding="utf-8") as main:
        main.write("\nfrom shop.one import router\n\napp.include_router(router)\n")
    done = archcheck("routes", folder=project)
    assert done.returncode == 0
    assert "app (fastapi, shop/main.py:5): 8 routes" in done.stdout
    assert "shop/main.py:15: what is included here, `router`, is not known" in done.stderr


def test_nothing_to_show_is_a_mistake(archcheck, tmp_path: Path):
    (tmp_path / "a.py").write_text("A = 1\n", encoding="utf-8")
    assert archcheck("routes", folder=tmp_path).returncode == 2
    done = archcheck("routes", "--output", "jsom", folder=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'json'?" in done.stderr
