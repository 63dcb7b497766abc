"""The connection below pywinrm: one at a time, over a TLS context that is shared, and cut from another thread.

requests waits for bytes, not for an end: only the end of the socket ends a wait for a machine that sends one byte a
second.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_password_trials import PasswordTrial


class WireCut(Exception):
    """The wait was ended from outside: the time is over, or nobody wants the answer any more."""


class KeysStale(Exception):
    """The keys that messages are encrypted with do not count any more, and nothing was done. Says what was answered."""


class ForeignReply(Exception):
    """What came back is nothing that WinRM answers; says what it is."""


class BadStatus(Exception):
    """An HTTP status that is no success, with something else than a fault of WinRM; ``body`` is how that begins."""

    def __init__(self, code: int, body: bytes) -> None:
        super().__init__(f"HTTP {code}")
        self.code = code
        self.body = body


class ClearReply(Exception):
    """An answer that should be encrypted is not: anybody on the way may have written it."""


class Wire:
    """The one connection of one operation.

    Args:
        journey: is told how far the connection has come.
        turns: as many threads as it has places work at once; the others wait for a machine, or for their turn. Where
            hundreds want to work, Python lets each for 5 ms, and the event loop, one among them, stands still.
    """

    def __init__(self, journey: WinrmJourney, turns: threading.Semaphore | None = None) -> None:
        self.is_sealed = False
        self.trial: PasswordTrial | None = None
        self._journey = journey
        self._turns = turns
        self._has_turn = False
        self._is_cut = False
        self._held: socket.socket | None = None
        self._lock = threading.Lock()

    @contextmanager
    def working(self) -> Iterator[None]:
        """While inside, the thread has a turn but for where it is `waiting`."""
        self._take_turn()
        try:
            yield
        finally:
            self._give_turn()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While inside, the thread waits for the machine."""
        had_turn = self._has_turn
        self._give_turn()
        try:
            yield
        finally:
            if had_turn:
                self._take_turn()

    def _take_turn(self) -> None:
        if self._turns is not None and not self._has_turn:
            self._turns.acquire()
            self._has_turn = True

    def _give_turn(self) -> None:
        if self._turns is not None and self._has_turn:
            self._has_turn = False
            self._turns.release()

    def begin(self) -> None:
        """A new connection is wanted.

        Raises:
            KeysStale: messages are encrypted with the keys of the one before.
            WireCut: see there.
        """
        if self._is_cut:
            raise WireCut
        if self.is_sealed:
            raise KeysStale

    def hold(self, sock: socket.socket) -> None:
        """Keep a second handle of ``sock``, for `cut`; TLS takes the first one away."""
        self.release()
        with self._lock:
            if self._is_cut:
                sock.close()
                raise WireCut
            self._held = sock.dup()
        self._journey.reach(Stage.TLS)

    def note_connected(self) -> None:
        """The connection is there, with TLS where that is wanted; returns once a password may be sent over it.

        Raises:
            PasswordHeld: it must not be.
            WireCut: see there.
        """
        self._journey.reach(Stage.LOGIN)
        if self.trial is not None:
            with self.waiting():
                self.trial.begin(self._is_over)
            if self._is_over():
                raise WireCut

    def _is_over(self) -> bool:
        return self._is_cut or self._journey.left_seconds <= 0

    def note_certificate(self, der: bytes | None) -> None:
        """The certificate that was shown and is trusted."""
        self._journey.certificate = der

    def note_challenge(self, methods: str) -> None:
        """The machine wants a login by one of ``methods``."""
        self._journey.methods_offered = methods

    def note_answer(self, answer: str) -> None:
        """What came back last, in a failure's words."""
        self._journey.last_answer = answer

    @property
    def last_answer(self) -> str:
        """See `note_answer`."""
        return self._journey.last_answer

    def cut(self) -> None:
        """End every wait, now and later. From any thread."""
        with self._lock:
            self._is_cut = True
            if self._held is not None:
                with suppress(OSError):  # the other side was faster
                    self._held.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections be made again."""
        self.release()
        with self._lock:
            self._is_cut = False

    def release(self) -> None:
        """Let go of the connection; with its first handle closed, the machine sees its end."""
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None
