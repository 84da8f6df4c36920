"""The SQL surface: migration histories, replayed into a catalog, as typed facts.

What stands here is what a rule imports; it needs no parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcheck.late import late

if TYPE_CHECKING:
    from archcheck.surfaces.sql.acts import Change
    from archcheck.surfaces.sql.catalog import CheckFact, ColumnFact, ForeignFact, IndexFact, KeyFact, TableFact
    from archcheck.surfaces.sql.final import Table
    from archcheck.surfaces.sql.members import Column, ForeignKey, Index
    from archcheck.surfaces.sql.privileges import Privileges
    from archcheck.surfaces.sql.statements import (
        AddColumn,
        AddConstraint,
        AlterType,
        AttachPartition,
        ChangeColumn,
        ChangeFunction,
        Constraint,
        CreateFunction,
        CreateIndex,
        CreateSchema,
        CreateTable,
        CreateType,
        CreateView,
        Drop,
        DropColumn,
        DropConstraint,
        Grant,
        Maintain,
        OtherAction,
        RenameColumn,
        RenameTables,
        RenameTo,
        SetDefault,
        SetNullable,
        SetSchema,
        SetType,
        Transact,
        ValidateConstraint,
        Write,
    )
    from archcheck.surfaces.sql.subjects import History, Migration, Statement
    from archcheck.surfaces.sql.symmetry import Residue
    from archcheck.surfaces.sql.upgrades import Rollout, Upgrade, named
    from archcheck.surfaces.sql.widening import rewrites, volatile
else:
    __getattr__ = late(
        __name__,
        acts="Change",
        catalog="CheckFact ColumnFact ForeignFact IndexFact KeyFact TableFact",
        final="Table",
        members="Column ForeignKey Index",
        privileges="Privileges",
        statements=(
            "AddColumn AddConstraint AlterType AttachPartition ChangeColumn ChangeFunction Constraint "
            "CreateFunction CreateIndex CreateSchema CreateTable CreateType CreateView Drop DropColumn "
            "DropConstraint Grant Maintain OtherAction RenameColumn RenameTables RenameTo SetDefault SetNullable "
            "SetSchema SetType Transact ValidateConstraint Write"
        ),
        subjects="History Migration Statement",
        symmetry="Residue",
        upgrades="Rollout Upgrade named",
        widening="rewrites volatile",
    )

__all__ = [
    "AddColumn",
    "AddConstraint",
    "AlterType",
    "AttachPartition",
    "Change",
    "ChangeColumn",
    "ChangeFunction",
    "CheckFact",
    "Column",
    "ColumnFact",
    "Constraint",
    "CreateFunction",
    "CreateIndex",
    "CreateSchema",
    "CreateTable",
    "CreateType",
    "CreateView",
    "Drop",
    "DropColumn",
    "DropConstraint",
    "ForeignFact",
    "ForeignKey",
    "Grant",
    "History",
    "Index",
    "IndexFact",
    "KeyFact",
    "Maintain",
    "Migration",
    "OtherAction",
    "Privileges",
    "RenameColumn",
    "RenameTables",
    "RenameTo",
    "Residue",
    "Rollout",
    "SetDefault",
    "SetNullable",
    "SetSchema",
    "SetType",
    "Statement",
    "Table",
    "TableFact",
    "Transact",
    "Upgrade",
    "ValidateConstraint",
    "Write",
    "named",
    "rewrites",
    "volatile",
]
