"""Makes docs/man/*.1 from the command line itself: patchdeck(1), and a page for each of its verbs."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
import typer.main

from ops.cli.app import build_app
from ops.exit_codes import ExitCode

FOLDER = Path(__file__).parent / "man"

_ENVIRONMENT = (
    ("PATCHDECK_HOME", "The home, where --home does not name one."),
    ("PATCHDECK_READ_ONLY", "Where it is 1: look only, as with --read-only."),
    ("PATCHDECK_WHOLE_SCREEN", "Where it is 1: the app draws as Textual does, not only the cells that changed."),
    ("EDITOR, VISUAL", "What texts are written in."),
    ("PAGER", "What long texts are read in."),
    ("NO_COLOR", "Where it is set: no colours."),
)
_FILES = (
    ("~/.local/share/patchdeck/", "The home, where neither --home nor PATCHDECK_HOME names one."),
    ("config.toml", "In the home: the settings. patchdeck settings list shows them all."),
    ("state.db", "In the home: machines, groups, deployments, runs, the audit."),
    ("tables/", "In the home: the record tables, a Delta table each."),
    ("queries/", "In the home: saved queries, .sql and .kql."),
    ("known_hosts", "In the home: host keys that were accepted."),
)


def make_pages() -> Mapping[Path, str]:
    """The text of each page, by its file."""
    root = typer.main.get_command(build_app())
    context = typer.Context(root, info_name="patchdeck")
    verbs: Mapping[str, Any] = {name: verb for name, verb in getattr(root, "commands", {}).items() if not verb.hidden}
    pages = {FOLDER / "patchdeck.1": "\n".join(_root_page(root, context, verbs))}
    for name, verb in verbs.items():
        pages[FOLDER / f"patchdeck-{name}.1"] = "\n".join(_verb_page(verb, name, context))
    return pages


def _root_page(root: Any, context: typer.Context, verbs: Mapping[str, Any]) -> Iterator[str]:
    yield _heading("patchdeck")
    yield from (
        ".SH NAME",
        _text("patchdeck - assess and patch fleets of machines from the terminal, without an agent"),
    )
    yield from (".SH SYNOPSIS", f".B patchdeck\n{_text(_usage(root, context))}")
    yield from (".SH DESCRIPTION", _paragraphs(root.help or ""))
    yield ".PP\n" + _text(
        "A TARGET is a name (web-01), a glob ('web-*'), a tag (tag:env=prod, tag:env), group:NAME, os:linux or all. "
        "Every verb that prints data has --json. Data goes to standard output, talk to standard error."
    )
    yield from (".SH OPTIONS", *_parameters(root, context))
    yield ".SH COMMANDS"
    for name, verb in verbs.items():
        yield f".TP\n\\fBpatchdeck\\-{_escaped(name)}\\fR(1)\n{_text(verb.get_short_help_str(200))}"
    yield ".SH EXIT STATUS"
    yield from (f".TP\n.B {code.value}\n{_text(code.meaning)}" for code in ExitCode)
    yield ".SH ENVIRONMENT"
    yield from (f".TP\n.B {_escaped(name)}\n{_text(meaning)}" for name, meaning in _ENVIRONMENT)
    yield ".SH FILES"
    yield from (f".TP\n.I {_escaped(name)}\n{_text(meaning)}" for name, meaning in _FILES)
    yield ""


def _verb_page(verb: Any, name: str, root: typer.Context) -> Iterator[str]:
    context = typer.Context(verb, parent=root, info_name=name)
    yield _heading(f"patchdeck-{name}")
    summary = verb.get_short_help_str(200).rstrip(".")
    yield from (".SH NAME", _text(f"patchdeck-{name} - {summary[:1].lower()}{summary[1:]}"))
    yield from (".SH SYNOPSIS", f".B patchdeck {_escaped(name)}\n{_text(_usage(verb, context))}")
    yield from (".SH DESCRIPTION", _paragraphs(verb.help or ""))
    yield from (".SH OPTIONS", *_parameters(verb, context))
    yield from _below(verb, context)
    yield from (".SH SEE ALSO", ".BR patchdeck (1)", "")


def _below(verb: Any, context: typer.Context) -> Iterator[str]:
    for name, each in getattr(verb, "commands", {}).items():
        inner = typer.Context(each, parent=context, info_name=name)
        yield f".SH {_escaped(inner.command_path.removeprefix('patchdeck ').upper())}"
        yield f".B {_escaped(inner.command_path)}\n{_text(_usage(each, inner))}\n.PP"
        yield _paragraphs(each.help or "")
        yield from _parameters(each, inner)
        yield from _below(each, inner)


def _parameters(command: Any, context: typer.Context) -> Iterator[str]:
    records = [parameter.get_help_record(context) for parameter in command.params]
    for left, right in filter(None, records):
        yield f".TP\n\\fB{_escaped(' '.join(left.split()))}\\fR\n{_text(right) or 'Needed.'}"


def _usage(command: Any, context: typer.Context) -> str:
    return (
        " ".join(command.get_usage(context).removeprefix("Usage: ").split()).removeprefix(context.command_path).strip()
    )


def _heading(name: str) -> str:
    return f'.\\" Made by docs/make_man_pages.py: do not edit.\n.TH {_escaped(name.upper())} 1 "" Patchdeck Patchdeck'


def _paragraphs(text: str) -> str:
    return "\n.PP\n".join(_text(part) for part in inspect.cleandoc(text).split("\n\n"))


def _text(text: str) -> str:
    """A paragraph, a line a sentence: no word of it is taken for a request of roff."""
    lines = " ".join(text.split()).replace(". ", ".\n").split("\n")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in map(_escaped, lines))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
