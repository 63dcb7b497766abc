"""`patchdeck alerts`: rules over runs and queries, what is open, and what has been."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.alerts import ack, add, back_test, edit, enable, history, listing, opened, preview, remove, starter
from ops.cli.verbs.channels import trial

# The order is that of the help: what is open, defining, trying, looking back; last `test`, which tries a channel.
_MODULES = (opened, ack, listing, starter, add, edit, enable, remove, preview, back_test, history, trial)


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("What people are told of: rules, what is open now, and what has been.")
    for module in _MODULES:
        module.add_to(group)
    app.add_typer(group, name="alerts")
