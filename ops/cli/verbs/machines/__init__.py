"""`patchdeck machines`: which machines there are and how each is reached."""

import typer

from ops.cli.groups import new_group
from ops.cli.verbs.machines import (
    accept_certificate,
    accept_key,
    add,
    approve,
    candidates,
    edit,
    enable,
    history,
    import_list,
    listing,
    password,
    probe,
    refuse,
    reinstalled,
    remove,
    rename,
    retire,
    show,
    trial,
    trust_ca,
)


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("Which machines there are, and how each is reached.")
    enrolled = (listing, show, history, edit, rename, enable, retire, reinstalled, remove, password)
    trusting = (accept_key, accept_certificate, trust_ca)
    for module in (add, trial, import_list, probe, candidates, approve, refuse, *enrolled, *trusting):
        module.add_to(group)
    app.add_typer(group, name="machines")
