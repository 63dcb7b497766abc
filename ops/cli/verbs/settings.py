"""`patchdeck settings`: what config.toml says, and what it could say."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.settings.changing import Changed
    from ops.settings.known import ConfigNow

_Name = Annotated[str, typer.Argument(metavar="NAME", help="As in assess.concurrency; settings list has them all.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Settings of this home: look at them, change them, keep config.toml as it is written.")
    group.command("list")(list_)
    for verb in (show, set_, unset, edit):
        group.command(verb.__name__.rstrip("_"))(verb)
    app.add_typer(group, name="settings")


def list_(
    context: typer.Context,
    changed: Annotated[bool, typer.Option("--changed", help="Only those that config.toml has.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """List every setting: its value, its default, and where the value comes from.

    Works with a config.toml that cannot be used, too: says what is wrong with it, and ends with 2.
    """
    from ops.cli.listing import show_listing
    from ops.cli.settings_listing import list_settings_now
    from ops.settings.known import read_config

    config = read_config(session_of(context).home(mends=True))
    shown = [each for each in config.settings if each.line is not None or not changed]
    show_listing(list_settings_now(shown), as_json_text=json)
    return _tell_problem(config)


def show(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Show one setting: what it means, takes and is, and when a change takes effect."""
    from ops.cli.listing import show_listing
    from ops.cli.settings_listing import describe_setting, list_settings_now
    from ops.settings.known import read_config

    config = read_config(session_of(context).home(mends=True))
    now = config.find(name)
    if json:
        show_listing(list_settings_now([now]), as_json_text=True)
    else:
        show_lines(describe_setting(now, config))
    return _tell_problem(config)


def set_(
    context: typer.Context,
    name: _Name,
    value: Annotated[list[str], typer.Argument(metavar="VALUE…", help="Several for a list, or one in brackets.")],
    json: JsonOption = False,
) -> ExitCode:
    """Set a setting in config.toml; its comments, its order and all else stay as they are.

    Example: patchdeck settings set assess.concurrency 50
    """
    from ops.settings.changing import set_setting

    return _tell(context, name, set_setting(session_of(context).home(mends=True), name, value), json)


def unset(context: typer.Context, name: _Name, json: JsonOption = False) -> ExitCode:
    """Take a setting out of config.toml: its default holds again. Takes a key that is no setting, too."""
    from ops.settings.changing import unset_setting

    return _tell(context, name, unset_setting(session_of(context).home(mends=True), name), json)


def edit(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Edit config.toml in $VISUAL or $EDITOR; it is checked before it takes the place of the old one."""
    from ops.cli.settings_editor import edit_config

    return _tell(context, "", edit_config(session_of(context).home(mends=True)), json)


def _tell(context: typer.Context, name: str, changed: "Changed", json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.settings_listing import list_settings_now
    from ops.settings.values import shown_value

    del context
    now = next((each for each in changed.config.settings if each.name == name), None)
    if json:
        show_listing(list_settings_now([now] if now else changed.config.settings), as_json_text=True)
    if not changed.is_changed:
        say("Nothing was changed: it is so already.")
    elif now is None:
        say(f"{changed.config.path} is written.")
    else:
        say(f"{name} is {shown_value(now.setting, now.value)} ({now.origin}). It takes effect {now.effect}.")
    return _tell_problem(changed.config)


def _tell_problem(config: "ConfigNow") -> ExitCode:
    if not config.problem:
        return ExitCode.OK
    say(f"patchdeck: {config.problem} Until that is mended, nothing else works here.")
    return ExitCode.USAGE
