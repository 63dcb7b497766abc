"""`patchdeck machines refuse`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.verbs.machines.approve import tell
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("refuse")(refuse)


def refuse(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Candidates, by name or id.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="Know nothing of it any more: it may introduce itself again.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Refuse machines that were found or that introduced themselves.

    A refused machine stays known as such: its next introduction is refused at once. `patchdeck machines approve` enrols
    it should you think better of it. Refused earlier is refused.

    Example: `patchdeck machines refuse web-09`
    """
    from ops.candidates import forget_candidates, refuse_candidates

    home = session_of(context).home()
    decisions = (forget_candidates if forget else refuse_candidates)(home, list(dict.fromkeys(names)))
    return tell(decisions, "forgotten" if forget else "refused", json=json)
