"""Golden files of the reports: `python -m pytest tests/checker/reports --regenerate` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "reports"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden reports instead of comparing them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name, byte for byte."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        # The option is unknown when the tests of other folders are run too.
        if request.config.getoption("--regenerate", default=False):
            file.write_bytes(text.encode())
        assert text.encode() == file.read_bytes()

    return compare
