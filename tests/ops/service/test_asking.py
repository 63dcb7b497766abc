"""Asking the service of a shared home: what the asker learns where it is not let in at once."""

import asyncio
import socket
from pathlib import Path

import pytest

from fleet.errors import PatchdeckError, StoreBusy
from fleet.roles import Deed
from ops.home import open_home
from ops.service import asking, knocking, starting
from ops.service.wire import Request


async def test_more_askers_than_can_wait_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a listener that is not the service: a connection that nobody takes is no connection yet."""
    home = open_home(tmp_path / "home")
    monkeypatch.setattr(knocking, "_CONNECT_SECONDS", 0.1)
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(4)]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(home.service_socket))
        listening.listen(0)
        for each in waiting:
            each.setblocking(False)
            if each.connect_ex(str(home.service_socket)):
                break

        with pytest.raises(StoreBusy, match="too many askers"):
            await asking._ask(home, Request(Deed.CANCEL, run="x"))
    for each in waiting:
        each.close()


async def test_service_that_is_being_started_is_waited_for(tmp_path: Path) -> None:
    """A key typed right after a login, while its service begins, finds it; who starts it holds a lock meanwhile."""
    home = open_home(tmp_path / "home")
    with starting._alone(home):
        knocks = asyncio.create_task(knocking.connect_to_service(home))
        # It has looked in vain by then: what it waits for cannot be there yet.
        await asyncio.wait([knocks], timeout=2 * knocking._AGAIN_SECONDS)
        assert not knocks.done()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(home.service_socket))
            listening.listen(1)
            _, writer = await knocks
            writer.close()


async def test_service_that_nobody_starts_is_told_at_once(tmp_path: Path) -> None:
    """On the host itself whoever asks reads who starts it."""
    with pytest.raises(PatchdeckError, match=r"No service works.*service start"):
        await knocking.connect_to_service(open_home(tmp_path / "home"))
