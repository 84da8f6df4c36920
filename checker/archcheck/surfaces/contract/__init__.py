"""What the surfaces have in common: operations and routes, schemas and tables, a document and its earlier version."""

from __future__ import annotations

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

__all__ = [
    "AuthDrift",
    "BodyDrift",
    "LimitDrift",
    "MethodDrift",
    "ParameterDrift",
    "StatusDrift",
    "UndocumentedRoutes",
    "UnimplementedOperations",
]
