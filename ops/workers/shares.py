"""The scan's side of its worker processes: shares the machines out, and hears what comes of them."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from collectors.secrets import SecretSource, find_secret
from fleet.assessments import Assessment
from fleet.errors import PatchdeckError
from fleet.machines import Machine
from ops.logs import log_error
from ops.workers.messages import Alike, Asked, Begun, Done, Joining, Kept, Line, Message, Share, Stop, Told

# How long a worker may take to let go of its machines when a scan is stopped; after that it is ended.
LET_GO_SECONDS = 10.0


async def reach_in_processes(
    share: Share,
    secrets: SecretSource,
    *,
    on_begun: Callable[[Machine], None],
    on_done: Callable[[Machine, Assessment], None],
    on_kept: Callable[[tuple[Path, ...]], None],
    stop: asyncio.Event,
) -> None:
    """Assesses the machines of ``share`` in as many processes as it says, until done or until ``stop`` is set.

    What comes in is told in the event loop's thread, as from one process.

    Raises:
        PatchdeckError: a worker broke; what the others gave is told all the same.
    """
    machines = {machine.id: machine for machine in share.machines}
    told = _Told(machines, on_begun, on_done, on_kept)
    workers = [_Worker(part, secrets, told) for part in _share_out(share)]
    stopping = asyncio.create_task(_stop_all(stop, workers))
    try:
        await asyncio.gather(*(worker.ended.wait() for worker in workers))
    finally:
        stopping.cancel()
        for worker in workers:
            worker.stop()
        await asyncio.gather(*(worker.let_go() for worker in workers))
    broken = next((worker.error for worker in workers if worker.error), "")
    if broken and not stop.is_set():
        raise PatchdeckError(f"A worker process of the scan broke: {broken}. What had come in is stored.")


def _share_out(share: Share) -> list[Share]:
    """A share for each worker; machines behind one jump host stay together, so that they share its connection."""
    parts: list[list[Machine]] = [[] for _ in range(share.workers)]
    by_jump: dict[str, list[Machine]] = {}
    for machine in share.machines:
        if machine.proxy_jump is None:
            by_jump[f"{len(by_jump)} alone"] = [machine]
        else:
            by_jump.setdefault(machine.proxy_jump, []).append(machine)
    for group in sorted(by_jump.values(), key=len, reverse=True):
        min(parts, key=len).extend(group)
    filled = [part for part in parts if part]
    concurrency = None if share.concurrency is None else max(1, share.concurrency // len(filled))
    return [replace(share, machines=tuple(part), concurrency=concurrency, workers=len(filled)) for part in filled]


async def _stop_all(stop: asyncio.Event, workers: Sequence["_Worker"]) -> None:
    await stop.wait()
    for worker in workers:
        worker.stop()


class _Told:
    """Passes on what workers say, with the machines and assessments that are meant."""

    def __init__(
        self,
        machines: dict[str, Machine],
        on_begun: Callable[[Machine], None],
        on_done: Callable[[Machine, Assessment], None],
        on_kept: Callable[[tuple[Path, ...]], None],
    ) -> None:
        self._machines = machines
        self._on_begun = on_begun
        self._on_done = on_done
        self.on_kept = on_kept

    def begun(self, machine_id: str) -> None:
        self._on_begun(self._machines[machine_id])

    def done(self, assessment: Assessment) -> None:
        self._on_done(self._machines[assessment.machine_id], assessment)


class _Worker:
    """One worker process, begun; ``ended`` is set once it has said its last word or is gone."""

    def __init__(self, share: Share, secrets: SecretSource, told: _Told) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ops.workers.process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        self.ended = asyncio.Event()
        self.error = ""
        self._has_said_all = False
        self._secrets = secrets
        self._told = told
        self._joining = Joining()
        self._line = Line(ours)
        self._loop = asyncio.get_running_loop()
        self._sending = threading.Lock()
        self._send(share)
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """Tell it to begin nothing more and to end."""
        self._send(Stop())

    async def let_go(self) -> None:
        """Wait for it to end, for a while; then end it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LET_GO_SECONDS):
                await self.ended.wait()
        self._line.close()
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _send(self, message: Message) -> None:
        with suppress(OSError), self._sending:  # one that is gone has ended
            self._line.send(message)

    def _listen(self) -> None:
        while (message := self._line.receive()) is not None:
            if isinstance(message, Asked):
                threading.Thread(target=self._answer, args=(message,), daemon=True).start()
            else:
                self._in_loop(self._hear, message)
        self._in_loop(self._note_end)

    def _in_loop(self, hear: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(hear, *arguments)

    def _hear(self, message: Message) -> None:
        match message:
            case Begun(machine_id):
                self._told.begun(machine_id)
            case Alike():
                self._joining.take(message)
            case Done():
                self._told.done(self._joining.join(message))
            case Kept(evidence, error):
                self._has_said_all = True
                self.error = error
                self._told.on_kept(evidence)

    def _note_end(self) -> None:
        if not self._has_said_all:
            self.error = "it ended before its machines were done"
        self.ended.set()

    def _answer(self, asked: Asked) -> None:
        try:
            secret = find_secret(self._secrets, asked.machine, asked.kind)
        except PatchdeckError as error:
            self._send(Told(asked.question, None, str(error)))
            return
        except Exception as error:  # noqa: BLE001 - the edge of a thread: the machine's failure tells it
            log_error("secret not found", error, machine=asked.machine.name)
            self._send(Told(asked.question, None, f"Looking for a secret broke ({type(error).__name__}): see the log."))
            return
        self._send(Told(asked.question, secret.reveal() if secret is not None else None))
