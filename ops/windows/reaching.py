"""Many Windows machines, few at once: each gives what it was asked for, or the failure that stopped it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from collectors.secrets import SecretSource
from collectors.transports.base import Transport, TransportFailed
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from ops.assess_fan_out import fan_out
from ops.assess_limits import Crowd, StartPace, default_starts_per_second
from ops.home import Home
from ops.logs import log_error
from ops.reach import locate_transcript, open_ssh

# WinRM takes a thread for each machine.
MOST_AT_ONCE = 32
GRACE_SECONDS = 10.0

_T = TypeVar("_T")


async def reach_each(
    home: Home,
    machines: Sequence[Machine],
    work: Callable[[Machine, Transport], Awaitable[_T]],
    *,
    secrets: SecretSource,
    deadline_seconds: float,
) -> dict[str, "_T | Failure"]:
    """What ``work`` gave of each machine by its id, or why it gave nothing. Each has a transport of its own.

    The scope is asked before each connection. A machine that was cancelled is not in it.

    Raises:
        NotPermitted: this process does not change the home.
    """
    from collectors.transports.opening import open_transport

    found: dict[str, _T | Failure] = {}
    async with open_ssh(home, secrets) as ssh:

        async def one(machine: Machine) -> None:
            transport = open_transport(locate_transcript(home, machine), ssh)
            try:
                async with asyncio.timeout(deadline_seconds + GRACE_SECONDS):
                    found[machine.id] = await work(machine, transport)
            except TransportFailed as error:
                found[machine.id] = error.failure
            except TimeoutError:
                found[machine.id] = _late(machine, deadline_seconds)
            # The edge of a machine's task: one machine's trouble is not the fleet's.
            except Exception as error:  # noqa: BLE001
                log_error("asking a Windows machine broke", error, machine=machine.name)
                found[machine.id] = _broken(machine, error)
            finally:
                await transport.close()

        at_once = max(1, min(MOST_AT_ONCE, len(machines)))
        pace = StartPace(default_starts_per_second())
        await fan_out(machines, one, crowd=Crowd(at_once, at_once), pace=pace, stop=asyncio.Event())
    return found


def _late(machine: Machine, seconds: float) -> Failure:
    came_back = f"not finished within {seconds:g} s."
    return Failure(FailureKind.DEADLINE_EXCEEDED, f"asking {machine.name}", came_back, "Raise --deadline.", seconds)


def _broken(machine: Machine, error: Exception) -> Failure:
    came_back = f"Patchdeck itself failed: {type(error).__name__}."
    return Failure(
        FailureKind.INTERNAL, f"asking {machine.name}", came_back, "The log has the details; please report it."
    )
