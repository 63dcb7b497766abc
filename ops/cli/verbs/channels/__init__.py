"""`patchdeck channels`: ways to tell people, under names that alert rules, deployments and reports refer to."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.channels import definition, removal, show, trial


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group(
        "Ways to tell people: mail, chat, webhooks, commands; named by alert rules, deployments and reports."
    )
    for module in (definition, show, trial, removal):
        module.add_to(group)
    app.add_typer(group, name="channels")
