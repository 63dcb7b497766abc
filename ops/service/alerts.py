"""The duty of alerts: rules are evaluated when something was stored and when time passes, apart from all else."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet.errors import PatchdeckError, QueryCancelled
from ops.alerts.rounds import AlertRounds
from ops.logs import log_error
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post

_AGAIN_AFTER = timedelta(seconds=30)
# While a scan or a run goes on, state.db changes all the time.
_REST = timedelta(seconds=2)
_MOST_TROUBLES = 5


class AlertsDuty:
    """Evaluates the rules of alerts, one round at a time."""

    name = "alerts"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._rounds = AlertRounds(post.home, post.token)
        self._task: asyncio.Task[None] | None = None
        self._since: datetime | None = None
        self._rests_until: datetime | None = None
        self._began_at: datetime | None = None
        self._error = ""
        self._is_ending = False

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: begins a round where one is due; its end asks for a look."""
        if self._is_ending or (self._task is not None and not self._task.done()):
            return None
        if self._rests_until is not None and look.now < self._rests_until <= look.now + _AGAIN_AFTER:
            return self._rests_until
        if self._since != look.since:
            self._rounds.forget()
        self._since = look.since
        if await asyncio.to_thread(self._rounds.is_due, look.now, look.settings):
            self._task = asyncio.create_task(self._evaluate(look))
            return None
        self._rests_until = look.now + _REST
        return self._rounds.next_at(look.now)

    def activities(self) -> Sequence[Activity]:
        """The round in work, once it lasts for longer than rounds do."""
        if self._began_at is None or self._post.clock() - self._began_at < _AGAIN_AFTER:
            return ()
        return (Activity(self.name, "evaluates the rules of alerts", self._began_at),)

    def troubles(self) -> Sequence[Trouble]:
        """Rules that cannot be evaluated, and why."""
        problems = [f"the rule {name} cannot be evaluated: {why}" for name, why in self._rounds.problems.items()]
        return [Trouble(self.name, text) for text in (*filter(None, (self._error,)), *problems[:_MOST_TROUBLES])]

    async def end(self) -> None:
        """See `Duty`: what is asked now is stopped, and left to the next service."""
        self._is_ending = True
        if self._task is not None:
            self._rounds.cancel()
            await asyncio.wait({self._task})

    async def _evaluate(self, look: Look) -> None:
        self._began_at = self._post.clock()
        rest = _REST
        try:
            await asyncio.to_thread(self._rounds.evaluate, look.now, look.settings)
            self._error = ""
        except QueryCancelled:
            rest = _AGAIN_AFTER
        # The edge of a round: what stands in its way is told, and tried again.
        except Exception as error:  # noqa: BLE001
            log_error("alerts were not evaluated", error)
            self._error = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
            rest = _AGAIN_AFTER
        finally:
            self._began_at = None
            self._rests_until = self._post.clock() + rest
            self._post.look_again()
