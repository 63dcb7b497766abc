"""Ending the service: it is asked to, and waited for."""

import os
import signal
import time
from dataclasses import dataclass

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.service.doing import Doing, read_doing
from ops.service.lease import describe_holder, find_holder, holder_as_json, is_here
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.lease import Lease

_POLL_SECONDS = 0.05


class ServiceNotStopped(PatchdeckError):
    """The service goes on; says why."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The service that was ended, and what it was doing when it was asked to end."""

    lease: Lease
    doing: Doing


def stop_service(home: Home, wait_seconds: float) -> Stopped | None:
    """Has the service of ``home`` end, and returns when it has; None if none was running. Blocking.

    Raises:
        ServiceNotStopped: it is not ours to end, or does not end in time.
    """
    holder = find_holder(home)
    if holder is None:
        return None
    if not is_here(holder):
        raise ServiceNotStopped(f"The service is not on this host, end it there: {describe_holder(holder)}.")
    with opened(home.state_file) as connection:
        Audit(connection).record("service.stop", holder.host, holder_as_json(holder), None)
    _ask(holder)
    deadline = time.monotonic() + wait_seconds
    while (now := find_holder(home)) is not None and now.pid == holder.pid:
        if time.monotonic() >= deadline:
            raise ServiceNotStopped(
                f"The service has not ended after {wait_seconds:g} s, it is on its way: {describe_holder(now)}."
            )
        time.sleep(_POLL_SECONDS)
    return Stopped(holder, read_doing(holder.doing))


def _ask(holder: Lease) -> None:
    try:
        # The lock says that this process lives, so that its number is not another's by now.
        os.kill(holder.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ServiceNotStopped(f"You may not end the service: {describe_holder(holder)}.") from error
