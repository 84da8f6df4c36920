"""Alembic revisions read statement by statement: what `upgrade` and `downgrade` would send, without running them."""

from __future__ import annotations

import ast
import re
from typing import Final

from archcheck.source import Source
from archcheck.surfaces.sql import statements as say
from archcheck.surfaces.sql.alembic_walk import Walk
from archcheck.surfaces.sql.conventions import Convention
from archcheck.surfaces.sql.pymodules import Modules
from archcheck.surfaces.sql.pyreach import Reach
from archcheck.surfaces.sql.pyread import PyFile
from archcheck.surfaces.sql.revisions import read_revision
from archcheck.surfaces.sql.undoing import does_nothing, explained

# A comment on a line of its own, to be read as one of SQL.
_COMMENT: Final = re.compile(r"^[ \t]*#[ \t]*", re.MULTILINE)


class AlembicReader:
    """Reads the revisions of one history."""

    def __init__(self, dialect: str, modules: Modules, convention: Convention) -> None:
        self.dialect = dialect
        self.convention = convention
        self.modules = modules
        self.reach = Reach(modules)

    def read(self, source: Source) -> say.Script:
        """The statements of a revision, both ways. Raises `Unread` when it is no valid Python."""
        file = PyFile(source)
        file.convention = self.convention
        scope = self.modules.scope(file.tree, source.path)
        up, down = (Walk(self.modules, self.reach, self.dialect, file, scope) for _ in range(2))
        sent, back = up.run("upgrade"), down.run("downgrade")
        node = next((n for n in file.tree.body if isinstance(n, ast.FunctionDef) and n.name == "downgrade"), None)
        line = node.lineno if node else 0
        text = ast.get_source_segment(source.text, node) or "" if node else ""
        said = explained(_COMMENT.sub("-- ", text), does_nothing(back)) or _refuses(node)
        supposed = tuple(sorted(up.supposed))
        return say.Script(sent, back, None, line, said, read_revision(source.text), supposed=supposed)


def _refuses(node: ast.FunctionDef | None) -> bool:
    """Whether a way down refuses to go, by an error or in words of its own."""
    if node is None:
        return False
    return any(isinstance(n, ast.Raise) for n in node.body) or ast.get_docstring(node) is not None
