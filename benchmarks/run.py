"""The benchmarks: what archcheck costs, as ratios to yardsticks measured in the same run.

    python benchmarks/run.py [--corpus FOLDER] [--project FOLDER] [--rounds N]

`--corpus` is a folder with `stripe/spec3.yaml` and `digitalocean/specification/` (public documents; they are not part
of this repository); without it documents of the same size are generated. `--project` is a backend to check twice,
cold and warm; without it the fixture shop is taken. C is PyYAML's C loader on the same files with the garbage
collector off, P is `python -c pass`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from generate import big_document, next_release, tree, wrong_history
from measure import ARCHCHECK, PYTHON, Command, Figure, inside, interleaved, total_size

HERE = Path(__file__).resolve().parent
SHOP = HERE.parent / "fixtures" / "shop-fastapi"

FIRST_RULES = ("unpaginated-list", "singular-collection", "missing-retry-after", "create-without-201", "unresolved-ref")

LOAD = """
import gc, sys, time, yaml
gc.disable()
texts = [open(path, 'rb').read() for path in sys.argv[1:]]
start = time.perf_counter()
for text in texts:
    yaml.load(text, Loader=yaml.CSafeLoader)
print(time.perf_counter() - start)
"""
LOAD_TREE = """
import gc, pathlib, sys, yaml
gc.disable()
for path in sorted(pathlib.Path(sys.argv[1]).rglob('*.y*ml')):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
READ = """
import gc, sys, time
from archcheck.source import Source
from archcheck.surface import Limits
from archcheck.surfaces.openapi.builder import build
gc.disable()
source = Source(sys.argv[1], open(sys.argv[1], 'rb').read())
start = time.perf_counter()
build(source, Limits())
print(time.perf_counter() - start)
"""


class Bench:
    """The rows of the table, and the folder that the runs may write to."""

    def __init__(self, rounds: int, scratch: Path) -> None:
        self.rounds = rounds
        self.scratch = scratch
        self.failed = False
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, median of {rounds} interleaved rounds\n")
        print(f"{'what':74} {'figure':>9} {'yardstick':>10} {'ratio':>8}  wanted")

    def row(self, what: str, figure: float, yardstick: float, wanted: float, *, faster: bool = False) -> None:
        """One line: figure and yardstick in seconds. `faster` turns the ratio around: how often the figure fits in."""
        ratio = yardstick / figure if faster else figure / yardstick
        met = ratio >= wanted if faster else ratio <= wanted
        self.failed |= not met
        bound = f"at least {wanted:g}" if faster else f"at most {wanted:g}"
        print(f"{what:74} {figure:8.3f}s {yardstick:9.3f}s {ratio:8.2f}  {bound}{'' if met else '  MISSED'}")

    def memory(self, what: str, figure: Figure, wanted: float) -> None:
        met = figure.memory <= wanted
        self.failed |= not met
        print(f"{what:74} {figure.memory:7.0f}MB {'':>10} {'':>8}  at most {wanted:g} MB{'' if met else '  MISSED'}")

    def check(self, root: Path, *options: str, cold: bool, cpus: int = 0, kind: str = "") -> Command:
        """A check of a folder with a cache of its own, one for each kind, emptied before each cold run."""
        cache = self.scratch / f"cache-{root.name}{kind}"
        command = [*ARCHCHECK, "check", "--root", str(root), "--cache-dir", str(cache), "--output", "json", *options]
        return Command(command, (lambda: shutil.rmtree(cache, ignore_errors=True)) if cold else lambda: None, cpus)


def main() -> int:
    """Run everything; the exit code is 1 when a wanted ratio was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--project", type=Path, default=SHOP)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    scratch = HERE / ".data"
    scratch.mkdir(exist_ok=True)
    big, branches = inputs(arguments.corpus, scratch)
    bench = Bench(arguments.rounds, scratch)
    passing = Command([PYTHON, "-c", "pass"])
    _version(bench, passing)
    _big_document(bench, big)
    _releases(bench, big / "openapi.yaml")
    _tree(bench, branches, passing)
    _twice(bench, SHOP, passing, small=True)
    if arguments.project != SHOP:
        _twice(bench, arguments.project.resolve(), passing, small=False)
    _contracts(bench, arguments.project.resolve())
    _page(bench)
    return int(bench.failed)


def inputs(corpus: Path | None, scratch: Path) -> tuple[Path, Path]:
    """The big document and the tree, copied or generated, each as a folder of its own."""
    big, branches = scratch / "big", scratch / "tree"
    for folder in (big, branches):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    if corpus is None:
        big_document(big / "openapi.yaml", 2500)
        tree(branches, 2900)
    else:
        shutil.copy(corpus / "stripe" / "spec3.yaml", big / "openapi.yaml")
        shutil.copytree(corpus / "digitalocean" / "specification", branches, dirs_exist_ok=True)
    for path in (*big.rglob("*"), *branches.rglob("*"), branches):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return big, branches


def _version(bench: Bench, passing: Command) -> None:
    version, nothing = interleaved([Command([*ARCHCHECK, "--version"]), passing], bench.rounds * 3)
    bench.row("--version against P", version.wall, nothing.wall, 3)


def _big_document(bench: Bench, folder: Path) -> None:
    path = str(folder / "openapi.yaml")
    ours = inside(READ, path, rounds=bench.rounds)
    theirs = inside(LOAD, path, rounds=bench.rounds)
    size = Path(path).stat().st_size / 1e6
    bench.row(f"one document of {size:.1f} MB read with positions against C", ours, theirs, 1.5)
    cold, _ = interleaved([bench.check(folder, cold=True), Command([PYTHON, "-c", "pass"])], bench.rounds)
    bench.memory("its check, cold: peak memory", cold, 500)


def _releases(bench: Bench, before: Path) -> None:
    """A comparison, the start of the command included, against reading its two documents with positions."""
    after = bench.scratch / "releases" / "openapi.yaml"
    next_release(before, after)
    reading = sum(inside(READ, str(path), rounds=bench.rounds) for path in (before, after))
    command = [*ARCHCHECK, "diff", str(before), str(after), "--root", str(bench.scratch), "--output", "json"]
    compared, _ = interleaved([Command(command), Command([PYTHON, "-c", "pass"])], bench.rounds)
    size = after.stat().st_size / 1e6
    bench.row(f"diff of two releases of {size:.1f} MB against reading both", compared.wall, reading, 3)
    bench.memory("the same: peak memory", compared, 500)


def _tree(bench: Bench, folder: Path, passing: Command) -> None:
    count, size = total_size(folder, (".yaml", ".yml"))
    title = f"{count} files, {size / 1e6:.1f} MB"
    loader = Command([PYTHON, "-c", LOAD_TREE, str(folder)], cpus=2)
    cold, loading = interleaved([bench.check(folder, cold=True, cpus=2), loader], bench.rounds)
    first = [word for rule in FIRST_RULES for word in ("--select", rule)]
    few, again = interleaved([bench.check(folder, *first, cold=True, cpus=2), loader], bench.rounds)
    bench.row(f"{title}: cold on two processors against C, {len(FIRST_RULES)} rules", few.wall, again.wall, 3)
    bench.row("the same, all regular rules", cold.wall, loading.wall, 3)
    bench.memory("the same: peak memory", cold, 500)
    warm, nothing = interleaved([bench.check(folder, cold=False, cpus=2), passing], bench.rounds)
    bench.row("the same: warm against cold", warm.wall, cold.wall, 10, faster=True)
    edited = _edited_file(folder)
    touch = Command(bench.check(folder, cold=False).arguments, lambda: _edit(edited), cpus=2)
    edit, _ = interleaved([touch, passing], bench.rounds)
    bench.row(f"the same: one edited file ({edited.name}) against cold", edit.wall, cold.wall, 5, faster=True)
    print(f"{'':74} warm is {warm.wall / nothing.wall:.1f} P")


def _twice(bench: Bench, root: Path, passing: Command, *, small: bool) -> None:
    cold, _ = interleaved([bench.check(root, cold=True, cpus=2), passing], bench.rounds)
    warm, nothing = interleaved([bench.check(root, cold=False, cpus=2), passing], bench.rounds)
    if small:
        bench.row(f"{root.name}: warm against P", warm.wall, nothing.wall, 20)
    else:
        bench.row(f"{root.name}: warm against cold", warm.wall, cold.wall, 10, faster=True)
    bench.memory(f"{root.name}: peak memory, cold", cold, 500)


def _contracts(bench: Bench, root: Path) -> None:
    """What the meeting of documents, code and tables adds to a run that reads them all the same."""
    for cold in (True, False):
        alone = bench.check(root, "--ignore", "contract", cold=cold, cpus=2, kind="alone")
        met = bench.check(root, cold=cold, cpus=2, kind="met")
        whole, without = interleaved([met, alone], bench.rounds)
        when = "cold" if cold else "warm"
        bench.row(f"{root.name}: {when} with contracts against without", whole.wall, without.wall, 1.2)


def _page(bench: Bench) -> None:
    """A page of 3,000 findings: the whole warm run that writes it, against the cold check."""
    root, page = bench.scratch / "wrong", bench.scratch / "page.html"
    wrong_history(root, 750)
    known = bench.check(root, "--output", f"html:{page}", "--fail-on", "never", cold=False)
    cold, written = interleaved([bench.check(root, "--fail-on", "never", cold=True, kind="cold"), known], bench.rounds)
    count = page.read_text(encoding="utf-8").count("<article ")
    bench.row(f"{count:,} findings as HTML, warm, against their check", written.wall, cold.wall, 1)
    print(f"{'the same: size of the page':74} {page.stat().st_size / 1e6:7.1f}MB {'':>10} {'':>8}  at most 5 MB")
    bench.failed |= page.stat().st_size > 5_000_000


def _edited_file(folder: Path) -> Path:
    """The file of one operation in the middle of the tree: part of the document, and little else leans on it."""
    leaves = sorted(path for path in folder.rglob("*.yml") if b"\noperationId:" in b"\n" + path.read_bytes())
    return leaves[len(leaves) // 2]


def _edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
