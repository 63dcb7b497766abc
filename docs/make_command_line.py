"""Makes docs/command-line.md from the command line itself: every verb, argument, option and exit code."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import typer.main

from ops.cli.app import build_app
from ops.exit_codes import ExitCode

PAGE = Path(__file__).parent / "command-line.md"

INTRODUCTION = """# The command line

Made from the verbs themselves by `docs/make_command_line.py`: do not edit it by hand.

`patchdeck` without a verb opens the app. Data goes to standard output, talk and progress to standard error; progress
is shown on a terminal only, colours on a terminal without `NO_COLOR` only. Every verb that prints data has `--json`: an
array of objects, keyed by column name in column order, times in ISO 8601 with Z. Tables are fitted to a terminal;
elsewhere they are printed in full.

A TARGET is a name (`web-01`), a glob (`'web-*'`), a tag (`tag:env=prod`, `tag:env`), `os:linux` or `all`.

An error is one line on standard error that begins with `patchdeck: `; details of what was not foreseen are in
`patchdeck.log` in the home.
"""


def make() -> str:
    """The text of the page."""
    parts = [INTRODUCTION, _exit_codes(), *_describe(typer.main.get_command(build_app()), "patchdeck")]
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = "\n".join(f"| {code.value} | {code.name} | {code.meaning} |" for code in ExitCode)
    return f"## Exit codes\n\n| code | name | meaning |\n| --- | --- | --- |\n{rows}\n"


# Any: typer names no public type for a built command; what is asked of one is what --help asks.
def _describe(command: Any, name: str, parent: typer.Context | None = None) -> Iterator[str]:
    context = typer.Context(command, parent=parent, info_name=name)
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    yield f"{'##' if parent is None else '###'} `{context.command_path}`\n\n    {usage}\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_in_cell(left)}` | {_in_cell(right)} |" for left, right in filter(None, records)]
    if rows:
        yield "| given | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    for verb_name, verb in getattr(command, "commands", {}).items():
        if verb.hidden:
            continue
        yield from _describe(verb, verb_name, context)


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
