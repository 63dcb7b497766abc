"""A look at a machine's certificate, in a thread of its own: nobody logs in."""

from typing import TYPE_CHECKING

from collectors.transports.base import TransportFailed
from collectors.transports.winrm_context import WinrmContext
from collectors.transports.winrm_failures import failure_of
from collectors.transports.winrm_journey import CONNECT_SECONDS, Stage, WinrmJourney
from collectors.transports.winrm_tls import show
from collectors.transports.winrm_wire import Wire

if TYPE_CHECKING:
    from collectors.certificates import Certificate


class CertificateLook:
    """One look. `go` belongs to one thread, `stop` to any."""

    def __init__(self, journey: WinrmJourney, context: WinrmContext) -> None:
        self._journey = journey
        self._context = context
        self._wire = Wire(journey)

    def stop(self) -> None:
        """End it now."""
        self._wire.cut()

    def go(self) -> "Certificate":
        """The certificate.

        Raises:
            TransportFailed: there is none to be had.
        """
        self._journey.reach(Stage.CONNECT)
        try:
            seconds = max(0.1, min(CONNECT_SECONDS, self._journey.left_seconds))
            return show(self._journey.target, self._context, seconds, wire=self._wire)
        except Exception as error:  # the edge of the thread: whatever it was, it is told
            raise TransportFailed(failure_of(error, self._journey)) from error
