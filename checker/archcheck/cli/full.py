"""The full command line, by typer: help, completion, and an answer to every command line that is not clear."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from archcheck import __version__
from archcheck.cli import completion
from archcheck.cli.listing import ROUTE_FORMATS, TABLE_FORMATS
from archcheck.cli.options import BY_NAME, COMMANDS, DEEDS, OPTIONS, CheckArguments, Misused, Option, collect
from archcheck.config import nearest
from archcheck.finding import PROFILES

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_TABLE_FORMATS = ("table", "json")


def run(arguments: Sequence[str], check: Callable[[CheckArguments], int]) -> int:
    """Run a command line whose first word is a command or an option of the program; returns the exit code.

    Raises `Misused` when typer does not understand it.
    """
    command = typer.main.get_command(_app(check))
    _show_no_types(command)
    try:
        result = command.main(list(arguments), prog_name="archcheck", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        # The class of a usage error lives in click or within typer, depending on the version of typer.
        if not hasattr(error, "format_message"):
            raise
        raise Misused(_sentence(error, arguments)) from None
    return result if isinstance(result, int) else 0


def _show_no_types(group: Any) -> None:
    """Let the help name values as this program does: newer versions of typer say `<bool>` and `<list[str]>`."""
    for command in (group, *group.commands.values()):
        for parameter in command.get_params(command.context_class(command, **_CONTEXT)):
            if hasattr(parameter, "display_type_rich"):
                shown = parameter.metavar if parameter.param_type_name == "option" else ""
                parameter.display_type_rich = lambda ctx, shown=shown or "": shown


def _app(check: Callable[[CheckArguments], int]) -> typer.Typer:
    app = typer.Typer(
        name="archcheck",
        help="Check OpenAPI documents, database migrations and Python source against an architecture checklist.\n\n"
        "`archcheck` alone is `archcheck check`: it checks the project you are in.",
        context_settings=_CONTEXT,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_program)
    project = _paths("Files and folders to report on; the whole project when none are named.")
    app.command("check", help=_CHECK_HELP)(_command(check, [option.name for option in OPTIONS], project))
    app.command("explain")(_explain)
    app.command("rules")(_rules)
    modules = _paths("Modules and folders whose routes to show; all when none are named.")
    told = "table, json or markdown."
    listed = _output("FORMAT[:FILE]", told, "table", ROUTE_FORMATS)
    app.command("routes")(_command(_routes, _PROJECT, modules, listed))
    histories = _paths("Histories, or files of them; all of the project when none are named.")
    told = "table, json, or mermaid for a diagram of one history."
    listed = _output("FORMAT[:FILE]", told, "table", TABLE_FORMATS)
    app.command("tables")(_command(_tables, _PROJECT, histories, listed))
    base = _word("base", "What clients were promised: a document, a folder of them, or REV:PATH.")
    revision = _word("revision", "What they are to get.")
    app.command("diff", help=_DIFF_HELP)(_command(_diff, _DIFF_OPTIONS, base, revision))
    app.command("bundle")(_bundle)
    told = "Accept every finding there is; take out those that are mended; or say whether there are any."
    deed = _word("deed", told, DEEDS, "|".join(DEEDS))
    app.command("baseline")(_command(_baseline, ("--baseline", "--profile", *_PROJECT), deed))
    app.command("server")(_command(_server, _CACHE))
    file = _output("FILE", "Write it there; - prints it. Else .archcheck.toml of the root.", "")
    app.command("init")(_command(_init, ("--root", *_CACHE), file))
    return app


_CHECK_HELP = (
    "Check the project, or those of its files that are named, and report what breaks the checklist.\n\n"
    "Exit code: 0 clean; 1 findings at or above --fail-on; 2 a mistake in the command line or the configuration, or "
    "nothing to check; 3 something asked for could not be checked."
)

_DIFF_HELP = (
    "Compare two releases of an API, and report what breaks those who use it.\n\n"
    "BASE and REVISION are two documents or two folders of them, each a path or, as REV:PATH, one of a revision of "
    "git. Exit code: 0 nothing breaks; 1 findings at or above --fail-on; 2 a mistake in the command line or the "
    "configuration; 3 a document could not be compared."
)
_CACHE = ("--no-cache", "--cache-dir")
_PROJECT = ("--root", "--config", *_CACHE)
_DIFF_OPTIONS = (
    "--select --ignore --profile --fail-on --output --statistics --quiet --color --sarif-category --root --config"
    " --max-file-size --max-nesting --max-alias-nodes --unit-seconds --unit-memory"
).split()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"archcheck {__version__}")
        raise typer.Exit


def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", metavar="", callback=_version, is_eager=True, help="Show the version, and stop."
        ),
    ] = False,
) -> None:
    pass


def _explain(
    rule: Annotated[str, typer.Argument(help="The id of a rule.", metavar="RULE", autocompletion=completion.rules)],
) -> int:
    """Explain a rule: why it matters, what to do, what wrong and right look like."""
    from archcheck.cli.catalogue import explain

    return explain(rule)


def _rules(
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="NAME", help=BY_NAME["--select"].help, autocompletion=completion.selectors),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="NAME", help=BY_NAME["--ignore"].help, autocompletion=completion.selectors),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="|".join(PROFILES),
            help="Leave out the rules of later profiles.",
            autocompletion=completion.among(PROFILES),
        ),
    ] = "audit",
    output: Annotated[
        str,
        typer.Option(
            "--output",
            metavar="|".join(_TABLE_FORMATS),
            help="How to list.",
            autocompletion=completion.among(_TABLE_FORMATS),
        ),
    ] = "table",
    check: Annotated[
        bool, typer.Option("--check", metavar="", help="Check that every rule of every pack is well formed.")
    ] = False,
) -> int:
    """List the rules."""
    from archcheck.cli import catalogue

    if check:
        return catalogue.validate()
    given = {"--select": select or [], "--ignore": ignore or [], "--profile": profile}
    asked = collect([], {name: value for name, value in given.items() if value})
    if output not in _TABLE_FORMATS:
        raise Misused(
            f"--output: '{output}' is not one of {', '.join(_TABLE_FORMATS)}{nearest(output, _TABLE_FORMATS)}"
        )
    return catalogue.table(select=asked.select, ignore=asked.ignore, profile=asked.profile or "audit", output=output)


def _routes(asked: CheckArguments, output: str) -> int:
    """Show the routes that the code serves, and who may ask for them."""
    from archcheck.cli.routes import routes

    return routes(asked, output)


def _tables(asked: CheckArguments, output: str) -> int:
    """Show the tables that the migrations end in."""
    from archcheck.cli.tables import tables

    return tables(asked, output)


def _bundle(
    spec: Annotated[str, typer.Argument(help="The document that the other files belong to.", metavar="SPEC")],
    output: Annotated[
        str, typer.Option("--output", metavar="FILE", help="Write it there instead of to standard output.")
    ] = "",
    form: Annotated[
        str,
        typer.Option("--format", metavar="yaml|json", help="How to write it; else as the name of FILE or SPEC ends."),
    ] = "",
    root: Annotated[str, typer.Option("--root", metavar="FOLDER", help=BY_NAME["--root"].help)] = "",
) -> int:
    """Join a specification of many files to one document that needs no other file."""
    from archcheck.cli.bundle import write_bundle

    return write_bundle(spec, output=output, form=form, root=root)


def _baseline(asked: CheckArguments, deed: str) -> int:
    """Accept the findings that are there, so that only new ones count."""
    from archcheck.cli.debt import debt

    return debt(deed, asked)


def _init(asked: CheckArguments, output: str) -> int:
    """Write a first configuration that says what was recognised."""
    from archcheck.cli.init import init

    return init(asked, output)


def _server(asked: CheckArguments) -> int:
    """Serve an editor: findings as you type, fixes and pages of rules, in the language server protocol."""
    from archcheck.cli.server import serve

    return serve(cache=not asked.no_cache, cache_dir=asked.cache_dir)


def _diff(asked: CheckArguments, base: str, revision: str) -> int:
    from archcheck.cli.diff import diff

    return diff(base, revision, asked)


def _command(act: Callable[..., int], named: Iterable[str], *own: inspect.Parameter) -> Callable[..., int]:
    """The function that typer reads its parameters from: the command's own, and options of the table by name.

    `act` is called with what was asked of the options and the paths, and with the command's own by name.
    """
    options = [BY_NAME[name] for name in named]

    def command(**values: Any) -> int:
        paths = values.pop("paths", None) or ()
        asked = {option.name: values.pop(option.key) for option in options}
        return act(
            collect(list(paths), {name: value for name, value in asked.items() if value not in _NOTHING}), **values
        )

    typed = (_parameter(option.key, _TYPES[option.kind], _typed(option), _DEFAULTS[option.kind]) for option in options)
    command.__doc__ = act.__doc__
    return _described(command, [*own, *typed])


def _paths(told: str) -> inspect.Parameter:
    return _parameter("paths", list[str] | None, typer.Argument(metavar="PATHS", help=told), None)


def _word(name: str, told: str, choices: Sequence[str] = (), metavar: str = "") -> inspect.Parameter:
    """A word that the command cannot do without."""
    complete = completion.among(choices) if choices else None
    typed = typer.Argument(metavar=metavar or name.upper(), help=told, autocompletion=complete)
    return _parameter(name, str, typed, ...)


def _output(metavar: str, told: str, default: str, choices: Sequence[str] = ()) -> inspect.Parameter:
    complete = completion.among(choices) if choices else None
    typed = typer.Option("--output", metavar=metavar, help=told, autocompletion=complete)
    return _parameter("output", str, typed, default)


def _described(command: Callable[..., int], parameters: list[inspect.Parameter]) -> Callable[..., int]:
    """The function with the signature that typer is to see."""
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": int}
    return command


_TYPES: dict[str, Any] = {"flag": bool, "count": int, "value": str | None, "values": list[str] | None}
_DEFAULTS: dict[str, object] = {"flag": False, "count": 0, "value": None, "values": None}

_NOTHING: tuple[object, ...] = (None, False, 0, [])


def _parameter(name: str, kind: Any, described: object, default: object) -> inspect.Parameter:
    annotation = Annotated[kind, described]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _typed(option: Option) -> Any:
    named = option.name in ("--select", "--ignore")
    complete = completion.selectors if named else completion.among(option.choices) if option.choices else None
    return typer.Option(
        *filter(None, (option.name, option.short)),
        help=option.help,
        metavar=option.metavar,
        count=option.kind == "count",
        rich_help_panel=option.group,
        autocompletion=complete,
        show_default=False,
    )


def _sentence(error: Any, arguments: Sequence[str]) -> str:
    """typer's complaint as a sentence, and what to type instead."""
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    way_out = f"`{' '.join(filter(None, ('archcheck', command, '--help')))}` shows how"
    if hasattr(error, "possibilities"):
        hint = nearest(error.option_name, error.possibilities or ()) or f"; {way_out}"
        return f"there is no option '{error.option_name}'{hint}"
    text = error.format_message().strip().rstrip(".")
    return f"{text[:1].lower()}{text[1:]}; {way_out}"
