"""Which files are read by their names alone: modules, and what a service is started with, not what tools read."""

from __future__ import annotations

import re
from typing import Final

SUFFIXES: Final = (
    *(".py", ".yaml", ".yml", ".ini", ".cfg", ".toml", ".env", ".env.local", ".env.dev", ".env.development"),
    *(".env.prod", ".env.production", ".env.staging", ".env.stage", ".env.live", ".env.docker"),
)
_COMPOSE: Final = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml")
_TOOLS: Final = re.compile(
    r"pyproject|cargo|ruff|\.ruff|tox|setup|pytest|mypy|\.flake8|\.pylintrc|pylintrc|\.isort|\.coveragerc|coverage|poetry|uv|pdm|hatch"
    r"|taplo|clippy|rustfmt|book|netlify|fly|railway|wrangler|typos|\.typos|deny|lefthook|mise|\.mise|cliff|pip|desktop|\.editorconfig"
    r"|gradle|libs\.versions|rust-toolchain|bunfig|pixi|stylua|selene|codecov|\.bumpversion|tach|\.importlinter|\.?archcheck|.*[-_.]?lock"
)
_ENV: Final = re.compile(r"[\w.-]*\.env(?:\.(?:local|dev|development|prod|production|staging|stage|live|docker))?")


def concerns(path: str) -> bool:
    """Every module counts, and of other files those that hold the settings of a service."""
    return is_module(path) or _holds_settings(path)


def is_module(path: str) -> bool:
    """Whether a file is a module of Python."""
    return path.lower().endswith(".py")


def _holds_settings(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    if name.endswith((".yaml", ".yml")):
        return _COMPOSE.fullmatch(name) is not None
    if name.endswith((".ini", ".cfg", ".toml")):
        return _TOOLS.fullmatch(name.rpartition(".")[0]) is None
    return _ENV.fullmatch(name) is not None
