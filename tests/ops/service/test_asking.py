"""Asking the service of a shared home: what the asker learns where it is not let in at once."""

import socket
from pathlib import Path

import pytest

from fleet.errors import StoreBusy
from fleet.roles import Deed
from ops.home import open_home
from ops.service import asking
from ops.service.wire import Request


async def test_more_askers_than_can_wait_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a listener that is not the service: a connection that nobody takes is no connection yet."""
    home = open_home(tmp_path / "home")
    monkeypatch.setattr(asking, "_CONNECT_SECONDS", 0.1)
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
