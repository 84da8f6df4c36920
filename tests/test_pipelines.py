"""The pipelines in the documentation are pipelines as GitHub, GitLab and pre-commit define them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SNIPPETS = [
    (page.name, number, text)
    for page in sorted((ROOT / "docs").glob("*.md"))
    for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S))
]


def schema_of(text: str) -> tuple[str, str]:
    """The schema that a snippet follows, and the snippet as a whole document; empty where it follows none."""
    if re.match(r" +(?:steps:|- uses:|- run:)", text):
        indent = " " * (4 if text.startswith("    steps:") else 0)
        steps = text if indent else "    steps:\n" + text
        text = f"on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n{steps}"
    document = yaml.safe_load(text)
    if isinstance(document, dict) and "jobs" in document:
        return "vendor.github-workflows", text
    if isinstance(document, dict) and any(isinstance(each, dict) and "script" in each for each in document.values()):
        return "vendor.gitlab-ci", text
    return "", text


@pytest.mark.parametrize(("page", "number", "text"), SNIPPETS, ids=[f"{page}-{n}" for page, n, _ in SNIPPETS])
def test_a_pipeline_is_well_formed(page: str, number: int, text: str, tmp_path: Path):
    schema, whole = schema_of(text)
    if not schema:
        assert yaml.safe_load(whole) is not None
        return
    file = tmp_path / "pipeline.yml"
    file.write_text(whole, encoding="utf-8")
    done = subprocess.run([BIN / "check-jsonschema", "--builtin-schema", schema, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_pipeline_for_each():
    assert {schema for _, _, text in SNIPPETS if (schema := schema_of(text)[0])} == {
        "vendor.github-workflows",
        "vendor.gitlab-ci",
    }
