"""The console script: verbs go to the command line; the screens are imported only when they are opened."""

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.cli import AppRequest

_MADE_BEFORE_SEARCH = 20_000  # Python's own 700 are for programs that make and drop little
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it; `ops.exit_codes` is not imported yet when it is needed


def main() -> int:
    """Runs `patchdeck` and gives its exit code."""
    # What is imported stays: looking for garbage in it again and again takes a tenth of a start.
    gc.set_threshold(_MADE_BEFORE_SEARCH, *gc.get_threshold()[1:])
    try:
        # Here and not above, so that Ctrl-C during the imports is no traceback.
        from ops.cli import main as run_command_line

        return run_command_line(_open_app, "tui.app_parent")
    except KeyboardInterrupt:
        return _INTERRUPTED


def _open_app(request: "AppRequest") -> int:
    from tui.opening import open_app

    return open_app(request.home, title=request.title, clock=request.clock, is_ascii=request.is_ascii)


if __name__ == "__main__":
    sys.exit(main())
