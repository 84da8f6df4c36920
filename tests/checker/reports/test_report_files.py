"""A report file is replaced as a whole, or left as it was with a reason that a person understands."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from archcheck.reports.files import Unwritable, replacing


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        with replacing(str(tmp_path / "a.sarif")) as out:
            out.write("größe\n")
    finally:
        os.umask(former)
    assert (tmp_path / "a.sarif").read_bytes() == "größe\n".encode()
    assert (tmp_path / "a.sarif").stat().st_mode & 0o777 == 0o640
    assert left_over(tmp_path) == []


def test_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.sarif"
    file.write_text("old")
    file.chmod(0o604)
    with replacing(str(file)) as out:
        out.write("new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o604


def test_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / "real" / "a.json")
    with replacing(str(tmp_path / "link.json")) as out:
        out.write("new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real" / "a.json").read_text() == "new"


def test_former_file_stays_until_the_end_and_after_an_exception(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(str(file)) as out:
        out.write("half")
        assert file.read_text() == "old"
        raise ZeroDivisionError
    assert file.read_text() == "old"
    assert left_over(tmp_path) == []


def test_left_over_of_a_killed_run_is_no_obstacle(tmp_path: Path) -> None:
    stale = tmp_path / f".archcheck-{os.getpid()}-0.tmp"
    stale.write_text("stale")
    with replacing(str(tmp_path / "a.json")) as out:
        out.write("new")
    assert (tmp_path / "a.json").read_text() == "new"
    assert stale.read_text() == "stale"


def test_unwritable_places_are_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, reason in (
        (tmp_path / "no" / "a.json", "its folder does not exist"),
        (tmp_path / "file" / "a.json", "its folder does not exist"),
        (tmp_path, "it is a folder"),
        (tmp_path / ("x" * 300), "file name too long"),
    ):
        with pytest.raises(Unwritable) as caught, replacing(str(path)) as out:
            out.write("new")
        assert str(caught.value) == f"cannot write {path}: {reason}"


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is forbidden to the superuser")
def test_protected_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("old")
    file.chmod(0o444)
    with pytest.raises(Unwritable, match="permission is denied"), replacing(str(file)) as out:
        out.write("new")
    assert file.read_text() == "old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_is_explained() -> None:
    with pytest.raises(Unwritable, match="no space left"), replacing("/dev/full") as out:
        out.write("new")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with replacing(str(pipe)) as out:
        out.write("new")
    reader.join(timeout=10)
    assert read == ["new"]
    assert pipe.is_fifo()
