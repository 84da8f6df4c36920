"""Both parsers of `check` come from one table, and say the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from archcheck.cli import fast, full
from archcheck.cli.options import BY_NAME, OPTIONS, CheckArguments, Misused, Output


def by_typer(words: list[str]) -> CheckArguments | str:
    """What typer makes of the words: the arguments, or its complaint."""
    seen: list[CheckArguments] = []

    def check(arguments: CheckArguments) -> int:
        seen.append(arguments)
        return 0

    try:
        full.run(["check", *words], check)
    except Misused as error:
        return str(error)
    return seen[0] if seen else ""


VALUES = [
    "sql",
    "api.pagination,db",
    "strict",
    "error",
    "sarif",
    "sarif:a.sarif",
    "json:-",
    "always",
    "3",
    "0",
    "8.5",
    "20MB",
]
WORDS = [
    *BY_NAME,
    "-vv",
    "-qqq",
    "-vq",
    "--",
    "-",
    "",
    "src",
    "a b",
    "--nope",
    "-x",
    "--select=",
    "-v=3",
    "=",
    "é",
    "--output=concise",
]
words = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(VALUES),
    st.builds("{}={}".format, st.sampled_from(sorted(BY_NAME)), st.sampled_from([*VALUES, "", "x y"])),
    st.builds("{} {}".format, st.sampled_from(sorted(BY_NAME)), st.sampled_from(VALUES)).map(str),
)
# Pairs of an option and a value that suits it, so that most lists get far.
pairs = st.sampled_from(
    [
        ["--select", "sql,api"],
        ["--ignore=db.indexes"],
        ["--profile", "audit"],
        ["--fail-on=never"],
        ["--output", "sarif:x.sarif"],
        ["--output=json"],
        ["--jobs", "2"],
        ["--max-file-size", "3kB"],
        ["--unit-seconds=0.5"],
        ["--cache-dir", "x y"],
        ["--statistics"],
        ["-v"],
        ["-qq"],
        ["--verbose"],
        ["api/openapi.yaml"],
        ["--force-exclude", "a.py", "b.py"],
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(pairs, pairs, words.map(lambda word: [word])), max_size=7))
@example([["--select", "-x"]])
@example([["--output", "sarif", "--", "--select"]])
def test_what_the_fast_path_understands_typer_understands_alike(parts: list[list[str]]) -> None:
    line = [word for part in parts for word in part]
    quick = fast.parse(line)
    if quick is not None:
        assert quick == by_typer(line)


@settings(max_examples=100, deadline=None)
@given(st.lists(pairs, max_size=8))
def test_clear_lines_take_the_fast_path(parts: list[list[str]]) -> None:
    line = [word for part in parts for word in part]
    assert fast.parse(line) == by_typer(line)
    assert fast.parse(line) is not None


def test_everything_at_once() -> None:
    line = (
        "a.py --select sql,api --select db --ignore x-y --profile strict --fail-on note --output sarif:r.sarif "
        "--output terminal --statistics -q -vv --color never --sarif-category web --root . --config c.toml "
        "--force-exclude --allow-empty --show-files --show-config --jobs 3 --no-cache --cache-dir k "
        "--max-file-size 2MB --max-nesting 9 --max-alias-nodes 8 --unit-seconds 1.5 --unit-memory 2GB -- --b.py"
    ).split()
    wanted = CheckArguments(
        paths=("a.py", "--b.py"),
        select=("sql", "api", "db"),
        ignore=("x-y",),
        profile="strict",
        fail_on="note",
        output=(Output("sarif", "r.sarif"), Output("terminal")),
        statistics=True,
        quiet=1,
        verbose=2,
        color="never",
        sarif_category="web",
        root=".",
        config="c.toml",
        force_exclude=True,
        allow_empty=True,
        show_files=True,
        show_config=True,
        jobs=3,
        no_cache=True,
        cache_dir="k",
        max_file_size=2_000_000,
        max_nesting=9,
        max_alias_nodes=8,
        unit_seconds=1.5,
        unit_memory=2_000_000_000,
    )
    assert fast.parse(line) == wanted
    assert by_typer(line) == wanted


def test_the_table_fills_every_field_and_no_other() -> None:
    assert {option.key for option in OPTIONS} | {"paths"} == {field.name for field in fields(CheckArguments)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--slect", "x"], "there is no option '--slect'; did you mean '--select'?"),
        (["--select"], "option '--select' requires an argument; `archcheck check --help` shows how"),
        (["--select", ","], "--select: it needs at least one name, such as 'sql' or 'api.pagination'"),
        (["--profile", "strikt"], "--profile: 'strikt' is not one of regular, strict, audit; did you mean 'strict'?"),
        (["--fail-on", "all"], "--fail-on: 'all' is not one of error, warning, note, never"),
        (["--output", "srif"], "--output: 'srif' is no report format; did you mean 'sarif'?"),
        (["--output", "xml"], "--output: 'xml' is no report format; the formats are terminal, concise, json, sarif"),
        (["--output", "sarif:"], "--output: 'sarif:' names no file; write 'sarif:report.sarif', or 'sarif' alone"),
        (["--jobs", "-1"], "--jobs: '-1' is no whole number from 0 to 1024"),
        (["--jobs", "many"], "--jobs: 'many' is no whole number from 0 to 1024"),
        (
            ["--max-file-size", "20 potatoes"],
            "--max-file-size: '20 potatoes' is no size; write bytes, or a number with",
        ),
        (["--unit-seconds", "0"], "--unit-seconds: '0' is no number of seconds from 0.1 to 86400"),
        (["--statistics=3"], "option '--statistics' does not take a value"),
        (["--root", ""], "--root: it needs a folder"),
    ],
)
def test_a_mistake_is_answered_with_what_to_type(line: list[str], said: str) -> None:
    assert fast.parse(line) is None
    assert str(by_typer(line)).startswith(said)


@pytest.mark.parametrize(
    "name",
    [
        "--allow-remote-refs",
    ],
)
def test_what_is_not_built_does_not_exist(name: str) -> None:
    assert name not in BY_NAME
    assert f"there is no option '{name}'" in str(by_typer([name]))
