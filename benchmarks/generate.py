"""Inputs of the benchmarks for those who have no corpus at hand: one big document, and one of thousands of files."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

_TYPES = ("string", "integer", "number", "boolean")
_NOUNS = ("order", "invoice", "customer", "shipment", "product", "refund", "ticket", "device", "account", "payment")


def big_document(path: Path, operations: int) -> None:
    """A single document with so many operations (2,500 make about 4 MB). The same number gives the same bytes."""
    chance = random.Random(operations)
    lines = ["openapi: 3.0.3", "info: {title: Generated, version: 1.0.0}", "paths:"]
    for number in range(operations // 2):
        noun = f"{chance.choice(_NOUNS)}s{number}"
        lines += [f"  /v1/{noun}:", *_operation("get", noun, chance), *_operation("post", noun, chance)]
    lines += ["components:", "  schemas:"]
    for number in range(operations // 2):
        lines += [f"    Schema{number}:", *_schema(chance, "      ")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


_PLANTED = (
    (r"^( *)maxLength: \d+$", r"\1maxLength: 4000", 40),
    (r"^( *operationId: \w+)$", r"\1_next", 50),
    (r"^( *)type: integer$", r"\1type: string", 60),
    (r"^(  /[\w/{}]+):$", r"\1/next:", 50),
)
"""Changes that break clients: what is looked for, what stands there instead, and how many are skipped for one."""


def next_release(before: Path, after: Path) -> None:
    """The same document with changes planted all over it, as the next release of the first."""
    text = before.read_text(encoding="utf-8")
    for pattern, instead, turn in _PLANTED:
        found = count()
        text = re.sub(pattern, partial(_every, turn, instead, found), text, flags=re.MULTILINE)
    after.parent.mkdir(parents=True, exist_ok=True)
    after.write_text(text, encoding="utf-8")


def tree(folder: Path, files: int) -> Path:
    """A document joined from so many files by `$ref`: a root, an operation file for each path, shared components."""
    chance = random.Random(files)
    (folder / "operations").mkdir(parents=True, exist_ok=True)
    (folder / "schemas").mkdir(exist_ok=True)
    lines = ["openapi: 3.0.3", "info: {title: Generated tree, version: 1.0.0}", "paths:"]
    for number in range(files // 3):
        noun = f"{_NOUNS[number % len(_NOUNS)]}s{number}"
        lines += [f"  /v1/{noun}:"]
        for method in ("get", "post"):
            lines += [f"    {method}:", f"      $ref: operations/{noun}_{method}.yml"]
            target = f"../schemas/{noun}.yml"
            (folder / f"operations/{noun}_{method}.yml").write_text(
                "\n".join(_dedented(_operation(method, noun, chance, target)[1:], 6)) + "\n", encoding="utf-8"
            )
        (folder / f"schemas/{noun}.yml").write_text("\n".join(_schema(chance, "")) + "\n", encoding="utf-8")
    root = folder / "openapi.yaml"
    root.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def wrong_history(folder: Path, tables: int) -> None:
    """Migrations that make so many tables, each with four mistakes: no key, no times, a reference of another type and
    without an index."""
    (folder / "migrations").mkdir(parents=True, exist_ok=True)
    for number in range(tables):
        text = f"CREATE TABLE t{number} (\n    word text NOT NULL,\n    owner bigint REFERENCES t0 (word)\n);\n"
        (folder / "migrations" / f"{number + 1:04}_t.up.sql").write_text(text, encoding="utf-8")


def _every(turn: int, instead: str, found: Iterator[int], match: re.Match[str]) -> str:
    return match.group() if next(found) % turn else match.expand(instead)


def _operation(method: str, noun: str, chance: random.Random, target: str = "") -> list[str]:
    target = target or f"'#/components/schemas/Schema{chance.randrange(10)}'"
    lines = [
        f"    {method}:",
        f"      operationId: {method}_{noun}",
        f"      summary: Works on {noun} as they stand",
        "      description: >-",
        f"        Something that people would read about {noun}, with a little detail on what is sent",
        "        and what comes back, over two or three lines as real documents have it.",
        "      parameters:",
        "        - {name: limit, in: query, required: false, schema: {type: integer, maximum: 100}}",
        "        - name: cursor",
        "          in: query",
        "          description: Where the page starts.",
        "          schema:",
        "            type: string",
        "      responses:",
        "        '200':" if method == "get" else "        '201':",
        "          description: Done.",
        "          content:",
        "            application/json:",
        "              schema:",
        f"                $ref: {target}",
        "        '429':",
        "          description: Too many requests.",
        "          headers:",
        "            Retry-After: {schema: {type: integer}}",
    ]
    if method == "post":
        body = ["requestBody:", "  content:", "    application/json:", "      schema:", f"        $ref: {target}"]
        lines += [f"      {line}" for line in body]
    return lines


def _schema(chance: random.Random, indent: str) -> list[str]:
    lines = [f"{indent}type: object", f"{indent}required: [id]", f"{indent}properties:"]
    for number in range(12):
        lines += [
            f"{indent}  field_{number}:" if number else f"{indent}  id:",
            f"{indent}    type: {chance.choice(_TYPES)}",
            f"{indent}    description: The value of field {number} as the service keeps it.",
        ]
    return lines


def _dedented(lines: list[str], width: int) -> list[str]:
    return [line[width:] for line in lines]
