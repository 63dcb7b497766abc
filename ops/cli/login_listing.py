"""Logins of `serve-ssh` as rows and in words."""

from collections.abc import Sequence

from fleet.ssh_logins import LoginKey
from ops.cli.listing import Column, Listing


def list_login_keys(keys: Sequence[LoginKey]) -> Listing:
    """A row a key, by the names of the logins."""
    ordered = sorted(keys, key=lambda each: (each.name.casefold(), each.fingerprint))
    rows = [
        (
            each.name,
            each.role.word,
            each.line.split()[0],
            each.fingerprint,
            each.comment,
            each.added_at,
            each.added_by,
        )
        for each in ordered
    ]
    return Listing(
        (
            Column("login", "Login"),
            Column("role", "Role"),
            Column("algorithm", "Algorithm"),
            Column("fingerprint", "Fingerprint"),
            Column("comment", "Comment"),
            Column("added_at", "Added"),
            Column("added_by", "Added by"),
        ),
        rows,
    )
