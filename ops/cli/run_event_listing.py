"""Events and remote commands of a run as rows."""

from collections.abc import Mapping, Sequence

from ops.cli.listing import Column, Listing
from ops.cli.run_event_text import event_text
from ops.cli.values import as_json
from ops.deployments.events import RunEvent
from ops.deployments.run_logs import CommandLine

_EVENTS = (Column("at"), Column("event"), Column("machine"), Column("text"), Column("detail"))
_COMMANDS = (
    Column("machine", "Machine"),
    Column("at", "Ended"),
    Column("seconds", "Seconds", is_number=True),
    Column("ended", "How"),
    Column("command", "Command"),
)


def list_events(events: Sequence[RunEvent]) -> Listing:
    """A row for each event, in the order given; ``detail`` are its own fields."""
    return Listing(
        _EVENTS,
        [
            (event.at, type(event).__name__, getattr(event, "machine_name", ""), event_text(event), as_json(event))
            for event in events
        ],
    )


def list_commands(commands: Mapping[str, Sequence[CommandLine]]) -> Listing:
    """A row for each remote command of each machine."""
    return Listing(
        _COMMANDS,
        [(name, each.at, each.seconds, each.ended, each.command) for name, own in commands.items() for each in own],
    )
