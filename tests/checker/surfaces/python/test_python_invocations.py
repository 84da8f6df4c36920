"""Invocations: what is called, by whatever name, and what stands around it; and what kind of code a module is."""

from __future__ import annotations

import textwrap

import pytest
from python_reading import MemoryFiles

from archcheck.source import Source
from archcheck.surface import Settings, Tree
from archcheck.surfaces.python.invocations import Invocation, invocations
from archcheck.surfaces.python.kind import kind_of_code
from archcheck.surfaces.python.parse import parse
from archcheck.surfaces.python.surface import Module, Python
from archcheck.surfaces.python.survey import survey


def calls(source: str, others: dict[str, str] | None = None) -> list[Invocation]:
    """The calls of `app/main.py`."""
    files = {"app/__init__.py": "", "app/main.py": textwrap.dedent(source), **(others or {})}
    door, surface = MemoryFiles(files), Python()
    units = surface.units(Tree(tuple(files), dict.fromkeys(files, "python")), door)
    (unit,) = [unit for unit in units if unit.name == "app/main.py"]
    module = surface.read(unit, door, None, Settings())
    assert isinstance(module, Module)
    return list(invocations(module.context))


def targets(source: str, others: dict[str, str] | None = None) -> list[str]:
    """What is called in functions, in the order of the source."""
    found = [call for call in calls(source, others) if call.scope.kind == "function"]
    return [call.target for call in sorted(found, key=lambda call: call.at.line)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("import requests\ndef f():\n    requests.get('')\n", "requests.get"),
        ("import requests as r\ndef f():\n    r.get('')\n", "requests.get"),
        ("from requests import get as fetch\ndef f():\n    fetch('')\n", "requests.get"),
        ("import requests\ns = requests.Session()\ndef f():\n    s.get('')\n", "requests.Session.get"),
        ("import requests\ndef f(s: requests.Session | None):\n    s.get('')\n", "requests.Session.get"),
        ("import requests\ndef f(s: 'requests.Session'):\n    s.get('')\n", "requests.Session.get"),
        (
            "from typing import Annotated\nimport requests\nS = Annotated[requests.Session, 1]\n"
            "def f(s: S):\n    s.get('')\n",
            "requests.Session.get",
        ),
        (
            "import requests\nclass A:\n    def __init__(self):\n        self.s = requests.Session()\nclass B(A):\n"
            "    def f(self):\n        self.s.get('')\n",
            "requests.Session.get",
        ),
        (
            "import requests\nclass A(requests.Session):\n    def f(self):\n        self.get('')\n",
            "requests.Session.get",
        ),
        (
            "from functools import partial\nimport requests\nget = partial(requests.get)\ndef f():\n    get('')\n",
            "requests.get",
        ),
        ("from app.lib import fetch\ndef f():\n    fetch('')\n", "app.lib.fetch"),
        ("from .lib import fetch\ndef f():\n    fetch('')\n", "app.lib.fetch"),
        ("def g(): ...\ndef f():\n    g()\n", "app.main.g"),
        ("def f():\n    print()\n", "builtins.print"),
        ("def f(s):\n    s.get('')\n", ""),
        ("import requests\ndef f(flag):\n    s = requests.Session()\n    s = flag\n    s.get('')\n", ""),
        ("import backoff\ndef f(g):\n    h = backoff.on_exception(1)(g)\n    h()\n", ""),
    ],
)
def test_a_call_is_known_by_what_is_called(source: str, wanted: str):
    assert targets(source)[-1] == wanted


def test_a_session_is_known_where_a_function_or_a_with_gives_it():
    source = """
    import requests

    def made():
        s = requests.Session()
        return s

    def f():
        made().get("")
        with requests.Session() as own:
            own.post("")
    """
    assert set(targets(source)) >= {"requests.Session.get", "requests.Session.post"}


def test_a_module_of_the_project_is_not_the_library():
    assert targets("import requests\ndef f():\n    requests.get('')\n", {"requests.py": ""})[-1] != "requests.get"


def test_what_stands_around_a_call():
    source = """
    import asyncio

    async def f(items):
        for item in items:
            try:
                await item.work()
            except ValueError:
                item.log()
        later = lambda: items.close()

    @decorated(1)
    def g(): ...
    """
    found = {
        call.node.func.attr if hasattr(call.node.func, "attr") else call.node.func.id: call for call in calls(source)
    }
    work, log, close, decorated = (found[name] for name in ("work", "log", "close", "decorated"))
    assert work.awaited and work.on_loop and work.loop is not None and len(work.attempts) == 1 and work.handler is None
    assert log.handler is not None and not log.attempts and log.loop is not None and not log.awaited
    assert close.deferred and not close.on_loop and close.loop is None
    assert decorated.declares and decorated.function == "app.main:g"


def test_the_test_of_a_while_runs_in_every_round_and_what_a_for_goes_through_once():
    found = {
        call.at.line: call
        for call in calls("def f(a):\n    while a.more():\n        pass\n    for x in a.all():\n        pass\n")
    }
    assert found[2].loop is not None
    assert found[4].loop is None


@pytest.mark.parametrize(
    ("path", "source", "wanted"),
    [
        ("app/main.py", "import fastapi\nif __name__ == '__main__':\n    import uvicorn\n", "service"),
        ("app/worker.py", "import time\n", "service"),
        ("scripts/tidy.py", "def tidy(): ...\n", "service"),
        ("scripts/tidy.py", "def tidy(): ...\ntidy()\n", "script"),
        ("app/tidy.py", "def tidy(): ...\nif __name__ == '__main__':\n    tidy()\n", "script"),
        ("bin/tidy.py", "#!/usr/bin/env python\n", "script"),
        ("setup.py", "from setuptools import setup\nsetup()\n", "script"),
        ("docs/conf.py", "extensions = []\nhtml_theme = 'x'\n", "script"),
        ("noxfile.py", "import nox\n", "script"),
        ("app/cli.py", "import click\n", "command"),
        ("app/web.py", "import click\nfrom flask import Flask\n", "service"),
        ("app/cli.py", "import click\nfrom flask.cli import AppGroup\n", "command"),
        ("manage.py", "from django.core.management import execute_from_command_line\n", "command"),
        ("shop/management/commands/go.py", "from shop import x\nclass Command(x.Own): ...\n", "command"),
        ("notes.py", "# Databricks notebook source\nprint(1)\n", "notebook"),
        ("notes.py", "# In[1]:\nx = 1\n# In[2]:\n", "notebook"),
        ("tests/test_a.py", "import pytest\n", "test"),
        ("tests/tool.py", "import time\n", "service"),
        ("versions/1.py", "revision = 'a'\ndown_revision = None\n", "migration"),
    ],
)
def test_the_kind_of_code_is_told_by_evidence(path: str, source: str, wanted: str):
    text = Source(path, source.encode())
    assert kind_of_code(path, survey(parse(text), path, "m"), source, lambda folder: ()) == wanted
