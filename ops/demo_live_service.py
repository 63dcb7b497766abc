"""The service of the live demo, as ``python -m ops.demo_live_service HOME NOW``: for it, it is NOW as it begins.

It works in the foreground, says so by a line, and ends when its standard input does.
"""

import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from fleet.errors import PatchdeckError
from ops.home import open_home
from ops.logs import open_log


def main() -> int:
    """Works for the home that is the first argument."""
    from ops.service.running import run_service
    from ops.service.time_watch import Clocks

    began, now = time.monotonic(), datetime.fromisoformat(sys.argv[2])
    clocks = Clocks(wall=lambda: now + timedelta(seconds=time.monotonic() - began))
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        home = open_home(Path(sys.argv[1]), create=False)
        open_log(home.log_file)
        run_service(home, _say_ready, clocks=clocks)
    except PatchdeckError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _end_with_input() -> None:
    for _ in sys.stdin:
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _say_ready() -> None:
    sys.stdout.write("works\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
