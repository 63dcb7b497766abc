"""Watching one run from outside, as often as one likes: each look gives what is new since the look before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.deployments.runs import MachineRun, Run
from ops.deployments.events import RunEvent
from ops.deployments.folder import read_events, run_folder
from ops.home import Home
from ops.state.database import opened
from ops.state.machine_run_reader import MachineRunReader
from ops.state.runs import RunBook, RunRequest


@dataclass(frozen=True, slots=True)
class RunLook:
    """The run as it stands, its machines in the order of its waves, what is asked of it and not done yet; ``events``
    are those that came since the look before.
    """

    run: Run
    machines: Sequence[MachineRun]
    requests: Sequence[RunRequest]
    events: Sequence[RunEvent]


class RunWatch:
    """Looks at the run with ``run_id``, as it stood ``at`` an earlier instant or now; blocking, one look at a time."""

    def __init__(self, home: Home, run_id: str, at: datetime | None = None) -> None:
        self._at = at
        self._home = home
        self._run_id = run_id
        self._offset = 0
        self._revision = -1
        self._reader = MachineRunReader(run_id)
        self._known: tuple[Run, Sequence[MachineRun]] | None = None

    def look(self) -> RunLook:
        """How it stands now.

        Raises:
            UnknownName: there is no such run.
            BadInput: nobody had asked for it yet.
        """
        if self._at is not None:
            return self._look_back(self._at)
        # The events first: a machine that they say is over is so in state.db by then.
        events, self._offset = read_events(run_folder(self._home, self._run_id), self._offset)
        with opened(self._home.state_file) as connection:
            book = RunBook(connection)
            revision = book.revision(self._run_id)
            if self._known is None or revision != self._revision:
                self._known = book.find(self._run_id), self._reader.read(connection)
                self._revision = revision
            requests = () if self._known[0].status.is_over else book.open_requests(self._run_id)
        return RunLook(*self._known, requests, events)

    def _look_back(self, at: datetime) -> RunLook:
        """The past does not move: only the first look has events."""
        from ops.past.runs import look_at_run

        look = look_at_run(self._home, self._run_id, at)
        events, self._offset = (() if self._offset else look.events), 1
        return replace(look, events=events)
