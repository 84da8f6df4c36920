"""Files stay under the root, never block, never grow without bound, and remember every question."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck.files import UNREADABLE, UNSTABLE, Disk, MemoryFiles, ProjectFiles, ReadSet, clean, digest, escaped
from archcheck.source import Unread
from archcheck.surface import Files, Limits

LIMITS = Limits(file_size=1000)

needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "specs" / "shared").mkdir(parents=True)
    (root / "specs" / "api.yaml").write_bytes(b"openapi: 3.1.0\r\n")
    (root / "specs" / "shared" / "money.yaml").write_bytes(b"type: object\n")
    (tmp_path / "secret.yaml").write_bytes(b"password: hunter2\n")
    return root


def refused(files: Files, path: str) -> Unread:
    with pytest.raises(Unread) as caught:
        files.open(path)
    assert "hunter2" not in str(caught.value)
    return caught.value


def test_a_file_is_opened_by_its_clean_name(root: Path) -> None:
    files = ProjectFiles(root)
    for path in ("specs/api.yaml", "./specs/api.yaml", "specs//api.yaml", "specs/shared/../api.yaml"):
        source = files.open(path)
        assert (source.path, source.data) == ("specs/api.yaml", b"openapi: 3.1.0\r\n")
    assert files.read_set().opened == (("specs/api.yaml", digest(b"openapi: 3.1.0\r\n")),)


@pytest.mark.parametrize("path", ["../secret.yaml", "specs/../../secret.yaml", "..", "/etc/passwd", "a\0b", "\udcff"])
def test_names_that_lead_outside_are_refused_without_asking_the_disk(root: Path, path: str) -> None:
    files = ProjectFiles(root)
    assert refused(files, path).reason == "it lies outside the project root"
    assert not files.exists(path)
    assert files.listing(path) == ()
    assert files.read_set() == ReadSet()


@needs_links
def test_links_are_followed_only_inside(root: Path) -> None:
    (root / "inside.yaml").symlink_to("specs/api.yaml")
    (root / "folder").symlink_to("specs/shared")
    (root / "outside.yaml").symlink_to("../secret.yaml")
    (root / "above").symlink_to("..")
    (root / "hop").symlink_to("above")
    files = ProjectFiles(root)
    assert files.open("inside.yaml").path == "inside.yaml"
    assert files.open("folder/money.yaml").data == b"type: object\n"
    for path in ("outside.yaml", "above/secret.yaml", "hop/secret.yaml", "hop/project/specs/../../secret.yaml"):
        assert "outside" in refused(files, path).reason or path.startswith("hop/project")
        assert not files.exists(path)
    assert files.listing("above") == ()
    assert set(files.read_set().absent) >= {"outside.yaml", "above/secret.yaml", "hop/secret.yaml"}


@needs_links
def test_a_loop_of_links_is_named(root: Path) -> None:
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    files = ProjectFiles(root)
    assert "leads back to itself" in refused(files, "loop.yaml").reason
    assert "leads back to itself" in refused(files, "a/x.yaml").reason
    assert files.listing("a") == ()


@needs_fifo
def test_a_fifo_is_refused_at_once(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    files = ProjectFiles(root)
    error = refused(files, "pipe.yaml")
    assert (error.kind, error.reason) == ("unreadable", "it is a named pipe (FIFO), not a regular file")
    assert files.read_set().absent == ("pipe.yaml",), "a file in its place would change the answer"


@needs_fifo
def test_sockets_and_folders_are_no_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        files = ProjectFiles(root)
        assert "a socket" in refused(files, "socket.yaml").reason
        assert "a folder" in refused(files, "specs").reason
    assert files.read_set().opened == (("specs", UNREADABLE),)
    assert files.read_set().present == ("specs",)


def test_a_file_over_the_limit_is_reported_and_one_at_the_limit_is_read(root: Path) -> None:
    (root / "full.sql").write_bytes(b"x" * 1000)
    (root / "over.sql").write_bytes(b"x" * 1001)
    files = ProjectFiles(root, LIMITS)
    assert len(files.open("full.sql").data) == 1000
    error = refused(files, "over.sql")
    assert (error.kind, error.reason) == ("limit", "it is larger than the limit of 1,000 bytes")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_file_whose_size_is_not_told_is_capped_all_the_same() -> None:
    assert Disk(Path("/proc/self"), 100_000).read("status").startswith(b"Name:")
    with pytest.raises(Unread, match="larger than the limit of 10 bytes"):
        Disk(Path("/proc/self"), 10).read("status")


def test_what_is_missing_is_missing(root: Path) -> None:
    files = ProjectFiles(root)
    for path in ("no.yaml", "no/such/folder.yaml", "specs/api.yaml/inner.yaml", "n" * 300):
        assert refused(files, path).kind == "missing"
    assert len(files.read_set().absent) == 4


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_file_without_permission_is_named(root: Path) -> None:
    (root / "specs" / "api.yaml").chmod(0)
    script = (
        "import os, sys; os.getuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))\n"
        "from archcheck.files import ProjectFiles; from archcheck.source import Unread; from pathlib import Path\n"
        "files = ProjectFiles(Path(sys.argv[1]))\n"
        "try: files.open('specs/api.yaml')\n"
        "except Unread as error: print(error.kind, error.reason, files.read_set().present)\n"
    )
    if os.getuid() == 0:  # who gives up these rights must still be able to get there
        for folder in (root, *root.parents):
            if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
                folder.chmod(0o755)
    command = [sys.executable, "-c", "import archcheck.files, archcheck.source, encodings.idna\n" + script, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "unreadable permission to read it is denied ('specs/api.yaml',)\n", done.stderr


def test_questions_and_answers_are_on_record_in_order(root: Path) -> None:
    files = ProjectFiles(root)
    assert files.exists("specs/shared")
    assert files.exists("")
    assert not files.exists("specs/none.yaml")
    assert files.listing("specs") == ("api.yaml", "shared/")
    assert files.listing("nowhere") == ()
    files.open("specs/shared/money.yaml")
    files.open("specs/api.yaml")
    record = files.read_set()
    assert [path for path, _ in record.opened] == ["specs/api.yaml", "specs/shared/money.yaml"]
    assert (record.absent, record.present) == (("specs/none.yaml",), ("", "specs/shared"))
    assert [path for path, _ in record.listings] == ["nowhere", "specs"]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=ReadSet) == record


def test_a_file_that_changes_while_its_unit_is_read_is_never_replayed(root: Path) -> None:
    files = ProjectFiles(root)
    files.open("specs/api.yaml")
    (root / "specs" / "api.yaml").write_bytes(b"openapi: 3.0.0\n")
    files.open("specs/api.yaml")
    files.open("specs/api.yaml")
    assert files.read_set().opened == (("specs/api.yaml", UNSTABLE),)


class Notes:
    def __init__(self) -> None:
        self.held: dict[tuple[str, str, bytes], bytes] = {}

    def get(self, kind: str, path: str, digest: bytes) -> bytes | None:
        return self.held.get((kind, path, digest))

    def put(self, kind: str, path: str, digest: bytes, data: bytes) -> None:
        self.held[kind, path, digest] = data


def test_what_is_kept_is_recalled_for_the_same_bytes_only(root: Path) -> None:
    notes = Notes()
    files = ProjectFiles(root, recall=notes)
    source = files.open("specs/api.yaml")
    assert files.recall(source, "tree") is None
    files.keep(source, "tree", b"parsed")
    assert files.kept == [("tree", "specs/api.yaml", digest(source.data), b"parsed")]
    again = ProjectFiles(root, recall=notes)
    assert again.recall(again.open("specs/api.yaml"), "tree") == b"parsed"
    assert again.recall(again.open("specs/api.yaml"), "other") is None
    (root / "specs" / "api.yaml").write_bytes(b"openapi: 3.0.0\n")
    assert again.recall(again.open("specs/api.yaml"), "tree") is None


def test_files_in_memory_behave_like_files_on_disk(root: Path) -> None:
    contents = {"specs/api.yaml": "openapi: 3.1.0\r\n", "specs/shared/money.yaml": b"type: object\n"}
    both: list[Files] = [MemoryFiles(contents, LIMITS), ProjectFiles(root, LIMITS)]
    records = []
    for files in both:
        assert files.open("specs/shared/../api.yaml").text == "openapi: 3.1.0\r\n"
        assert refused(files, "specs/none.yaml").kind == "missing"
        assert "folder" in refused(files, "specs").reason
        assert files.listing("specs") == ("api.yaml", "shared/")
        assert files.listing("") == ("specs/",)
        assert files.exists("specs/shared") and not files.exists("shared")
        records.append(files.read_set())  # type: ignore[attr-defined]
    assert records[0] == records[1]
    with pytest.raises(Unread, match="larger than"):
        MemoryFiles({"a.sql": "x" * 1001}, LIMITS).open("a.sql")


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_names_that_are_no_utf8_are_listed_as_text(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.yaml")).write_bytes(b"")
    assert ProjectFiles(root).listing("") == ("caf\\xe9.yaml", "specs/")
    assert escaped("café.yaml") == "café.yaml"


@given(st.text(alphabet="ab./\\\0:é\udcff", max_size=12))
def test_a_clean_path_has_nothing_to_climb_with(path: str) -> None:
    inside = clean(path)
    if inside is not None:
        assert not inside.startswith("/")
        assert ".." not in inside.split("/") and "." not in inside.split("/")
        assert "\0" not in inside
        inside.encode("utf-8")
        assert clean(inside) == inside
