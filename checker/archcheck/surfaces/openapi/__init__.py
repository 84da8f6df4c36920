"""The OpenAPI surface: documents of version 2.0, 3.0, 3.1 and 3.2, read across files into typed views.

Rules import the subject types from here; nothing in this package loads a parser before a document is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcheck.late import late

if TYPE_CHECKING:
    from archcheck.surfaces.openapi.api import Api, Reference, SecurityScheme, Server
    from archcheck.surfaces.openapi.census import Census
    from archcheck.surfaces.openapi.counts import Spot
    from archcheck.surfaces.openapi.credentials import Credential
    from archcheck.surfaces.openapi.edits import added, fixing, header_added, removed
    from archcheck.surfaces.openapi.facts import OperationFact
    from archcheck.surfaces.openapi.message import Header, MediaType, Parameter, RequestBody, Response
    from archcheck.surfaces.openapi.operation import Operation, PathItem
    from archcheck.surfaces.openapi.schema import Schema
    from archcheck.surfaces.openapi.segment import Segment
    from archcheck.surfaces.openapi.validity import Breach
else:
    __getattr__ = late(
        __name__,
        api="Api Reference SecurityScheme Server",
        census="Census",
        counts="Spot",
        credentials="Credential",
        edits="added fixing header_added removed",
        facts="OperationFact",
        message="Header MediaType Parameter RequestBody Response",
        operation="Operation PathItem",
        schema="Schema",
        segment="Segment",
        validity="Breach",
    )

__all__ = [
    "Api",
    "Breach",
    "Census",
    "Credential",
    "Header",
    "MediaType",
    "Operation",
    "OperationFact",
    "Parameter",
    "PathItem",
    "Reference",
    "RequestBody",
    "Response",
    "Schema",
    "SecurityScheme",
    "Segment",
    "Server",
    "Spot",
    "added",
    "fixing",
    "header_added",
    "removed",
]
