"""Migrations: what a check of a history costs beside parsing it with sqlglot, and beside the linters of the field.

    python benchmarks/sql.py HISTORY [--files FOLDER] [--rounds N]

HISTORY is a project with a long history in SQL, such as a checkout of LemmyNet/lemmy. `--files` is a folder of many
small migrations, such as `persistence/sql/migrations/sql` of ory/kratos, of which growing parts are checked.
The peers (sqlglot with its C extension, sqlfluff, squawk) are installed with pip into `benchmarks/.data/sql`.
They do other work than ours: the ratios say how long one waits, and nothing about who finds more.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from measure import ARCHCHECK, PYTHON, Command, interleaved
from run import HERE, Bench

PEERS = ("sqlglot[c]==30.30.0", "sqlfluff==3.5.0", "squawk-cli==2.27.0")
PARSE = """
import logging, sys, time
import sqlglot
from pathlib import Path
logging.disable()
sqlglot.parse("SELECT 1", read="postgres")
texts = [path.read_text(errors="replace") for path in sorted(Path(sys.argv[1]).rglob("*.sql"))]
start = time.perf_counter()
for text in texts:
    try:
        sqlglot.parse(text, read="postgres", error_level=sqlglot.ErrorLevel.IGNORE)
    except Exception:
        pass
print(time.perf_counter() - start)
"""
PARTS = (500, 1000, 2000, 4000)
SAMPLE = 20
"""sqlfluff takes so long that it sees every n-th file only, as many as this."""


def main() -> int:
    """Print the table; the exit code is 1 when a wanted ratio was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("history", type=Path)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    scratch = HERE / ".data"
    scratch.mkdir(exist_ok=True)
    peers = _installed(scratch / "sql")
    history = _copied(arguments.history, scratch / "history")
    bench = Bench(arguments.rounds, scratch)
    passing = Command([PYTHON, "-c", "pass"])
    cold, _ = interleaved([bench.check(history, cold=True, cpus=1), passing], bench.rounds)
    warm, nothing = interleaved([bench.check(history, cold=False, cpus=1), passing], bench.rounds)
    files = sorted(history.rglob("*.sql"))
    title = f"{arguments.history.name}, {len(files)} files"
    bench.row(
        f"{title}: cold on one processor against parsing with sqlglot", cold.wall, _parsed(peers, history, bench), 4
    )
    bench.memory("the same: peak memory", cold, 500)
    bench.row("the same: warm against P", warm.wall, nothing.wall, 20)
    bench.row("the same: one added migration against cold", _added(bench, history, files), cold.wall, 5, faster=True)
    _beside(bench, peers, files, cold.wall)
    if arguments.files is not None:
        _growth(arguments.files, scratch / "parts", bench.rounds)
    return int(bench.failed)


def _installed(folder: Path) -> Path:
    """The folder of the peers' commands, installed when it is not there."""
    commands = folder / "bin"
    if not (commands / "squawk").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(commands / "pip"), "install", "-q", *PEERS], check=True)
    return commands


def _copied(source: Path, target: Path) -> Path:
    """A copy of the migrations that runs may add to."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=lambda folder, names: [n for n in names if _other(Path(folder) / n)])
    return target


def _other(path: Path) -> bool:
    return path.name == ".git" or (path.is_file() and path.suffix not in (".sql", ".toml"))


def _parsed(peers: Path, history: Path, bench: Bench) -> float:
    seconds = [
        float(
            subprocess.run([str(peers / "python"), "-c", PARSE, str(history)], capture_output=True, check=True).stdout
        )
        for _ in range(bench.rounds)
    ]
    return sorted(seconds)[len(seconds) // 2]


def _added(bench: Bench, history: Path, files: list[Path]) -> float:
    """The seconds of a run after one migration was added to a history that is remembered."""
    # Beside the others: a folder of functions may have a name that comes after all dates.
    last = max((path.parent for path in files if path.parent.name[:1].isdigit()), key=lambda folder: folder.name)
    number = 0

    def add() -> None:
        nonlocal number
        number += 1
        folder = last.parent / f"9999-01-01-{number:06}_added"
        folder.mkdir()
        (folder / "up.sql").write_text(f"CREATE TABLE added_{number} (id bigint PRIMARY KEY);\n", encoding="utf-8")
        (folder / "down.sql").write_text(f"DROP TABLE added_{number};\n", encoding="utf-8")

    warm = bench.check(history, cold=False, cpus=1)
    (figure,) = interleaved([Command(warm.arguments, add, cpus=1)], bench.rounds)
    return figure.wall


def _beside(bench: Bench, peers: Path, files: list[Path], ours: float) -> None:
    """What the linters take for a file, those that look at one file at a time."""
    some = [str(path) for path in files[:: max(1, len(files) // SAMPLE)]]
    fluff = [str(peers / "sqlfluff"), "lint", "--dialect", "postgres", "--processes", "1", *some]
    squawk = [str(peers / "squawk"), *map(str, files)]
    slow, fast = interleaved([Command(fluff, cpus=1), Command(squawk, cpus=1)], 1)
    each = ours / len(files)
    bench.row(
        f"the same: for each file, against sqlfluff on {len(some)} of them",
        each,
        slow.wall / len(some),
        30,
        faster=True,
    )
    print(f"{'squawk on all files':74} {fast.wall:8.3f}s {'':>9}  {ours / fast.wall:7.2f}  (ours against it)")


def _growth(source: Path, target: Path, rounds: int) -> None:
    """Seconds for growing parts of a folder of many small migrations."""
    files = sorted(path for path in source.rglob("*.sql") if path.is_file())
    print()
    for count in (*(part for part in PARTS if part < len(files)), len(files)):
        shutil.rmtree(target, ignore_errors=True)
        for path in files[:count]:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        command = [*ARCHCHECK, "check", "--root", str(target), "--no-cache", "--output", "json"]
        (figure,) = interleaved([Command(command, cpus=1)], rounds)
        print(
            f"{count:6} files {figure.wall:8.2f}s {figure.wall / count * 1000:8.2f} ms a file {figure.memory:6.0f} MB"
        )


if __name__ == "__main__":
    sys.exit(main())
