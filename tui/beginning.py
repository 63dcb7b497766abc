"""What the app begins with: the machines that need a look first, asked for while Textual is still being imported."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from fleet.errors import PatchdeckError
from fleet.status import MachineStatus
from ops.home import Home
from ops.logs import log_error
from ops.state.database import opened
from ops.state.first_look import first_look

# More than the tallest terminals have rows; a table scrolls in it until the rest is read.
_FIRST_MACHINES = 100


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first machines of ``count``; none where all of them are read as fast."""

    first: Sequence[MachineStatus] = ()
    count: int = 0


def begin(home: Home, clock: Callable[[], datetime]) -> "Future[Beginning]":
    """Reads the beginning in a thread of its own. It never fails: whoever reads all of it will tell why."""
    found: Future[Beginning] = Future()

    def read() -> None:
        try:
            with opened(home.state_file) as connection:
                first, count = first_look(connection, clock(), _FIRST_MACHINES)
            found.set_result(Beginning(first, count))
        except PatchdeckError:
            found.set_result(Beginning())
        # The edge of a thread: what nobody foresaw is kept in the log, and the app begins without it.
        except Exception as error:  # noqa: BLE001
            log_error("the first look at the fleet broke", error)
            found.set_result(Beginning())

    threading.Thread(target=read, name="first-look", daemon=True).start()
    return found
