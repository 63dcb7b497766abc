"""Commands: a program with its arguments, never a shell, that gets the JSON of a message on its standard input.

It has no deadline here: whoever asked ends this process with all that it began.
"""

import os
import resource
import selectors
import signal
import subprocess
import tempfile

from fleet.deliveries import Answer
from ops.messages.carrying.parcels import Parcel, Route, delivered, failed

_SAID_BYTES = 300
_MOST_BYTES = 1 << 20
_PORTION = 65_536
# What a program needs to run, and nothing that was meant for Patchdeck.
_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def carry(route: Route, parcel: Parcel) -> Answer:
    """Runs the command of ``route``; the message is delivered where it ends with 0."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with tempfile.TemporaryFile() as given:
        given.write(parcel.body.encode("ascii"))
        given.seek(0)
        try:
            process = subprocess.Popen(
                [*route.command],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, **environment},
                preexec_fn=_prepare,  # noqa: PLW1509 - this process has one thread
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "an argument cannot be given"
            return failed(f"the command cannot be run: {reason}")
    with process:
        said = _read(process)
        if said is None:
            process.kill()
            return failed(f"printed more than {_MOST_BYTES:,} bytes, and was ended")
        return _judge(process.wait(), said.decode("utf-8", errors="replace").strip())


def _prepare() -> None:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _read(process: "subprocess.Popen[bytes]") -> bytes | None:
    """The beginning of what it prints until it ends, whoever else still holds its output; None where it is too much."""
    if process.stdout is None:
        raise LookupError("standard output is a pipe")
    output, said, size = process.stdout.fileno(), b"", 0
    ended = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if output not in ready:
                    return said
                portion = os.read(output, _PORTION)
                if not portion:
                    return said
                size += len(portion)
                said = (said + portion)[:_SAID_BYTES]
                if size > _MOST_BYTES:
                    return None
    finally:
        os.close(ended)


def _judge(exit_status: int, said: str) -> Answer:
    words = f": {said}" if said else ""
    if exit_status == 0:
        return delivered(f"exited 0{words}")
    if exit_status < 0:
        return failed(f"was ended by signal {-exit_status}{words}")
    return failed(f"exited {exit_status}{words}")
