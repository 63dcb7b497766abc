"""How connections are begun: not too many at once, and once more where a server, or all of them together, was too busy.

sshd turns connections away while too many are not logged in yet (MaxStartups, 10:30:100 by default), and a machine on
which everything begins at once sees no banner in time. Both are our doing, not the machine's.
"""

import asyncio
import os
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from collectors.transports.base import TransportFailed
from collectors.transports.ssh_failures import failure_of
from collectors.transports.ssh_journey import Journey, Stage

# A handshake costs 3 ms of CPU here (lab.md) and lasts a second on a long way: more at once only wait for each other.
HANDSHAKES_PER_CORE = 32
_FEWEST = 4
# With so many on their way, a banner that does not come in time may be our doing.
_MANY = 8
# A server that has not logged us in by then is waited for beside the others: it must not hold their places.
_PLACE_SECONDS = 3.0
# How long to wait before each further attempt: a login is done, or given up, by then on a machine that is well.
PAUSES_SECONDS = ((0.5, 1.5), (2.0, 4.0))
# What OpenSSH's sshd says in place of a banner when it has too many connections that are not logged in.
_TOO_MANY = (b"Exceeded MaxStartups", b"Not allowed at this time")

_Result = TypeVar("_Result")


def available_cores() -> int:
    """The cores that this process may use; macOS cannot tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Starts:
    """The beginnings of connections of one scan.

    Args:
        most: how many may be on their way at once. Fewer when servers turn us away, more again with each that answers.
    """

    def __init__(self, most: int) -> None:
        self._most = float(max(_FEWEST, most))
        self._limit = self._most
        self._underway = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """How many may be on their way at once now."""
        return int(self._limit)

    async def connect(self, journey: Journey, attempt: Callable[[Journey], Awaitable[_Result]]) -> _Result:
        """What ``attempt`` gives, made again where the server was too busy.

        The time that is waited for a place is the scan's: the machine's begins with the first attempt.

        Raises:
            TransportFailed: it did not succeed.
        """
        for pause in (*PAUSES_SECONDS, None):
            with await self._take_place() as place:
                journey = journey.again(place.leave)
                try:
                    return await attempt(journey)
                except TransportFailed:
                    raise
                except Exception as error:  # the edge of the task: whatever it was, it is told
                    if pause is None or not self._is_too_busy(error, journey):
                        raise TransportFailed(failure_of(error, journey)) from error
            await asyncio.sleep(random.uniform(*pause))  # noqa: S311 - it spreads, it hides nothing
        raise AssertionError  # the attempt without a pause after it returns or raises

    def _is_too_busy(self, error: Exception, journey: Journey) -> bool:
        """Whether the server turned us away, or said nothing while many connections began; fewer begin at once then."""
        if journey.stage is not Stage.BANNER:
            return False
        if isinstance(error, TimeoutError):
            return not journey.first_bytes and journey.attempt == 1 and self._underway >= _MANY
        is_turned_away = not journey.first_bytes or journey.first_bytes.startswith(_TOO_MANY)
        if is_turned_away:
            self._limit = max(float(_FEWEST), self._limit / 2)
        return is_turned_away

    async def _take_place(self) -> "_Place":
        while self._underway >= self.limit:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._underway += 1
        return _Place(self._give_back)

    def _give_back(self, *, is_done: bool) -> None:
        self._underway -= 1
        if is_done:
            self._limit = min(self._most, self._limit + 1 / self._limit)
        free = self.limit - self._underway
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # whoever was cancelled waits no more
                turn.set_result(None)
                free -= 1


class _GiveBack(Protocol):
    def __call__(self, *, is_done: bool) -> None: ...


class _Place:
    """One of the places for connections that begin; left when the login is done, and after a while in any case."""

    def __init__(self, give_back: "_GiveBack") -> None:
        self._give_back: _GiveBack | None = give_back
        self._late = asyncio.get_running_loop().call_later(_PLACE_SECONDS, self._leave, False)

    def leave(self) -> None:
        """The login is done."""
        self._leave(True)

    def __enter__(self) -> "_Place":
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(False)

    def _leave(self, is_done: bool) -> None:
        self._late.cancel()
        if self._give_back is not None:
            give_back, self._give_back = self._give_back, None
            give_back(is_done=is_done)
