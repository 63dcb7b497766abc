"""What every verb works with: the session that it is part of, and the options that many have."""

from typing import Annotated

import typer

from ops.cli.command_session import AppRequest, OpenApp, Session, require_terminal

__all__ = ["AppRequest", "JsonOption", "OpenApp", "Session", "require_terminal", "session_of"]


def session_of(context: typer.Context) -> Session:
    """The session that the verb called with ``context`` is part of."""
    session = context.find_object(Session)
    if session is None:
        raise LookupError("the verbs are called through ops.cli.main only")
    session.verb = context.command_path.partition(" ")[2]
    return session


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON: an array of objects, times in ISO 8601 with Z.")]
