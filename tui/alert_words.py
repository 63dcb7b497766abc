"""What can be named in a rule of alerts, to complete it while it is typed."""

from dataclasses import dataclass

from ops.home import Home


@dataclass(frozen=True, slots=True)
class AlertWords:
    """The names of the saved queries and of the channels."""

    queries: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


def read_alert_words(home: Home) -> AlertWords:
    """The names in ``home``; blocking.

    Raises:
        PatchdeckError: they cannot be read.
    """
    from ops.questions import saved_queries
    from ops.state.channels import ChannelBook
    from ops.state.database import opened

    with opened(home.state_file) as connection:
        channels = tuple(each.name for each in ChannelBook(connection).list())
    return AlertWords(tuple(each.name for each in saved_queries(home)), channels)
