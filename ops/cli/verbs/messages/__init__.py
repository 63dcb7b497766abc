"""`patchdeck messages`: what people were told, by which channels, and what became of it."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.messages import again, show


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("What people were told, by which channels, and whether it arrived.")
    for module in (show, again):
        module.add_to(group)
    app.add_typer(group, name="messages")
