"""Every finding about a document points at a key or an item that stands there, as another parser sees the same file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from archcheck.engine import examine

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
# What is torn on purpose no other parser reads.
PROJECTS = sorted(
    path.name
    for path in FIXTURES.iterdir()
    if path.is_dir() and path.name != "torn" and any(path.rglob("openapi*.y*ml"))
)


def documents(project: str) -> dict[str, str]:
    folder = FIXTURES / project
    files = (path for path in sorted(folder.rglob("*.y*ml")) if "before" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def as_json(files: dict[str, str]) -> dict[str, str]:
    """The same documents in JSON, with their references."""
    found = {}
    for path, text in files.items():
        written = json.dumps(yaml.load(text, Loader=yaml.BaseLoader), indent=2)
        for suffix in (".yaml", ".yml"):
            written = written.replace(f"{suffix}#", ".json#").replace(f'{suffix}"', '.json"')
            path = path.removesuffix(suffix)
        found[f"{path}.json"] = written
    return found


def places(text: str) -> dict[tuple[int, int], str]:
    """Where keys and items begin (line and column from 1), with the keys' text; and the document's first value."""
    found: dict[tuple[int, int], str] = {}
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    assert root is not None
    waiting: list[yaml.Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[key.start_mark.line + 1, key.start_mark.column + 1] = key.value
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                found.setdefault((item.start_mark.line + 1, item.start_mark.column + 1), "")
                waiting.append(item)
    found.setdefault((root.start_mark.line + 1, root.start_mark.column + 1), "")
    return found


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("project", PROJECTS)
def test_what_is_pointed_at_stands_there(project: str, form: str) -> None:
    files = documents(project) if form == "yaml" else as_json(documents(project))
    known = {path: places(text) for path, text in files.items()}
    report = examine(files, profile="audit")
    judged = [verdict for verdict in report.verdicts if report.rules[verdict.rule].surface == "openapi"]
    for verdict in judged:
        for at in (verdict.at, *(related.at for related in verdict.finding.related)):
            line = files[at.path].splitlines()[at.line - 1]
            # Within a key, such as a segment of a path, the key begins before.
            begins = [column for number, column in known[at.path] if number == at.line and column <= at.column]
            assert begins, (verdict.rule, at, line)
            key = known[at.path][at.line, max(begins)]
            shown = line[at.column - 1 : at.end_column - 1 if at.end_column else None].strip("\"' ")
            if key and len(shown) <= len(key):
                assert shown in key, (verdict.rule, at, line)
    assert judged or project == "clean"
