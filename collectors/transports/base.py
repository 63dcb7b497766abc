"""What every way to a machine offers: run one script with `sh`, or say in one failure why that could not be done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fleet.failures import Failure, FailureKind
from fleet.hostile import clean

# A helper that a script left behind may hold the output open for ever; what it still says is not the answer.
DRAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a script that ran to its end gave.

    ``exit_status`` is None where nobody said it, which is never success. Every other end (killed, cut off, too much
    output, too late) is a `TransportFailed`. ``elapsed_seconds`` counts from before the connection was made.
    ``host_key`` is the fingerprint ``SHA256:…`` of the key that the machine proved to have, None where it is not
    reached by SSH. ``certificate_ends_at`` is until when the certificate holds that it proved to have, None where it is
    not reached over HTTPS.
    """

    stdout: bytes
    stderr: bytes
    exit_status: int | None
    elapsed_seconds: float
    host_key: str | None = None
    certificate_ends_at: datetime | None = None


class TransportFailed(Exception):
    """The script did not run to its end; the only exception of a `Transport` beside cancellation.

    Args:
        failure: what was tried, what came back, what to do.
        partial: standard output up to there; evidence, never to be read as an answer.
    """

    def __init__(self, failure: Failure, partial: bytes = b"") -> None:
        super().__init__(failure.describe())
        self.failure = failure
        self.partial = partial


class Transport(Protocol):
    """A way to one machine. Connecting happens in `run`; nothing is left on the machine or here when it ends."""

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """What ``script`` printed and how it ended, fed to `sh` over standard input.

        Standard input ends after the script: commands in it that read their input take it from elsewhere.

        Args:
            script: POSIX shell.
            deadline_seconds: for all of it, connecting included.
            max_output_bytes: of standard output and standard error together.
            on_output: is handed standard output in pieces, as it comes; the result then has none of it. Must not raise.

        Raises:
            TransportFailed: it did not run to its end.
        """
        ...

    async def close(self) -> None:
        """End what is still open. Closing twice is harmless."""
        ...


def clean_failure(kind: FailureKind, tried: str, came_back: str, remedy: str, elapsed_seconds: float) -> Failure:
    """A `Failure` whose texts, which may quote a machine, are each one harmless line."""
    return Failure(kind, clean(tried), clean(came_back), clean(remedy), elapsed_seconds)
