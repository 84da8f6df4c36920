"""`archcheck init`: look at the project, ask nothing, and write a configuration that says what was recognised."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from archcheck import packs
from archcheck.cli import streams
from archcheck.cli.check import CLEAN, USAGE, bare_request, judged
from archcheck.cli.draft import Recognised, Spec, draft, tally
from archcheck.cli.options import CheckArguments, Misused
from archcheck.config import ConfigError
from archcheck.configfile import load
from archcheck.engine import Request
from archcheck.finding import SEVERITIES
from archcheck.report import Report
from archcheck.reports.files import Unwritable, replacing
from archcheck.reports.text import counted, listed
from archcheck.surfaces.openapi import interface as openapi
from archcheck.surfaces.python.link import served
from archcheck.surfaces.sql import interface as sql
from archcheck.survey import survey

FILE: Final = ".archcheck.toml"


def init(arguments: CheckArguments, output: str) -> int:
    """Write the configuration to `output`, `-` for standard output; `.archcheck.toml` of the root when it is empty.

    What is there is never overwritten. Raises `Misused` when it would have to be.
    """
    request = bare_request(arguments)
    file = Path(output) if output else request.root / FILE
    if output != "-":
        _spare(file, request.root, told=bool(output))
    try:
        found = recognise(request, judged(arguments, request))
    except ConfigError as error:
        streams.complain(str(error))
        return USAGE
    if found.empty:
        streams.complain(
            f"there is nothing to check in {request.root}: no OpenAPI document, migration or Python module"
        )
        return USAGE
    if output == "-":
        print(draft(found), end="")
        return CLEAN
    try:
        with replacing(str(file)) as out:
            out.write(draft(found))
    except Unwritable as error:
        streams.complain(f"{error}; name another file with --output")
        return USAGE
    print("\n".join(_told(found, file)))
    return CLEAN


def recognise(request: Request, report: Report) -> Recognised:
    """What there is in a project, beside what a check under every profile says of it. Raises `ConfigError`."""
    specs = [openapi.decode(data) for _, data in survey(request, "openapi").interfaces]
    histories = [sql.decode(data) for _, data in survey(request, "sql").interfaces]
    composed = served(survey(request, "python").interfaces)
    index = packs.load(packs.Compiled())
    spoken = {verdict.rule for verdict in report.verdicts}
    return Recognised(
        specs=[Spec(each.file, each.title, each.version, len(each.operations)) for each in specs],
        histories=histories,
        apps=[app for app in composed.apps if app.routes],
        modules=report.coverage.counts.get("python", {}).get("modules", 0),
        gaps=report.coverage.gaps,
        verdicts=report.verdicts,
        settings={
            id: lines for id in sorted(spoken) if (lines := [line for line in index.rules[id].options if " = " in line])
        },
    )


def _spare(file: Path, root: Path, *, told: bool) -> None:
    """Refuse to write over anything, or beside a configuration that would no longer be read."""
    if os.path.lexists(file):
        raise Misused(f"{file.name} is there already; `archcheck init --output -` prints what would be written")
    if told:
        return
    try:
        former = load(root).written.path
    except ConfigError as error:
        former = error.path
    if former:
        raise Misused(
            f"{former} configures this project already; `archcheck init --output -` prints what would be written"
        )


def _told(found: Recognised, file: Path) -> list[str]:
    """What was written and what to do next, for people."""
    seen = [
        counted(len(things), noun)
        for things, noun in ((found.specs, "specs"), (found.histories, "histories"), (found.apps, "apps"))
        if things
    ]
    seen += [counted(found.modules, "Python modules")] if found.modules else []
    counts = tally(found.negotiable)
    findings = [counted(counts[severity], f"{severity}s") for severity in SEVERITIES if counts[severity]]
    lines = [f"Wrote {file.name}: {listed(seen)}." if seen else f"Wrote {file.name}."]
    lines.append(f"A check finds {listed(findings)} today." if findings else "A check finds nothing today.")
    if found.gaps:
        unread = counted(len({gap.path for gap in found.gaps}), "files")
        lines.append(f"{unread} could not be read, which fails every check; mend or exclude what `archcheck` names.")
    if counts["error"]:
        lines.append("`archcheck` shows them; `archcheck baseline write` accepts them, so that only new ones count.")
    else:
        lines.append("`archcheck` checks the project.")
    return lines
