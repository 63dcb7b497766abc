"""`patchdeck audit`: who did what, when and from where, and whether that is still what was written."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.audit import head, listing, show, verify

_MODULES = (listing, show, verify, head)


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs; without a verb it lists."""
    group = new_group("Who did what, when and from where.")
    for module in _MODULES:
        module.add_to(group)
    app.add_typer(group, name="audit")
