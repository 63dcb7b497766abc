"""Following a run on the command line: drawn anew on a terminal, else a line an event. Ctrl-C leaves the run going."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from fleet.deployments.runs import Run, RunStatus
from ops.cli.run_event_text import EventLines
from ops.cli.run_live import live_view
from ops.cli.run_talk import describe_standing
from ops.cli.service_care import with_care
from ops.cli.terminal import is_terminal, say, show_lines
from ops.deployments.events import RunEvent
from ops.deployments.following import follow_run
from ops.deployments.history import summarise_run
from ops.exit_codes import ExitCode
from ops.home import Home
from ops.state.audit import utc_now


def watch(home: Home, run: Run, *, quiet: bool) -> ExitCode:
    """Shows the run until it is over; ``quiet``: only its end. The code says how it ended.

    Ctrl-C, SIGTERM and SIGHUP end the looking on, not the run. A service that dies meanwhile is started again.
    """
    try:
        show_events(with_care(home, follow_run(home, run.id)), quiet=quiet)
    except KeyboardInterrupt:
        say(f"The run goes on. To come back: patchdeck deployments logs {run.id} --follow")
        say(f"To end it: patchdeck deployments cancel {run.id}")
        return ExitCode.INTERRUPTED
    summary = summarise_run(home, run.id)
    say(describe_standing(summary))
    return code_of(summary.run)


def show_events(
    portions: Iterable[list[RunEvent]], *, quiet: bool = False, plain: bool = False, replayed: bool = False
) -> None:
    """Shows events as they come, until there are no more; ``plain``: a line each on a terminal too."""
    with shown(quiet=quiet, plain=plain, clock=None if replayed else utc_now) as show:
        for events in portions:
            show(events)


def code_of(run: Run) -> ExitCode:
    """How a verb ends that saw ``run`` through; a run that is not over is no failure."""
    has_drifted = run.plan_hash and run.required_plan and run.plan_hash != run.required_plan
    if run.status is RunStatus.FAILED and has_drifted:
        return ExitCode.PLAN_DRIFTED
    return ExitCode.MACHINES_FAILED if run.status in (RunStatus.FAILED, RunStatus.CANCELLED) else ExitCode.OK


@contextmanager
def shown(
    *, quiet: bool, plain: bool = False, clock: Callable[[], datetime] | None = utc_now
) -> Iterator[Callable[[Sequence[RunEvent]], None]]:
    """What shows events: a view that is drawn anew on a terminal, else a line each."""
    if quiet:
        yield lambda _events: None
    elif is_terminal(1) and not plain:
        with live_view(clock) as show:
            yield show
    else:
        told = EventLines()
        yield lambda events: _print(told.line(event) for event in events)


def _print(lines: Iterable[str | None]) -> None:
    given = [line for line in lines if line is not None]
    if given:
        show_lines(given)
        sys.stdout.flush()
