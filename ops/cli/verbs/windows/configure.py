"""`patchdeck windows configure`."""

from typing import Annotated

import typer

from fleet.update_client.wishes import AutomaticUpdates, Switch
from ops.cli.session import JsonOption, session_of
from ops.cli.windows_run import Deadline, Preview, Targets, Yes
from ops.exit_codes import ExitCode

Automatic = Annotated[
    AutomaticUpdates | None,
    typer.Option("--automatic-updates", help="What it does by itself; download: before the window, installs nothing."),
]
InstallDay = Annotated[
    str | None, typer.Option("--install-day", metavar="DAY", help="Of scheduled installations: every-day, monday …")
]
InstallHour = Annotated[
    int | None, typer.Option("--install-hour", min=0, max=23, help="Of scheduled installations, by its own clock.")
]
RebootAtTime = Annotated[
    Switch | None,
    typer.Option("--reboot-at-scheduled-time", help="Restarts after its own installations, whoever is logged on."),
]
RebootDelay = Annotated[
    int | None, typer.Option("--reboot-delay", min=15, max=180, metavar="MINUTES", help="Until that restart.")
]
NoRebootWithUsers = Annotated[
    Switch | None,
    typer.Option("--no-reboot-with-users", help="Its own installations restart nobody who is logged on."),
]
ActiveHours = Annotated[
    str | None,
    typer.Option("--active-hours", metavar="FROM-UNTIL", help="No restart by itself then: 8-18; unset."),
]
MicrosoftUpdate = Annotated[
    bool | None,
    typer.Option("--microsoft-update/--no-microsoft-update", help="Other Microsoft products, too.", show_default=False),
]
Wsus = Annotated[
    str | None, typer.Option("--wsus", metavar="URL", help="Updates come from this WSUS server; none: not from one.")
]
WsusStatus = Annotated[
    str | None, typer.Option("--wsus-status", metavar="URL", help="It reports there. Default: as --wsus.")
]
WsusGroup = Annotated[
    str | None, typer.Option("--wsus-group", metavar="NAME", help="Its group in WSUS; none: it tells none.")
]
OnlyWsus = Annotated[Switch | None, typer.Option("--only-wsus", help="It asks nothing but WSUS for updates.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One value by its name, as in AUOptions=3; several times."),
]
Unset = Annotated[list[str] | None, typer.Option("--unset", metavar="NAME", help="Take one value away; several times.")]


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("configure")(configure)


def configure(
    context: typer.Context,
    targets: Targets,
    automatic_updates: Automatic = None,
    install_day: InstallDay = None,
    install_hour: InstallHour = None,
    reboot_at_scheduled_time: RebootAtTime = None,
    reboot_delay: RebootDelay = None,
    no_reboot_with_users: NoRebootWithUsers = None,
    active_hours: ActiveHours = None,
    microsoft_update: MicrosoftUpdate = None,
    wsus: Wsus = None,
    wsus_status: WsusStatus = None,
    wsus_group: WsusGroup = None,
    only_wsus: OnlyWsus = None,
    values: Values = None,
    unset: Unset = None,
    preview: Preview = False,
    yes: Yes = False,
    deadline: Deadline = 120.0,
    json: JsonOption = False,
) -> ExitCode:
    """Change settings of the Windows Update client.

    Reads the machines, shows what each value is and would be and what Group Policy would put back, and asks. What the
    values were is kept, and `windows restore` puts it back. All values of a machine are written, or none. What is not
    named stays as it is; a machine that is as wanted is left alone. Ends with 3 where a machine failed or refused.

    Example: `patchdeck windows configure group:sql --automatic-updates download --no-reboot-with-users yes --preview`
    """
    import asyncio

    from fleet.update_client.wishes import ClientWish, parse_active_hours, parse_day
    from ops.cli.client_settings_options import parse_group_or_none, parse_server_or_none, parse_values
    from ops.cli.windows_run import carry_out_asked, machines_meant, secrets_for
    from ops.windows.settings import CONFIGURES, plan_configuring, read_settings

    session = session_of(context)
    home = session.home()
    wish = ClientWish(
        automatic=automatic_updates,
        install_day=parse_day(install_day) if install_day is not None else None,
        install_hour=install_hour,
        reboot_at_scheduled_time=reboot_at_scheduled_time,
        reboot_delay_minutes=reboot_delay,
        no_reboot_with_users=no_reboot_with_users,
        active_hours=parse_active_hours(active_hours) if active_hours is not None else None,
        microsoft_update=microsoft_update,
        wsus=parse_server_or_none(wsus),
        wsus_status=parse_server_or_none(wsus_status) or None,
        wsus_group=parse_group_or_none(wsus_group),
        only_wsus=only_wsus,
        values=parse_values(values or [], unset or []),
    )
    wish.require_something()
    machines = machines_meant(session, targets, "windows configure")
    secrets = secrets_for(session, machines)
    found = asyncio.run(read_settings(home, machines, secrets, deadline_seconds=deadline))
    planned = plan_configuring(home, found, wish)
    return carry_out_asked(
        session,
        planned,
        secrets,
        action=CONFIGURES,
        question="Change",
        preview=preview,
        yes=yes,
        json=json,
        deadline=deadline,
    )
