"""Where processes cannot be forked, on macOS and Windows, workers are spawned: the same runs say the same there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parents[3] / "fixtures" / "diff" / "shop"
SCRIPT = """
import sys
from archcheck import workers
from archcheck.cli import main

fork = workers._crew
if __name__ == "__main__":
    if sys.argv[1] == "spawn":
        workers._crew = lambda *given: fork(*given[:-1], "spawn")
    sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    "words",
    [
        ("diff", "before/openapi.yaml", "after/openapi.yaml", "--output", "concise"),
        ("check", "--no-cache", "--output", "concise", "--root", "."),
    ],
)
def test_a_run_with_spawned_workers_says_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(SCRIPT, encoding="utf-8")
    said = [
        subprocess.run(
            [sys.executable, str(script), start, *words],
            cwd=SHOP,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "ARCHCHECK_CACHE_DIR": str(tmp_path / "cache")},
        )
        for start in ("any", "spawn")
    ]
    first, second = ((done.returncode, done.stdout, done.stderr) for done in said)
    assert first == second
    assert "openapi.yaml:" in first[1]
