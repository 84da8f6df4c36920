"""What the README shows and promises is true."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from archcheck import packs
from archcheck.configfile import load

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_output_is_what_the_demo_prints():
    command = [sys.executable, "-m", "archcheck", "check", "--root", "fixtures/shop-fastapi", "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 1
    _, *shown = fenced("text")[0].strip().split("\n\n")
    frames = [fenced("text")[0].removeprefix("$ archcheck\n").strip().split("\n\n")[0], *shown[:-1]]
    assert [frame for frame in frames if frame not in done.stdout] == []
    for line in shown[-1].splitlines():
        assert line in done.stdout.splitlines()


def test_the_rules_are_counted():
    table = README[README.index("## What it does now") : README.index("## Exit codes")]
    own = Counter(entry.surface for entry in packs.load().rules.values() if entry.pack == "archcheck")
    rows = {cells[1].strip(): cells[3].strip() for line in table.splitlines() if len(cells := line.split("|")) == 5}
    for row, surface in (
        ("OpenAPI", "openapi"),
        ("migrations", "sql"),
        ("Python", "python"),
        ("contracts", "contract"),
        ("the run itself", "tool"),
    ):
        assert re.match(r"\d+", rows[row]).group() == str(own[surface]), row


def test_the_configuration_is_accepted(tmp_path: Path):
    (tmp_path / "archcheck.toml").write_text(fenced("toml")[0], encoding="utf-8")
    config = load(tmp_path)
    assert config.select == ("openapi", "db.indexes")
    assert config.options == {"unpaginated-list": {"parameters": ["batch"]}}


def test_the_commands_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)`", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
