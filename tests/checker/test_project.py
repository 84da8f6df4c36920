"""The files of a project are those git sees, or a careful walk; and every path that is named gets an answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from archcheck.project import Listing, discover, find_root
from archcheck.surface import Limits

SUFFIXES = frozenset((".py", ".sql", ".yaml"))

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def write(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {path}\n")


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, "-C", str(root), *arguments), check=True, capture_output=True)


def look(
    root: Path,
    *paths: str | Path,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    force_exclude: bool = False,
) -> Listing:
    named = [root / path for path in paths]
    return discover(
        root,
        named,
        suffixes=SUFFIXES,
        include=include,
        exclude=exclude,
        force_exclude=force_exclude,
        limits=Limits(),
    )


def said(listing: Listing) -> list[tuple[str, str]]:
    return [(gap.path, gap.kind) for gap in listing.gaps]


@pytest.fixture(params=["git", "walk"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A small project, once in a git repository and once outside."""
    root = tmp_path / "project"
    write(root, "app/main.py", "app/models.py", "db/0001.sql", "api.yaml", "README.md", "build/out.py", "debug_log.py")
    (root / ".gitignore").write_text("/build/\n*_log.py\n")
    (root / "app" / ".gitignore").write_text("generated_*.py\n!generated_keep.py\n")
    write(root, "app/generated_a.py", "app/generated_keep.py", "db/generated_b.py")
    if request.param == "git":
        if shutil.which("git") is None:
            pytest.skip("no git here")
        git(root, "init", "-q")
        git(root, "add", "app/main.py", "api.yaml")
    return root


EXPECTED = ("api.yaml", "app/generated_keep.py", "app/main.py", "app/models.py", "db/0001.sql", "db/generated_b.py")


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(root: Path) -> None:
    listing = look(root)
    assert listing.paths == listing.asked == EXPECTED
    assert (listing.gaps, listing.named) == ((), frozenset())
    status = (root / "api.yaml").stat()
    assert listing.stats["api.yaml"] == (status.st_mtime_ns, status.st_size)


def test_include_and_exclude_are_patterns_as_in_a_gitignore(root: Path) -> None:
    assert look(root, exclude=["app/", "*.sql"]).paths == ("api.yaml", "db/generated_b.py")
    assert look(root, include=["/app/**", "!app/main.py"]).paths == ("app/generated_keep.py", "app/models.py")
    excluded = look(root, exclude=["app/"])
    assert excluded.passed_over["excluded by the configuration"] == 3


def test_a_pattern_of_many_stars_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match="more than 3 stars"):
        look(root, exclude=["a*a*a*a*b"])
    if not (root / ".git").exists():  # git itself would take hours, and is given up after a while
        (root / ".gitignore").write_text("*a*a*a*a*a*a*a*a*b\n/build/\n")
        write(root, "a" * 200 + ".py")
        assert "a" * 200 + ".py" in look(root).paths


def test_paths_choose_what_is_asked_and_the_rest_stays_known(root: Path) -> None:
    listing = look(root, "app", "db/0001.sql")
    assert listing.paths == EXPECTED
    assert listing.asked == ("app/generated_keep.py", "app/main.py", "app/models.py", "db/0001.sql")
    assert listing.named == {"db/0001.sql"}
    assert look(root, root).asked == EXPECTED
    assert look(root, "app/../api.yaml").named == {"api.yaml"}


def test_what_is_named_is_taken_although_it_is_excluded_or_ignored(root: Path) -> None:
    listing = look(root, "build/out.py", "app/main.py", exclude=["app/"])
    assert listing.asked == ("app/main.py", "build/out.py")
    assert set(listing.asked) <= set(listing.paths) == set(listing.stats)
    assert look(root, "build").asked == ("build/out.py",)
    assert look(root, "app", exclude=["app/"]).asked == EXPECTED[1:4]


def test_unless_exclusion_is_forced(root: Path) -> None:
    listing = look(root, "build/out.py", "app/main.py", "api.yaml", exclude=["app/"], force_exclude=True)
    assert (listing.asked, listing.named) == (("api.yaml",), {"api.yaml"})
    assert listing.passed_over["named, and excluded or ignored"] == 2
    assert look(root, "build", force_exclude=True).asked == ()


def test_other_kinds_of_files_are_passed_over(root: Path) -> None:
    listing = look(root, "README.md")
    assert (listing.asked, listing.gaps) == ((), ())
    assert listing.passed_over["named, and of a kind that is not checked"] == 1
    write(root, "UPPER.SQL")
    assert "UPPER.SQL" in look(root).paths


def test_missing_and_outside_paths_are_gaps(root: Path) -> None:
    write(root.parent, "other/secret.py")
    listing = look(root, "app/none.py", "nowhere/", root.parent / "other" / "secret.py", "..")
    assert listing.asked == ()
    assert ("app/none.py", "missing") in said(listing)
    assert ("nowhere", "missing") in said(listing)
    assert [gap.reason for gap in listing.gaps].count("it lies outside the project root") == 2
    assert all("secret" not in path for path in listing.paths)


def test_a_name_with_nul_is_missing(root: Path) -> None:
    assert [kind for _, kind in said(look(root, "a\0b.py"))] == ["missing"]


def test_folders_of_tools_and_dependencies_are_passed_over(root: Path) -> None:
    write(root, "venv/lib/python3.11/site-packages/x.py", "web/node_modules/m/api.yaml", ".venv/y.py")
    assert look(root).paths == EXPECTED
    assert look(root, "web/node_modules/m").asked == ("web/node_modules/m/api.yaml",)


@needs_fifo
def test_a_fifo_never_blocks(root: Path) -> None:
    os.mkfifo(root / "pipe.sql")
    os.mkfifo(root / ".gitignore2")
    (gap,) = look(root, "pipe.sql").gaps
    assert (gap.path, gap.kind, gap.reason) == (
        "pipe.sql",
        "unreadable",
        "it is a named pipe (FIFO), not a regular file",
    )
    assert look(root).paths == EXPECTED


@needs_fifo
def test_a_fifo_in_the_place_of_a_settings_file_never_blocks(tmp_path: Path) -> None:
    for name in ("pyproject.toml", ".archcheck.toml", ".gitignore"):
        os.mkfifo(tmp_path / name)
    write(tmp_path, "a.py")
    assert find_root(tmp_path) == tmp_path.resolve()
    assert look(tmp_path).paths == ("a.py",)


@needs_links
def test_links_to_files_count_once_and_links_to_folders_never(root: Path) -> None:
    (root / "again.yaml").symlink_to("api.yaml")
    (root / "built.py").symlink_to("build/out.py")
    (root / "built_too.py").symlink_to("build/out.py")
    (root / "linked").symlink_to("app")
    (root / "endless").symlink_to(".")
    (root / "broken.sql").symlink_to("nowhere.sql")
    listing = look(root)
    assert listing.paths == tuple(sorted((*EXPECTED, "built.py")))
    assert listing.gaps == ()
    assert listing.passed_over["symbolic link to a file that is listed"] == 2
    assert listing.passed_over["broken symbolic link"] == 1
    assert look(root, "again.yaml").named == {"api.yaml"}
    assert look(root, "build/out.py").named == {"built.py"}
    assert look(root, "linked").asked == EXPECTED[1:4]
    assert said(look(root, "broken.sql")) == [("broken.sql", "missing")]


@needs_links
def test_loops_and_links_to_the_outside_are_named(root: Path) -> None:
    write(root.parent, "secret.py")
    (root / "loop.sql").symlink_to("loop.sql")
    (root / "out.py").symlink_to("../secret.py")
    listing = look(root)
    assert listing.paths == EXPECTED
    assert said(listing) == [("loop.sql", "unreadable"), ("out.py", "unreadable")]
    assert look(root, "app").gaps == (), "nobody asked about them"
    assert said(look(root, "loop.sql")) == [("loop.sql", "unreadable")]
    assert "outside" in look(root, "out.py").gaps[0].reason


@needs_links
@needs_git
def test_a_tracked_file_whose_folder_became_a_link_is_not_read_through_it(root: Path) -> None:
    if not (root / ".git").exists():
        return
    (root / "app" / "main.py").unlink()
    shutil.rmtree(root / "app")
    write(root.parent, "elsewhere/main.py")
    (root / "app").symlink_to("../elsewhere")
    assert "app/main.py" not in look(root).paths


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_name_that_is_no_utf8_is_a_gap_with_the_name_escaped(root: Path) -> None:
    (root / os.fsdecode(b"caf\xe9.sql")).write_bytes(b"")
    write(root, "café.sql")
    listing = look(root)
    assert said(listing) == [("caf\\xe9.sql", "unreadable")]
    assert "café.sql" in listing.paths


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of POSIX")
def test_an_unreadable_folder_is_a_gap(root: Path) -> None:
    write(root, "closed/a.py")
    (root / "closed").chmod(0)
    script = (
        "import os, sys, subprocess, pathspec\n"
        "from pathlib import Path\n"
        "from archcheck.project import discover\n"
        "from archcheck.surface import Limits\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "os.environ.update(GIT_CONFIG_GLOBAL=os.devnull)\n"
        "listing = discover(Path(sys.argv[1]), [], suffixes=frozenset(['.py']), include=(), exclude=(),\n"
        "    force_exclude=False, limits=Limits())\n"
        "print([(gap.path, gap.reason) for gap in listing.gaps], len(listing.paths))\n"
    )
    if os.getuid() == 0:
        for folder in (root, *root.parents):
            if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
                folder.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=False, cwd="/"
        )
    finally:
        (root / "closed").chmod(0o755)
    assert done.stdout == "[('closed', 'the folder cannot be opened')] 4\n", done.stderr


@needs_git
class TestGit:
    """What only git knows."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        root = tmp_path / "repository"
        write(root, "a.py", "b/c.sql")
        git(root, "init", "-q")
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "first")
        return root

    def test_deleted_files_drop_out(self, repository: Path) -> None:
        (repository / "a.py").unlink()
        listing = look(repository)
        assert (listing.paths, listing.gaps) == (("b/c.sql",), ())
        assert said(look(repository, "a.py")) == [("a.py", "missing")]

    def test_a_root_below_the_top_level_lists_its_own_part(self, repository: Path) -> None:
        assert look(repository / "b").paths == ("c.sql",)

    def test_repositories_inside_are_passed_over(self, repository: Path) -> None:
        write(repository, "vendor/x.py")
        git(repository / "vendor", "init", "-q")
        listing = look(repository)
        assert listing.paths == ("a.py", "b/c.sql")
        assert listing.passed_over["another git repository inside"] == 1
        assert look(repository, "vendor").asked == ("vendor/x.py",)

    def test_a_tracked_file_that_is_ignored_stays(self, repository: Path) -> None:
        (repository / ".gitignore").write_text("*.py\n")
        assert look(repository).paths == ("a.py", "b/c.sql")

    def test_unmerged_files_count_once(self, repository: Path) -> None:
        for branch, text in (("one", "x = 1\n"), ("two", "x = 2\n")):
            git(repository, "checkout", "-q", "-b", branch, "HEAD" if branch == "one" else "HEAD~1")
            (repository / "a.py").write_text(text)
            git(repository, "commit", "-q", "-a", "-m", branch)
        with pytest.raises(subprocess.CalledProcessError):
            git(repository, "merge", "one")
        assert look(repository).paths == ("a.py", "b/c.sql")

    def test_the_surroundings_of_a_hook_do_not_mislead(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, "other/z.py")
        git(tmp_path / "other", "init", "-q")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
        assert look(repository).paths == ("a.py", "b/c.sql")

    def test_settings_of_the_repository_run_nothing(self, repository: Path, tmp_path: Path) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'ran'}'\n")
        program.chmod(0o755)
        git(repository, "config", "core.fsmonitor", str(program))
        assert look(repository).paths == ("a.py", "b/c.sql")
        assert not (tmp_path / "ran").exists()

    def test_without_a_git_that_works_the_folder_is_walked(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        assert look(repository).paths == ("a.py", "b/c.sql")
        monkeypatch.undo()
        (repository / ".git" / "HEAD").write_text("nonsense")
        assert look(repository).paths == ("a.py", "b/c.sql")

    def test_a_project_that_the_repository_around_it_ignores_is_walked(self, repository: Path) -> None:
        (repository / ".gitignore").write_text("/scratch/\n")
        write(repository, "scratch/x.py")
        assert look(repository / "scratch").paths == ("x.py",)


def test_the_order_is_that_of_code_points(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "B.py", "a/z.py", "a.py", "ä.py")
    assert look(tmp_path).paths == ("B.py", "a.py", "a/z.py", "b.py", "ä.py")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda top: write(top, ".archcheck.toml"), True),
        (lambda top: write(top, "archcheck.toml"), True),
        (lambda top: (top / "pyproject.toml").write_text("[project]\n[tool.archcheck]\n"), True),
        (lambda top: (top / "pyproject.toml").write_text("[tool.archcheck.rules.x]\n"), True),
        (lambda top: (top / "pyproject.toml").write_text('[tool."archcheck"]\n'), True),
        (lambda top: (top / "pyproject.toml").write_text("# [tool.archcheck]\n[tool.archchecker]\n"), False),
        (lambda top: (top / ".archcheck.toml").mkdir(), False),
    ],
)
def test_the_nearest_configuration_makes_the_root(tmp_path: Path, make: Callable[[Path], object], found: bool) -> None:
    inner = tmp_path / "top" / "middle" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    make(tmp_path / "top")
    assert find_root(inner) == ((tmp_path / "top") if found else tmp_path).resolve()
    assert find_root(inner, override=tmp_path / "top" / "middle" / "..") == (tmp_path / "top").resolve()
