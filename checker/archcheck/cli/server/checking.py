"""The process that checks for the language server: it takes a question, runs the engine, answers, and has no threads.

It ends when nobody can ask any more.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from archcheck import baseline, engine
from archcheck.baseline import BaselineError
from archcheck.cli.server.talk import Answer, Mistake, Question, framed, next_frame, question_of
from archcheck.config import Config, ConfigError
from archcheck.configfile import load
from archcheck.engine import Request
from archcheck.fixing import worse
from archcheck.report import Report


def main() -> None:
    """Answer questions from standard input until it ends."""
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    # Whatever a library prints goes where complaints go, and never between two frames.
    os.dup2(2, 1)
    while (frame := next_frame(asked)) is not None:
        told.write(framed(answer(question_of(frame))))
        told.flush()


def answer(question: Question) -> Answer:
    """What a check says to a question. Nothing is raised: what went wrong is a part of the answer."""
    try:
        return _answer(question)
    except ConfigError as error:
        return Answer(mistake=Mistake(error.path, error.line, error.message))
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Answer(failed=f"archcheck itself failed ({what}); please report it.")


def _answer(question: Question) -> Answer:
    root = Path(question.root)
    config = load(root)
    request = Request(
        root=root,
        config=config,
        paths=tuple(root / path for path in question.paths),
        touching=True,
        instead=question.instead,
        force_exclude=True,
        cache=question.cache,
        cache_dir=Path(question.cache_dir) if question.cache_dir else None,
    )
    report = engine.run(request)
    wrong = []
    known = {(verdict.rule, verdict.fingerprint): verdict for verdict in report.verdicts}
    for trial in question.trials:
        meant = known.get((trial.rule, trial.fingerprint))
        if meant is None:
            wrong.append("the finding is no longer there")
            continue
        touched = {*question.paths, *trial.files}
        after = replace(
            request,
            paths=tuple(root / path for path in sorted(touched)),
            instead={**question.instead, **trial.files},
        )
        before = report if touched == set(question.paths) else engine.run(replace(request, paths=after.paths))
        wrong.append(worse(before, engine.run(after), [meant]))
    shown = _without_debt(report, root, config)
    said = {verdict.rule for verdict in shown.verdicts}
    urls = {rule: info.url for rule, info in shown.rules.items() if info.url and rule in said}
    return Answer(verdicts=shown.verdicts, wrong=tuple(wrong), urls=urls)


def _without_debt(report: Report, root: Path, config: Config) -> Report:
    """The report without what the baseline accepts, which is read here and never written."""
    file = root / (config.baseline or baseline.NAME)
    if not file.is_file():
        return report
    try:
        known = baseline.decode(file.read_bytes())
    except (OSError, BaselineError) as error:
        raise ConfigError(str(file), 1, str(error)) from None
    return baseline.weigh(
        report, known, profile=config.profile, exists=lambda path: (root / path).is_file(), whole=False
    ).report


if __name__ == "__main__":
    main()
