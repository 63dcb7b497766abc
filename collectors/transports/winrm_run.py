"""One script over WinRM, from the first connection to the last, in one thread; no shell is left behind."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError

from collectors.transports.base import CommandResult, TransportFailed
from collectors.transports.winrm_failures import OutputFull, failure_of, refused_script
from collectors.transports.winrm_journey import WinrmJourney
from collectors.transports.winrm_link import TimeIsOver, WinrmLink, WinrmLogin
from collectors.transports.winrm_wire import Wire, WireCut
from collectors.windows.bootstrap_end import head_of
from collectors.windows.script_call import bootstrap_command
from fleet.failures import FailureKind

_log = logging.getLogger(__name__)

# As base64 in an envelope it stays below the 150 kB that Windows 2008 takes; newer ones take 500 kB.
_PIECE_BYTES = 96 * 1024
# ERROR_BUSY, while the command has not read what came before.
_BUSY = 170
_BUSY_PAUSES_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
# A command that took no input has ended, and says why; or it waits for ever.
_LAST_WORDS_SECONDS = 5.0
# Answers that bring nothing come every 20 s, not at once: who sends them faster is not asked faster.
_MOST_PAUSE_SECONDS = 1.0
# What a machine that still answers needs, and no more: somebody is waiting for the end of this.
END_SECONDS = 4.0
_SHELL_IS_GONE = 2150858843


class WinrmRun:
    """One script on its way. `go` belongs to one thread, `stop` to any.

    Args:
        journey: how far it has come.
        log_in: what to log in with; may block, and is asked in the thread of `go`.
        script: the payload of a `collectors.windows.script_call.ScriptCall`.
        on_output: is handed standard output in the thread of `go`; None: it is kept.
        turns: see `Wire`.
    """

    def __init__(
        self,
        journey: WinrmJourney,
        log_in: Callable[[], WinrmLogin],
        script: bytes,
        on_output: Callable[[bytes], None] | None,
        turns: threading.Semaphore,
    ) -> None:
        self._journey = journey
        self._log_in = log_in
        self._script = script
        self._on_output = on_output
        self._wire = Wire(journey, turns)
        self._login: WinrmLogin | None = None
        self._link: WinrmLink | None = None
        self._shell: str | None = None
        self._command: str | None = None
        self._head = b""
        self._stopped = threading.Event()
        self._is_leaving = False
        self._lock = threading.Lock()

    def stop(self) -> None:
        """End it now: the command is terminated, the shell deleted, and `go` raises, all in `END_SECONDS` or so."""
        self._stopped.set()
        with self._lock:
            if not self._is_leaving:
                self._wire.cut()

    def go(self) -> CommandResult:
        """What the script printed, and how it ended.

        Raises:
            TransportFailed: it did not run to its end. Nothing else ever leaves the thread: a StopIteration would leave
                whoever awaits it waiting for ever.
        """
        failed: TransportFailed | None = None
        status = None
        try:
            status = self._work()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: whatever it was, it is told
            # What came back up to the cut is no answer, whatever it looks like.
            seen = WireCut() if self._stopped.is_set() else error
            failed = TransportFailed(failure_of(seen, self._journey), self._journey.output.stdout)
            failed.__cause__ = error
        finally:
            self._end_trial(is_refused=failed is not None and failed.failure.kind is FailureKind.LOGIN_REFUSED)
        elapsed_seconds = self._journey.elapsed_seconds
        with self._wire.working():
            self._leave()
        if failed is not None:
            raise failed
        output = self._journey.output
        refused = refused_script(self._journey, self._head, output.stderr, status, elapsed_seconds)
        if refused is not None:
            raise TransportFailed(refused, output.stdout)
        ends_at = _end_of(self._journey.certificate)
        return CommandResult(output.stdout, output.stderr, status, elapsed_seconds, certificate_ends_at=ends_at)

    def _work(self) -> int:
        self._login = login = self._log_in()
        self._wire.trial = login.trial
        with self._wire.working():
            return self._run_script(login)

    def _run_script(self, login: WinrmLogin) -> int:
        link = self._link = WinrmLink(self._journey, self._wire, login)
        self._shell = shell = link.open_shell()
        self._end_trial(is_taken=True)
        self._command = command = link.run_command(shell, bootstrap_command())
        refused = self._feed(link, shell, command)
        if refused is None:
            return self._receive(link, shell, command)
        self._journey.grant(min(_LAST_WORDS_SECONDS, self._journey.left_seconds))
        try:
            return self._receive(link, shell, command)
        except Exception as error:
            self._journey.message = "Send"  # what stopped it, whatever was asked since
            raise refused from error

    def _end_trial(self, *, is_taken: bool = False, is_refused: bool = False) -> None:
        if self._login is not None and self._login.trial is not None:
            self._login.trial.end(is_taken=is_taken, is_refused=is_refused)

    def _feed(self, link: WinrmLink, shell: str, command: str) -> WSManFaultError | None:
        """Hands the script over; the fault if the command takes no input: then it has ended, and says why."""
        for piece, is_last in _pieces(self._script):
            try:
                self._hand_over(link, shell, command, piece, is_last)
            except WSManFaultError as error:
                _log.info("winrm input refused machine=%s code=%s", self._journey.tried, error.wsman_fault_code)
                return error
        return None

    def _hand_over(self, link: WinrmLink, shell: str, command: str, piece: bytes, is_last: bool) -> None:
        for pause_seconds in (*_BUSY_PAUSES_SECONDS, None):
            try:
                link.send_input(shell, command, piece, is_last=is_last)
            except WinRMOperationTimeoutError:
                # Ansible has seen it, too: the input has arrived all the same.
                _log.warning("winrm input not confirmed machine=%s", self._journey.tried)
            except WSManFaultError as error:
                if error.wsman_fault_code != _BUSY or pause_seconds is None:
                    raise
                self._pause(pause_seconds)
                continue
            return

    def _receive(self, link: WinrmLink, shell: str, command: str) -> int:
        idle = 0
        while True:
            try:
                stdout, stderr, status, is_done = link.receive(shell, command)
            except WinRMOperationTimeoutError:
                stdout, stderr, status, is_done = b"", b"", -1, False
            self._take(stdout, stderr)
            if is_done:
                return status
            idle = 0 if stdout or stderr else idle + 1
            if idle > 1:
                self._pause(min(_MOST_PAUSE_SECONDS, 0.02 * 2 ** min(idle, 8)))

    def _take(self, stdout: bytes, stderr: bytes) -> None:
        output = self._journey.output
        self._head = head_of(self._head + stdout)
        is_within = output.add_stderr(stderr)
        if self._on_output is None:
            is_within = output.add_stdout(stdout) and is_within
        elif stdout:
            self._on_output(stdout)
            is_within = output.count(stdout) and is_within
        if not is_within:
            raise OutputFull

    def _pause(self, seconds: float) -> None:
        with self._wire.waiting():
            is_stopped = self._stopped.wait(min(seconds, max(0.0, self._journey.left_seconds)))
        if is_stopped:
            raise WireCut
        if self._journey.left_seconds <= 0:
            raise TimeIsOver

    def _leave(self) -> None:
        """Let go of everything on the machine; what goes wrong here hides nothing of what went wrong before."""
        with self._lock:
            self._is_leaving = True
            is_cut = self._stopped.is_set()
            if is_cut:
                self._wire.mend()
        link = self._link
        if link is None or self._shell is None or self._login is None:
            self._wire.release()
            return
        # First the command is ended; where that fails, or nobody answers, deleting the shell ends it, too.
        usable = link if link.is_well and not is_cut else None
        if not self._try_to_leave(usable, self._login, self._command):
            self._try_to_leave(None, self._login, None)

    def _try_to_leave(self, link: WinrmLink | None, login: WinrmLogin, command: str | None) -> bool:
        """Over ``link``, or a new connection with a login of its own; whether the shell is gone."""
        self._journey.grant(END_SECONDS / 2)
        if self._link is not None and link is not self._link:
            self._link.close()
        try:
            link = self._link = link or WinrmLink(self._journey, self._wire, login)
            if command is not None:
                link.end_command(self._shell or "", command)
            link.delete_shell(self._shell or "")
        except WSManFaultError as error:
            _log.info("winrm shell not let go machine=%s code=%s", self._journey.tried, error.wsman_fault_code)
            return error.wsman_fault_code == _SHELL_IS_GONE
        except Exception as error:  # noqa: BLE001 - see `_leave`
            _log.info("winrm shell not let go machine=%s error=%s", self._journey.tried, type(error).__name__)
            return False
        finally:
            if self._link is not None:
                self._link.close()
        return True


def _end_of(certificate: bytes | None) -> datetime | None:
    """When ``certificate`` ends; None where it does not say so in a way that can be read."""
    if certificate is None:
        return None
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc
    except ValueError:
        return None


def _pieces(script: bytes) -> Iterator[tuple[bytes, bool]]:
    last = max(0, len(script) - 1) // _PIECE_BYTES
    for number in range(last + 1):
        start = number * _PIECE_BYTES
        yield script[start : start + _PIECE_BYTES], number == last
