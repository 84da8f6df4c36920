"""`archcheck diff`, and what `check --since` says of documents: two releases, wherever they are."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from archcheck.cli import main
from archcheck.files import RecordedFiles
from archcheck.git import commit_of
from archcheck.reports import FORMATS
from archcheck.revisions import Revision
from archcheck.sides import Side
from archcheck.source import Unread

SHOP = Path(__file__).resolve().parents[3] / "fixtures" / "diff" / "shop"
HEAD = "openapi: 3.0.3\ninfo: {title: %s, version: 1.0.0}\npaths:\n"
PATH = "  /%s:\n    get:\n      responses: {'200': {description: d}}\n"
PART = "get:\n  parameters: [{name: q, in: query%s, schema: {type: string}}]\n  responses: {'200': {description: d}}\n"
ROOT = HEAD % "Parts" + "  /users:\n    $ref: paths/users.yaml\n"

Said = Callable[..., tuple[int, str, str]]


def spec(title: str, *paths: str) -> str:
    return HEAD % title + "".join(PATH % path for path in paths)


def git(project: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(
        ("git", *identity, *words), cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()


def put(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def commit(project: Path) -> None:
    git(project, "add", "-A")
    git(project, "commit", "-q", "--allow-empty", "-m", "next")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return folder


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def said(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    return said


def rules(out: str) -> list[str]:
    return sorted({finding["rule"] for finding in json.loads(out)["findings"]})


class TestSides:
    def test_two_files(self, project: Path, said: Said) -> None:
        put(project, {"v1.yaml": spec("Shop", "orders", "carts"), "v2.yaml": spec("Shop", "orders")})
        code, out, err = said(
            "diff", "v1.yaml", "v2.yaml", "--output", "concise", "--ignore", "removed-without-deprecation"
        )
        assert (code, err) == (1, "Checked 1 release (2 operations) with 38 rules.\n")
        assert "v2.yaml:4:3: error[removed-path]" not in out
        assert "error[removed-path] The path /carts is gone" in out
        assert "(before: v1.yaml:7:3)" in out

    def test_nothing_breaks(self, project: Path, said: Said) -> None:
        put(
            project,
            {
                "v1.yaml": spec("Shop", "orders"),
                "v2.json": json.dumps(
                    {
                        "openapi": "3.1.0",
                        "info": {"title": "Shop", "version": "1.1.0"},
                        "paths": {
                            "/orders": {"get": {"responses": {"200": {"description": "d"}}}},
                            "/carts": {"get": {"responses": {"200": {"description": "d"}}}},
                        },
                    }
                ),
            },
        )
        code, out, _ = said("diff", "v1.yaml", "v2.json")
        assert code == 0
        assert out.startswith("No findings.\nChecked 1 release (2 operations")

    def test_a_revision_of_git_on_either_side(self, project: Path, said: Said) -> None:
        put(project, {"api/openapi.yaml": spec("Shop", "orders", "carts")})
        commit(project)
        put(project, {"api/openapi.yaml": spec("Shop", "orders")})
        commit(project)
        before, after = "HEAD~1:api/openapi.yaml", "HEAD:api/openapi.yaml"
        code, out, _ = said("diff", before, "api/openapi.yaml", "--select", "removed-path")
        assert code == 1
        assert " ::: HEAD~1:api/openapi.yaml:7:3\n  |\n7 |   /carts:\n  |   ------ before\n" in out
        code, out, _ = said("diff", before, after, "--output", "json")
        (found,) = [each for each in json.loads(out)["findings"] if each["rule"] == "removed-path"]
        assert (found["path"], found["related"][0]["path"]) == (after, before)
        assert said("diff", after, before)[0] == 0
        assert said("diff", "HEAD~1:api", "HEAD:api")[0] == 1

    def test_paths_in_a_revision_count_from_the_top_or_from_here(
        self, project: Path, said: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(project, {"api/openapi.yaml": spec("Shop", "orders"), "api/other/x.yaml": spec("X", "x")})
        commit(project)
        monkeypatch.chdir(project / "api")
        for named in ("HEAD:api/openapi.yaml", "HEAD:./openapi.yaml", "HEAD:../api/openapi.yaml"):
            assert said("diff", named, "openapi.yaml")[0] == 0, named
        code, _, err = said("diff", "HEAD:openapi.yaml", "openapi.yaml")
        assert code == 2
        assert "did you mean 'HEAD:./openapi.yaml'?" in err

    def test_references_are_followed_at_the_revision(self, project: Path, said: Said) -> None:
        put(project, {"api/openapi.yaml": ROOT, "api/paths/users.yaml": PART % ""})
        commit(project)
        put(project, {"api/paths/users.yaml": PART % ", required: true"})
        code, out, _ = said("diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--output", "concise")
        assert code == 1
        assert "api/paths/users.yaml:2:37: error[parameter-became-required]" in out
        assert "(before: HEAD:api/paths/users.yaml:2:16)" in out

    def test_outside_of_the_project(self, project: Path, said: Said, tmp_path: Path) -> None:
        put(tmp_path / "old", {"api.yaml": ROOT, "paths/users.yaml": PART % ""})
        put(project, {"api.yaml": ROOT, "paths/users.yaml": PART % ", required: true"})
        code, out, _ = said("diff", str(tmp_path / "old" / "api.yaml"), "api.yaml", "--output", "json")
        assert code == 1
        assert {each["path"] for each in json.loads(out)["findings"]} == {"api.yaml", "paths/users.yaml"}
        assert {str(tmp_path / "old" / "api.yaml"), str(tmp_path / "old" / "paths" / "users.yaml")} == {
            each["related"][0]["path"] for each in json.loads(out)["findings"]
        }

    def test_across_versions_of_the_specification(self, project: Path, said: Said) -> None:
        old = "swagger: '2.0'\ninfo: {title: Shop, version: 1.0.0}\npaths:\n" + PATH % "orders" + PATH % "carts"
        put(project, {"v1.yaml": old, "v2.yaml": spec("Shop", "orders")})
        assert "removed-path" in rules(said("diff", "v1.yaml", "v2.yaml", "--output", "json")[1])


class TestFolders:
    def test_by_path_then_by_title(self, project: Path, said: Said) -> None:
        put(project, {
            "old/a.yaml": spec("A", "one", "two"), "old/sub/b.yaml": spec("B", "b"), "old/c.yaml": spec("C", "c"),
            "old/readme.yaml": "no: document\n",
            "new/a.yaml": spec("A", "one"), "new/sub/renamed.yaml": spec("B", "d"), "new/e.yaml": spec("E", "e"),
        })  # fmt: skip
        code, out, err = said("diff", "old", "new", "--output", "json", "--select", "removed-path")
        assert code == 1
        assert [(each["path"], each["related"][0]["path"]) for each in json.loads(out)["findings"]] == [
            ("new/a.yaml", "old/a.yaml"), ("new/sub/renamed.yaml", "old/sub/b.yaml"),
        ]  # fmt: skip
        told = [line for line in err.splitlines() if "Checked" not in line]
        assert told == [
            "archcheck: old/c.yaml is gone: nothing stands in its place",
            "archcheck: new/sub/renamed.yaml is compared with old/sub/b.yaml, which has the same title",
            "archcheck: new/e.yaml is new: there is nothing to compare it with",
        ]
        assert json.loads(out)["coverage"]["notes"] == [line[11:] for line in told]

    def test_a_single_document_on_each_side(self, project: Path, said: Said) -> None:
        put(project, {"old/one.yaml": spec("A", "a"), "new/two.yaml": spec("B", "b")})
        code, out, _ = said("diff", "old", "new", "--output", "json")
        assert code == 1
        assert "removed-path" in rules(out)

    def test_a_title_that_stands_twice_tells_nothing(self, project: Path, said: Said) -> None:
        put(project, {"old/a.yaml": spec("T", "a"), "new/b.yaml": spec("T", "b"), "new/c.yaml": spec("T", "c")})
        code, _, err = said("diff", "old", "new")
        assert code == 0
        assert err.count("is new") == 2
        assert err.count("is gone") == 1

    def test_one_that_cannot_be_read_does_not_stop_the_others(self, project: Path, said: Said) -> None:
        put(project, {
            "old/a.yaml": spec("A", "one", "two"), "old/b.yaml": spec("B", "b"),
            "new/a.yaml": spec("A", "one"), "new/b.yaml": HEAD % "B" + "  {: [",
        })  # fmt: skip
        code, out, _ = said("diff", "old", "new", "--output", "json")
        assert code == 3
        assert {"removed-path", "unread-file"} <= set(rules(out))
        assert [gap["path"] for gap in json.loads(out)["coverage"]["gaps"]] == ["new/b.yaml"]


class TestBadSides:
    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("missing.yaml", "v1.yaml"), "there is no file or folder 'missing.yaml'"),
            (("v1.yaml", "nowhere:v1.yaml"), "there is no revision 'nowhere' here"),
            (("HEAD:gone.yaml", "v1.yaml"), "'gone.yaml' is not there at the revision 'HEAD'"),
            (("HEAD:../v1.yaml", "v1.yaml"), "lies outside the repository"),
            (("empty", "v1.yaml"), "a file and a folder"),
            (("empty", "."), "there is no OpenAPI document in 'empty'"),
            (("HEAD:empty", "."), "there is no OpenAPI document in 'HEAD:empty'"),
            (("v1.yaml",), "REVISION"),
            (("v1.yaml", "v1.yaml", "--select", "sql"), "no rule on changes is chosen"),
            (("v1.yaml", "v1.yaml", "--select", "nothing"), "'nothing' is no rule"),
            (("v1.yaml", "v1.yaml", "--output", "tables"), "is no report format"),
        ],
    )
    def test_a_mistake_is_2(self, project: Path, said: Said, words: tuple[str, ...], reason: str) -> None:
        put(project, {"v1.yaml": spec("A", "a"), "empty/readme.md": "nothing"})
        commit(project)
        code, _, err = said("diff", *words)
        assert code == 2
        assert reason.lower() in err.lower()

    def test_without_git(self, tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, {"v1.yaml": spec("A", "a")})
        monkeypatch.chdir(tmp_path)
        code, _, err = said("diff", "HEAD:v1.yaml", "v1.yaml")
        assert code == 2
        assert "this is no git repository" in err

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "it is empty"),
            ("name: something else\n", "it is no OpenAPI document"),
            ("asyncapi: 2.6.0\n", "it is no OpenAPI document"),
            ('{"title": "a schema"}', "it is no OpenAPI document"),
            (HEAD % "A" + "  /a: [", ""),
            ("\0\1\2", "it is a binary file"),
        ],
    )
    @pytest.mark.parametrize("side", ["base", "revision"])
    def test_a_side_that_is_no_document_is_3(
        self, project: Path, said: Said, side: str, text: str, reason: str
    ) -> None:
        put(project, {"good.yaml": spec("A", "a"), "bad.yaml": text})
        commit(project)
        words = ("HEAD:bad.yaml", "good.yaml") if side == "base" else ("HEAD:good.yaml", "bad.yaml")
        code, out, _ = said("diff", *words, "--output", "json")
        assert code == 3
        (gap,) = json.loads(out)["coverage"]["gaps"]
        assert gap["path"] == ("HEAD:bad.yaml" if side == "base" else "bad.yaml")
        assert reason in gap["reason"]
        assert rules(out) == ["unread-file"]

    def test_a_reference_to_nothing_is_a_gap_of_its_side(self, project: Path, said: Said) -> None:
        put(project, {"api.yaml": ROOT})
        commit(project)
        put(project, {"paths/users.yaml": PART % ""})
        code, out, _ = said("diff", "HEAD:api.yaml", "api.yaml", "--output", "json")
        gaps = json.loads(out)["coverage"]["gaps"]
        assert (code, [gap["path"] for gap in gaps]) == (3, ["HEAD:paths/users.yaml"])

    @pytest.mark.skipif(sys.platform == "win32", reason="this system cannot limit processor time")
    def test_a_comparison_that_takes_too_much_costs_itself(self, project: Path, said: Said) -> None:
        many = [f"p{number}" for number in range(6000)]
        put(project, {
            "old/big.yaml": spec("Big", *many), "old/a.yaml": spec("A", "a", "b"),
            "new/big.yaml": spec("Big", *many[1:]), "new/a.yaml": spec("A", "a"),
        })  # fmt: skip
        code, out, _ = said("diff", "old", "new", "--unit-seconds", "0.1", "--output", "json")
        (gap,) = json.loads(out)["coverage"]["gaps"]
        assert (code, gap["path"], gap["kind"]) == (3, "new/big.yaml", "timeout")
        assert gap["reason"].startswith("comparing it with old/big.yaml failed: ")
        assert "removed-path" in rules(out)

    def test_a_limit_costs_its_document(self, project: Path, said: Said) -> None:
        put(project, {"a.yaml": spec("A", "a"), "b.yaml": spec("A", *(f"p{n}" for n in range(100)))})
        code, out, _ = said("diff", "a.yaml", "b.yaml", "--max-file-size", "1000", "--output", "json")
        assert code == 3
        assert "larger than the limit" in json.loads(out)["coverage"]["gaps"][0]["reason"]


class TestJudging:
    def test_fail_on(self, project: Path, said: Said) -> None:
        put(project, {"v1.yaml": spec("Shop", "a"), "v2.yaml": spec("Shop", "a", "b").replace("'200'", "'201'")})
        only = ("diff", "v1.yaml", "v2.yaml", "--select", "breaking-without-version-bump")
        assert said(*only)[0] == 0
        assert said(*only, "--fail-on", "warning")[0] == 1
        assert said("diff", "v1.yaml", "v2.yaml")[0] == 1
        assert said("diff", "v1.yaml", "v2.yaml", "--fail-on", "never")[0] == 0

    def test_the_configuration_counts(self, project: Path, said: Said) -> None:
        put(project, {"v1.yaml": spec("S", "a", "b"), "v2.yaml": spec("S", "a")})
        put(project, {".archcheck.toml": 'ignore = ["contract.compatibility"]\n'})
        assert said("diff", "v1.yaml", "v2.yaml")[0] == 2
        put(project, {".archcheck.toml": '[severity]\nremoved-path = "note"\n'})
        assert said("diff", "v1.yaml", "v2.yaml")[0] == 0
        put(project, {".archcheck.toml": "[rules.removed-path]\nnothing = 1\n"})
        code, _, err = said("diff", "v1.yaml", "v2.yaml")
        assert (code, "takes no options" in err) == (2, True)

    def test_acceptances_of_the_revision_count_and_none_is_idle(self, project: Path, said: Said) -> None:
        accepted = "paths:  # archcheck: allow[removed-path, removed-operation] nobody asked for it\n"
        put(project, {"v1.yaml": spec("S", "a", "b"), "v2.yaml": spec("S", "a").replace("paths:\n", accepted)})
        code, out, _ = said("diff", "v1.yaml", "v2.yaml", "--output", "json")
        document = json.loads(out)
        assert (code, document["summary"]["allowed"]) == (0, 1)
        assert not {"removed-path", "unused-suppression"} & set(rules(out))
        assert [change["breaking"] for change in document["releases"][0]["changes"]] == [True]

    def test_a_plain_check_neither_runs_nor_passes_the_rules(self, project: Path, said: Said) -> None:
        put(project, {"v1.yaml": spec("S", "a") + "  # archcheck: allow[removed-path] it was planned\n"})
        code, out, _ = said("check", "--output", "json", "--no-cache", "--fail-on", "never")
        assert code == 0
        assert "removed-path" not in {rule["id"] for rule in json.loads(out)["rules"]}
        assert "unused-suppression" not in rules(out)
        _, page, _ = said("check", "--output", "markdown", "--no-cache")
        (line,) = [line for line in page.splitlines() if "`contract.compatibility`" in line]
        assert "not checked: compare with an earlier release" in line
        assert "archcheck diff" in line


class TestFormats:
    def written(self, project: Path, said: Said) -> dict[str, str]:
        shutil.copytree(SHOP / "before", project / "before")
        shutil.copytree(SHOP / "after", project / "after")
        commit(project)
        shutil.rmtree(project / "before")
        words = [word for name in FORMATS for word in ("--output", f"{name}:out.{name}")]
        assert said("diff", "HEAD:before/openapi.yaml", "after/openapi.yaml", *words)[0] == 1
        return {name: (project / f"out.{name}").read_text(encoding="utf-8") for name in FORMATS}

    def test_both_places_are_in_every_format_that_has_room_for_them(self, project: Path, said: Said) -> None:
        written = self.written(project, said)
        for name in ("terminal", "concise", "json", "markdown", "html"):
            assert "HEAD:before/openapi.yaml" in written[name], name
            assert "after/openapi.yaml" in written[name], name
        for name in FORMATS:
            assert "after/openapi.yaml" in written[name], name
        assert "85 |   /carts:\n" in written["terminal"]
        for result in json.loads(written["sarif"])["runs"][0]["results"]:
            (before,) = result["relatedLocations"]
            assert before["physicalLocation"]["artifactLocation"]["uri"] == "HEAD%3Abefore/openapi.yaml"
            assert before["physicalLocation"]["region"]["snippet"]["text"]
            assert before["message"]["text"] == "before."
        assert all(each["related"] for each in json.loads(written["json"])["findings"])
        assert all("(before: HEAD:before/openapi.yaml:" in line for line in written["concise"].splitlines())

    def test_the_changelog_says_what_was_not_compared(self, project: Path, said: Said) -> None:
        put(project, {
            "old/a.yaml": spec("A", "a"), "old/b.yaml": spec("B", "b"),
            "new/a.yaml": spec("A", "a"), "new/b.yaml": "", "new/c.yaml": spec("C", "c"),
        })  # fmt: skip
        _, out, _ = said("diff", "old", "new", "--output", "markdown")
        assert "## A 1.0.0\n" in out
        assert "Nothing changed for clients.\n" in out
        assert re.search(r"## Not compared\n\n(- .*\n)+", out)


class TestSince:
    @pytest.fixture
    def repository(self, project: Path) -> Path:
        put(project, {
            "shop.yaml": spec("Shop", "orders", "carts"), "parts.yaml": ROOT, "paths/users.yaml": PART % "",
            "other.yaml": spec("Other", "other"),
        })  # fmt: skip
        commit(project)
        git(project, "checkout", "-q", "-b", "work")
        return project

    def since(self, said: Said, *words: str, revision: str = "main") -> tuple[int, list[tuple[str, str]], str]:
        chosen = ("--select", "contract.compatibility", "--ignore", "breaking-without-version-bump")
        code, out, err = said("check", "--no-cache", "--since", revision, *chosen, "--output", "json", *words)
        document = json.loads(out) if out else {"findings": []}
        return code, [(each["path"], each["rule"]) for each in document["findings"]], err

    def test_nothing_changed(self, repository: Path, said: Said) -> None:
        assert self.since(said)[:2] == (0, [])

    def test_what_changed_is_compared_with_the_merge_base(self, repository: Path, said: Said) -> None:
        put(repository, {"shop.yaml": spec("Shop", "orders")})
        git(repository, "checkout", "-q", "main")
        git(repository, "checkout", "-q", "work")
        code, found, _ = self.since(said, "--ignore", "removed-without-deprecation")
        assert (code, found) == (1, [("shop.yaml", "removed-path")])
        commit(repository)
        assert self.since(said, "--ignore", "removed-without-deprecation")[:2] == (code, found)
        assert self.since(said, "other.yaml")[:2] == (0, [])

    def test_the_base_is_shown(self, repository: Path, said: Said) -> None:
        put(repository, {"shop.yaml": spec("Shop", "orders")})
        _, out, _ = said("check", "--no-cache", "--since", "main", "--select", "removed-path")
        assert f"::: {commit_of(str(repository), 'main')[:12]}:shop.yaml:7:3" in out
        assert "7 |   /carts:" in out
        assert "1 release (2 operations)" in out

    def test_a_file_that_a_document_refers_to(self, repository: Path, said: Said) -> None:
        put(repository, {"paths/users.yaml": PART % ", required: true"})
        assert self.since(said)[:2] == (1, [("paths/users.yaml", "parameter-became-required")])

    def test_new_gone_and_renamed(self, repository: Path, said: Said) -> None:
        put(repository, {"new.yaml": spec("New", "new")})
        (repository / "other.yaml").unlink()
        (repository / "shop.yaml").rename(repository / "store.yaml")
        base = commit_of(str(repository), "main")[:12]
        code, found, err = self.since(said)
        assert (code, found) == (0, [])
        assert f"archcheck: store.yaml is compared with {base}:shop.yaml, which has the same title\n" in err
        assert "archcheck: new.yaml is new: there is nothing to compare it with\n" in err
        assert f"archcheck: {base}:other.yaml is gone: nothing stands in its place\n" in err

    def test_git_tells_a_rename_whatever_the_title(self, repository: Path, said: Said) -> None:
        many = [f"p{number}" for number in range(30)]
        put(repository, {"big.yaml": spec("Big", *many)})
        commit(repository)
        git(repository, "branch", "-f", "main")
        git(repository, "mv", "big.yaml", "large.yaml")
        put(repository, {"large.yaml": spec("Large", *many[1:])})
        code, found, _ = self.since(said)
        assert (code, ("large.yaml", "removed-path") in found) == (1, True)

    def test_a_base_that_could_not_be_read_does_not_stop_who_mends_it(self, repository: Path, said: Said) -> None:
        put(repository, {"shop.yaml": HEAD % "Shop" + "  {: ["})
        commit(repository)
        git(repository, "branch", "-f", "main")
        put(repository, {"shop.yaml": spec("Shop", "orders")})
        code, found, err = self.since(said)
        assert (code, found) == (0, [])
        assert ":shop.yaml could not be compared: " in err

    def test_what_is_broken_now_is_told_once(self, repository: Path, said: Said) -> None:
        put(repository, {"shop.yaml": HEAD % "Shop" + "  {: ["})
        code, found, _ = self.since(said)
        assert (code, found) == (3, [("shop.yaml", "unread-file")])

    def test_a_project_below_the_top(self, repository: Path, said: Said) -> None:
        put(repository, {"svc/api.yaml": spec("S", "a", "b")})
        commit(repository)
        git(repository, "branch", "-f", "main")
        put(repository, {"svc/api.yaml": spec("S", "a")})
        code, out, _ = said(
            "check", "--no-cache", "--root", "svc", "--since", "main", "--select", "removed-path", "--output", "concise"
        )
        assert code == 1
        assert out.startswith("api.yaml:")
        assert f"(before: {commit_of(str(repository), 'main')[:12]}:svc/api.yaml:7:3)" in out

    def test_acceptances_count(self, repository: Path, said: Said) -> None:
        accepted = "paths:  # archcheck: allow[removed-path] nobody asked for it\n"
        put(repository, {"shop.yaml": spec("Shop", "orders").replace("paths:\n", accepted)})
        assert self.since(said, "--ignore", "removed-without-deprecation")[:2] == (0, [])

    def test_the_default_branch_is_found(self, repository: Path, said: Said) -> None:
        put(repository, {"shop.yaml": spec("Shop", "orders")})
        assert self.since(said, revision="auto")[0] == 1
        git(repository, "branch", "-m", "main", "trunk")
        code, _, err = self.since(said, revision="auto")
        assert code == 2
        assert "there is no default branch here" in err
        git(repository, "update-ref", "refs/remotes/origin/master", "trunk")
        assert self.since(said, revision="auto")[0] == 1
        git(repository, "update-ref", "refs/remotes/origin/trunk", "trunk")
        git(repository, "update-ref", "-d", "refs/remotes/origin/master")
        git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
        assert self.since(said, revision="auto")[0] == 1

    def test_the_hook_finds_its_base(self, repository: Path, said: Said) -> None:
        hooks = yaml.safe_load((SHOP.parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        (words,) = [hook["entry"].split()[1:] for hook in hooks if hook["id"] == "archcheck-diff"]
        assert said(*words)[0] == 0
        put(repository, {"shop.yaml": spec("Shop", "orders"), "migrations/0001_a.sql": "CREATE TABLE a (b text);\n"})
        code, out, err = said(*words, "--output", "json")
        assert (code, err) == (
            1,
            "Checked 1 spec (1 operation, 1 file) and 1 release (2 operations) with 40 rules.\n",
        )
        assert rules(out) == ["breaking-without-version-bump", "removed-path", "removed-without-deprecation"]

    def test_notes_are_left_out_where_quiet_is_wanted(self, repository: Path, said: Said) -> None:
        put(repository, {"new.yaml": spec("New", "new")})
        assert self.since(said, "-q")[2] == ""
        assert said("diff", "HEAD:", ".", "-q")[2] == ""

    def test_the_scorecard_has_the_line(self, repository: Path, said: Said) -> None:
        def line() -> str:
            _, page, _ = said("check", "--no-cache", "--since", "main", "--output", "markdown")
            return next(line for line in page.splitlines() if "`contract.compatibility`" in line)

        assert "not applicable: no OpenAPI document has changed" in line()
        put(repository, {"shop.yaml": spec("Shop", "orders", "carts", "more")})
        assert line().endswith("| pass |")
        put(repository, {"shop.yaml": spec("Shop", "orders")})
        assert "findings |" in line()


class TestRevision:
    def test_it_can_be_handed_to_a_worker_that_is_spawned(self, project: Path) -> None:
        put(project, {"api.yaml": "text"})
        commit(project)
        here = Side(Revision(str(project), commit_of(str(project), "HEAD"), "", 1000), "HEAD:", ("api.yaml",))
        assert here.open("HEAD:api.yaml").text == "text"
        there = pickle.loads(pickle.dumps(here))
        assert there.open("HEAD:api.yaml").text == "text"
        assert there.label == here.label

    def test_links_lead_where_they_lead_and_never_out(self, project: Path) -> None:
        put(project, {"a/one.yaml": "one", "b/two.yaml": "two"})
        (project / "a" / "link.yaml").symlink_to("../b/two.yaml")
        (project / "folder").symlink_to("b")
        (project / "a" / "out.yaml").symlink_to("../../secret.yaml")
        (project / "a" / "self.yaml").symlink_to("self.yaml")
        commit(project)
        ground = Revision(str(project), commit_of(str(project), "HEAD"), "", 1000)
        files = RecordedFiles(ground)
        assert files.open("a/link.yaml").text == "two"
        assert files.open("folder/two.yaml").text == "two"
        assert files.listing("") == ("a/", "b/", "folder")
        for path in ("a/out.yaml", "a/self.yaml", "../secret.yaml", "a", "gone.yaml", "/etc/passwd"):
            with pytest.raises(Unread):
                files.open(path)
        ground.close()
        below = RecordedFiles(Revision(str(project), commit_of(str(project), "HEAD"), "a/", 2))
        assert below.exists("one.yaml")
        for path in ("link.yaml", "../b/two.yaml", "one.yaml"):
            with pytest.raises(Unread):
                below.open(path)

    def test_a_folder_that_was_not_there_has_nothing(self, project: Path) -> None:
        commit(project)
        ground = Revision(str(project), commit_of(str(project), "HEAD"), "later/", 1000)
        assert list(ground.paths) == []
