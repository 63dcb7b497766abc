"""`patchdeck deployments`: what is installed where and when, its runs, and what came of them."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.deployments import (
    add,
    approvals,
    approve,
    calendar,
    edit,
    enable,
    history,
    listing,
    logs,
    outlook,
    preview,
    record,
    remove,
    requests,
    results,
    run,
    show,
    starts,
    status,
)

# The order is that of the help: defining, looking ahead, running, looking back.
_MODULES = (
    add,
    listing,
    show,
    edit,
    enable,
    remove,
    starts,
    calendar,
    outlook,
    preview,
    approve,
    approvals,
    run,
    status,
    requests,
    logs,
    history,
    results,
    record,
)


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("What is installed where and when; its runs and their results.")
    for module in _MODULES:
        module.add_to(group)
    app.add_typer(group, name="deployments")
