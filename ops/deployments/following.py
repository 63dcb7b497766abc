"""Following a run from outside: its events as they come, whoever works on it, until it is over."""

import time
from collections.abc import Callable, Iterator

from ops.deployments.events import RunEvent
from ops.deployments.folder import read_events, run_folder
from ops.deployments.history import find_run
from ops.home import Home

# What a person takes for "at once"; a look costs a seek and a read of what is new.
_PAUSE_SECONDS = 0.3
# state.db says when a run is over that has no folder to write to any more.
_LOOKS_A_STATUS = 5


def follow_run(home: Home, run_id: str, wait: Callable[[float], object] = time.sleep) -> Iterator[list[RunEvent]]:
    """The events of the run from its beginning, in portions as they come; empty ones where nothing came. Ends when the
    run is over and everything was given.
    """
    folder, after = run_folder(home, run_id), 0
    is_over = find_run(home, run_id).status.is_over
    looks = 0
    while True:
        events, after = read_events(folder, after)
        yield events
        if is_over and not events:
            return
        looks += 1
        if not is_over and looks % _LOOKS_A_STATUS == 0:
            is_over = find_run(home, run_id).status.is_over
        if not events:
            wait(_PAUSE_SECONDS)


def replay_run(
    home: Home, run_id: str, speed: float, wait: Callable[[float], object] = time.sleep
) -> Iterator[list[RunEvent]]:
    """The events of the run one by one, with the pauses that were between them, ``speed`` times as fast."""
    events, _ = read_events(run_folder(home, run_id))
    before = None
    for event in events:
        if before is not None:
            wait(max(0.0, (event.at - before).total_seconds()) / speed)
        before = event.at
        yield [event]
