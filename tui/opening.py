"""Opening the app: what the console script calls."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from ops.config import load_settings
from ops.home import Home


def open_app(home: Home, *, title: str = "Patchdeck", clock: Callable[[], datetime] | None = None) -> int:
    """Opens the app over ``home`` and gives the exit code once it is left.

    ``clock`` stands for the present, for the demo. Needs a terminal.

    Raises:
        BadInput: the settings of the home cannot be used.
    """
    theme = load_settings(home).app_theme or ""
    from tui.app import PatchdeckApp
    from tui.ending import run_until_told

    app = PatchdeckApp(home, clock=clock or utc_now, title=title, theme=theme)
    return asyncio.run(run_until_told(app))


def utc_now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)
