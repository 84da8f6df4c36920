"""Layers mean what import-linter means by them, and what cannot be judged is said."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import grimp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcheck.engine import examine
from archcheck.layering import layers_of
from archcheck.report import Report

MODULES = ("high", "left", "right", "low", "tools", "more")
ORDER = ["high", "left | right", "low"]
_SERIAL = itertools.count()


def judged(sources: dict[str, str], table: dict[str, object]) -> Report:
    return examine(sources, rules={"layer-breach"}, layers=layers_of(table))


def pairs(report: Report) -> set[tuple[str, str]]:
    """The layers that know each other and may not, by the findings' own words."""
    found = set()
    for verdict in report.verdicts:
        words = verdict.finding.message.split("`")
        lower, higher = words[3], next(word for before, word in itertools.pairwise(words) if before.endswith(" it in "))
        found.add((lower.rpartition(".")[2], higher.rpartition(".")[2]))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=st.sets(st.tuples(st.sampled_from(MODULES), st.sampled_from(MODULES)), max_size=9))
def test_the_same_pairs_are_illegal_as_for_import_linter(edges: set[tuple[str, str]], tmp_path: Path, monkeypatch):
    package = f"pack{next(_SERIAL)}"
    folder = tmp_path / package
    folder.mkdir()
    sources = {f"{package}/__init__.py": ""}
    for module in MODULES:
        imports = sorted(other for one, other in edges if one == module and other != module)
        sources[f"{package}/{module}.py"] = "".join(f"from {package} import {other}\n" for other in imports)
    for path, text in sources.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    graph = grimp.build_graph(package, cache_dir=None)
    sys.modules.pop(package, None)
    layers = [{f"{package}.{name.strip()}" for name in layer.split("|")} for layer in ORDER]
    illegal = {
        (found.importer.rpartition(".")[2], found.imported.rpartition(".")[2])
        for found in graph.find_illegal_dependencies_for_layers(
            layers=[grimp.Layer(*layer, independent=True) for layer in layers]
        )
    }
    order = [" | ".join(f"{package}.{name.strip()}" for name in layer.split("|")) for layer in ORDER]
    assert pairs(judged(sources, {"order": order})) == illegal


def test_a_layer_of_no_module_is_not_passed_over():
    report = judged({"shop/api.py": "", "shop/storage.py": ""}, {"order": ["shop.api", "shop.storge"]})
    assert [(gap.kind, gap.reason, gap.way_out) for gap in report.coverage.gaps] == [
        ("missing", "the layer 'shop.storge' names no module of the project", "write 'shop.storage'")
    ]


def test_an_optional_layer_may_be_absent():
    report = judged({"shop/api.py": "", "shop/storage.py": ""}, {"order": ["shop.api", "(shop.cache)", "shop.storage"]})
    assert (report.verdicts, report.coverage.gaps) == ((), ())
