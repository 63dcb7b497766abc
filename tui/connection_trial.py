"""A trial of a connection that the app makes: in a thread of its own, ended from the screen as soon as one types on."""

import asyncio
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from ops.home import Home

if TYPE_CHECKING:
    from fleet.machines import Machine
    from ops.trial import Trial


class ConnectionTrial:
    """The trial of the way to ``machine``; `run` is blocking, for a thread, `stop` may come from any other.

    ``sends_passwords`` only where somebody asked for just this trial: what is half typed gets none.
    """

    def __init__(self, home: Home, machine: "Machine", *, sends_passwords: bool) -> None:
        self._home = home
        self._machine = machine
        self._sends_passwords = sends_passwords
        self._is_stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Trial] | None = None

    def stop(self) -> None:
        """Ends it; nobody waits for its result any more."""
        self._is_stopped = True
        loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)

    def run(self) -> "Trial":
        """How it ended.

        Raises:
            BadInput: it was stopped.
            PatchdeckError: the home cannot be used for that.
        """
        try:
            return asyncio.run(self._try())
        except asyncio.CancelledError as error:
            raise BadInput("The trial was stopped.") from error

    async def _try(self) -> "Trial":
        from ops.config import load_settings
        from ops.trial import WithoutPasswords, try_machine
        from tui.scanning import scan_options

        secrets = scan_options(self._home, load_settings(self._home)).secrets
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(
            try_machine(self._home, self._machine, secrets if self._sends_passwords else WithoutPasswords(secrets))
        )
        # What was stopped before the task was there would not be noticed by it.
        if self._is_stopped:
            self._task.cancel()
        return await self._task
