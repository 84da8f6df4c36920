"""archcheck beside its peers on the same documents in the same run: Spectral (spectral:oas) and Redocly (recommended).

    python benchmarks/peers.py [--corpus FOLDER] [--rounds N]

The peers are installed with npm into `benchmarks/.data/peers`; without npm the script says so and stops. They run
other rules than ours and do other work, so the ratios say how long a user waits, and nothing about who finds more.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from generate import big_document
from measure import ARCHCHECK, PYTHON, Command, interleaved
from run import HERE, inputs

PEERS = {"@stoplight/spectral-cli": "6.16.3", "@redocly/cli": "2.77.0"}


def main() -> int:
    """Print the table; the exit code is 1 when a wanted ratio was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if shutil.which("npm") is None:
        print("npm is not installed, so the peers cannot be had; nothing was measured")
        return 0
    scratch = HERE / ".data"
    peers = _installed(scratch / "peers")
    big, branches = inputs(arguments.corpus, scratch)
    root = next(path for path in sorted(branches.glob("*.y*ml")) if b"openapi:" in path.read_bytes()[:4000])
    missed = _beside(peers, big / "openapi.yaml", arguments.rounds, {"redocly": 1, "spectral": 8})
    missed |= _beside(peers, root, arguments.rounds, {"redocly": 1})
    missed |= _growth(scratch, arguments.rounds)
    return int(missed)


def _installed(folder: Path) -> Path:
    """The folder of the peers' commands, installed when it is not there."""
    commands = folder / "node_modules" / ".bin"
    if not (commands / "spectral").exists() or not (commands / "redocly").exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [f"{name}@{version}" for name, version in PEERS.items()]
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted], check=True)
    (folder / "spectral.yaml").write_text("extends: spectral:oas\n", encoding="utf-8")
    return commands


def _beside(peers: Path, document: Path, rounds: int, wanted: dict[str, float]) -> bool:
    """How many times longer each peer takes on a document, cold. Whether a wanted ratio was missed."""
    commands = {
        "archcheck": [*ARCHCHECK, "check", "--root", str(document.parent), "--no-cache", "--output", "json"],
        "redocly": [str(peers / "redocly"), "lint", "--extends=recommended", str(document)],
        "spectral": [
            *(str(peers / "spectral"), "lint", "--ruleset", str(peers.parent.parent / "spectral.yaml")),
            str(document),
        ],
    }
    chosen = ["archcheck", *wanted]
    figures = dict(zip(chosen, interleaved([Command(commands[name]) for name in chosen], rounds), strict=True))
    ours = figures["archcheck"]
    print(f"\n{document.name} ({document.stat().st_size / 1e6:.1f} MB in the root file)")
    print(f"{'archcheck, all regular rules, cold':44} {ours.wall:8.2f}s {ours.memory:6.0f} MB")
    missed = False
    for name, least in wanted.items():
        ratio = figures[name].wall / ours.wall
        missed |= ratio < least
        bound = f"at least {least:g}{'' if ratio >= least else '  MISSED'}"
        print(f"{name:44} {figures[name].wall:8.2f}s {figures[name].memory:6.0f} MB  {ratio:6.1f} times ours, {bound}")
    return missed


def _growth(scratch: Path, rounds: int) -> bool:
    """Whether the time of a check grows with the number of operations and no faster."""
    sizes = (1000, 3000, 10000)
    commands = []
    for size in sizes:
        folder = scratch / f"grown-{size}"
        big_document(folder / "openapi.yaml", size)
        commands.append(Command([*ARCHCHECK, "check", "--root", str(folder), "--no-cache", "--output", "json"]))
    *figures, nothing = interleaved([*commands, Command([PYTHON, "-m", "archcheck", "rules"])], rounds)
    print("\ngenerated documents, cold, less the start of the command")
    each = []
    for size, figure in zip(sizes, figures, strict=True):
        each.append((figure.wall - nothing.wall) / size)
        print(
            f"{size:>8} operations {figure.wall:8.2f}s {1000 * each[-1]:6.2f} ms an operation {figure.memory:6.0f} MB"
        )
    return each[-1] > 1.5 * each[0]


if __name__ == "__main__":
    sys.exit(main())
