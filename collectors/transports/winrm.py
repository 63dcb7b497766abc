"""A Windows machine over WinRM: one shell for one script, on pywinrm's `Protocol`, in a thread of its own.

Scripts are payloads of `collectors.windows.script_call`. They are handed to the bootstrap over standard input, and
nothing is open between runs.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from collectors.secrets import Secret
from collectors.transports.base import CommandResult, TransportFailed, clean_failure
from collectors.transports.output import CappedOutput
from collectors.transports.ssh_context import SshContext
from collectors.transports.winrm_target import WinrmTarget, path_of, place_of, winrm_target
from fleet.errors import BadInput, PatchdeckError
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.profiles import Credentials
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay

if TYPE_CHECKING:
    from collectors.certificates import Certificate
    from collectors.transports.winrm_context import WinrmThread
    from collectors.transports.winrm_link import WinrmLogin

# The thread looks at the clock itself; this ends one that gets a byte now and then, and never an answer.
_GRACE_SECONDS = 0.5

_Result = TypeVar("_Result")


class WinrmTransport:
    """A `collectors.transports.base.Transport`. ``on_output`` is called in the event loop's thread.

    The result names no host key: TLS proves a certificate, which machines share and renew.
    """

    def __init__(self, machine: Machine, context: SshContext) -> None:
        self._machine = machine
        self._context = context

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        started = time.monotonic()
        try:
            credentials = await self._context.secrets.credentials(self._machine)
            target = winrm_target(self._machine, credentials)
        except PatchdeckError as error:
            raise TransportFailed(_misconfigured(self._machine, error, started)) from error
        output = CappedOutput(max_output_bytes)
        return await self._run(target, credentials, script, deadline_seconds, output, on_output)

    async def close(self) -> None:
        """Nothing is open between runs."""

    async def _run(
        self,
        target: WinrmTarget,
        credentials: Credentials,
        script: bytes,
        deadline_seconds: float,
        output: CappedOutput,
        on_output: Callable[[bytes], None] | None,
    ) -> CommandResult:
        pass_on = _PassOn(on_output) if on_output is not None else None
        try:
            async with _thread_for(self._machine, self._context) as thread:
                from collectors.transports.winrm_journey import WinrmJourney
                from collectors.transports.winrm_run import END_SECONDS, WinrmRun

                journey = WinrmJourney(_tried(target), target, deadline_seconds, output)
                turns = self._context.winrm.turns
                work = WinrmRun(journey, lambda: self._log_in(target, credentials), script, pass_on, turns)
                result = thread.begin(work.go)
                return await _ended(result, work.stop, deadline_seconds, END_SECONDS)
        except _Unending as error:
            from collectors.transports.winrm_failures import too_late

            raise TransportFailed(too_late(journey), output.stdout) from error
        finally:
            if pass_on is not None:
                pass_on.close()

    def _log_in(self, target: WinrmTarget, credentials: Credentials) -> "WinrmLogin":
        """What to log in with; asked in the thread, since secrets and files may let one wait."""
        from collectors.transports.winrm_link import WinrmLogin
        from collectors.transports.winrm_tls import shared_context

        password = self._password(target, credentials) if target.needs_password else None
        trials = self._context.winrm.passwords
        trial = trials.trial(self._machine.name, target.user or "", password) if password is not None else None
        if not target.is_https:
            return WinrmLogin(password, trial=trial)
        try:
            accepted = self._context.winrm.accepted(target.host, target.port)
        except OSError as error:
            raise BadInput(f"{error.filename}: {error.strerror}.") from error
        pin = accepted.removeprefix("SHA256:").lower() if accepted else None
        secrets = self._context.secrets
        tls = shared_context(
            self._context.winrm,
            target,
            is_pinned=pin is not None,
            passphrase=lambda: secrets.passphrase(self._machine),
        )
        return WinrmLogin(password, tls, pin, trial)

    def _password(self, target: WinrmTarget, credentials: Credentials) -> Secret:
        password = self._context.secrets.password(self._machine)
        if password is None or not password.reveal():
            profile = f"the profile {credentials.profile.name}" if credentials.profile else "a profile (--profile)"
            raise BadInput(
                f"There is no password for {target.user}: give one to {profile}, or to the machine (machines password)."
            )
        return password


async def show_certificate(machine: Machine, context: SshContext, deadline_seconds: float) -> "Certificate":
    """The certificate that ``machine`` shows now; see `collectors.certificates.fetch_certificate`."""
    way = machine.winrm or WinrmWay()
    host, port = place_of(machine)
    if way.scheme is not WinrmScheme.HTTPS:
        came_back = "over HTTP it shows no certificate."
        raise TransportFailed(
            clean_failure(FailureKind.BAD_CONFIGURATION, f"WinRM to {host}", came_back, "Use HTTPS.", 0.0)
        )
    target = WinrmTarget(host, port, way.scheme, WinrmKind.NTLM, ca_file=path_of(way.ca_file), proxy=way.proxy)
    async with _thread_for(machine, context) as thread:
        from collectors.transports.winrm_journey import WinrmJourney
        from collectors.transports.winrm_looking import CertificateLook

        tried = f"WinRM's certificate at {host} ({target.scheme} {port})"  # nobody logs in, by no kind of login
        journey = WinrmJourney(tried, target, deadline_seconds, CappedOutput(0))
        look = CertificateLook(journey, context.winrm)
        try:
            return await _ended(thread.begin(look.go), look.stop, deadline_seconds, 0.0)
        except _Unending as error:
            from collectors.transports.winrm_failures import too_late

            raise TransportFailed(too_late(journey)) from error


@asynccontextmanager
async def _thread_for(machine: Machine, context: SshContext) -> AsyncIterator["WinrmThread"]:
    started = time.monotonic()
    try:
        async with context.winrm.thread() as thread:
            yield thread
    except BadInput as error:
        raise TransportFailed(_misconfigured(machine, error, started)) from error


class _Unending(Exception):
    """The thread did not let go in time; it ends by itself."""


async def _ended(
    result: "asyncio.Future[_Result]", stop: Callable[[], None], deadline_seconds: float, end_seconds: float
) -> _Result:
    """What the thread gives; stopped at the deadline, and when this task is cancelled."""
    try:
        await asyncio.wait({result}, timeout=deadline_seconds + _GRACE_SECONDS)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait({result}, timeout=end_seconds)
        raise
    if not result.done():
        stop()
        await asyncio.wait({result}, timeout=end_seconds + _GRACE_SECONDS)
    if not result.done():
        raise _Unending
    return result.result()


class _PassOn:
    """Hands output from the thread to the event loop's, as long as somebody waits for it."""

    def __init__(self, on_output: Callable[[bytes], None]) -> None:
        self._on_output: Callable[[bytes], None] | None = on_output
        self._loop = asyncio.get_running_loop()

    def __call__(self, data: bytes) -> None:
        self._loop.call_soon_threadsafe(self._deliver, data)

    def close(self) -> None:
        """Nobody waits any more."""
        self._on_output = None

    def _deliver(self, data: bytes) -> None:
        if self._on_output is not None:
            self._on_output(data)


def _tried(target: WinrmTarget) -> str:
    return f"WinRM to {target.host} ({target.scheme} {target.port}, {target.kind})"


def _misconfigured(machine: Machine, error: PatchdeckError, started: float) -> Failure:
    tried = f"WinRM to {machine.address or machine.name}"
    return clean_failure(FailureKind.BAD_CONFIGURATION, tried, str(error), "", time.monotonic() - started)
