"""Fixes are applied together where they can be, judged before they count, and change nothing but what they are for."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from archcheck import engine
from archcheck.finding import Edit, Finding, Fix, NewFile, Verdict, together
from archcheck.fixing import Mended, Project, apart, edited, mend
from archcheck.report import Report
from archcheck.source import Location, Source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MENDABLE = ("duplicate-enum-value", "missing-retry-after", "unbounded-page-size")

SHOP = """\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - name: limit  # how many
          in: query
          schema:
            type: integer
            # no end
      responses:
        "200": {description: A page., content: {application/json: {schema: {type: array, items: {type: object}}}}}
        "429":
          description: >
            Too many
            requests.

        # the rest
        "500": {description: Broken.}
components:
  schemas:
    Size:
      enum:
        - small   # the least
        - large
        - small   # again
        - large
        - large
"""


def mended(
    files: Mapping[str, str | bytes],
    *,
    unsafe: bool = True,
    rules: tuple[str, ...] = MENDABLE,
    locked: Mapping[str, str] | None = None,
    taken: Mapping[str, str] | None = None,
) -> Mended:
    def judge(changed: Mapping[str, bytes]) -> Report:
        return engine.examine({**files, **changed}, rules=rules)

    def source(path: str) -> Source:
        content = files[path]
        return Source(path, content.encode() if isinstance(content, str) else content)

    why, why_not = locked or {}, taken or {}
    return mend(
        Project(judge, judge, source, lambda path: why.get(path, ""), lambda path: why_not.get(path, "")), unsafe=unsafe
    )


def after(text: str, **options: object) -> str:
    done = mended({"api.yaml": text}, **options)  # type: ignore[arg-type]
    return done.files["api.yaml"].decode() if done.files else text


def comments(text: str) -> list[str]:
    return re.findall(r"(?<=\s)#.*", text)


def verdict(*edits: Edit, subject: str = "a") -> Verdict:
    finding = Finding(Location("a.yaml", 1), "It is odd.", subject, fix=Fix("mend it", edits))
    return Verdict("odd-thing", "warning", "regular", finding, subject)


def making(file: NewFile) -> Verdict:
    finding = Finding(Location("a.yaml", 1), "It is odd.", "a", fix=Fix("make it", (), files=(file,)))
    return Verdict("odd-thing", "warning", "regular", finding, "a")


def files_of(verdict: Verdict) -> tuple[NewFile, ...]:
    assert verdict.finding.fix is not None
    return verdict.finding.fix.files


class TestEdited:
    def test_lines_and_columns_are_those_before_any_edit(self) -> None:
        source = Source("a.yaml", b"one\ntwo\nthree\n")
        edits = [Edit("a.yaml", 3, 1, 3, 6, "3"), Edit("a.yaml", 1, 1, 1, 4, "1\nand a half")]
        assert edited(source, edits) == "1\nand a half\ntwo\n3\n"

    def test_new_lines_end_as_the_old_ones(self) -> None:
        source = Source("a.yaml", b"one\r\ntwo\r\n")
        assert edited(source, [Edit("a.yaml", 1, 4, 1, 4, "\nmore")]) == "one\r\nmore\r\ntwo\r\n"

    def test_columns_count_code_points(self) -> None:
        source = Source("a.yaml", "😀é: x".encode())
        assert edited(source, [Edit("a.yaml", 1, 5, 1, 6, "y")]) == "😀é: y"

    def test_edits_that_touch_are_none_that_overlap(self) -> None:
        source = Source("a.yaml", b"abcd")
        assert edited(source, [Edit("a.yaml", 1, 1, 1, 3, ""), Edit("a.yaml", 1, 3, 1, 4, "")]) == "d"

    @pytest.mark.parametrize("second", [Edit("a.yaml", 1, 2, 1, 4, ""), Edit("a.yaml", 1, 1, 1, 1, "x")])
    def test_overlapping_edits_are_refused(self, second: Edit) -> None:
        with pytest.raises(ValueError, match="two edits overlap"):
            edited(Source("a.yaml", b"abcd"), [Edit("a.yaml", 1, 1, 1, 3, ""), second])


class TestApart:
    def test_of_two_that_overlap_the_first_by_position_is_taken(self) -> None:
        late, early = verdict(Edit("a.yaml", 2, 1, 2, 9, "")), verdict(Edit("a.yaml", 1, 5, 2, 3, ""))
        assert apart([late, early]) == [early]

    def test_one_edit_in_the_way_keeps_the_whole_fix_out(self) -> None:
        first = verdict(Edit("a.yaml", 1, 1, 1, 5, ""))
        second = verdict(Edit("a.yaml", 1, 3, 1, 4, ""), Edit("b.yaml", 9, 1, 9, 2, ""))
        third = verdict(Edit("b.yaml", 9, 1, 9, 2, ""))
        assert apart([first, second, third]) == [first, third]

    def test_files_that_are_made_in_one_way_are_made_together(self) -> None:
        first, second = (
            making(NewFile("new.sql", ("up\n", "down\n", ""), parts)) for parts in (("a\n", "b\n"), ("c\n", ""))
        )
        other = making(NewFile("new.sql", ("", ""), ("d\n",)))
        assert apart([first, second, other]) == [first, second]
        assert together([*files_of(first), *files_of(second)]) == {"new.sql": "up\na\nc\ndown\nb\n"}

    def test_what_several_make_alike_is_made_once(self) -> None:
        same = NewFile("new.sql", ("", ""), ("a\n",))
        assert together([same, same, NewFile("more.toml", ("x = 1\n",))]) == {"new.sql": "a\n", "more.toml": "x = 1\n"}
        with pytest.raises(ValueError, match="two ways"):
            together([same, NewFile("new.sql", ("b\n",))])


class TestNewFiles:
    FILES: ClassVar = {
        "migrations/0001_a.sql": "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE orders (id bigint PRIMARY KEY,\n"
        "user_id bigint NOT NULL REFERENCES users (id), by_id bigint NOT NULL REFERENCES users (id));\n"
    }
    RULES = ("fk-without-index", "concurrent-in-transaction", "redundant-index")

    def test_a_file_is_made_that_was_not_there(self) -> None:
        done = mended(self.FILES, rules=self.RULES)
        assert sorted(done.files) == [
            "migrations/0002_index_orders_user_id.sql",
            "migrations/0003_index_orders_by_id.sql",
        ]
        assert (done.before, len(done.fixed)) == ({}, 2)

    def test_they_are_never_safe(self) -> None:
        done = mended(self.FILES, rules=self.RULES, unsafe=False)
        assert (done.files, len(done.unsafe)) == ({}, 2)

    def test_one_whose_place_is_taken_is_left(self) -> None:
        taken = {"migrations/0002_index_orders_user_id.sql": "its new file would take the place of another"}
        done = mended(self.FILES, rules=self.RULES, taken=taken)
        assert [drop.reason for drop in done.dropped] == list(taken.values())
        assert list(done.files) == ["migrations/0003_index_orders_by_id.sql"]


class TestMend:
    def test_only_safe_fixes_unless_told(self) -> None:
        done = mended({"api.yaml": SHOP}, unsafe=False)
        assert {one.rule for one in done.fixed} == {"duplicate-enum-value"}
        assert sorted(one.rule for one in done.unsafe) == ["missing-retry-after", "unbounded-page-size"]

    def test_layout_and_comments_stay(self) -> None:
        text = after(SHOP)
        assert comments(text) == comments(SHOP)
        assert (
            "            type: integer\n            maximum: 100\n            # no end\n" in text
            and "            requests.\n          headers:\n            Retry-After:\n"
            "              description: Seconds to wait.\n              schema: {type: integer}\n\n        # the rest\n"
            in text
            and text.endswith("        - small   # the least\n        - large\n        # again\n")
        )

    def test_a_second_time_changes_nothing(self) -> None:
        done = mended({"api.yaml": after(SHOP)})
        assert (done.files, done.fixed, done.dropped, done.unsafe) == ({}, [], [], [])

    @pytest.mark.parametrize(
        ("bom", "codec"),
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ],
    )
    @pytest.mark.parametrize("line_break", ["\n", "\r\n"])
    def test_bytes_stay_what_they_were(self, bom: bytes, codec: str, line_break: str) -> None:
        text = SHOP.replace("Shop", "Bücher 😀").replace("\n", line_break)
        done = mended({"api.yaml": bom + text.encode(codec)})
        data = done.files["api.yaml"]
        assert data.startswith(bom)
        new = data[len(bom) :].decode(codec)
        assert len(done.fixed) == 5
        assert new.count("\n") == new.count(line_break)
        assert new.replace("\r\n", "\n") == after(SHOP).replace("Shop", "Bücher 😀")

    def test_a_file_without_a_last_line_break_gets_none(self) -> None:
        text = "openapi: 3.0.3\npaths: {}\ncomponents: {schemas: {}}\n"
        text = text.replace(
            "{schemas: {}}", "\n  schemas:\n    A:\n      enum:\n      - a\n      - b\n      - a"
        ).rstrip()
        assert after(text) == text.removesuffix("\n      - a")

    def test_json_keeps_its_quotes_and_its_lines(self) -> None:
        text = json.dumps(
            {
                "swagger": "2.0",
                "info": {"title": "S", "version": "1"},
                "paths": {"/a": {"get": {"responses": {"429": {"description": "Slow."}}}}},
                "definitions": {"A": {"enum": ["a", "b", "a", {"a": [1]}, {"a": [1]}]}},
            },
            indent=2,
        )
        done = mended({"api.json": text})
        new = json.loads(done.files["api.json"])
        assert new["definitions"]["A"]["enum"] == ["a", "b", {"a": [1]}]
        header = {"description": "Seconds to wait.", "type": "integer"}
        assert new["paths"]["/a"]["get"]["responses"]["429"]["headers"] == {"Retry-After": header}
        assert '"description": "Slow.",\n            "headers"' in done.files["api.json"].decode()

    def test_flow_yaml(self) -> None:
        text = SHOP.partition("components:")[0] + (
            "components:\n  schemas:\n    A: {enum: [a, b, a]}\n    B:\n      enum: [\n        a, # one\n"
            "        a, # two\n        b,\n      ]\n"
        )
        assert after(text).endswith(
            "    A: {enum: [a, b]}\n    B:\n      enum: [\n        a, # one\n        # two\n        b,\n      ]\n"
        )

    def test_what_is_shared_by_an_alias_is_mended_once(self) -> None:
        text = SHOP.replace('"429":', '"429": &slow').replace(
            "components:", "    post: {responses: {'429': *slow}}\ncomponents:"
        )
        assert after(text).count("Retry-After") == 1

    def test_a_fix_that_brings_a_new_finding_is_dropped_and_the_others_are_kept(self) -> None:
        text = SHOP.replace(
            "components:",
            "  /users:\n    get:\n      parameters:\n"
            "        - {name: limit, in: query, schema: {type: integer, exclusiveMinimum: 500}}\n"
            "      responses:\n        '200': {description: A page., content: {application/json: {schema: "
            "{type: array, items: {type: object}}}}}\ncomponents:",
        )
        done = mended({"api.yaml": text}, rules=(*MENDABLE, "contradictory-bounds"))
        (dropped,) = done.dropped
        assert dropped.verdict.rule == "unbounded-page-size"
        assert "it would bring a finding of contradictory-bounds at api.yaml:" in dropped.reason
        assert len(done.fixed) == 5
        assert done.files["api.yaml"].decode().count("maximum: 100") == 1

    @pytest.mark.parametrize(
        ("edit", "reason"),
        [
            (Edit("api.yaml", 2, 1, 2, 1, " "), "could not be read any more"),
            (Edit("api.yaml", 1, 1, 1, 1, "# "), "less of the project could be read"),
            (Edit("api.yaml", 7, 22, 7, 22, "!"), "the finding would remain"),
            (Edit("api.yaml", 99, 1, 99, 1, "x"), "its edits do not fit the file"),
        ],
    )
    def test_a_fix_that_does_no_good_is_dropped(self, edit: Edit, reason: str) -> None:
        bad: list[Verdict] = []

        def judge(changed: Mapping[str, bytes]) -> Report:
            report = engine.examine({"api.yaml": SHOP, **changed}, rules=("duplicate-enum-value",))
            for verdict in report.verdicts[:1]:
                fix = Fix("break it", (edit,), safe=True)
                bad.append(replace(verdict, finding=replace(verdict.finding, fix=fix)))
            return report if changed else replace(report, verdicts=(bad[0], *report.verdicts[1:]))

        done = mend(
            Project(judge, judge, lambda path: Source(path, SHOP.encode()), lambda _: "", lambda _: ""), unsafe=False
        )
        (dropped,) = done.dropped
        assert dropped.verdict == bad[0]
        assert reason in dropped.reason

    def test_a_locked_file_is_left(self) -> None:
        done = mended({"api.yaml": SHOP}, locked={"api.yaml": "the file is read-only"})
        assert (done.files, done.fixed) == ({}, [])
        assert {dropped.reason for dropped in done.dropped} == {"the file is read-only"}


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=8),
    st.integers(-9, 99),
    st.booleans(),
    st.none(),
    st.fixed_dictionaries({"a": st.integers(0, 2)}),
)
ENUMS = st.lists(VALUES, min_size=1, max_size=6).flatmap(
    lambda values: st.lists(st.sampled_from(values), min_size=1, max_size=9)
)
STYLES = ("block", "flow", "lines", "json")


def unlike(values: list[object]) -> list[object]:
    """The values, each once, compared as JSON compares them."""
    seen: dict[str, object] = {}
    for value in values:
        seen.setdefault(json.dumps(value, sort_keys=True), value)
    return list(seen.values())


def written(number: int, values: list[object], style: str, comment: bool) -> str:
    """A schema with an enum; every item of it on a line of its own has a comment where asked."""
    items = [json.dumps(value, ensure_ascii=False) for value in values]
    behind = [f"  # item {number}.{index}" if comment else "" for index in range(len(items))]
    head = f"    Added{number}:  # schema {number}\n      enum:"
    if style == "block":
        return head + "".join(f"\n        - {item}{note}" for item, note in zip(items, behind, strict=True)) + "\n"
    if style == "lines":
        lines = (f"        {item},{note}" for item, note in zip(items, behind, strict=True))
        return head + " [\n" + "\n".join(lines) + "\n      ]\n"
    return f"{head} [{', '.join(items)}]\n" if style == "flow" else f'{head} ["a", {", ".join(items)}]\n'


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(["clinic/openapi.yaml", "tickets/openapi.yaml", "parcels/openapi.yaml"]),
    enums=st.lists(st.tuples(ENUMS, st.sampled_from(STYLES), st.booleans()), min_size=1, max_size=4),
    crlf=st.booleans(),
)
def test_any_document_means_the_same_but_for_the_repeated_values(
    path: str, enums: list[tuple[list[object], str, bool]], crlf: bool
) -> None:
    text = (FIXTURES / path).read_text("utf-8").partition("\ncomponents:")[0] + "\ncomponents:\n  schemas:\n"
    text += "".join(written(number, *chosen) for number, chosen in enumerate(enums))
    text = text.replace("\n", "\r\n") if crlf else text
    done = mended({"api.yaml": text}, rules=("duplicate-enum-value",), unsafe=False)
    new = done.files["api.yaml"].decode() if done.files else text
    assert done.dropped == []
    was, now = yaml.safe_load(text), yaml.safe_load(new)
    for schema in was["components"]["schemas"].values():
        schema["enum"] = unlike(schema["enum"])
    for schema in now["components"]["schemas"].values():
        assert len(schema["enum"]) == len(unlike(schema["enum"]))
        schema["enum"] = unlike(schema["enum"])
    assert now == was
    assert comments(new) == comments(text)
    assert engine.examine({"api.yaml": new}, rules=("duplicate-enum-value",)).verdicts == ()
