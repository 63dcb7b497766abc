"""`patchdeck check`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.assess_options import AskPassword, AskSudoPassword, Deadline, Refresh, fleet_options
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say, show_lines, show_text, terminal_width
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fleet.machines import Machine
    from fleet.readiness import Check
    from ops.assess import FleetOptions


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("check")(check)


def check(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="Names, globs, tag:key=value, os:linux, all. With --sudoers also apt, dnf, zypper and the like.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CHECK", help="This check alone; may be given several times.")
    ] = None,
    refresh: Refresh = False,
    ask_password: AskPassword = False,
    ask_sudo_password: AskSudoPassword = False,
    deadline: Deadline = None,
    sudoers: Annotated[
        bool, typer.Option("--sudoers", help="Print the lines for sudoers that a refresh needs; asks no machine.")
    ] = False,
    doas: Annotated[bool, typer.Option("--doas", help="As --sudoers, for doas.conf.")] = False,
    jea: Annotated[
        bool,
        typer.Option("--jea", help="Print the script that registers a JEA endpoint on a Windows machine, for people."),
    ] = False,
    patching: Annotated[
        bool,
        typer.Option("--patching", help="With these three: also what installing updates and rebooting need."),
    ] = False,
    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            metavar="NAME",
            help="Whom the lines are for. Default: the machine's user, or patchdeck. With --jea a group: DOMAIN\\NAME.",
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Check whether machines can be reached, read and patched.

    Assesses them anew, and says of each check: passed, failed, not applicable or unknown, why, and what to do.
    Of several machines, shows what did not pass; --json has everything.

    With --sudoers, --doas or --jea it asks no machine: it prints what a user needs there, and what that can't do. Lines
    for sudoers are read by visudo first, those for doas by doas, where they are installed here; else that is said.

    Example: `patchdeck check web-01`, `patchdeck check --sudoers apt --patching --user deploy`
    """
    from fleet.errors import BadInput
    from fleet.readiness import find_checks
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members

    session = session_of(context)
    if sudoers + doas + jea > 1:
        raise BadInput("Give one of --sudoers, --doas and --jea.")
    if jea:
        return _print_jea(targets or [], user, patching=patching, json=json)
    if sudoers or doas:
        return _print_lines(session, targets or [], user, patching=patching, doas=doas, json=json)
    if not targets:
        raise BadInput("Name the machines to check, or all.")
    if user is not None or patching:
        raise BadInput(f"{'--patching' if patching else '--user'} is for --sudoers, --doas and --jea.")
    checks = find_checks(only or [])
    machines = select_machines(targets, list_machines(session.home()), group_members(session.home()))
    options = fleet_options(
        session,
        refresh=refresh,
        ask_password=ask_password,
        ask_sudo_password=ask_sudo_password,
        deadline=deadline,
    )
    return _check(session, machines, checks, options, targets, json)


def _print_lines(
    session: Session, words: list[str], user: str | None, *, patching: bool, doas: bool, json: bool
) -> ExitCode:
    from ops.cli.check_listing import list_grants
    from ops.cli.listing import show_listing
    from ops.sudo_checks import DOAS, VISUDO, check_lines
    from ops.sudoers import choose_commands, doas_lines, grant_in_doas, grant_in_sudoers, sudoers_lines

    chosen = choose_commands(session.home(), words, user, patching=patching)
    lines = [*(doas_lines if doas else sudoers_lines)(chosen.user, chosen.commands, chosen.patching)]
    checked = check_lines(lines, DOAS if doas else VISUDO)
    if json:
        say(checked.removeprefix("# "))
        show_listing(list_grants(chosen, grant_in_doas if doas else grant_in_sudoers), as_json_text=True)
        return ExitCode.OK
    show_lines((checked, *lines))
    return ExitCode.OK


def _print_jea(words: list[str], group: str | None, *, patching: bool, json: bool) -> ExitCode:
    from fleet.errors import BadInput
    from ops.cli.check_listing import list_jea_files
    from ops.cli.listing import show_listing
    from ops.jea.endpoint import GROUP, jea_files

    if words:
        raise BadInput("The JEA endpoint is the same for every Windows machine: name none.")
    made = jea_files(group or GROUP, patching=patching)
    say("The grammar was checked when this was made; it was never run on a Windows: try it on one machine first.")
    if json:
        show_listing(list_jea_files(made), as_json_text=True)
    else:
        show_text(made[-1].content)
    return ExitCode.OK


def _check(
    session: Session,
    machines: list["Machine"],
    checks: "Sequence[Check]",
    options: "FleetOptions",
    targets: list[str],
    json: bool,
) -> ExitCode:
    import asyncio

    from ops.checks import check_assessments
    from ops.cli.assess_listing import describe_batch
    from ops.cli.assess_run import run_scan
    from ops.cli.check_listing import describe_checks, list_checks
    from ops.cli.check_text import check_lines
    from ops.cli.listing import show_listing
    from ops.scope import refused_by_name
    from ops.secrets import type_secrets

    type_secrets(options.secrets, machines)
    batch = asyncio.run(run_scan(session.home(), machines, options))
    refused = refused_by_name(batch.outside, targets, batch.ended_at)
    checked = check_assessments(machines, (*batch.assessments, *refused), checks)
    if json:
        show_listing(list_checks(checked), as_json_text=True)
    else:
        show_lines(check_lines(checked, width=terminal_width()))
    for line in (*describe_batch(batch, refused), *describe_checks(checked)):
        say(line)
    if batch.not_assessed:
        return ExitCode.INTERRUPTED
    has_errors = any(result.is_error for each in checked for result in each.results)
    # With --only, the check that stopped the others may not be among those that were asked for.
    has_errors = has_errors or any(assessment.failure is not None for assessment in batch.assessments)
    has_errors = has_errors or bool(refused) or bool(batch.outside and batch.scope_problems)
    return ExitCode.MACHINES_FAILED if has_errors else ExitCode.OK
