"""The Python surface: one module of source is one unit, its facts are typed subjects, and nothing is ever imported.

Rule authors import the subject types from here; no parser comes with them.
"""

from __future__ import annotations

from archcheck.surfaces.python.query import Hole, Origin, Part, Place, Position, Query, Step
from archcheck.surfaces.python.route import App, Evidence, Handler, Hook, Input, Route, Router, Shape
from archcheck.surfaces.python.task import Act, Consumer, Queue, Task, TaskApp

__all__ = [
    "Act",
    "App",
    "Consumer",
    "Evidence",
    "Handler",
    "Hole",
    "Hook",
    "Input",
    "Origin",
    "Part",
    "Place",
    "Position",
    "Query",
    "Queue",
    "Route",
    "Router",
    "Shape",
    "Step",
    "Task",
    "TaskApp",
]
