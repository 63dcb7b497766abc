"""What becomes of a feed's file that cannot be read any more: it stops nothing, and the next update makes it anew."""

from contextlib import suppress

from fleet.errors import UnknownName
from ops.feeds.book import FeedBook, with_error
from ops.feeds.index import IndexDamaged
from ops.home import Home
from ops.logs import log_error
from ops.state.audit import utc_now
from ops.state.database import opened


def set_aside(home: Home, damaged: IndexDamaged) -> None:
    """Remove the file that ``damaged`` tells of, and say so in the list of feeds. All of it can be read again."""
    log_error("feed's file damaged", damaged, feed=damaged.feed)
    with suppress(OSError):
        damaged.path.unlink(missing_ok=True)
    with opened(home.state_file) as connection, suppress(UnknownName):
        book = FeedBook(connection)
        why = "Its file in the home was damaged, so it says nothing until patchdeck feeds update has read it anew."
        book.record(with_error(book.get(damaged.feed), why, utc_now()))
