"""What a check of Python services costs, as ratios to parsing the same files and to `python -c pass`, beside the peers.

    python benchmarks/python.py --tree FOLDER [--bandit BANDIT] [--ruff RUFF] [--rounds N]

`--tree` holds projects of some 250,000 lines; it is copied, since one file of the copy is edited. `--bandit` and
`--ruff` are their commands, from an environment of their own. A is `ast.parse` of every file on one processor with the
garbage collector off, P is `python -c pass`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from measure import PYTHON, Command, inside, interleaved
from run import HERE, Bench

PARSE = """
import ast, gc, pathlib, sys, time, warnings
warnings.simplefilter('ignore')
gc.disable()
texts = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).rglob('*.py'))]
start = time.perf_counter()
for text in texts:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        pass
print(time.perf_counter() - start)
"""


def main() -> int:
    """Run everything; the exit code is 1 when a wanted ratio was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--bandit")
    parser.add_argument("--ruff")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    scratch = HERE / ".data"
    root = scratch / "services"
    shutil.rmtree(root, ignore_errors=True)
    for path in sorted(arguments.tree.rglob("*.py")):
        target = root / path.relative_to(arguments.tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    bench = Bench(arguments.rounds, scratch)
    cold = _cold(bench, root)
    _again(bench, root, cold)
    _peers(bench, root, cold, arguments.bandit, arguments.ruff)
    return int(bench.failed)


def _cold(bench: Bench, root: Path) -> float:
    files = sorted(root.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    passing = Command([PYTHON, "-c", "pass"])
    parsing = inside(PARSE, str(root), rounds=bench.rounds)
    cold, _ = interleaved([bench.check(root, cold=True, cpus=2), passing], bench.rounds)
    parsing = min(parsing, inside(PARSE, str(root), rounds=bench.rounds))
    title = f"{len(files):,} modules, {lines:,} lines: cold on two processors against A"
    bench.row(title, cold.wall, parsing, 4)
    bench.memory("the same: peak memory", cold, 600)
    return cold.wall


def _again(bench: Bench, root: Path, cold: float) -> None:
    passing = Command([PYTHON, "-c", "pass"])
    warm, _ = interleaved([bench.check(root, cold=False, cpus=2), passing], bench.rounds)
    bench.row("the same: warm against cold", warm.wall, cold, 10, faster=True)
    files = sorted(root.rglob("*.py"), key=lambda path: path.stat().st_size)
    changed = files[len(files) * 3 // 4]
    # As a pre-commit hook: the file that changed is named, before and after it was read.
    asked = bench.check(root, str(changed), cold=False, cpus=2)
    edit = Command(asked.arguments, lambda: _edit(changed), cpus=2)
    edited, hook, nothing = interleaved([edit, asked, passing], bench.rounds)
    bench.row(f"the same: the hook on one file that changed ({changed.name}), against P", edited.wall, nothing.wall, 15)
    print(f"{'':74} once more it is {hook.wall / nothing.wall:.1f} P")


def _peers(bench: Bench, root: Path, cold: float, bandit: str | None, ruff: str | None) -> None:
    if bandit is not None:
        command = Command([bandit, "--quiet", "--recursive", "--format", "json", str(root)], cpus=2)
        (theirs,) = interleaved([command], 1)
        bench.row("cold against bandit", cold, theirs.wall, 8, faster=True)
    if ruff is not None:
        command = Command([ruff, "check", "--no-cache", "--isolated", "--select", "ALL", "--quiet", str(root)], cpus=2)
        (theirs,) = interleaved([command], bench.rounds)
        print(f"{'ruff with all its rules, no cache':74} {theirs.wall:8.3f}s")


def _edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
