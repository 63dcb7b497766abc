"""Logins of `serve-ssh` as rows and in words."""

from collections.abc import Sequence

from fleet.ssh_logins import LoginKey
from ops.cli.listing import Column, Listing
from ops.serve_ssh.open_sessions import SeenSession


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


def list_open_sessions(sessions: Sequence[SeenSession]) -> Listing:
    """A row a session, the longest first."""
    rows = [
        (
            each.session.login.session,
            each.session.login.name,
            each.session.login.role.word,
            each.session.began_at,
            each.session.login.client.split(" ")[0],
            each.session.terminal,
            "open" if each.is_served else "its server was killed",
            each.session.login.fingerprint,
            each.session.server_pid,
        )
        for each in sessions
    ]
    return Listing(
        (
            Column("session", "Session"),
            Column("login", "Login"),
            Column("role", "Role"),
            Column("began_at", "Since"),
            Column("address", "From"),
            Column("terminal", "Terminal", is_extra=True),
            Column("state", "State"),
            Column("fingerprint"),
            Column("server_pid"),
        ),
        rows,
    )
