"""The SQL surface: migration histories, replayed into a catalog, as typed facts.

What stands here is what a rule imports; it needs no parser.
"""

from archcheck.surfaces.sql.catalog import CheckFact, ColumnFact, ForeignFact, IndexFact, KeyFact, TableFact
from archcheck.surfaces.sql.subjects import Column, ForeignKey, History, Index, Migration, Statement, Table

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
