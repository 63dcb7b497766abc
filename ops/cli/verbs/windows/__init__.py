"""`patchdeck windows`: settings of update clients on Windows machines, and raw dumps of what such a machine says."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.windows import configure, dump, restore, show


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Settings of the Windows Update client: shown, changed, put back; and what a machine says, raw.")
    for module in (show, configure, restore, dump):
        module.add_to(group)
    app.add_typer(group, name="windows")
