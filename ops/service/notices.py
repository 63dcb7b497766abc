"""The duty of notices: tells channels of a deployment's starts some hours before, and where such a start falls away."""

import asyncio
import sqlite3
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from fleet.deployments.notices import (
    ComingRun,
    Notice,
    NoticeChanges,
    compare_notices,
    notice_message,
    withdrawal_message,
)
from ops.logs import log_event
from ops.messages.coming_runs import explain_withdrawal, find_coming, machine_names, what_is_asked
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.state.database import opened, transaction
from ops.state.lease import LeaseBook
from ops.state.notices import NoticeBook
from ops.state.outbox import Outbox

# A calendar of blackouts may be edited, which state.db does not tell.
_LOOK_AGAIN = timedelta(minutes=10)


class NoticesDuty:
    """Gives notice of starts. A notice and the memory of it are written together: it is given once."""

    name = "notices"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._problems: tuple[str, ...] = ()
        # What the last look was at, and until when nothing can follow from the same.
        self._seen: object = None
        self._looked_at: datetime | None = None
        self._next_at: datetime | None = None

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: tells what is to be told now."""
        return await asyncio.to_thread(self._look, look.now)

    def activities(self) -> Sequence[Activity]:
        """Messages are only posted here."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """Starts of which nobody can be told."""
        return [Trouble(self.name, text) for text in self._problems]

    async def end(self) -> None:
        """Nothing goes on."""

    def _look(self, now: datetime) -> datetime | None:
        with opened(self._post.home.state_file) as connection:
            seen = what_is_asked(connection)
            if seen == self._seen and not self._is_time(now):
                return self._next_at
            given = NoticeBook(connection).list()
            coming, problems = find_coming(connection, now)
            self._problems = tuple(problems)
            # Of a schedule that cannot be read it is not known whether its starts fall away.
            broken = {problem.partition(":")[0].casefold() for problem in problems}
            known = [each for each in given if each.deployment.casefold() not in broken]
            changes = compare_notices(coming, known, now)
            self._carry_out(connection, changes, now)
        again_at = now + _LOOK_AGAIN
        self._seen, self._looked_at = seen, now
        self._next_at = min(changes.next_at or again_at, again_at) if coming or given else changes.next_at
        return self._next_at

    def _is_time(self, now: datetime) -> bool:
        was_set_back = self._looked_at is not None and now < self._looked_at
        return was_set_back or (self._next_at is not None and self._next_at <= now)

    def _carry_out(self, connection: sqlite3.Connection, changes: NoticeChanges, now: datetime) -> None:
        for coming in changes.give:
            names = machine_names(self._post.home, coming.deployment)
            with transaction(connection):
                self._give(connection, coming, names, now)
        for notice in changes.withdraw:
            with transaction(connection):
                self._withdraw(connection, notice, now)
        for notice in changes.forget:
            NoticeBook(connection).forget(notice)

    def _give(
        self, connection: sqlite3.Connection, coming: ComingRun, names: tuple[str, ...] | None, now: datetime
    ) -> None:
        notice = Notice(coming.deployment, coming.at, coming.local, now, coming.channels)
        if self._is_ours(connection) and NoticeBook(connection).keep(notice):
            message = notice_message(coming, names, str(uuid.uuid4()), now)
            Outbox(connection).post(message, coming.channels)
            log_event("notice given", deployment=coming.deployment, due=coming.at)

    def _withdraw(self, connection: sqlite3.Connection, notice: Notice, now: datetime) -> None:
        if self._is_ours(connection) and NoticeBook(connection).forget(notice):
            why = explain_withdrawal(connection, notice, now)
            Outbox(connection).post(withdrawal_message(notice, why, str(uuid.uuid4()), now), notice.channels)
            log_event("notice withdrawn", deployment=notice.deployment, due=notice.at, why=why)

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        return LeaseBook(connection).is_held_by(self._post.token)
