"""What the verbs about Windows machines have in common: whom they mean, with which secrets, how they end."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.confirmation import confirm
from ops.cli.listing import show_listing
from ops.cli.session import Session
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collectors.secrets import SecretSource
    from fleet.machines import Machine
    from ops.windows.settings import MachineDeed

Targets = Annotated[
    list[str],
    typer.Argument(metavar="TARGET", help="Names, globs, tag:key=value, group:NAME, os:windows.", show_default=False),
]
Deadline = Annotated[
    float, typer.Option("--deadline", min=1, max=3600, metavar="SECONDS", help="For one answer of one machine.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before machines are changed.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show what would be changed, and change nothing.")]


def machines_meant(session: Session, targets: list[str], deed: str) -> "list[Machine]":
    """The Windows machines that ``targets`` mean; those outside the scope only where they are named.

    Raises:
        BadInput: a target means nothing, a named machine is not Windows, or none is left.
    """
    from fleet.errors import BadInput
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members
    from ops.scope import leave_out
    from ops.windows.choosing import choose_windows

    home = session.home()
    chosen = choose_windows(select_machines(targets, list_machines(home), group_members(home)), targets, deed)
    machines, left_out = leave_out(home, chosen.machines, targets)
    for line in (*chosen.said, *left_out):
        say(line)
    if not machines:
        raise BadInput("No machine is left. Nothing was changed.")
    return machines


def secrets_for(session: Session, machines: "Sequence[Machine]") -> "SecretSource":
    """What the machines are logged in to with; what is not kept anywhere is asked for now."""
    from ops.credentials.finding import HomeSecrets
    from ops.secrets import type_secrets

    secrets = HomeSecrets(session.home())
    type_secrets(secrets, machines)
    return secrets


def carry_out_asked(
    session: Session,
    planned: "list[MachineDeed]",
    secrets: "SecretSource",
    *,
    action: str,
    question: str,
    preview: bool,
    yes: bool,
    json: bool,
    deadline: float,
) -> ExitCode:
    """Shows what is ``planned``, asks, does it, and shows what became of it."""
    import asyncio

    from fleet.errors import BadInput
    from ops.cli.client_settings_listing import deed_lines, list_deeds, outcome_lines
    from ops.windows.settings import carry_out

    open_deeds = [deed for deed in planned if deed.is_open]
    if not json or (open_deeds and not preview and not yes):
        _write(deed_lines(planned), to_stderr=json)
    done = planned
    if open_deeds and not preview:
        if not yes and not confirm(f"{question} {_counted(open_deeds)}?", "--yes"):
            raise BadInput("Nothing was changed.")
        done = asyncio.run(carry_out(session.home(), planned, secrets, action=action, deadline_seconds=deadline))
        if not json:
            asked = {deed.machine.id for deed in open_deeds}
            _write(outcome_lines([deed for deed in done if deed.machine.id in asked]))
    if json:
        show_listing(list_deeds(done), as_json_text=True)
    return _code(done)


def _counted(deeds: "list[MachineDeed]") -> str:
    from ops.cli.values import count_of

    conflicts = sum(any(change.conflict for change in deed.changes) for deed in deeds)
    beside = f", of which Group Policy will put {conflicts} back" if conflicts else ""
    return f"{count_of(sum(len(deed.changes) for deed in deeds), 'value')} on {count_of(len(deeds), 'machine')}{beside}"


def _code(deeds: "list[MachineDeed]") -> ExitCode:
    from ops.windows.settings import Outcome

    good = (None, Outcome.DONE, Outcome.NOTHING)
    is_well = all(deed.outcome in good and not deed.refused for deed in deeds)
    return ExitCode.OK if is_well else ExitCode.MACHINES_FAILED


def _write(lines: Sequence[str], *, to_stderr: bool = False) -> None:
    if to_stderr:
        for line in lines:
            say(line)
    else:
        show_lines(lines)
        sys.stdout.flush()
