"""`archcheck bundle`: one document that means what its many files mean, checked by resolvers that are not ours."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from prance.util.resolver import RESOLVE_FILES, RESOLVE_INTERNAL, RefResolver
from prance.util.url import fetch_url

from archcheck.files import MemoryFiles
from archcheck.source import Source, Unread
from archcheck.surface import Limits
from archcheck.surfaces.openapi.builder import build
from archcheck.surfaces.openapi.bundling import Bundle, bundle
from archcheck.surfaces.openapi.writing import to_json, to_yaml

SHOP = Path(__file__).resolve().parents[2] / "fixtures" / "shop-fastapi"

ROOT = """openapi: 3.0.3
x-first: {$ref: kept-as-it-is.yaml}
info: {title: Shop, version: 2024-01-31}
paths:
  /orders:
    $ref: paths/orders.yaml
  /orders/{id}:
    parameters:
      - $ref: 'shared/parameters.yaml#/Id'
    get:
      $ref: paths/order.json
  /ping:
    get:
      responses:
        200: {description: on}
components:
  schemas:
    Order:
      $ref: schemas/order.yaml
    Money:
      type: string
"""
ORDERS = """get:
  operationId: listOrders
  parameters:
    - $ref: ../shared/parameters.yaml#/Limit
  responses:
    200:
      description: The orders.
      headers:
        X-Rate: {$ref: ../shared/headers.yaml}
      content:
        application/json:
          schema:
            type: array
            items: {$ref: ../schemas/order.yaml}
    default:
      $ref: ../shared/responses.yaml#/Failed
"""
ORDER = {
    "operationId": "getOrder",
    "responses": {
        "200": {
            "description": "An order.",
            "content": {"application/json": {"schema": {"$ref": "../openapi.yaml#/components/schemas/Order"}}},
        }
    },
}
SCHEMA = """type: object
required: [id]
discriminator:
  propertyName: kind
  mapping:
    gift: gift.yaml
    plain: 'kinds.yaml#/Plain'
    same: '#/allOf/0'
properties:
  id: {type: string, example: '007'}
  kind: {type: string}
  parent: {$ref: order.yaml}
  total: {$ref: money.yaml#/Money}
  tree: {$ref: tree.yaml}
oneOf:
  - $ref: gift.yaml
  - $ref: kinds.yaml#/Plain
allOf:
  - {type: object}
"""
FILES: Mapping[str, str] = {
    "openapi.yaml": ROOT,
    "paths/orders.yaml": ORDERS,
    "paths/order.json": json.dumps(ORDER),
    "shared/parameters.yaml": """Id: {name: id, in: path, required: true, schema: {type: string}}
Limit: {name: limit, in: query, schema: {$ref: '../schemas/money.yaml#/Count'}}
""",
    "shared/headers.yaml": "schema: {type: integer}\n",
    "shared/responses.yaml": """Failed:
  description: |
    It failed.
      Twice.
  content: {application/json: {schema: {$ref: '#/Problem'}}}
Problem: {type: object, properties: {cause: {$ref: '#/Problem'}}}
""",
    "schemas/order.yaml": SCHEMA,
    "schemas/kinds.yaml": """Plain:
  type: object
  properties: {no: {type: string, enum: ['no', 'on', '2024-01-31', '1e3', '0o17', '12:30', '~']}}
""",
    "schemas/gift.yaml": "type: object\nproperties: {of: {$ref: order.yaml}}\n",
    "schemas/money.yaml": "Money: {type: number, maximum: 1.0e+3}\nCount: {type: integer}\n",
    "schemas/tree.yaml": "type: object\nproperties: {left: {$ref: branch.yaml}}\n",
    "schemas/branch.yaml": "type: object\nproperties: {up: {$ref: tree.yaml}}\n",
}


AGAIN = {"again": True}


def bundled(files: Mapping[str, str], path: str = "openapi.yaml") -> Bundle:
    return bundle(path, MemoryFiles(files), Limits())


def written(files: Mapping[str, str], path: str = "openapi.yaml") -> str:
    made = bundled(files, path)
    assert made.broken == []
    return to_yaml(made.value)


def reasons(files: Mapping[str, str], path: str = "openapi.yaml") -> list[str]:
    return [f"{at.path}:{at.line}: {reason}" for at, reason in bundled(files, path).broken]


def load(text: str) -> Any:
    return build(Source("x.yaml", text.encode()), Limits()).value


def differences(files: Mapping[str, Any], root: str, joined: Any) -> Iterator[str]:
    """Where a document of many files and its bundle differ once every reference is followed, circles included."""

    def follow(path: str, node: Any, tree: Mapping[str, Any]) -> tuple[str, Any]:
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            name, _, pointer = node["$ref"].partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
            node = tree[path]
            for part in unquote(pointer).split("/")[1:]:
                part = part.replace("~1", "/").replace("~0", "~")
                path, node = follow(path, node, tree) if isinstance(node, dict) and part not in node else (path, node)
                node = node[int(part)] if isinstance(node, list) else node[part]
        return path, node

    def refers(node: Any) -> bool:
        return isinstance(node, dict) and isinstance(node.get("$ref"), str)

    seen: set[tuple[int, int]] = set()
    alive: list[Any] = []
    stack: list[tuple[str, Any, Any, str]] = [(root, files[root], joined, "")]
    while stack:
        path, one, other, where = stack.pop()
        if one == other and ("/x-" in where or where.endswith(("/example", "/default", "/enum", "/value"))):
            continue
        if refers(one) and isinstance(other, dict):
            # What stands beside a reference is compared with what stands there; the rest with what is referenced.
            beside = {key for key in one if key != "$ref"}
            stack += [(path, one[key], other.get(key), f"{where}/{key}") for key in beside]
            if not refers(other):
                other = {key: value for key, value in other.items() if key not in beside}
                path, one = follow(path, one, files)
                one = {key: value for key, value in one.items() if key not in beside} if beside else one
        path, one = follow(path, one, files)
        _, other = follow("", other, {"": joined})
        if (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        alive += [one, other]
        if isinstance(one, dict) and isinstance(other, dict):
            sections = where == "" or (where.count("/") <= 2 and where.startswith("/components"))
            if list(one) != [key for key in other if key in one] or (one.keys() != other.keys() and not sections):
                yield f"{where}: {list(one)} {list(other)}"
            elif where.endswith("/mapping"):
                continue
            else:
                stack += [(path, one[key], other[key], f"{where}/{key}") for key in one]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            stack += [(path, *pair, f"{where}/{index}") for index, pair in enumerate(zip(one, other, strict=True))]
        elif one != other or type(one) is not type(other):
            yield f"{where}: {str(one)[:80]} {str(other)[:80]}"


def resolved(path: Path) -> Any:
    """A document as prance resolves it from files alone; what is met again inside itself is one mark."""
    resolver = RefResolver(
        fetch_url(urlsplit(path.as_uri()), strict=False),
        path.as_uri(),
        resolve_types=RESOLVE_INTERNAL | RESOLVE_FILES,
        recursion_limit_handler=lambda *_: dict(AGAIN),
        strict=False,
    )
    resolver.resolve_references()
    return resolver.specs


def alike(one: Any, other: Any) -> bool:
    """Whether two resolved values are the same as far as both go: circles may be cut at different turns."""
    if AGAIN in (one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = ({key: node[key] for key in node if key != "mapping"} for node in (one, other))
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


def test_the_bundle_says_what_the_files_say():
    made = bundled(FILES)
    assert made.broken == []
    assert list(differences({path: load(text) for path, text in FILES.items()}, "openapi.yaml", made.value)) == []
    assert made.files[0] == "openapi.yaml" and set(made.files) == set(FILES)


def test_names_stay_and_two_things_of_one_name_are_told_apart():
    value: Any = bundled(FILES).value
    schemas = value["components"]["schemas"]
    assert list(schemas) == ["Order", "Money", "gift", "Plain", "0", "Money_2", "tree", "Count", "Problem", "branch"]
    assert schemas["Money"] == {"type": "string"}
    assert schemas["Order"]["properties"]["total"] == {"$ref": "#/components/schemas/Money_2"}
    assert schemas["Order"]["properties"]["parent"] == {"$ref": "#/components/schemas/Order"}
    assert schemas["Order"]["discriminator"]["mapping"] == {
        "gift": "#/components/schemas/gift",
        "plain": "#/components/schemas/Plain",
        "same": "#/components/schemas/0",
    }
    assert list(value["components"]) == ["schemas", "parameters", "headers", "responses"]
    assert value["components"]["responses"]["Failed"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Problem"
    }


def test_paths_and_operations_stand_where_they_were_referenced():
    value: Any = bundled(FILES).value
    assert value["paths"]["/orders"]["get"]["operationId"] == "listOrders"
    assert value["paths"]["/orders/{id}"]["get"]["operationId"] == "getOrder"
    assert "pathItems" not in value["components"]


def test_order_extensions_and_words_stay():
    text = written(FILES)
    again: Any = load(text)
    assert list(again) == ["openapi", "x-first", "info", "paths", "components"]
    assert again["x-first"] == {"$ref": "kept-as-it-is.yaml"}
    assert "'200':" in text and "description: 'on'" in text and "version: '2024-01-31'" in text
    assert "    description: |\n" in text
    assert yaml.safe_load(text)["components"]["schemas"]["Plain"] == again["components"]["schemas"]["Plain"]


def test_a_bundle_of_a_bundle_is_the_same():
    once = written(FILES)
    assert written({"openapi.yaml": once}) == once
    data = to_json(bundled(FILES).value)
    assert written({"a.json": data}, "a.json") == once


def test_the_bundle_is_valid_where_the_files_are():
    validate(yaml.safe_load(written(FILES)))


@pytest.mark.parametrize("limited", [FILES, {**FILES, "schemas/order.yaml": "type: object\n"}])
def test_prance_resolves_both_to_the_same(limited: Mapping[str, str], tmp_path: Path):
    plain = {**limited, "openapi.yaml": ROOT.replace("x-first: {$ref: kept-as-it-is.yaml}\n", "")}
    for path, text in plain.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "joined.yaml").write_text(written(plain), encoding="utf-8")
    former, joined = resolved(tmp_path / "openapi.yaml"), resolved(tmp_path / "joined.yaml")
    assert alike(former["paths"], joined["paths"])
    if limited is not FILES:
        assert former["paths"] == joined["paths"]


def shop() -> dict[str, str]:
    """The shop's specification without the two references in it that lead nowhere."""
    folder = SHOP / "openapi"
    files = {str(path.relative_to(SHOP)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    files = {path: text.replace("components/schema.yaml#", "components/schemas.yaml#") for path, text in files.items()}
    return {
        path: text.replace("#/ProductPath", "#/ProductPatch").replace("#/AddressDraft", "#/Address")
        for path, text in files.items()
    }


def test_the_shop_means_the_same_in_one_document(tmp_path: Path):
    files = shop()
    joined = written(files, "openapi/openapi.yaml")
    trees = {path: load(text) for path, text in files.items() if not path.endswith(".md")}
    assert list(differences(trees, "openapi/openapi.yaml", load(joined))) == []
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "joined.yaml").write_text(joined, encoding="utf-8")
    assert resolved(tmp_path / "openapi/openapi.yaml")["paths"] == resolved(tmp_path / "joined.yaml")["paths"]
    assert written({"a.yaml": joined}, "a.yaml") == joined


HEAD = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\n"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("https://example.com/a.yaml", "it leads to the network"),
        ("//example.com/a.yaml", "it leads to the network"),
        ("file:///etc/passwd", "it leads to the network"),
        ("/etc/passwd", "it leads outside the project"),
        ("../outside.yaml", "it leads outside the project"),
        ("absent.yaml", "there is no file absent.yaml"),
        ("b.yaml#/Nothing", "b.yaml has no 'Nothing' at its top; 'Nothin' is near"),
        ("#/components/schemas/No", "openapi.yaml has no 'No' under #/components/schemas"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_line(reference: str, reason: str):
    text = HEAD + f"components:\n  schemas:\n    A:\n      $ref: '{reference}'\n"
    found = reasons({"openapi.yaml": text, "b.yaml": "Nothin: {}\n"})
    assert found == [f"openapi.yaml:6: {reference} cannot be followed: {reason}"]


def test_circles_of_references_alone_and_of_path_items_end():
    aliases = HEAD + "components: {schemas: {A: {$ref: a.yaml}}}\n"
    assert "leads back" in reasons({"openapi.yaml": aliases, "a.yaml": "$ref: b.yaml", "b.yaml": "$ref: a.yaml"})[0]
    paths = HEAD + "paths: {/a: {$ref: a.yaml}}\n"
    item = "post: {callbacks: {done: {'{$url}': {$ref: a.yaml}}}, responses: {'200': {description: ok}}}\n"
    value: Any = bundled({"openapi.yaml": paths, "a.yaml": item}).value
    assert value["paths"]["/a"]["post"]["callbacks"]["done"]["{$url}"] == {"$ref": "#/paths/~1a"}


def test_sections_and_indexes_of_paths_may_come_from_files():
    files = {
        "openapi.yaml": HEAD + "paths: {$ref: paths.yaml}\ncomponents:\n  schemas: {$ref: schemas.yaml}\n",
        "paths.yaml": "/a: {$ref: a.yaml}\n/b: {get: {$ref: 'a.yaml#/get'}}\n",
        "a.yaml": "get: {responses: {'200': {description: ok, content: {a/b: {schema: {$ref: 'schemas.yaml#/A'}}}}}}\n",
        "schemas.yaml": "A: {$ref: one.yaml}\nB: {$ref: '#/A'}\n",
        "one.yaml": "type: object\nproperties: {b: {$ref: 'schemas.yaml#/B'}}\n",
    }
    value: Any = bundled(files).value
    assert list(value["paths"]) == ["/a", "/b"]
    assert value["paths"]["/a"] == value["paths"]["/b"]
    assert value["components"]["schemas"] == {
        "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/A"}}},
        "B": {"$ref": "#/components/schemas/A"},
    }
    assert list(differences({path: load(text) for path, text in files.items()}, "openapi.yaml", value)) == []


def test_the_old_version_has_its_own_sections():
    files = {
        "openapi.yaml": "swagger: '2.0'\ninfo: {title: A, version: '1'}\npaths: {/a: {$ref: a.yaml}}\n",
        "a.yaml": "get:\n  parameters: [{$ref: 'b.yaml#/p'}]\n  responses: {200: {$ref: 'b.yaml#/r'}}\n",
        "b.yaml": "p: {name: p, in: query, type: string}\ns: {type: object}\n"
        "r: {description: ok, schema: {$ref: '#/s'}}\n",
    }
    value: Any = bundled(files).value
    assert list(value) == ["swagger", "info", "paths", "parameters", "responses", "definitions"]
    assert value["paths"]["/a"]["get"]["responses"] == {"200": {"$ref": "#/responses/r"}}
    validate(value)


def test_identifiers_are_respected_or_refused():
    root = HEAD + "components:\n  schemas:\n    A: {properties: {b: {$ref: 'b.yaml#bee'}}}\n"
    value: Any = bundled({"openapi.yaml": root, "b.yaml": "Bee: {$anchor: bee, type: string}\n"}).value
    assert value["components"]["schemas"]["Bee"] == {"type": "string"}
    for key in ("$id", "$dynamicAnchor"):
        found = reasons({"openapi.yaml": root, "b.yaml": f"Bee:\n  $anchor: bee\n  {key}: thing\n"})
        assert found == [f"b.yaml:3: a schema with {key} means something else in another document"]


def test_links_find_their_operation_where_it_went():
    files = {
        "openapi.yaml": HEAD + "paths: {/a: {$ref: a.yaml}, '/b/{c}': {$ref: b.yaml}}\n",
        "a.yaml": "get: {responses: {'200': {description: ok, links: {b: {operationRef: 'b.yaml#/get'}}}}}\n",
        "b.yaml": "get: {responses: {'200': {description: ok}}}\n",
    }
    value: Any = bundled(files).value
    link = value["paths"]["/a"]["get"]["responses"]["200"]["links"]["b"]
    assert link == {"operationRef": "#/paths/~1b~1%7Bc%7D/get"}


def test_data_is_no_reference_and_is_counted():
    files = {
        "openapi.yaml": HEAD
        + "components: {schemas: {A: {example: {$ref: a.yaml}, properties: {$ref: {type: string}}}}}\n"
    }
    made = bundled(files)
    assert (made.broken, made.kept) == ([], 1)
    assert made.value == load(files["openapi.yaml"])


def test_what_unfolds_without_end_is_refused():
    files = {"openapi.yaml": HEAD + "tags: {$ref: 0.yaml}\n", "30.yaml": "[a]"}
    files |= {f"{n}.yaml": f"[{{$ref: {n + 1}.yaml}}, {{$ref: {n + 1}.yaml}}]" for n in range(30)}
    assert "unfolds" in reasons(files)[0]


def test_a_file_that_is_no_specification_is_not_read():
    with pytest.raises(Unread, match="declares no version"):
        bundled({"openapi.yaml": "a: 1\n"})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    json_values
    | st.sampled_from(["no", "1e3", "0o17", "2024-01-31", "12:30", "=", "<<", "a\n b\n", "a \nb", "\x85", ""])
)
def test_every_value_reads_back_as_it_was(value: Any):
    text = to_yaml({"a": value, "b": [value]})
    assert load(text) == {"a": value, "b": [value]}
    assert yaml.safe_load(text) == {"a": value, "b": [value]}


def test_the_command_writes_by_suffix_and_format(archcheck, tmp_path: Path):
    project = tmp_path / "project"
    for path, text in FILES.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    done = archcheck("bundle", "openapi.yaml", folder=project)
    assert (done.returncode, done.stdout) == (0, written(FILES))
    assert done.stderr == (
        "archcheck: left as written, being data of examples and extensions: 1 reference to a file; "
        "the first is at openapi.yaml:2\n"
    )
    assert archcheck("bundle", "openapi.yaml", "--output", "all.json", folder=project).returncode == 0
    assert json.loads((project / "all.json").read_text("utf-8")) == bundled(FILES).value
    done = archcheck("bundle", "openapi.yaml", "--format", "json", folder=project)
    assert json.loads(done.stdout) == bundled(FILES).value


def test_the_command_writes_nothing_when_something_is_missing(archcheck, tmp_path: Path):
    (tmp_path / "openapi.yaml").write_text(HEAD + "paths:\n  /a:\n    $ref: a.yaml\n", encoding="utf-8")
    done = archcheck("bundle", "openapi.yaml", "--root", ".", "--output", "all.yaml", folder=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("archcheck: openapi.yaml:5: a.yaml cannot be followed: there is no file a.yaml\n")
    assert not (tmp_path / "all.yaml").exists()
    assert archcheck("bundle", "absent.yaml", "--root", ".", folder=tmp_path).returncode == 3
    for wrong in (["--format", "xml"], ["--root", "nowhere"], ["--output", "openapi.yaml"], ["--oops"]):
        (tmp_path / "openapi.yaml").write_text(HEAD + "paths: {}\n", encoding="utf-8")
        assert archcheck("bundle", "openapi.yaml", *wrong, folder=tmp_path).returncode == 2
    assert archcheck("bundle", "../a.yaml", "--root", ".", folder=tmp_path).returncode == 2
