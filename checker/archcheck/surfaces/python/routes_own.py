"""What frameworks serve beside an app's own routes: their documentation and static files, by the app's settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archcheck.surfaces.python.route import Route
from archcheck.surfaces.python.routes_guarded import Guarded
from archcheck.surfaces.python.routes_values import Node, Options, Value

_PAGES: Final = (
    ("docs_url", "/docs"),
    ("swagger_ui_oauth2_redirect_url", "/docs/oauth2-redirect"),
    ("redoc_url", "/redoc"),
)


def own(node: Node, prefix: str, guarded: Guarded, root: Node) -> Iterator[Route]:
    """The routes that a framework adds to a node by itself, where its settings prove them."""
    if node.family == "fastapi" and node.app:
        for path, conditional in _documents(node):
            yield _route(node, prefix + path, "fastapi", (), conditional, guarded, root)
    elif node.family == "flask" and node.what == "app":
        folder = node.options.get("static_folder", "static")
        url = node.options.get("static_url_path") or (f"/{folder}" if isinstance(folder, str) else None)
        if folder is not None and isinstance(url, str):
            where = f"{url.rstrip('/')}/{{filename}}"
            yield _route(node, where, "flask", (("filename", "path"),), False, guarded, root)
    elif node.family == "restx" and node.what == "api":
        yield from _restx(node, prefix, guarded, root)


def _documents(node: Node) -> Iterator[tuple[str, bool]]:
    """The pages of FastAPI with whether a setting decides about them; none of them without the document."""
    document = _path(node.options.get("openapi_url", "/openapi.json"))
    if document is None:
        return
    yield document
    for name, usual in _PAGES:
        if name.startswith("swagger") and _path(node.options.get("docs_url", "/docs")) is None:
            continue
        page = _path(node.options.get(name, usual))
        if page is not None:
            yield page[0], page[1] or document[1]


def _restx(node: Node, prefix: str, guarded: Guarded, root: Node) -> Iterator[Route]:
    """The document of Flask-RESTX, the page that shows it, and the root, which answers with 404 for what is below."""
    holder = prefix.removesuffix(node.prefix)
    paths = [f"{prefix}/swagger.json", prefix if node.prefix else f"{holder}/"]
    page = node.options.get("doc", "/")
    paths += [f"{holder}{page}"] if isinstance(page, str) else []
    for path in dict.fromkeys(paths):
        yield _route(node, path, "flask_restx", (), False, guarded, root)
    yield _route(node, "/swaggerui/{filename}", "flask_restx", (("filename", "path"),), False, guarded, root)


def _path(value: Value) -> tuple[str, bool] | None:
    """A path and whether it is one of several values; None where nothing is served or nobody can tell."""
    if isinstance(value, Options):
        return next(((each, True) for each in value.values if isinstance(each, str) and each), None)
    return (value, False) if isinstance(value, str) and value else None


def _route(
    node: Node,
    path: str,
    handler: str,
    parameters: tuple[tuple[str, str], ...],
    conditional: bool,
    guarded: Guarded,
    root: Node,
) -> Route:
    return Route(
        "GET",
        path,
        parameters,
        handler,
        node.at,
        None,
        root.family,
        guarded.auth,
        guarded.evidence,
        None,
        body="none",
        conditional=conditional,
        in_schema=False,
        success=200,
    )
