"""The service started on demand, as ``python -m ops.service.process HOME``: detached from whoever starts it.

Standard error is a pipe to the starter: it hears why the service does not work, or its end once the service works.
Standard input is the passphrase of the home's secrets, where somebody typed it.
"""

import os
import signal
import sys
from pathlib import Path

from collectors.handed_down import file_mode
from collectors.secrets import Secret
from fleet.errors import PatchdeckError
from ops.credentials.session import session_of
from ops.home import Home, open_home
from ops.logs import log_error, open_log

_MOST_PASSPHRASE_BYTES = 16_384


def main() -> int:
    """Detach, then work for the home that is the argument."""
    # The starter made us the leader of a session; its child can never get a terminal, and has init as its parent.
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)
    os.chdir("/")
    # Not above: what it loads may have threads, which a fork would lose.
    from ops.service.running import run_service

    try:
        home = open_home(Path(sys.argv[1]), create=False)
        open_log(home.log_file)
        _take_passphrase(home)
        run_service(home, lambda: _let_go(home))
    except PatchdeckError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    # The edge of the process: whatever broke it is told, and is in the log.
    except Exception as error:  # noqa: BLE001
        log_error("service broke", error)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def _take_passphrase(home: Home) -> None:
    """What the starter hands over, if it does; nothing that the service begins can read it again."""
    text = sys.stdin.buffer.read(_MOST_PASSPHRASE_BYTES).decode("utf-8", "replace")
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(nothing, 0)
    os.close(nothing)
    if text:
        session_of(home).give_passphrase(Secret(text))


def _let_go(home: Home) -> None:
    """Closes the pipe: from now on what libraries print goes to the log."""
    sys.stderr.flush()
    try:
        log = os.open(home.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, file_mode(home.path))
    except OSError:
        log = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(log, 2)
    os.close(log)


if __name__ == "__main__":
    sys.exit(main())
