"""`patchdeck enrol-token`: lines by which machines introduce themselves."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.enrol_token import new, tokens


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Lines to run on machines, by which they introduce themselves to this console.")
    for module in (new, tokens):
        module.add_to(group)
    app.add_typer(group, name="enrol-token")
