"""What the tests share: where things stand, and the command as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

# The gate asks the same questions every time; whoever works on the code gets new ones with each run.
settings.register_profile("gate", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("gate")

ROOT = Path(__file__).resolve().parent.parent

# `import hostile`: the generator of hostile fixtures is a script beside the fixtures, not a part of the tests.
sys.path.insert(0, str(ROOT / "fixtures"))


@pytest.fixture
def archcheck(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `archcheck` in a folder, in a process of its own, with a cache of its own and no colours."""

    def run(
        *arguments: str,
        folder: Path = ROOT,
        path: tuple[Path, ...] = (),
        env: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ARCHCHECK_", "FORCE_"))}
        return subprocess.run(
            [sys.executable, "-c", "import sys; from archcheck.cli import main; sys.exit(main())", *arguments],
            cwd=folder,
            env={
                **inherited,
                "ARCHCHECK_CACHE_DIR": str(tmp_path / "archcheck-cache"),
                "NO_COLOR": "1",
                "PYTHONPATH": os.pathsep.join(map(str, path)),
                **(env or {}),
            },
            preexec_fn=before,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=120,
        )

    return run
