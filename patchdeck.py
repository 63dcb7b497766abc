"""The console script: verbs go to the command line; the screens are imported only when they are opened."""

import sys

from ops.cli import AppRequest
from ops.cli import main as run_command_line


def main() -> int:
    """Runs `patchdeck` and gives its exit code."""
    return run_command_line(_open_app)


def _open_app(request: AppRequest) -> int:
    from tui.opening import open_app

    now = request.now
    return open_app(request.home, title=request.title, clock=(lambda: now) if now else None)


if __name__ == "__main__":
    sys.exit(main())
