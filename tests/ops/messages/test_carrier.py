"""The process that carries messages: ended in time with all that it began, and nothing secret shows."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.channels import ChannelKind
from fleet.deliveries import Answer, Outcome
from ops.messages.carrying.carrier import Carrier
from ops.messages.carrying.parcels import Parcel, Route
from tests.ops.messages.conftest import Receiver, parcel

TOKEN = "T0ken-That-Nobody-Sees"


def carry(route: Route, *parcels: Parcel) -> list[Answer]:
    async def run() -> list[Answer]:
        async with Carrier(route) as carrier:
            return [await carrier.carry(each) for each in parcels]

    return asyncio.run(run())


def command(*words: str, seconds: float = 30.0) -> Route:
    return Route(ChannelKind.COMMAND, seconds, command=words)


def shell(script: str, seconds: float = 30.0) -> Route:
    return command("/bin/sh", "-c", script, seconds=seconds)


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_command_gets_the_json_and_is_judged_by_its_exit(tmp_path: Path) -> None:
    """Several messages go through one process; what a program prints is cleaned and cut."""
    got = tmp_path / "got"
    script = f"cat >> {got}; printf 'fine\\033[31m %01000d' 7; test $(grep -c m-1 {got}) = 1"
    first, second = carry(shell(script), parcel(), parcel(message_id="m-2"))
    assert first.outcome is Outcome.DELIVERED
    assert first.said.startswith("exited 0: fine�[31m 0000")
    assert len(first.said) <= 500
    assert (second.outcome, second.said[:8]) == (Outcome.DELIVERED, "exited 0")
    documents = [json.loads(line + "}}") for line in got.read_text().split("}}")[:-1]]
    assert [document["id"] for document in documents] == ["m-1", "m-2"]


def test_a_command_that_fails_is_tried_again() -> None:
    """With what it said; one that is not there, too."""
    (failed,) = carry(shell("echo no pager >&2; exit 7"), parcel())
    assert (failed.outcome, failed.said) == (Outcome.FAILED, "exited 7: no pager")
    (missing,) = carry(command("/nonexistent/pager"), parcel())
    assert missing.said == "the command cannot be run: No such file or directory"


def test_a_command_gets_nothing_that_was_meant_for_patchdeck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials of the service, no variables of others."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)
    (answer,) = carry(shell(f"env > {tmp_path}/env; pwd"), parcel())
    assert answer.said == "exited 0: /"
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"}


def test_a_command_that_prints_without_end_is_ended() -> None:
    """It costs neither memory nor a disk."""
    (answer,) = carry(command("/usr/bin/yes"), parcel())
    assert answer.said == "printed more than 1,048,576 bytes, and was ended"


def test_what_is_not_done_in_time_is_ended_with_all_that_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a child of the command that holds on to its output."""
    pid_file = tmp_path / "pid"
    script = f"sleep 300 & echo $! > {pid_file}.new; mv {pid_file}.new {pid_file}; wait"
    monkeypatch.setattr("ops.messages.carrying.carrier._START_SECONDS", 3.0)
    (answer,) = carry(shell(script, seconds=1.0), parcel())
    assert (answer.outcome, answer.said) == (Outcome.FAILED, "not done within 1 s")
    assert pid_file.exists()
    assert until(lambda: not Path(f"/proc/{pid_file.read_text().strip()}/cmdline").exists())


def test_a_receiver_that_drips_its_answer_is_left_in_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte would begin a new wait of the library."""
    monkeypatch.setattr("ops.messages.carrying.carrier._START_SECONDS", 1.5)
    route = Route(ChannelKind.WEBHOOK, 1.5, f"{receiver.url}/drip/{TOKEN}")
    began = time.monotonic()
    (answer,) = carry(route, parcel())
    assert (answer.outcome, answer.said) == (Outcome.FAILED, "not done within 1.5 s")
    assert time.monotonic() - began < 20


def test_a_secret_is_in_no_argument_and_no_environment(receiver: Receiver) -> None:
    """It goes over standard input; what came of it does not tell it either."""
    route = Route(ChannelKind.WEBHOOK, 20.0, f"{receiver.url}/hang/{TOKEN}", password=TOKEN)

    async def run() -> bytes:
        async with Carrier(route) as carrier:
            task = asyncio.create_task(carrier.carry(parcel()))
            while not receiver.received:
                await asyncio.sleep(0.02)
            process = carrier._process
            assert process is not None
            folder = Path(f"/proc/{process.pid}")
            seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            receiver.released.set()
            answer = await task
            return seen + answer.said.encode()

    seen = asyncio.run(run())
    assert b"ops.messages.carrying.process" in seen
    assert TOKEN.encode() not in seen
    assert TOKEN not in repr(route)


def test_a_process_that_is_killed_is_told_and_replaced(receiver: Receiver) -> None:
    """The message is not known to have arrived: it is sent again under its id."""
    route = Route(ChannelKind.WEBHOOK, 20.0, f"{receiver.url}/hang")

    async def run() -> tuple[Answer, Answer]:
        async with Carrier(route) as carrier:
            task = asyncio.create_task(carrier.carry(parcel()))
            while not receiver.received:
                await asyncio.sleep(0.02)
            process = carrier._process
            assert process is not None
            os.kill(process.pid, 9)
            receiver.released.set()
            return await task, await carrier.carry(parcel())

    first, second = asyncio.run(run())
    assert (first.outcome, first.said) == (Outcome.FAILED, "the process that sends broke off")
    assert second.outcome is Outcome.FAILED
    assert [request.headers["webhook-id"] for request in receiver.received] == ["m-1", "m-1"]
