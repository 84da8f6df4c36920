"""Fixes of Python change what they are for and nothing else, and are left out where a position is not certain."""

from __future__ import annotations

import ast
import textwrap

import pytest

from archcheck.engine import examine
from archcheck.fixing import edited
from archcheck.source import Source


def mended(text: str, rule: str) -> str:
    """The module after the fixes of a rule; empty where it proposes none."""
    report = examine({"app/main.py": text}, rules={rule})
    assert report.verdicts
    edits = [edit for verdict in report.verdicts if (fix := verdict.finding.fix) is not None for edit in fix.edits]
    if not edits:
        return ""
    after = edited(Source("app/main.py", text.encode()), edits)
    ast.parse(after)
    assert not examine({"app/main.py": after}, rules={rule}).verdicts
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("requests.get(url)", "requests.get(url, timeout=10)"),
        ("requests.get((url))", "requests.get((url), timeout=10)"),
        ("requests.get(url, )", "requests.get(url, timeout=10)"),
        ("requests.post(url, json={'straße': 1})", "requests.post(url, json={'straße': 1}, timeout=10)"),
        (
            "requests.post(\n        url,\n        json={},\n    )",
            "requests.post(\n        url,\n        json={},\n        timeout=10,\n    )",
        ),
        ("requests.post(\n        url, json={}\n    )", "requests.post(\n        url, json={}\n    , timeout=10)"),
    ],
)
def test_a_timeout_is_added(before: str, after: str):
    text = "import requests\n\n\ndef rates(url):\n    return "
    assert mended(f"{text}{before}\n", "missing-timeout") == f"{text}{after}\n"


def test_no_timeout_is_added_beside_a_comment():
    text = "import requests\n\n\ndef rates(url):\n    return requests.get(\n        url  # all of them\n    )\n"
    assert mended(text, "missing-timeout") == ""


def digest(test: str) -> str:
    return textwrap.dedent(
        f"""\
        import hashlib
        import hmac


        def genuine(secret, body, signature):
            expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
            return {test}
        """
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("expected == signature", "hmac.compare_digest(expected, signature)"),
        ("signature and expected != signature", "signature and not hmac.compare_digest(expected, signature)"),
        ("not expected == signature", "not hmac.compare_digest(expected, signature)"),
    ],
)
def test_digests_are_compared_in_constant_time(before: str, after: str):
    assert mended(digest(before), "unsafe-signature-comparison") == digest(after)


def test_an_operand_in_parentheses_is_left_to_people():
    assert mended(digest("(expected) == signature"), "unsafe-signature-comparison") == ""


def log(call: str) -> str:
    return f"import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef ship(order, who):\n    {call}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('logger.info(f"shipped {order}")', 'logger.info("shipped %s", order)'),
        ("logger.info(f'{order.number} 100% {who!r}')", "logger.info('%s 100%% %r', order.number, who)"),
        ('logger.log(20, f"by {who}")', 'logger.log(20, "by %s", who)'),
    ],
)
def test_values_become_arguments_of_a_log_call(before: str, after: str):
    assert mended(log(before), "interpolated-log") == log(after)


@pytest.mark.parametrize(
    "call",
    [
        'logger.info(f"{order:>10}")',
        'logger.info(f"{order + 1}")',
        'logger.info(f"{{}} {order}")',
        'logger.info("shipped " + order)',
        'logger.info(f"shipped {order}", extra={"who": who})',
        'logger.info(f"""shipped {order}""")',
    ],
)
def test_other_messages_are_left_to_people(call: str):
    assert mended(log(call), "interpolated-log") == ""


def test_a_guard_moves_below_every_other_decorator():
    text = textwrap.dedent(
        """\
        from flask import Flask
        from flask_login import login_required

        app = Flask(__name__)


        @login_required  # staff only
        @app.post("/orders")
        @app.put("/orders")
        def create_order():
            return {}, 201
        """
    )
    guard = "@login_required  # staff only\n"
    after = text.replace(guard, "").replace("def create_order", f"{guard}def create_order")
    assert mended(text, "guard-above-route") == after


def test_a_guard_of_several_lines_is_left_to_people():
    text = textwrap.dedent(
        """\
        from flask import Flask
        from flask_jwt_extended import jwt_required

        app = Flask(__name__)


        @jwt_required(
            fresh=True,
        )
        @app.post("/orders")
        def create_order():
            return {}, 201
        """
    )
    assert mended(text, "guard-above-route") == ""
