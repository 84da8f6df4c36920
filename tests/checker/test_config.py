"""The configuration: what it may say, what it answers to a mistake, and which rules follow from it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcheck.cli import settings
from archcheck.config import Config, ConfigError, PerPath, Written, current_names, select_rules
from archcheck.configfile import load
from archcheck.finding import Profile, Severity
from archcheck.surface import Layer, Layers
from archcheck.tomllines import key_lines

FULL = """\
select = ["sql", "api.pagination"]
ignore = ["fk-without-index"]
profile = "strict"
fail-on = "warning"
include = ["services/"]
exclude = ["vendor/**"]
jobs = 2
dialect = "mysql"
postgres-version = 15

[severity]
unpaginated-list = "note"

[rules.unpaginated-list]
limit-names = ["top"]

[per-path."legacy/**"]
ignore = ["db"]
severity = { interpolated-query = "warning" }
"""


def configured(tmp_path: Path, text: str, name: str = "archcheck.toml") -> Config:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load(tmp_path)


def complaint(tmp_path: Path, text: str, name: str = "archcheck.toml") -> str:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, text, name)
    return str(caught.value)


class TestReading:
    def test_no_file_gives_the_defaults(self, tmp_path: Path) -> None:
        assert load(tmp_path) == Config()

    def test_every_setting(self, tmp_path: Path) -> None:
        assert configured(tmp_path, FULL) == Config(
            select=("sql", "api.pagination"),
            ignore=("fk-without-index",),
            profile="strict",
            fail_on="warning",
            include=("services/",),
            exclude=("vendor/**",),
            jobs=2,
            dialect="mysql",
            postgres_version=15,
            severity={"unpaginated-list": "note"},
            options={"unpaginated-list": {"limit-names": ["top"]}},
            per_path=(PerPath("legacy/**", ("db",), {"interpolated-query": "warning"}),),
        )

    def test_the_first_of_the_three_files_counts(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.archcheck]\njobs = 3\n")
        assert load(tmp_path).jobs == 3
        (tmp_path / "archcheck.toml").write_text("jobs = 2\n")
        assert load(tmp_path).jobs == 2
        (tmp_path / ".archcheck.toml").write_text("jobs = 1\n")
        assert (load(tmp_path).jobs, load(tmp_path).written.path) == (1, ".archcheck.toml")

    @pytest.mark.parametrize("text", ["[project]\nname = 'x'\n", "[tool.ruff]\n# archcheck\n", "not toml at all"])
    def test_a_pyproject_of_others_is_no_concern_of_ours(self, tmp_path: Path, text: str) -> None:
        assert configured(tmp_path, text, "pyproject.toml") == Config()

    def test_a_named_file_wins(self, tmp_path: Path) -> None:
        (tmp_path / "archcheck.toml").write_text("jobs = 2\n")
        (tmp_path / "other.toml").write_text("jobs = 7\n")
        assert load(tmp_path, path=tmp_path / "other.toml").jobs == 7

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("gone.toml", None, "gone.toml: there is no such configuration file"),
            ("pyproject.toml", "[tool.x]\n", "pyproject.toml: it has no table [tool.archcheck]"),
        ],
    )
    def test_a_named_file_that_does_not_help(self, tmp_path: Path, name: str, text: str | None, said: str) -> None:
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, path=tmp_path / name)
        assert said in str(caught.value)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_what_is_no_regular_file_is_never_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "archcheck.toml")
        assert load(tmp_path) == Config()
        with pytest.raises(ConfigError, match="not a regular file"):
            load(tmp_path, path=tmp_path / "archcheck.toml")


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "jobs = 1\nfail_on = 'error'\n",
                "archcheck.toml:2: there is no setting 'fail_on'; did you mean 'fail-on'?",
            ),
            ("[severty]\n", "archcheck.toml:1: there is no setting 'severty'; did you mean 'severity'?"),
            ("\nplugins = ['evil']\n", "archcheck.toml:2: there is no setting 'plugins'; the settings are select"),
            ("profile = 'strikt'\n", ":1: 'profile' is one of regular, strict, audit; did you mean 'strict'?"),
            ("fail-on = 1\n", ":1: 'fail-on' is one of error, warning, note, never"),
            ("jobs = true\n", ":1: 'jobs' is a whole number from 0 to 1024"),
            ("jobs = -1\n", ":1: 'jobs' is a whole number from 0 to 1024"),
            ("jobs = 1.0\n", ":1: 'jobs' is a whole number"),
            ("select = 'sql'\n", ':1: \'select\' is a list of strings, such as ["sql", "api.pagination"]'),
            ("# x\nselect = [\n  'sql',\n  3,\n]\n", ":2: 'select' is a list of strings"),
            ("dialect = 'oracle'\n", ":1: 'dialect' is one of postgres, mysql, sqlite"),
            ("[layers]\norders = []\n", ":2: there is no setting 'orders' in [layers]; did you mean 'order'?"),
            ("layers = 1\n", ":1: 'layers' is a table; write [layers]"),
            ("[layers]\norder = 'app'\n", ":2: 'layers.order' is a list of strings, such as"),
            ("[layers]\norder = ['app.api']\n", ":2: 'layers.order' names two layers or more, the highest first"),
            ("[layers]\norder = ['app.api', 'app/db']\n", ":2: 'app/db' is no module; write it as it is imported"),
            ("[layers]\norder = ['a | b : c', 'd']\n", ":2: 'a | b : c' mixes '|' and ':'"),
            ("[layers]\norder = ['app', 'app.db']\n", ":2: 'app.db' lies in 'app', which is another layer"),
            ("[layers]\norder = ['app', 'db | app']\n", ":2: 'app' stands in two layers"),
            ("[layers]\norder = ['a', 'b']\ncontainers = ['x y']\n", ":3: 'x y' is no module"),
            ("[layers]\norder = ['a', 'b']\nignore = ['b to a']\n", ":3: 'b to a' is no import; write it as"),
            ("[layers]\norder = ['a', 'b']\ntype-checking = 1\n", ":3: 'layers.type-checking' is true or false"),
            ("[contract]\npair = []\n", ":2: there is no setting 'pair'; did you mean 'pairs'?"),
            ("[contract]\npairs = 'x'\n", ":2: 'contract.pairs' is a list, such as [{ spec = "),
            ("contract = 1\n", ":1: 'contract' is a table; write [contract]"),
            (
                "[contract]\npairs = [{ spec = 'a.yaml', ap = 'b.py' }]\n",
                ":2: there is no setting 'ap'; did you mean 'app'?",
            ),
            ("[[contract.pairs]]\nspec = 'a.yaml'\n", "one of 'contract.pairs' has no 'app'"),
            ("[contract]\npairs = [{ spec = 1, app = 'b.py' }]\n", "is a table of two strings"),
            ("severity = 'x'\n", ":1: 'severity' is a table; write [severity]"),
            (
                "[severity]\n\na-rule = 'eror'\n",
                ":3: 'severity.a-rule' is one of error, warning, note; did you mean 'error'?",
            ),
            ("[severity]\na-rule = 'off'\n", ":2: 'severity.a-rule' turns no rule off; add 'a-rule' to 'ignore'"),
            ("[rules]\na-rule = 3\n", ":2: 'rules.a-rule' is a table; write [rules.a-rule]"),
            ('[per-path."a/**"]\nignored = []\n', ":2: there is no setting 'ignored'; did you mean 'ignore'?"),
            ('[per-path."a/**".severity]\nx-y = 1\n', ":2: 'per-path.\"a/**\".severity.x-y' is one of"),
            ("exclude = [\n'a',\n'!']\n", ":3: '!' is no pattern; write it as in a .gitignore, such as 'vendor/'"),
            ('[per-path."!"]\n', ":1: '!' is no pattern"),
            ("jobs = 1\njobs = 2\n", ":2: it is not valid TOML: Cannot overwrite a value"),
            ("jobs =\n", ":1: it is not valid TOML: Invalid value"),
            ("jobs = 1\nselect = [\n", "it is not valid TOML"),
            ("x = " + "[" * 5000, "it is nested too deeply"),
            ("x = " + "1" * 5000, "it is not valid TOML"),
        ],
    )
    def test_file_line_key_and_the_nearest_name(self, tmp_path: Path, text: str, said: str) -> None:
        assert said in complaint(tmp_path, text)

    def test_lines_in_a_pyproject(self, tmp_path: Path) -> None:
        text = "[project]\nname = 'x'\njobs = 3\n\n[tool.archcheck]\nprofile = 'strict'\njobs = 'all'\n"
        assert complaint(tmp_path, text, "pyproject.toml").startswith("pyproject.toml:7: 'jobs' is a whole number")

    def test_a_pyproject_whose_table_is_none(self, tmp_path: Path) -> None:
        said = complaint(tmp_path, "[tool]\narchcheck = 3\n", "pyproject.toml")
        assert said == "pyproject.toml:2: 'tool.archcheck' is a table; write [tool.archcheck]"

    def test_bytes_that_are_no_utf_8(self, tmp_path: Path) -> None:
        (tmp_path / "archcheck.toml").write_bytes(b"jobs = 1\n# \xff\n")
        with pytest.raises(ConfigError, match=r"archcheck\.toml:2: it is not UTF-8"):
            load(tmp_path)

    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        assert "larger than 1,000,000 bytes" in complaint(tmp_path, "#" * 1_000_001)


class TestOverride:
    BASE = Config(
        select=("sql",),
        ignore=("one-rule", "two-rule"),
        written=Written("a.toml", {("select",): 1, ("ignore", "one-rule"): 2}),
    )

    def test_a_selection_replaces_and_an_ignore_adds(self) -> None:
        config = self.BASE.override(select=("api",), ignore=("three-rule",), profile="audit", jobs=0)
        assert (config.select, config.ignore) == (("api",), ("one-rule", "two-rule", "three-rule"))
        assert (config.profile, config.fail_on, config.jobs) == ("audit", "error", 0)

    def test_what_is_named_exactly_is_no_longer_ignored_by_the_file(self) -> None:
        assert self.BASE.override(select=("one-rule",)).ignore == ("two-rule",)

    def test_nothing_given_changes_nothing(self) -> None:
        assert self.BASE.override() == self.BASE

    def test_a_mistake_is_blamed_on_whoever_wrote_it(self) -> None:
        config = self.BASE.override(select=("x",), ignore=("y",))
        assert str(config.error(("select", "x"), "no")) == "no"
        assert str(config.error(("ignore", "y"), "no")) == "no"
        assert str(config.error(("ignore", "one-rule"), "no")) == "a.toml:2: no"


@dataclass(frozen=True)
class Info:
    id: str
    checklist: str
    surface: str
    severity: Severity = "warning"
    profile: Profile = "regular"
    formerly: tuple[str, ...] = ()


RULES = [
    Info("unpaginated-list", "api.pagination", "openapi", formerly=("whole-list",)),
    Info("verb-in-path", "api.resources", "openapi", "note", "strict"),
    Info("fk-without-index", "db.indexes", "sql"),
    Info("acme/odd-index", "db.indexes.more", "sql", "error", "audit"),
    Info("interpolated-query", "security.queries", "python", "error"),
    Info("unread-file", "tool.coverage", "tool", "error"),
    Info("unused-suppression", "tool.suppressions", "tool"),
    Info("suppression-without-reason", "tool.suppressions", "tool", "note", "strict"),
]
TOOL = {"unread-file", "unused-suppression"}


def chosen(**settings: object) -> set[str]:
    return set(select_rules(RULES, Config(**settings)))  # type: ignore[arg-type]


class TestSelection:
    def test_everything_of_the_profile_without_a_selection(self) -> None:
        regular = {"unpaginated-list", "fk-without-index", "interpolated-query"} | TOOL
        assert chosen() == regular
        assert chosen(profile="strict") == regular | {"verb-in-path", "suppression-without-reason"}
        assert chosen(profile="audit") == {info.id for info in RULES}

    @pytest.mark.parametrize(
        ("name", "rules"),
        [
            ("sql", {"fk-without-index"}),
            ("api", {"unpaginated-list"}),
            ("api.pagination", {"unpaginated-list"}),
            ("db.indexes", {"fk-without-index"}),
            ("whole-list", {"unpaginated-list"}),
            ("severity:error", {"interpolated-query"}),
            ("tool", set()),
            ("contract", set()),
        ],
    )
    def test_selectors(self, name: str, rules: set[str]) -> None:
        assert chosen(select=(name,)) == rules | TOOL

    def test_who_names_a_rule_wants_it_whatever_the_profile(self) -> None:
        assert chosen(select=("verb-in-path", "acme/odd-index")) == {"verb-in-path", "acme/odd-index"} | TOOL
        assert "acme/odd-index" not in chosen(select=("db.indexes.more",))

    def test_severities_are_those_of_the_configuration(self) -> None:
        assert "fk-without-index" in chosen(select=("severity:error",), severity={"fk-without-index": "error"})
        assert "unpaginated-list" in chosen(select=("severity:note",), severity={"whole-list": "note"})

    def test_the_more_exact_name_decides_and_a_tie_ignores(self) -> None:
        assert "fk-without-index" in chosen(select=("fk-without-index",), ignore=("db",))
        assert "fk-without-index" in chosen(select=("db.indexes",), ignore=("db",))
        assert "fk-without-index" in chosen(select=("db",), ignore=("sql",))
        assert "fk-without-index" not in chosen(select=("db",), ignore=("db.indexes",))
        assert "fk-without-index" not in chosen(select=("sql",), ignore=("sql",))
        assert "fk-without-index" not in chosen(ignore=("severity:warning",))

    def test_rules_about_the_run_stay_unless_they_are_ignored(self) -> None:
        assert chosen(select=("sql",), ignore=("unused-suppression",)) == {"fk-without-index", "unread-file"}
        assert "unread-file" in chosen(ignore=("tool", "severity:error"))

    def test_what_was_not_read_cannot_be_ignored(self) -> None:
        with pytest.raises(ConfigError, match=r"'unread-file' cannot be ignored.*exclude the file instead"):
            chosen(ignore=("unread-file",))

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            (
                {"select": ("unpaginated-lists",)},
                "'unpaginated-lists' is no rule, .*; did you mean 'unpaginated-list'?",
            ),
            ({"ignore": ("sequel",)}, "'sequel' is no rule, checklist anchor or surface; "),
            ({"select": ("severity:eror",)}, "did you mean 'severity:error'?"),
            ({"select": ("api.",)}, "'api.' is no rule"),
            ({"severity": {"fk-without-indx": "note"}}, "there is no rule 'fk-without-indx'; did you mean"),
            ({"options": {"nonsense": {}}}, "there is no rule 'nonsense'; `archcheck rules` lists them"),
            ({"per_path": (PerPath("a", ("dbb",), {}),)}, "'dbb' is no rule"),
            ({"per_path": (PerPath("a", (), {"x-y": "note"}),)}, "there is no rule 'x-y'"),
            ({"per_path": (PerPath("a", ("unread-file",), {}),)}, "'unread-file' cannot be ignored"),
        ],
    )
    def test_a_name_that_means_nothing(self, settings: dict[str, object], said: str) -> None:
        with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
            chosen(**settings)

    def test_the_line_of_a_name_in_a_file(self, tmp_path: Path) -> None:
        config = configured(tmp_path, "select = [\n  'sql',\n  'pythn',\n]\n")
        with pytest.raises(ConfigError, match=r"archcheck\.toml:3: 'pythn' is no rule.*did you mean 'python'"):
            select_rules(RULES, config)

    def test_old_names_become_todays(self) -> None:
        config = Config(
            severity={"whole-list": "note"},
            options={"whole-list": {"x": 1}},
            per_path=(PerPath("a", ("whole-list", "db"), {"whole-list": "note"}),),
        )
        assert current_names(RULES, config) == Config(
            severity={"unpaginated-list": "note"},
            options={"unpaginated-list": {"x": 1}},
            per_path=(PerPath("a", ("unpaginated-list", "db"), {"unpaginated-list": "note"}),),
        )


class TestKeyLines:
    def test_every_way_to_write_a_key(self) -> None:
        text = (
            'a.b = 1\n"c.d" = """\n[x]\ny = 1 ""\\""""\ne = [ # ]\n  "f", # "g"\n  \'h\' ]\r\n'
            "[i.'j k']\nl = { m = 1, n = 2 }\n[[o]]\np = '''\nq = 1\n'''\nr = 2024-01-01T00:00:00Z\n"
        )
        tomllib.loads(text)
        lines = key_lines(text)
        wanted = {
            ("a", "b"): 1,
            ("c.d",): 2,
            ("e",): 5,
            ("e", "f"): 6,
            ("e", "h"): 7,
            ("i", "j k"): 8,
            ("i", "j k", "l"): 9,
            ("i", "j k", "l", "n"): 9,
            ("o",): 10,
            ("o", "p"): 11,
            ("o", "r"): 14,
        }
        assert {key: lines.get(key) for key in wanted} == wanted
        assert ("x",) not in lines
        assert not any("q" in key or "g" in key for key in lines)

    @given(st.lists(st.sampled_from([*"[]{}=.,\"'#\n \r\\", '"""', "'''", "a", "1", "b-c"])))
    def test_it_never_fails(self, parts: list[str]) -> None:
        text = "".join(parts)
        assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())


def test_a_link_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    outside, root = tmp_path / "secrets.toml", tmp_path / "project"
    outside.write_text('SECRET_TOKEN = "abc"\n')
    root.mkdir()
    (root / "archcheck.toml").symlink_to(outside)
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert "outside the project root" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    (root / "archcheck.toml").unlink()
    (root / "settings.toml").write_text('profile = "audit"\n')
    (root / "archcheck.toml").symlink_to("settings.toml")
    assert load(root).profile == "audit"
    (root / "archcheck.toml").unlink()
    (root / "archcheck.toml").symlink_to("archcheck.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(root)


def test_layers_are_read_and_shown_as_they_were_written(tmp_path: Path):
    text = (
        '[layers]\norder = ["api", "services | jobs", "(cache) : storage"]\ncontainers = ["shop.orders"]\n'
        'ignore = ["shop.orders.storage.* -> shop.orders.api"]\ntype-checking = false\n'
    )
    (tmp_path / "archcheck.toml").write_text(text, encoding="utf-8")
    layers = load(tmp_path).layers
    assert layers == Layers(
        (
            Layer(("api",)),
            Layer(("services", "jobs")),
            Layer(("cache", "storage"), ("cache",), apart=False),
        ),
        ("shop.orders",),
        (("shop.orders.storage.*", "shop.orders.api"),),
        type_checking=False,
    )
    assert "\n".join(settings.lines(tmp_path, load(tmp_path))).endswith(text.rstrip())
