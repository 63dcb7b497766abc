"""Channels of a home: what may be named, and what names them."""

from collections.abc import Iterable

from ops.home import Home
from ops.state.channels import ChannelBook
from ops.state.database import opened


def check_channels(home: Home, names: Iterable[str]) -> tuple[str, ...]:
    """``names`` as their channels are spelt, each once.

    Inside a transaction `ops.state.channels.ChannelBook.check` does the same.

    Raises:
        UnknownName: there is no channel of one of the names.
    """
    with opened(home.state_file) as connection:
        return ChannelBook(connection).check(names)
