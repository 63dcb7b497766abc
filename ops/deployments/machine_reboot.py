"""The reboot of one machine: whether, when, and whether it came back as it was.

A reboot is proved by a changed boot id. One that was ordered and not seen to happen is ordered again only where the
machine itself says that it still runs the boot from before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from collectors.transports.base import TransportFailed
from fleet.answers import Answer
from fleet.deployments.pulse import Pulse
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.reboot_times import reboot_due_at
from fleet.deployments.returns import find_differences, find_other_kernel, has_rebooted
from fleet.deployments.runs import RunStep
from fleet.deployments.window import may_reboot
from fleet.failures import FailureKind, Finding, FindingKind, Severity
from ops.deployments.refusals import is_hopeless
from ops.deployments.turn import Turn, TurnEnded

_LOOK_SECONDS = 5.0
_LONGEST_LOOK_SECONDS = 20.0
_ORDER_TRIES = 5
_SERVICING = "it still works on what was installed"


def wants_reboot(policy: RebootPolicy, is_required: Answer) -> bool:
    """Whether ``policy`` asks for a reboot of a machine of which that is known after its installation."""
    match policy:
        case RebootPolicy.NEVER:
            return False
        case RebootPolicy.ALWAYS | RebootPolicy.ONLY:
            return True
        case RebootPolicy.IF_REQUIRED:
            return is_required is Answer.YES


class Restart:
    """Reboots the machine of ``turn`` and waits for it; what an earlier process began is gone on with.

    ``is_lost`` afterwards: the machine did not return.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._rules = turn.context.deployment.reboot
        self._minutes = self._rules.minutes_to_return(is_windows=turn.plan.is_windows)
        self.is_lost = False

    @property
    def was_begun(self) -> bool:
        """Whether an earlier process began it."""
        return self._turn.was_begun(RunStep.REBOOT) or self._turn.ended(RunStep.REBOOT) is not None

    async def run(self) -> None:
        """Returns once the machine is back as it was.

        Raises:
            TurnEnded: there was no time, it did not return, or not as it was.
            TransportFailed: it could not be asked for the reboot.
        """
        known = self._turn.ended(RunStep.REBOOT)
        if known is None:
            ordered_at = await self._order()
        else:
            ordered_at = datetime.fromisoformat(str(known["ordered_at"]))
        if (returned := self._turn.ended(RunStep.RETURN)) is None:
            await self._wait(ordered_at)
        elif returned.get("error"):
            self.is_lost = bool(returned.get("lost", self._turn.record.pulse_after is None))
            raise TurnEnded(str(returned["error"]))

    async def _order(self) -> datetime:
        """Has the machine rebooted; when it goes down at the latest."""
        turn = self._turn
        if not turn.was_begun(RunStep.REBOOT):
            await self._wait_until_due()
            before = await self._look()
            units = turn.record.pulse_before
            if units is not None:  # as it was before the installation, but in the boot and with the kernel of now
                before = replace(before, failed_units=units.failed_units, listening=units.listening)
            await turn.begin(RunStep.REBOOT, pulse_before=before)
        elif await self._has_gone():
            return await self._note_ordered(turn.now)
        for attempt in range(_ORDER_TRIES):
            try:
                await turn.worker.reboot(notice_minutes=self._rules.notice_minutes, message=self._rules.message)
                break
            except TransportFailed as error:  # it may go down while it still answers us
                if attempt == 0 and is_hopeless(error.failure) and not turn.was_begun(RunStep.REBOOT):
                    raise TurnEnded(f"It was not rebooted: {error.failure.describe()}") from error
                turn.say(f"The order to reboot was not answered: {error.failure.evidence}")
                await asyncio.sleep(_LOOK_SECONDS * 2**attempt)
                if await self._has_gone():
                    break
        return await self._note_ordered(turn.now + timedelta(minutes=self._rules.notice_minutes))

    async def _note_ordered(self, at: datetime) -> datetime:
        await self._turn.end(RunStep.REBOOT, {"ordered_at": at.isoformat()})
        return at

    async def _wait_until_due(self) -> None:
        turn, context = self._turn, self._turn.context
        schedule = context.deployment.schedule
        # A time of day is that of the first reboot: what a further round needs must not wait for it until tomorrow.
        rules = replace(self._rules, at="") if turn.record.reboots else self._rules
        due = reboot_due_at(rules, schedule.time_zone if schedule else "UTC", turn.now, context.closes_at)
        notice = timedelta(minutes=self._rules.notice_minutes)
        order_at = max(turn.now, due.at - notice)  # those who are logged in are told before it
        if not may_reboot(context.deployment.window, context.opens_at, order_at + notice):
            raise TurnEnded("A reboot is wanted, and the window leaves no time for it.", window_exceeded=True)
        if order_at > turn.now:
            turn.say(f"It waits to be rebooted at {order_at + notice:%Y-%m-%d %H:%M}Z.")
            turn.is_idle = True
            turn.changed.set()
            try:
                while not turn.is_cancelled and (left := (order_at - turn.now).total_seconds()) > 0:
                    await context.pause(min(left, 30.0))
            finally:
                turn.is_idle = False
        if turn.is_cancelled:
            raise TurnEnded("The run was cancelled before its reboot.", by_wish=True)

    async def _look(self) -> Pulse:
        for _ in range(_ORDER_TRIES - 1):
            try:
                return await self._turn.worker.look()
            except TransportFailed as error:
                self._turn.say(f"It is looked at again: {error.failure.evidence}")
                await asyncio.sleep(_LOOK_SECONDS)
        return await self._turn.worker.look()

    async def _has_gone(self) -> bool:
        """Whether it runs another boot already; no where it does not answer."""
        before = self._turn.record.pulse_before
        try:
            now = await self._turn.worker.look()
        except TransportFailed:
            return False
        return before is not None and has_rebooted(before, now)

    async def _wait(self, ordered_at: datetime) -> None:
        turn, before = self._turn, self._turn.record.pulse_before or Pulse("", "")
        if not turn.was_begun(RunStep.RETURN):
            await turn.begin(RunStep.RETURN, {"ordered_at": ordered_at.isoformat()})
        deadline = ordered_at + timedelta(minutes=self._minutes)
        now, last_seen = await self._wait_for_boot(before, deadline)
        if now is None:
            raise await self._never_returned(last_seen)
        if now.is_servicing:
            turn.say("It is back, and goes on with what was installed.")
            now = await self._look_until(lambda pulse: not pulse.is_servicing, now, deadline)
        seconds = max(0.0, (turn.now - ordered_at).total_seconds())
        now = await self._look_until(lambda pulse: not find_differences(before, pulse), now, deadline)
        await self._note_return(now, find_differences(before, now), seconds)

    async def _look_until(self, holds: Callable[[Pulse], bool], now: Pulse, deadline: datetime) -> Pulse:
        """The machine once ``holds``, or as it is at the ``deadline``."""
        wait = _LOOK_SECONDS
        while not holds(now) and self._turn.now < deadline:
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, _LONGEST_LOOK_SECONDS)
            try:
                now = await self._turn.worker.look()
            except TransportFailed as error:
                self._turn.say(f"It is back, and answers not always: {error.failure.evidence}")
        return now

    async def _wait_for_boot(self, before: Pulse, deadline: datetime) -> tuple[Pulse | None, str]:
        """The machine in another boot than before, or None and what was last seen of it."""
        last_seen, wait = "nothing", _LOOK_SECONDS
        while True:
            try:
                now = await self._turn.worker.look()
            except TransportFailed as error:
                if error.failure.kind is FailureKind.OUT_OF_SCOPE and self._turn.now >= deadline:
                    raise  # nobody looked: it may well have returned
                last_seen = error.failure.evidence
            else:
                if has_rebooted(before, now):
                    return now, ""
                last_seen = "it answered, still in the boot from before"
            if self._turn.now >= deadline:
                return None, f"{last_seen} ({self._turn.now.isoformat(timespec='seconds')})"
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, _LONGEST_LOOK_SECONDS)

    async def _never_returned(self, last_seen: str) -> TurnEnded:
        turn, minutes = self._turn, self._minutes
        self.is_lost = True
        text = f"It did not return from its reboot within {minutes} minutes; last seen: {last_seen}."
        turn.find([Finding(FindingKind.NEVER_RETURNED, Severity.ERROR, text, "Look at its console.")])
        await turn.end(RunStep.RETURN, {"error": text, "lost": True})
        return TurnEnded(text)

    async def _note_return(self, now: Pulse, differences: tuple[str, ...], seconds: float) -> None:
        turn, before = self._turn, self._turn.record.pulse_before
        kernel = find_other_kernel(before.newest_kernel if before else "", now)
        servicing = (_SERVICING,) if now.is_servicing else ()
        problems = (*servicing, *differences, *((kernel,) if kernel else ()))
        turn.find(Finding(FindingKind.NOT_AS_BEFORE, Severity.ERROR, f"After its reboot {p}.") for p in problems)
        error = f"It came back, and {'; '.join(problems)}." if problems else ""
        seconds += turn.record.reboot_seconds or 0.0  # of the reboots before
        count = turn.record.reboots + 1
        detail: dict[str, object] = {"error": error, "lost": False}
        await turn.end(RunStep.RETURN, detail, rebooted=True, reboots=count, reboot_seconds=seconds, pulse_after=now)
        if error:
            raise TurnEnded(error)
