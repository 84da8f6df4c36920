"""The Python surface: one module of source is one unit, its facts are typed subjects, and nothing is ever imported.

Rule authors import the subject types from here; no parser comes with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcheck.late import late

if TYPE_CHECKING:
    from archcheck.surfaces.python.credential import OpenCors, PasswordUse, Secret, TokenReading
    from archcheck.surfaces.python.edits import fixing, raised
    from archcheck.surfaces.python.layer import Breach, Mixture
    from archcheck.surfaces.python.logs import Leak, Logs, LogSetup, Prints, Swallowed
    from archcheck.surfaces.python.outbound import Blocked, Cached, Outbound, Retry, Unguarded
    from archcheck.surfaces.python.query import Hole, Origin, Part, Place, Position, Query, Step
    from archcheck.surfaces.python.route import App, Evidence, Handler, Hook, Input, Route, Router, Shape
    from archcheck.surfaces.python.task import Act, Consumer, Queue, Task, TaskApp
    from archcheck.surfaces.python.webhooks import Delivery, Verifier
else:
    __getattr__ = late(
        __name__,
        credential="OpenCors PasswordUse Secret TokenReading",
        edits="fixing raised",
        layer="Breach Mixture",
        logs="Leak Logs LogSetup Prints Swallowed",
        outbound="Blocked Cached Outbound Retry Unguarded",
        query="Hole Origin Part Place Position Query Step",
        route="App Evidence Handler Hook Input Route Router Shape",
        task="Act Consumer Queue Task TaskApp",
        webhooks="Delivery Verifier",
    )

__all__ = [
    "Act",
    "App",
    "Blocked",
    "Breach",
    "Cached",
    "Consumer",
    "Delivery",
    "Evidence",
    "Handler",
    "Hole",
    "Hook",
    "Input",
    "Leak",
    "LogSetup",
    "Logs",
    "Mixture",
    "OpenCors",
    "Origin",
    "Outbound",
    "Part",
    "PasswordUse",
    "Place",
    "Position",
    "Prints",
    "Query",
    "Queue",
    "Retry",
    "Route",
    "Router",
    "Secret",
    "Shape",
    "Step",
    "Swallowed",
    "Task",
    "TaskApp",
    "TokenReading",
    "Unguarded",
    "Verifier",
    "fixing",
    "raised",
]
