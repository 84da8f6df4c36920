"""The cache gives back what still holds, and nothing else, whatever happens to its file."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archcheck import database
from archcheck.cache import NoStore, Store, UnitEntry, default_folder
from archcheck.files import ProjectFiles, ReadSet, digest
from archcheck.surface import Limits
from archcheck.workers import run

KEY = digest(b"unit")
LONG_AGO = time.time_ns() - 3_600_000_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("api.yaml", "parts/order.yaml", "db/0001.sql"):
        write(root, name, f"first {name}")
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def write(root: Path, name: str, text: str, at: int = LONG_AGO) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(at, at))


def stats(root: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            status = path.stat()
            found[path.relative_to(root).as_posix()] = (status.st_mtime_ns, status.st_size)
    return found


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.sqlite")
    return path


def read_unit(files: ProjectFiles) -> ReadSet:
    """A unit that asks every kind of question."""
    files.open("api.yaml")
    files.open("parts/order.yaml")
    files.exists("parts/missing.yaml")
    files.exists("parts")
    files.listing("db")
    return files.read_set()


def remember(folder: Path, root: Path, read_set: ReadSet | None = None) -> None:
    with Store.open(folder, root) as store:
        store.digests(stats(root), root)
        store.put_unit(KEY, UnitEntry(read_set or read_unit(ProjectFiles(root)), b"verdict", b"memory"))
        store.put("link", b"key", b"linked")


def changed(folder: Path, root: Path) -> frozenset[str]:
    with Store.open(folder, root) as store:
        entry = store.units([KEY])[KEY]
        assert (entry.payload, entry.memory) == (b"verdict", b"memory")
        return store.changed(entry.read_set, store.digests(stats(root), root), ProjectFiles(root))


def remembers(folder: Path, root: Path) -> bool:
    with Store.open(folder, root) as store:
        found = store.get("link", b"key")
        assert found in (None, b"linked")
        assert (KEY in store.units([KEY])) == (found is not None)
        return found is not None


@contextmanager
def counted_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    reads: list[str] = []
    with monkeypatch.context() as patch:
        from archcheck.files import Disk

        read = Disk.read
        patch.setattr(Disk, "read", lambda self, path: reads.append(path) or read(self, path))
        yield reads


def test_what_did_not_change_holds(folder: Path, root: Path) -> None:
    remember(folder, root)
    assert changed(folder, root) == frozenset()
    assert changed(folder, root) == frozenset()


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda root: write(root, "parts/order.yaml", "other"), "parts/order.yaml"),
        (lambda root: (root / "api.yaml").unlink(), "api.yaml"),
        (lambda root: write(root, "parts/missing.yaml", "created"), "parts/missing.yaml"),
        (lambda root: write(root, "db/0002.sql", "added"), "db"),
        (lambda root: (root / "db" / "0001.sql").rename(root / "db" / "0000.sql"), "db"),
        (lambda root: (root / "db").rename(root / "database"), "db"),
    ],
)
def test_a_different_answer_of_the_disk_is_named(folder: Path, root: Path, change: object, differs: str) -> None:
    remember(folder, root)
    change(root)  # type: ignore[operator]
    assert changed(folder, root) == {differs}


def test_a_folder_that_vanishes_is_noticed(folder: Path, root: Path) -> None:
    remember(folder, root)
    (root / "parts").rename(root / "pieces")
    assert changed(folder, root) == {"parts", "parts/order.yaml"}


def test_a_file_outside_the_listing_counts_too(folder: Path, root: Path) -> None:
    write(root, "settings.ini", "a = 1")
    files = ProjectFiles(root)
    files.open("settings.ini")
    remember(folder, root, files.read_set())

    def check() -> frozenset[str]:
        with Store.open(folder, root) as store:
            entry = store.units([KEY])[KEY]
            listed = {path: status for path, status in stats(root).items() if path != "settings.ini"}
            return store.changed(entry.read_set, store.digests(listed, root), ProjectFiles(root))

    assert check() == frozenset()
    write(root, "settings.ini", "a = 2", at=LONG_AGO + 1)
    assert check() == {"settings.ini"}


def test_a_file_that_could_not_be_read_holds_until_it_can(folder: Path, root: Path) -> None:
    small = Limits(file_size=20)
    write(root, "big.sql", "x" * 100)

    def check() -> frozenset[str]:
        with Store.open(folder, root) as store:
            read_set = store.units([KEY])[KEY].read_set
            return store.changed(read_set, store.digests(stats(root), root, limit=20), ProjectFiles(root, small))

    files = ProjectFiles(root, small)
    with pytest.raises(Exception, match="larger than"):
        files.open("big.sql")
    remember(folder, root, files.read_set())
    assert check() == frozenset()
    write(root, "big.sql", "x" * 10)
    assert check() == {"big.sql"}
    (root / "big.sql").unlink()
    assert check() == {"big.sql"}


def test_files_with_the_same_stat_are_not_read_again(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(folder, root) as store:
        first = store.digests(stats(root), root)
    with counted_reads(monkeypatch) as reads, Store.open(folder, root) as store:
        assert store.digests(stats(root), root) == first
    assert reads == []
    write(root, "api.yaml", "other size")
    write(root, "db/0001.sql", "FIRST db/0001.sql", at=LONG_AGO + 1)
    with counted_reads(monkeypatch) as reads, Store.open(folder, root) as store:
        second = store.digests(stats(root), root)
    assert reads == ["api.yaml", "db/0001.sql"]
    assert {path for path in first if first[path] != second[path]} == set(reads)


def test_an_edit_within_the_same_second_is_seen(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A coarse clock gives an edit the time of the version that was hashed; so fresh files are hashed again."""
    coarse = time.time_ns() // 1_000_000_000 * 1_000_000_000
    write(root, "api.yaml", "version 1", at=coarse)
    remember(folder, root)
    write(root, "api.yaml", "version 2", at=coarse)
    assert changed(folder, root) == {"api.yaml"}
    later = time.time_ns() + 5_000_000_000
    monkeypatch.setattr("archcheck.cache.time.time_ns", lambda: later)
    assert changed(folder, root) == {"api.yaml"}
    with counted_reads(monkeypatch) as reads:
        changed(folder, root)
    assert reads == [], "once it has settled it is trusted again"


def test_only_regular_files_are_hashed(folder: Path, root: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(root / "pipe.sql")
    with Store.open(folder, root) as store:
        asked = dict.fromkeys(("pipe.sql", "db", "none.sql", "../cache"), (LONG_AGO, 0))
        assert store.digests(asked, root) == {}


def test_derivations_of_files_belong_to_their_content(folder: Path, root: Path) -> None:
    one, two = digest(b"1"), digest(b"2")
    with Store.open(folder, root) as store:
        store.put_many("mark", [("a.yaml", one, b"openapi"), ("b.yaml", one, b""), ("ä.yaml", two, b"x")])
    with Store.open(folder, root) as store:
        wanted = [("a.yaml", one), ("b.yaml", one), ("ä.yaml", two), ("c.yaml", one)]
        assert store.get_many("mark", wanted) == {"a.yaml": b"openapi", "b.yaml": b"", "ä.yaml": b"x"}
        assert store.get_many("mark", [("a.yaml", two)]) == {}
        assert store.get_many("other", wanted) == {}
        store.put_many("mark", [("a.yaml", two, b"changed")])
    with Store.open(folder, root) as store:
        assert store.get_many("mark", wanted[:1]) == {}
        assert store.get_many("mark", [("a.yaml", two)]) == {"a.yaml": b"changed"}


@pytest.mark.parametrize(
    "start",
    ["spawn", pytest.param("fork", marks=pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only"))],
)
def test_workers_recall_what_was_kept(folder: Path, root: Path, start: str) -> None:
    source = ProjectFiles(root).open("api.yaml")
    with Store.open(folder, root) as store:
        store.keep(b"base", [("tree", "api.yaml", digest(source.data), b"parsed")])
    with Store.open(folder, root) as store:
        assert store.get("link", b"key") is None, "the parent has the file open when it forks"
        tasks = [Looking(root, store.recall(base)) for base in (b"base", b"other")]
        got = dict(run(tasks, Looking.look, jobs=2, limits=Limits(), start=start))  # type: ignore[arg-type]
    assert got == {0: b"parsed", 1: b"nothing"}


class Looking:
    def __init__(self, root: Path, recall: object) -> None:
        self.root, self.recall = root, recall

    def look(self) -> bytes:
        files = ProjectFiles(self.root, recall=self.recall)  # type: ignore[arg-type]
        return files.recall(files.open("api.yaml"), "tree") or b"nothing"


def test_other_keys_and_other_roots_see_nothing(folder: Path, root: Path) -> None:
    remember(folder, root)
    with Store.open(folder, root, b"other version") as store:
        assert store.get("link", b"key") is None
        assert store.units([KEY]) == {}
    assert not remembers(folder, root.parent)
    assert remembers(folder, root)


def test_nothing_is_written_before_it_is_saved(folder: Path, root: Path) -> None:
    store = Store.open(folder, root)
    store.put("link", b"key", b"linked")
    store.close()
    assert not remembers(folder, root)


def test_a_store_that_remembers_nothing_never_fails(root: Path) -> None:
    with NoStore() as store:
        store.put("link", b"key", b"linked")
        store.put_many("mark", [("a", b"1", b"x")])
        store.put_unit(KEY, UnitEntry(ReadSet(), b"", b""))
        store.keep(b"", [("tree", "a", b"1", b"x")])
        assert store.digests(stats(root), root) == {}
        assert store.get("link", b"key") is None
        assert store.units([KEY]) == {}
        assert store.get_many("mark", [("a", b"1")]) == {}
        assert store.recall(b"") is None


@pytest.mark.parametrize("damage", ["garbage", "truncated", "zeros", "flipped", "empty"])
def test_a_corrupt_file_is_a_miss_and_is_replaced(folder: Path, root: Path, damage: str) -> None:
    remember(folder, root)
    path = file_of(folder)
    data = path.read_bytes()
    half = len(data) // 2
    path.write_bytes(
        {
            "garbage": b"this is no database at all" * 1000,
            "truncated": data[: half + 100],
            "zeros": data[:100] + b"\0" * (len(data) - 100),
            "flipped": data.replace(b"linked", b"LINKED").replace(b"verdict", b"VERDICT"),
            "empty": b"",
        }[damage]
    )
    assert not remembers(folder, root)
    remember(folder, root)
    assert remembers(folder, root)
    assert changed(folder, root) == frozenset()


def test_a_lost_memory_is_empty(folder: Path, root: Path) -> None:
    remember(folder, root)
    path = file_of(folder)
    path.write_bytes(path.read_bytes().replace(b"memory", b"MEMORY"))
    with Store.open(folder, root) as store:
        assert store.units([KEY])[KEY].memory == b""


def test_a_foreign_or_newer_database_is_left_alone(folder: Path, root: Path) -> None:
    remember(folder, root)
    path = file_of(folder)
    for make in ("PRAGMA user_version = 99", "PRAGMA application_id = 7"):
        with sqlite3.connect(path) as connection:
            connection.execute(make)
        connection.close()
        before = path.read_bytes()
        remember(folder, root)
        assert not remembers(folder, root)
        assert path.read_bytes() == before


def test_an_older_database_is_replaced(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(folder, root)
    monkeypatch.setattr(database, "_FORMAT", 2)
    assert not remembers(folder, root)


def test_a_locked_database_is_a_miss_and_costs_little_time(folder: Path, root: Path) -> None:
    remember(folder, root)
    other = sqlite3.connect(file_of(folder), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    assert not remembers(folder, root)
    remember(folder, root)
    assert time.monotonic() - begun < 3
    other.execute("ROLLBACK")
    other.close()
    assert remembers(folder, root)


def test_two_runs_at_once_do_no_harm(folder: Path, root: Path) -> None:
    remember(folder, root)
    with Store.open(folder, root) as one, Store.open(folder, root) as two:
        assert one.get("link", b"key") == two.get("link", b"key") == b"linked"
        one.put("a", b"1", b"one")
        two.put("a", b"2", b"two")
    with Store.open(folder, root) as store:
        assert (store.get("a", b"1"), store.get("a", b"2")) == (b"one", b"two")


def test_a_folder_that_cannot_be_used_is_a_miss(tmp_path: Path, root: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert not remembers(blocked, root)
    assert not remembers(blocked / "below", root)
    assert not remembers(Path("/proc/nowhere"), root)
    assert blocked.read_text() == ""


def test_something_else_in_the_place_of_the_file_is_left_alone(folder: Path, root: Path) -> None:
    remember(folder, root)
    path = file_of(folder)
    path.unlink()
    path.mkdir()
    assert not remembers(folder, root)
    path.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        remember(folder, root)
        assert not remembers(folder, root)
        assert stat.S_ISFIFO(path.lstat().st_mode)
        path.unlink()
    if hasattr(socket, "AF_UNIX") and os.name != "nt":
        path.symlink_to("elsewhere")
        assert not remembers(folder, root)
        assert path.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_folder_is_the_users_own(folder: Path, root: Path) -> None:
    remember(folder, root)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert remembers(folder, root)
    folder.chmod(0o777)
    assert not remembers(folder, root), "anybody could have written it"


def test_what_is_not_used_ages_away(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(folder, root)
    day = database._DAY
    now = time.time()
    for days in (20, 40):
        monkeypatch.setattr("archcheck.database.time.time", lambda days=days: now + days * day)
        with Store.open(folder, root) as store:
            assert store.get("link", b"key") == b"linked"
            store.put("link", b"new", b"x")
    with Store.open(folder, root) as store:
        assert store.get("link", b"key") == b"linked", "it was used"
        assert store.units([KEY]) == {}, "it was not"


def test_the_size_is_bounded_and_the_latest_stay(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BYTES", 1_000_000)
    for number in range(30):
        with Store.open(folder, root) as store:
            store.put("big", bytes([number]), os.urandom(100_000))
            store.put("big", b"too big", os.urandom(300_000))
    assert file_of(folder).stat().st_size < 1_500_000
    with Store.open(folder, root) as store:
        kept = [number for number in range(30) if store.get("big", bytes([number]))]
        assert store.get("big", b"too big") is None
    assert kept and kept == list(range(kept[0], 30))


def test_databases_of_forgotten_roots_are_removed(folder: Path, root: Path, tmp_path: Path) -> None:
    remember(folder, root)
    old = file_of(folder)
    os.utime(old, (1, 1))
    remember(folder, tmp_path, ReadSet(present=("project",)))
    assert not old.exists()


def test_equal_runs_write_equal_files(tmp_path: Path, root: Path) -> None:
    contents = []
    for name in ("one", "two"):
        with Store.open(tmp_path / name, root) as store:
            for number in (3, 1, 2) if name == "one" else (2, 3, 1):
                store.put("link", bytes([number]), b"x" * number)
        contents.append(file_of(tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def test_the_default_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHCHECK_CACHE_DIR", str(tmp_path / "moved"))
    assert default_folder() == tmp_path / "moved"


@pytest.mark.skipif(sys.platform != "linux", reason="the short cut is for Linux")
@pytest.mark.parametrize("xdg", [None, "", "/var/tmp/caches", "/var/tmp/caches/", "relative", " ", "~/x"])
@pytest.mark.parametrize("home", ["/home/someone", "/", None])
def test_the_default_folder_is_what_platformdirs_says(
    monkeypatch: pytest.MonkeyPatch, xdg: str | None, home: str | None
) -> None:
    import platformdirs

    monkeypatch.delenv("ARCHCHECK_CACHE_DIR", raising=False)
    for name, value in (("XDG_CACHE_HOME", xdg), ("HOME", home)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert default_folder() == Path(platformdirs.user_cache_dir("archcheck", appauthor=False))


def test_the_store_imports_neither_platformdirs_nor_pathspec() -> None:
    code = (
        "import sys, archcheck.cache, archcheck.project, archcheck.workers; archcheck.cache.default_folder();"
        "print([name for name in ('platformdirs', 'pathspec', 'multiprocessing') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ("[]\n" if sys.platform == "linux" else done.stdout)
