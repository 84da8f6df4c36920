"""Asking git, so that neither the surroundings nor the repository's own settings change the answer or run a program."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess

# Starting programs takes 4 ms to import, which only who starts one spends.

# The ways git can be told by its surroundings to look elsewhere; hooks set some of them.
_SURROUNDINGS: Final = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES COMMON_DIR CONFIG CONFIG_COUNT CONFIG_PARAMETERS DIR INDEX_FILE NAMESPACE"
        " OBJECT_DIRECTORY PREFIX WORK_TREE LITERAL_PATHSPECS GLOB_PATHSPECS ICASE_PATHSPECS"
    ).split()
)
# The repository's own settings may name programs to run on the way: none may be. Nor is anything fetched, such as what
# a partial clone lacks: nothing here uses the network.
_GIT: Final = ("git", "-c", "core.fsmonitor=", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never")
_SECONDS: Final = 30
AUTO: Final = "auto"
"""Stands for the default branch, wherever it is."""
_DEFAULT_BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class GitError(Exception):
    """git could not say; the message is its own reason, without a full stop."""


class Answer:
    """What git answered, and its warnings."""

    __slots__ = ("data", "warnings")

    def __init__(self, data: bytes, warnings: str) -> None:
        self.data = data
        self.warnings = warnings

    @property
    def names(self) -> list[str]:
        """The answer as names that each end in NUL."""
        return os.fsdecode(self.data).split("\0")[:-1]


def converse(root: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a command of git in a folder that is asked line by line. Raises `GitError`."""
    import subprocess

    try:
        return subprocess.Popen(
            (*_GIT, "-C", root, *words),
            env=_surroundings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}") from None


def in_repository(root: str) -> bool:
    """Whether a folder lies in a repository, without asking git."""
    return any((folder / ".git").exists() for folder in (Path(root), *Path(root).parents))


def ask(root: str, *words: str) -> Answer:
    """Run one command of git in a folder. Raises `GitError`."""
    import subprocess

    try:
        done = subprocess.run(
            (*_GIT, "-C", root, *words),
            env=_surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git took more than {_SECONDS} seconds") from None
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror or error}") from None
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        lines = [line for line in said.splitlines() if line.strip()]
        raise GitError((lines[0] if lines else f"git ended with {done.returncode}").removeprefix("fatal: ").rstrip("."))
    return Answer(done.stdout, said)


def commit_of(root: str, revision: str) -> str:
    """The commit that a revision names. Raises `GitError`."""
    try:
        return ask(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").data.decode().strip()
    except GitError:
        raise GitError(f"there is no revision '{revision}' here; fetch it, or name another") from None


def prefix_of(folder: str) -> str:
    """Where a folder lies in its repository, ending in `/`; empty for the top. Raises `GitError`."""
    return os.fsdecode(ask(folder, "rev-parse", "--show-prefix").data).removesuffix("\n")


def changed_since(root: str, revision: str) -> list[str]:
    """The files below a folder that differ from where the work left a revision: committed, staged, edited or new.

    Names are relative to the folder. Those that are gone are left out. Raises `GitError`.
    """
    base = start_of_work(root, revision)
    differ = ask(root, "diff", "--name-only", "--relative", "--no-renames", "--diff-filter=d", "-z", base, "--")
    new = ask(root, "ls-files", "-z", "--others", "--exclude-standard")
    return list(dict.fromkeys((*differ.names, *new.names)))


def start_of_work(root: str, revision: str) -> str:
    """The commit where the work left a revision, which may be `AUTO`. Raises `GitError`."""
    if not in_repository(root):
        raise GitError("this is no git repository")
    return _merge_base(root, _default_branch(root) if revision == AUTO else commit_of(root, revision))


def renamed_since(root: str, commit: str) -> dict[str, str]:
    """The files below a folder that have another name than at a commit: today's name, and the one then.

    Raises `GitError`.
    """
    words = ("diff", "--name-status", "--relative", "--find-renames", "--diff-filter=R", "--no-ext-diff", "-z")
    names = iter(ask(root, *words, commit, "--").names)
    return {next(names): before for _, before in zip(names, names, strict=False)}


def gone_since(root: str, commit: str) -> list[str]:
    """The files below a folder that a commit had and that are there no longer. Raises `GitError`."""
    return ask(root, "diff", "--name-only", "--relative", "--no-renames", "--diff-filter=D", "-z", commit, "--").names


def _default_branch(root: str) -> str:
    """The commit of the branch that work leaves and comes back to."""
    for name in _DEFAULT_BRANCHES:
        with contextlib.suppress(GitError):
            return commit_of(root, name)
    tried = ", ".join(_DEFAULT_BRANCHES)
    raise GitError(f"there is no default branch here (of {tried}); fetch it, or name a revision")


def _merge_base(root: str, commit: str) -> str:
    """The commit where the work left another one; that one itself where they share no history, as in shallow clones."""
    try:
        return ask(root, "merge-base", commit, "HEAD").data.decode().strip() or commit
    except GitError:
        return commit


def _surroundings() -> dict[str, str]:
    surroundings = {name: value for name, value in os.environ.items() if name not in _SURROUNDINGS}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    return surroundings | quiet | {"LC_ALL": "C"}
