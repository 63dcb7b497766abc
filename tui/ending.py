"""Being told to end from outside: the app leaves as by its own key, so that the terminal is given back as it was."""

import asyncio
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ops.acting_login import acting_login
from ops.apart.reader import end_readers
from ops.cli.signals import heeded_signals
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

_LOOK_SECONDS = 1.0
# Threads begin as they are needed. Python's own bound on two cores is 6: as many screens that wait for tables which do
# not answer would keep all else from being read, the fleet too.
_MOST_AT_WORK = 32


async def run_until_told(app: "PatchdeckApp") -> int:
    """Runs ``app`` and gives its exit code; SIGTERM, SIGHUP and the terminal's loss end it.

    What a running assessment brought until then is kept; one that the service does for a login over SSH goes on.
    """
    make_room()
    with _heeding(app):
        watch = asyncio.create_task(_watch_terminal(app))
        try:
            code = await app.run_async()
        finally:
            watch.cancel()
            end_readers()
    return app.return_code or code or 0


def make_room() -> None:
    """Lets as much work go on beside the screen as one opens panes in a minute, however few cores there are."""
    threads = ThreadPoolExecutor(_MOST_AT_WORK, thread_name_prefix="work")
    asyncio.get_running_loop().set_default_executor(threads)


async def _watch_terminal(app: "PatchdeckApp") -> None:
    """Ends ``app`` once nobody can see it any more, also where SIGHUP is ignored: it would spin on a dead line."""
    while not app.is_terminal_lost:  # noqa: ASYNC110 - nothing tells of a hang-up but a look
        await asyncio.sleep(_LOOK_SECONDS)
    _end(app)


@contextmanager
def _heeding(app: "PatchdeckApp") -> Iterator[None]:
    """While inside, the first signal stops what runs and leaves; another one does not wait for that any more."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in heeded_signals()}
    if acting_login() is not None:
        loop.add_signal_handler(signal.SIGUSR1, _warn, app)
    for number in before:
        # Textual reads Ctrl-C as a key, so that SIGINT too can only come from outside.
        loop.add_signal_handler(number, _end, app)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _warn(app: "PatchdeckApp") -> None:
    """The server of `serve-ssh` says that nothing was typed for long."""
    app.say("Nothing was typed for a long time: this session ends in a moment. Any key keeps it.", is_error=True)


def _end(app: "PatchdeckApp") -> None:
    if app.scan is None or app.scan.is_stopping or acting_login() is not None:
        app.exit(ExitCode.INTERRUPTED)
    else:
        app.deeds.leave_when_stopped(ExitCode.INTERRUPTED)
