"""`patchdeck reports`: compliance, patch latency, change records, exceptions; now, or by a schedule."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.reports import listing, make, schedule


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Reports for people: made now, or by a schedule and sent.")
    for module in (listing, make, schedule):
        module.add_to(group)
    app.add_typer(group, name="reports")
