"""`archcheck check` around the engine: reports to their places, the coverage line, exit codes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archcheck import engine
from archcheck.cli import main
from archcheck.cli.progress import Progress
from archcheck.cli.streams import colored
from archcheck.config import ConfigError
from archcheck.finding import Finding, Severity, Verdict
from archcheck.report import Report, RuleInfo, RunCoverage, SourceLines
from archcheck.source import Location
from archcheck.surface import Gap

INFO = RuleInfo("odd-thing", "api.odd", "warning", "regular", "0.1", "high", "openapi", "archcheck", "It is odd.\n")
GAP = Gap("broken.sql", 3, "unparsable", "the string is never closed")


def report(*severities: Severity, gaps: tuple[Gap, ...] = (), units: int = 1) -> Report:
    at = Location("api.yaml", 1)
    verdicts = [
        Verdict("odd-thing", severity, "regular", Finding(at, f"Number {number} is odd."), f"{number:016x}")
        for number, severity in enumerate(severities)
    ]
    coverage = RunCoverage({"openapi": {"specs": units}}, gaps=gaps, rules=3, notes=("A note on the run.",))
    return Report("0.1.0", tuple(verdicts), {"odd-thing": INFO}, coverage, SourceLines(lambda _: None))


@dataclass
class Engine:
    """Stands in for the engine: gives the report it was told to give, and keeps the request."""

    report: Report = field(default_factory=report)
    requests: list[engine.Request] = field(default_factory=list)
    error: BaseException | None = None

    def run(self, request: engine.Request) -> Report:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return self.report


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    fake = Engine()
    monkeypatch.setattr(engine, "run", fake.run)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    return fake


class TestExitCodes:
    @pytest.mark.parametrize(
        ("given", "words", "code"),
        [
            (report(), [], 0),
            (report("warning", "note"), [], 0),
            (report("error"), [], 1),
            (report("warning"), ["--fail-on", "warning"], 1),
            (report("note"), ["--fail-on=warning"], 0),
            (report("note"), ["--fail-on", "note"], 1),
            (report("error"), ["--fail-on", "never"], 0),
            (report("error", gaps=(GAP,)), [], 3),
            (report(gaps=(GAP,)), ["--fail-on", "never"], 3),
            (report(units=0), [], 2),
            (report(units=0), ["--allow-empty"], 0),
            (report(units=0, gaps=(GAP,)), ["missing.py"], 3),
        ],
    )
    def test_findings_gaps_and_emptiness(self, stage: Engine, given: Report, words: list[str], code: int) -> None:
        stage.report = given
        assert main(["check", *words]) == code
        assert main(["check", "--output", "json", *words]) == code

    def test_the_report_holds_its_exit_code(self, stage: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        stage.report = report("warning")
        assert main(["check", "--output", "json", "--fail-on", "warning"]) == 1
        document = json.loads(capsys.readouterr().out)
        assert (document["exit_code"], document["fail_on"]) == (1, "warning")

    def test_a_configuration_that_cannot_be_used(self, stage: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        stage.error = ConfigError("archcheck.toml", 3, "there is no rule 'x'")
        assert main(["check"]) == 2
        assert capsys.readouterr().err == "archcheck: archcheck.toml:3: there is no rule 'x'\n"

    def test_nothing_to_check_says_what_to_do(self, stage: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        stage.report = report(units=0)
        assert main(["check", "docs"]) == 2
        assert "nothing to check in docs: " in capsys.readouterr().err

    def test_a_crash_is_one_line_and_no_clean_run(self, stage: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        stage.error = ZeroDivisionError("division\nby zero")
        assert main(["check"]) == 3
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("archcheck: archcheck itself failed") and "(ZeroDivisionError: division by zero)" in line
        assert line.endswith("run it again with -vv and report what it prints")
        assert main(["check", "-vv"]) == 3
        assert "Traceback" in capsys.readouterr().err

    def test_an_interrupt(self, stage: Engine) -> None:
        stage.error = KeyboardInterrupt()
        assert main(["check"]) == 130


class TestReports:
    def test_the_terminal_report_ends_with_the_coverage(
        self, stage: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stage.report = report("warning")
        main([])
        out, err = capsys.readouterr()
        assert "Number 0 is odd." in out
        assert out.splitlines()[-1].startswith("Checked 1 spec")
        assert err == ""

    @pytest.mark.parametrize("words", [["--output", "concise"], ["--output", "sarif"], ["--output", "json:r.json"]])
    def test_elsewhere_the_coverage_goes_to_standard_error(
        self, stage: Engine, capsys: pytest.CaptureFixture[str], words: list[str]
    ) -> None:
        main(words)
        assert capsys.readouterr().err.startswith("Checked 1 spec")
        main([*words, "--quiet"])
        assert capsys.readouterr().err == ""

    def test_several_reports_from_one_run(
        self, stage: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        stage.report = report("error")
        assert main("--output sarif:a.sarif --output json:b.json --output concise".split()) == 1
        assert len(stage.requests) == 1
        assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
        assert json.loads((tmp_path / "b.json").read_text())["exit_code"] == 1
        assert capsys.readouterr().out == "api.yaml:1:1: error[odd-thing] Number 0 is odd.\n"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("--output json --output concise", "only one report can go to standard output"),
            ("--output json:a --output sarif:a", "two reports go to 'a'"),
            ("--root nowhere", "--root: 'nowhere' is no folder"),
            ("chek api.yaml", "there is no file and no command 'chek'; did you mean 'check'?"),
        ],
    )
    def test_contradictions(self, stage: Engine, capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
        assert main(words.split()) == 2
        assert capsys.readouterr().err.startswith(f"archcheck: {said}")
        assert not stage.requests

    def test_a_report_that_cannot_be_written_is_said_and_the_others_are_written(
        self, stage: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert main("--output json:no/such/a.json --output sarif:b.sarif".split()) == 2
        assert "archcheck: cannot write no/such/a.json: its folder does not exist" in capsys.readouterr().err
        assert (tmp_path / "b.sarif").exists()

    def test_statistics_count_instead_of_listing(self, stage: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        stage.report = report("warning", "note", "warning")
        main(["--statistics"])
        out = capsys.readouterr().out
        assert out.splitlines()[:2] == ["      2  warning  odd-thing", "      1  note     odd-thing"]
        assert "Number 0" not in out
        assert out.splitlines()[-1].startswith("Checked 1 spec")

    def test_more_words_on_demand(self, stage: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        main(["-v"])
        err = capsys.readouterr().err
        assert f"The project is {tmp_path}" in err
        assert "A note on the run." in err

    @pytest.mark.parametrize(("wish", "painted"), [("always", True), ("never", False), ("auto", False)])
    def test_colours(self, stage: Engine, capsys: pytest.CaptureFixture[str], wish: str, painted: bool) -> None:
        stage.report = report("error")
        main([f"--color={wish}"])
        assert ("\x1b[" in capsys.readouterr().out) is painted


class TestRequest:
    def test_what_the_engine_is_asked(self, stage: Engine, tmp_path: Path) -> None:
        (tmp_path / "archcheck.toml").write_text("profile = 'strict'\njobs = 2\nignore = ['a-b']\n")
        (tmp_path / "src").mkdir()
        main(
            "src/../x.py --ignore c-d --jobs 5 --no-cache --cache-dir k --force-exclude --sarif-category web "
            "--max-file-size 1kB --max-nesting 5 --unit-seconds 2".split()
        )
        (request,) = stage.requests
        assert request.root == tmp_path
        assert request.paths == (tmp_path / "x.py",)
        assert (request.config.profile, request.config.jobs, request.config.ignore) == ("strict", 5, ("a-b", "c-d"))
        assert (request.cache, request.cache_dir, request.category) == (False, tmp_path / "k", "web")
        assert request.force_exclude
        limits = request.limits
        assert (limits.file_size, limits.nesting, limits.unit_seconds, limits.unit_memory) == (1000, 5, 2.0, 10**9)

    def test_the_root_is_found_upwards_or_given(
        self, stage: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "archcheck.toml").write_text("")
        (tmp_path / "deep" / "er").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "deep")
        main(["er"])
        main(["--root", "er"])
        assert [request.root for request in stage.requests] == [tmp_path, tmp_path / "deep" / "er"]
        assert stage.requests[0].paths == (tmp_path / "deep" / "er",)

    def test_show_config(self, stage: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        import tomllib

        text = 'exclude = ["a b"]\n[rules.x-y]\nwords = ["é", "\\""]\n[per-path."a/**"]\nseverity = { x-y = "note" }\n'
        (tmp_path / "archcheck.toml").write_text(text, encoding="utf-8")
        assert main(["--show-config", "--select", "sql"]) == 0
        shown = tomllib.loads(capsys.readouterr().out)
        assert shown["select"] == ["sql"]
        assert shown["exclude"] == ["a b"]
        assert shown["rules"] == {"x-y": {"words": ["é", '"']}}
        assert shown["per-path"] == {"a/**": {"ignore": [], "severity": {"x-y": "note"}}}
        assert not stage.requests


class TestProgress:
    def test_it_draws_late_rarely_and_leaves_nothing(self) -> None:
        now, out = [0.0], io.StringIO()
        progress = Progress(out, clock=lambda: now[0])
        now[0] = 5.0
        progress.step(1, 10)
        assert out.getvalue() == "", "workers are not there yet"
        progress.started()
        progress.step(2, 10)
        progress.step(3, 10)
        assert out.getvalue().count("units checked") == 1
        assert "2 of 10" in out.getvalue()
        progress.clear()
        assert out.getvalue().endswith("\r\x1b[K")

    def test_short_runs_draw_nothing(self) -> None:
        out = io.StringIO()
        progress = Progress(out)
        progress.started()
        progress.step(1, 2)
        progress.clear()
        assert out.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("wish", "environment", "terminal", "painted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_on_colours(wish: str, environment: dict[str, str], terminal: bool, painted: bool) -> None:
    assert colored(wish, Terminal() if terminal else io.StringIO(), environment) is painted


def test_github_annotations_come_with_a_summary_of_the_step(stage: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.report = report("warning")
    summary = Path("summary.md")
    summary.write_text("Before.\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert main(["--output", "concise"]) == 0
    assert summary.read_text() == "Before.\n"
    assert main(["--output", "github"]) == 0
    assert summary.read_text().startswith("Before.\n## archcheck: 1 warning\n")


def test_a_summary_that_cannot_be_written_is_an_error(
    stage: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.report = report("note")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "missing/summary.md")
    assert main(["--output", "github"]) == 2
    assert "cannot write the summary of the step to missing/summary.md" in capsys.readouterr().err
