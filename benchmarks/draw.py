"""Draws a sample of findings to be read by hand.

    archcheck check --root CHECKOUT --output json:report.json
    python benchmarks/draw.py report.json --repository owner/name --commit HASH [--count 20 | --per-rule 10]

The draw is seeded by the repository's name, so that anybody gets the same lines from the same report. It prints rows
in the form of `samples.tsv` with an empty verdict and reason, for the reader to fill in: facts only, never an excerpt.
Findings are drawn in the order of their fingerprints, which do not depend on line numbers; a rule that has findings is
drawn from at least once before any rule is drawn from twice.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any


def main() -> int:
    """Print the drawn rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--repository", required=True)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--rule", help="draw from one rule only")
    parser.add_argument("--count", type=int, default=20, help="how many in all")
    parser.add_argument("--per-rule", type=int, default=0, help="how many of each rule, instead of --count")
    arguments = parser.parse_args()
    findings = json.loads(arguments.report.read_text(encoding="utf-8"))["findings"]
    if arguments.rule:
        findings = [finding for finding in findings if finding["rule"] == arguments.rule]
    drawn = draw(findings, arguments.repository, arguments.count, arguments.per_rule)
    for finding in sorted(drawn, key=lambda finding: (finding["rule"], finding["path"], finding["line"])):
        place = f"{finding['path']}:{finding['line']}"
        print("\t".join((arguments.repository, arguments.commit, finding["rule"], place, "", "")))
    return 0


def draw(findings: Sequence[dict[str, Any]], seed: str, count: int, per_rule: int) -> list[dict[str, Any]]:
    """A sample: `per_rule` findings of each rule, or `count` in all, spread over the rules as evenly as they allow."""
    chance = random.Random(seed)
    piles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in sorted(findings, key=lambda finding: (finding["rule"], finding["fingerprint"])):
        piles[finding["rule"]].append(finding)
    for pile in piles.values():
        chance.shuffle(pile)
    if per_rule:
        return [finding for pile in piles.values() for finding in pile[:per_rule]]
    return list(_in_turn(list(piles.values())))[:count]


def _in_turn(piles: Sequence[Sequence[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for layer in zip_longest(*piles):
        yield from (finding for finding in layer if finding is not None)


if __name__ == "__main__":
    sys.exit(main())
