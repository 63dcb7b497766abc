"""A worker process: assesses its share of the machines of a scan and sends each result. ``python -m`` with a socket."""

import asyncio
import itertools
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from collectors.assess import AssessOptions
from collectors.secrets import Secret, SecretUnavailable
from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.profiles import Credentials, SecretKind
from ops.assess_limits import collect_seldom
from ops.assess_reaching import reach_machines
from ops.credentials.resolving import CredentialResolver
from ops.evidence import Evidence
from ops.home import open_home
from ops.logs import log_error, open_log
from ops.state.audit import utc_now
from ops.workers.messages import Asked, Begun, Kept, Line, Message, Share, Sharing, Told


def main() -> None:
    """Do the share that comes as the first message over the socket whose number is the argument."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # A terminal sends them to all: the scan hears them, stores what came in, and tells us.
        signal.signal(number, signal.SIG_IGN)
    collect_seldom()
    line = Line(socket.socket(fileno=int(sys.argv[1])))
    share = line.receive()
    if isinstance(share, Share):
        asyncio.run(_Worker(line, share).work())
    line.close()


class _Worker:
    def __init__(self, line: Line, share: Share) -> None:
        self._line = line
        self._share = share
        self._home = open_home(share.home)
        self._secrets = _AskedSecrets(self._send, CredentialResolver(self._home))
        self._sharing = Sharing(self._send)
        self._sending = threading.Lock()
        open_log(self._home.log_file)

    async def work(self) -> None:
        """Assess all machines of the share, then tell what was kept."""
        stop = asyncio.Event()
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(), stop), daemon=True).start()
        evidence = Evidence(self._home.runs_dir, self._share.batch_id)
        error = ""
        try:
            await self._reach(stop, evidence)
        except Exception as broken:  # noqa: BLE001 - the edge of the process: the scan is told
            log_error("worker broke", broken, batch=self._share.batch_id)
            error = f"{type(broken).__name__}: {broken}"
        self._send(Kept(tuple(evidence.written), error))

    async def _reach(self, stop: asyncio.Event, evidence: Evidence) -> None:
        share = self._share
        options = AssessOptions(
            deadline_seconds=share.deadline_seconds,
            max_output_bytes=share.max_output_bytes,
            refresh=share.refresh,
            secrets=self._secrets,
            evidence=evidence.keep,
            search_ways=share.search_ways,
            windows_deadline_seconds=share.windows_deadline_seconds,
        )
        await reach_machines(
            self._home,
            share.machines,
            options,
            concurrency=share.concurrency,
            on_begun=lambda machine: self._send(Begun(machine.id)),
            on_done=self._tell,
            stop=stop,
            clock=utc_now,
            processes=share.workers,
        )

    def _tell(self, _machine: Machine, assessment: Assessment) -> None:
        self._sharing.send(assessment)

    def _send(self, message: Message) -> None:
        # The scan that is gone stops us by its end of the line.
        with suppress(OSError), self._sending:
            self._line.send(message)

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
        while isinstance(message := self._line.receive(), Told):
            self._secrets.answer(message)
        self._secrets.end()
        with suppress(RuntimeError):  # the loop is closed: all was done
            loop.call_soon_threadsafe(stop.set)


class _AskedSecrets:
    """Secrets, asked of the scan: only it has the terminal, the keyring and what unlocks files."""

    def __init__(self, send: Callable[[Message], None], resolver: CredentialResolver) -> None:
        self._send = send
        self._resolver = resolver
        self._questions = itertools.count()
        self._open: dict[int, Future[Told]] = {}

    async def credentials(self, machine: Machine, /) -> Credentials:
        """See `SecretSource.credentials`."""
        return await self._resolver.find(machine)

    def password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.password`."""
        return self._ask(machine, SecretKind.PASSWORD)

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.sudo_password`."""
        return self._ask(machine, SecretKind.BECOME)

    def passphrase(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.passphrase`."""
        return self._ask(machine, SecretKind.PASSPHRASE)

    def answer(self, told: Told) -> None:
        """The scan's answer to a question."""
        self._open.pop(told.question).set_result(told)

    def end(self) -> None:
        """Nobody answers any more."""
        for question in list(self._open):
            self._open.pop(question).set_result(Told(question, None))

    def _ask(self, machine: Machine, kind: SecretKind) -> Secret | None:
        question = next(self._questions)
        answer = self._open[question] = Future()
        self._send(Asked(question, machine, kind))
        told = answer.result()
        if told.problem:
            raise SecretUnavailable(told.problem)
        return None if told.secret is None else Secret(told.secret)


if __name__ == "__main__":
    main()
