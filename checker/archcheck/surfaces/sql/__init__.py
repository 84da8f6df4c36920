"""The SQL surface: migration histories, replayed into a catalog, as typed facts.

What stands here is what a rule imports; it needs no parser.
"""

from archcheck.surfaces.sql.catalog import CheckFact, ColumnFact, ForeignFact, IndexFact, KeyFact, TableFact
from archcheck.surfaces.sql.members import Column, ForeignKey, Index
from archcheck.surfaces.sql.subjects import History, Migration, Statement, Table

__all__ = [
    "CheckFact",
    "Column",
    "ColumnFact",
    "ForeignFact",
    "ForeignKey",
    "History",
    "Index",
    "IndexFact",
    "KeyFact",
    "Migration",
    "Statement",
    "Table",
    "TableFact",
]
