"""Remote commands as rows."""

from collections.abc import Sequence

from ops.cli.listing import Column, Listing
from ops.cli.run_texts import format_seconds
from ops.remote_commands import RemoteCommand


def list_remote_commands(commands: Sequence[RemoteCommand]) -> Listing:
    """A row for each command, in the order given."""
    columns = (
        Column("occasion", "For"),
        Column("at", "Ended", lambda at: str(at)[:19] or "not run yet"),
        Column("seconds", "Took", _seconds, is_number=True),
        Column("ended", "How"),
        Column("command", "Command"),
    )
    return Listing(columns, [(each.occasion, each.at, each.seconds, each.ended, each.command) for each in commands])


def _seconds(value: object) -> str:
    return format_seconds(value if isinstance(value, float) else None)
