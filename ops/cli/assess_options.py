"""The options that say how machines are assessed: every verb that assesses them has these."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.session import Session

if TYPE_CHECKING:
    from ops.assess import FleetOptions

Refresh = Annotated[
    bool, typer.Option("--refresh", help="Let each machine fetch its package lists first; needs root there.")
]
AskPassword = Annotated[
    bool, typer.Option("--ask-password", help="Ask once for a password to log in with, the same for all machines.")
]
AskSudoPassword = Annotated[
    bool, typer.Option("--ask-sudo-password", help="Ask once for a password for sudo, the same for all machines.")
]
Deadline = Annotated[
    float | None,
    typer.Option(
        "--deadline", metavar="SECONDS", min=0.1, help="How long one machine may take. Default: the settings'."
    ),
]


def fleet_options(
    session: Session,
    *,
    refresh: bool,
    ask_password: bool,
    ask_sudo_password: bool,
    deadline: float | None,
    concurrency: int | None = None,
) -> "FleetOptions":
    """What the options ask for; the settings of the home for what they leave open. Asks for passwords now.

    Raises:
        BadInput: standard input ended before a password came.
    """
    from ops.assess import options_of
    from ops.credentials.finding import HomeSecrets
    from ops.secrets import ask_secrets

    by_settings = options_of(session.settings())
    return replace(
        by_settings,
        deadline_seconds=deadline or by_settings.deadline_seconds,
        windows_deadline_seconds=None if deadline else by_settings.windows_deadline_seconds,
        concurrency=concurrency or by_settings.concurrency,
        refresh=refresh,
        secrets=ask_secrets(login=ask_password, sudo=ask_sudo_password, otherwise=HomeSecrets(session.home())),
        is_prompted=ask_password or ask_sudo_password,
    )
