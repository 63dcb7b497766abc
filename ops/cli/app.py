"""The tree of verbs. Each module of `ops.cli.verbs` that is named here adds its own."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.command_session import open_app
from ops.cli.groups import HELP_OPTIONS, new_group
from ops.cli.session import session_of
from ops.cli.signals import stopped_alike
from ops.exit_codes import ExitCode

# Each is a module of `ops.cli.verbs` that has `add_to(app)`; the order is that of the help.
VERB_MODULES = (
    "demo",
    "overview",
    "machines",
    "sources",
    "enrol_token",
    "enrol_accept",
    "groups",
    "profiles",
    "secrets",
    "scope",
    "assess",
    "check",
    "updates",
    "diff",
    "why",
    "about",
    "commands",
    "keys",
    "deployments",
    "feeds",
    "query",
    "queries",
    "reports",
    "export",
    "tables",
    "alerts",
    "channels",
    "messages",
    "service",
    "serve_ssh",
    "home",
    "settings",
    "audit",
    "metrics",
    "windows",
    "completion",
    "complete",
)


def build_app(words: Sequence[str] = (), *, is_whole: bool = False) -> typer.Typer:
    """The command line as a typer application; nothing but the verbs' declarations is imported.

    With the ``words`` of one command, of the one verb that they name: all the others would take a tenth of a second.
    Of words that are the ``is_whole`` command and name no verb, of none: they open the app.
    """
    app = new_group("Shows which machines miss which updates. Without a verb, opens the app.")
    app.callback(invoke_without_command=True)(_root)
    for name in _modules_for(words, () if is_whole else VERB_MODULES):
        import_module(f"ops.cli.verbs.{name}").add_to(app)
    return app


def _modules_for(words: Sequence[str], without_verb: Sequence[str]) -> Sequence[str]:
    """The one module whose verb ``words`` name, all where they name another or help on all comes first; of those that
    name none ``without_verb``.
    """
    rest = iter(words)
    for word in rest:
        if word == "--home":
            next(rest, None)
        elif not word.startswith("-"):
            return [name for name in VERB_MODULES if name.replace("_", "-") == word] or VERB_MODULES
        elif word in HELP_OPTIONS or not word.startswith("--"):  # help may be among several letters
            return VERB_MODULES
    return without_verb


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"patchdeck {version('patchdeck')}")
        raise typer.Exit


def _root(
    context: typer.Context,
    home: Annotated[
        Path | None,
        # What of it can be used is told by `ops.home`, with the exit code of an unusable home.
        typer.Option(
            "--home",
            readable=False,
            help="The home: settings, state and tables. Default: $PATCHDECK_HOME, else XDG data.",
        ),
    ] = None,
    read_only: Annotated[
        bool,
        typer.Option("--read-only", envvar="PATCHDECK_READ_ONLY", help="Look only: change nothing, reach no machine."),
    ] = False,
    only_ascii: Annotated[
        bool, typer.Option("--ascii", help="The app draws with ASCII alone; also the setting app.ascii.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> ExitCode:
    session = session_of(context)
    session.home_path, session.is_read_only, session.is_ascii = home, read_only, only_ascii
    if context.invoked_subcommand is not None:
        context.with_resource(stopped_alike())  # the app itself has its own ways to end
        return ExitCode.OK
    return ExitCode(open_app(session))
