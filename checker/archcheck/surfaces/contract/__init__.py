"""What the surfaces have in common: operations and routes, schemas and tables, a document and its earlier version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcheck.late import late

if TYPE_CHECKING:
    from archcheck.surfaces.contract.changes import (
        Addition,
        Change,
        Demand,
        Limit,
        Release,
        Removal,
        Shift,
        Sunset,
        listed,
    )
    from archcheck.surfaces.contract.routes import (
        AuthDrift,
        BodyDrift,
        LimitDrift,
        MethodDrift,
        ParameterDrift,
        StatusDrift,
        UndocumentedRoutes,
        UnimplementedOperations,
    )
    from archcheck.surfaces.contract.tables import EnumClash, ExposedSecret, LengthClash, NullableRequired, TypeClash
else:
    __getattr__ = late(
        __name__,
        changes="Addition Change Demand Limit Release Removal Shift Sunset listed",
        routes=(
            "AuthDrift BodyDrift LimitDrift MethodDrift ParameterDrift StatusDrift UndocumentedRoutes "
            "UnimplementedOperations"
        ),
        tables="EnumClash ExposedSecret LengthClash NullableRequired TypeClash",
    )

__all__ = [
    "Addition",
    "AuthDrift",
    "BodyDrift",
    "Change",
    "Demand",
    "EnumClash",
    "ExposedSecret",
    "LengthClash",
    "Limit",
    "LimitDrift",
    "MethodDrift",
    "NullableRequired",
    "ParameterDrift",
    "Release",
    "Removal",
    "Shift",
    "StatusDrift",
    "Sunset",
    "TypeClash",
    "UndocumentedRoutes",
    "UnimplementedOperations",
    "listed",
]
