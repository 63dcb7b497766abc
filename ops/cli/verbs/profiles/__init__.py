"""`patchdeck profiles`: how machines are logged in to, under a name that machines and groups refer to."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.profiles import define, prove, secret, show


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group(
        "How machines are logged in to: users, keys, and where passwords are found; never a secret itself."
    )
    for module in (define, show, secret, prove):
        module.add_to(group)
    app.add_typer(group, name="profiles")
