"""What looks like a secret, what only seems to, and in which files anybody looks."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_reading import MemoryFiles

from archcheck.registry import SURFACES, belongs
from archcheck.surface import Settings, Tree
from archcheck.surfaces.python import Secret
from archcheck.surfaces.python.claims import SUFFIXES
from archcheck.surfaces.python.secret_shapes import shapes
from archcheck.surfaces.python.surface import Python

RANDOM = "vX9kQ2mTz7LpR4wNc8Yb3HsJ"


def secrets(files: dict[str, str]) -> list[Secret]:
    door, surface, paths = MemoryFiles(files), Python(), tuple(sorted(files))
    marks = {path: "python" for path in paths if belongs(path, SURFACES["python"])}
    return [
        secret
        for unit in surface.units(Tree(paths, marks), door)
        for piece in surface.read(unit, door, None, Settings()).pieces()
        for secret in piece.subjects(frozenset({Secret}))
    ]


def test_the_registry_knows_the_suffixes():
    assert SURFACES["python"].suffixes == SUFFIXES == Python().suffixes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", f"export JWT_SECRET={RANDOM}\n"),
        ("deploy/.env.production", f'JWT_SECRET="{RANDOM}"\r\n'),
        ("prod.env", f"JWT_SECRET = {RANDOM}  # ours\n"),
        ("docker-compose.prod.yml", f"    JWT_SECRET: {RANDOM}\n"),
        ("compose.yaml", f"    - JWT_SECRET={RANDOM}\n"),
        ("app.ini", f"jwt_secret = {RANDOM}\n"),
        ("app.cfg", f"jwt.secret: {RANDOM}\n"),
        ("config/app.toml", f'jwt_secret = "{RANDOM}"\n'),
    ],
)
def test_files_of_settings_are_looked_into(path: str, text: str):
    (secret,) = secrets({path: text})
    line = text.splitlines()[secret.at.line - 1]
    assert line[secret.at.column - 1 : secret.at.end_column - 1] == RANDOM
    assert (secret.kept, secret.proven) == ("configuration", False)


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.test",
            "tests/.env",
            "examples/app.ini",
            "openapi.yaml",
        ),
        *("pyproject.toml", "Cargo.toml", "setup.cfg", "tox.ini", "values.yml", "app.properties"),
    ],
)
def test_files_of_others_are_not(path: str):
    assert secrets({path: f"JWT_SECRET={RANDOM}\n"}) == []


@pytest.mark.parametrize(
    "line",
    [
        'SECRET = "{0}"',
        "api_key: str = '{0}'",
        'config["ACCESS_TOKEN"] = "{0}"',
        'connect(client_secret="{0}")',
        '{{"private-key": "{0}"}}',
        'SECRET = os.environ.get("SECRET", "{0}")',
        'secretKey = b"{0}"',
        'DB_PASSWORD = "{0}"',
    ],
)
def test_a_random_value_in_a_name_that_means_a_secret(line: str):
    (shape,) = shapes(line.format(RANDOM) + "\n", code=True)
    assert (shape.name != "", shape.proven) == (True, False)


@pytest.mark.parametrize(
    "line",
    [
        'CACHE_KEY = "{0}"',
        'token_type = "{0}"',
        'PUBLIC_API_KEY = "{0}"',
        'password_hash = "{0}"',
        'next_page_token = "{0}"',
        'SECRET_NAME = "{0}"',
        'SECRET = "prefix-{{}}-{0}".format(x)',
        'SECRET = f"${{0}}{0}"',
        'SECRET = "correct-horse-battery-staple"',
        'SECRET = "projects/shop/secrets/signing/versions/3"',
        'SECRET = "CHANGE-ME-{0}"',
        'SECRET = "short1!A"',
    ],
)
def test_what_only_seems_to(line: str):
    assert list(shapes(line.format(RANDOM) + "\n", code=True)) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:{0}@localhost/shop",
        "postgresql://shop:{0}@127.0.0.1:5432/shop",
        "postgresql://shop:{0}@database/shop",
        "postgresql://shop:{0}@db.example.com/shop",
        "postgresql://shop:password123@db.shop.dev/shop",
        "postgresql://shop:shop@db.shop.dev/shop",
        "postgresql://shop:${{DB_PASSWORD}}@db.shop.dev/shop",
        "https://db.shop.dev:5432/@{0}",
    ],
)
def test_urls_that_open_nothing(url: str):
    assert list(shapes(f'URL = "{url.format(RANDOM)}"\n', code=True)) == []


def test_a_password_in_a_url():
    (shape,) = shapes(f'URL = "amqps://shop:{RANDOM}@queue.shop.dev:5671/"\n', code=True)
    assert shape.kind == "a password in a URL"


@given(st.text(alphabet=string.printable, max_size=400))
def test_any_text_is_searched(text: str):
    for code in (True, False):
        found = list(shapes(text, code=code))
        assert all(0 <= shape.start < shape.end <= len(text) for shape in found)
        assert [shape.start for shape in found] == sorted(shape.start for shape in found)


@pytest.mark.parametrize("piece", ["token=", "a" * 60, "://", "secret: [", 'password="', "-----BEGIN PRIVATE KEY-----"])
def test_long_lines_take_no_time(piece: str):
    text = piece * (200_000 // len(piece))
    for code in (True, False):
        assert list(shapes(text, code=code)) == []


def test_prose_and_code_without_secrets_are_silent():
    rng = random.Random(7)
    names = ["token", "password", "secret_key", "api_key", "user_password"]
    values = ["None", "request.form['password']", "settings.secret_key", '"users"', 'f"{name}-{token}"', "load()"]
    text = "".join(f"{rng.choice(names)} = {rng.choice(values)}\n" for _ in range(2_000))
    assert list(shapes(text, code=True)) == []
