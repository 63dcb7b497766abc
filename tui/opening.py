"""Opening the app: what the console script calls."""

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from ops.config import Settings, load_settings
from ops.home import Home
from tui.beginning import begin
from tui.colour_names import settle_colours
from tui.garbage import unsearched
from tui.late_parts import complete, import_asyncio, import_textual

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


_SWITCH_SECONDS = 0.0005
_AFTER_FIRST_SCREEN_SECONDS = 1.0


def open_app(
    home: Home, *, title: str = "Patchdeck", clock: Callable[[], datetime] | None = None, is_ascii: bool = False
) -> int:
    """Opens the app over ``home`` and gives the exit code once it is left.

    ``clock`` stands for the present, for the demo; ``is_ascii`` is for terminals that show nothing else. It needs one.
    """
    with unsearched():
        app = app_over(home, title=title, clock=clock, is_ascii=is_ascii)
    import asyncio

    from tui.ending import run_until_told

    whole = threading.Timer(_AFTER_FIRST_SCREEN_SECONDS, complete)
    whole.daemon = True
    whole.start()
    try:
        return asyncio.run(run_until_told(app))
    finally:
        whole.cancel()


def app_over(
    home: Home, *, title: str = "Patchdeck", clock: Callable[[], datetime] | None = None, is_ascii: bool = False
) -> "PatchdeckApp":
    """The app over ``home``, as its settings want it; over settings that cannot be used it begins with these."""
    try:
        settings, is_broken = load_settings(home), False
    except BadInput:  # until it is mended, whatever asks for a setting is refused with the reason
        settings, is_broken = Settings(), True
    beginning = begin(home, clock or utc_now)
    settle_colours(os.environ)
    import_asyncio()
    import_textual()
    from tui.app import PatchdeckApp

    app = PatchdeckApp(home, clock=clock or utc_now, title=title, theme=settings.app_theme or "")
    app.beginning = beginning
    # A thread that computes hands over to the screen ten times as often as usual: a key waits no longer than that.
    sys.setswitchinterval(_SWITCH_SECONDS)
    app.is_demo = clock is not None
    app.is_ascii = is_ascii or settings.app_ascii
    app.home_sign = (settings.app_name or "", settings.app_colour or "")
    if is_broken:
        app.begins_with = "settings"
        app.config.mistrust()
        return app
    app.begins_with = "" if settings.app_start == "machines" else settings.app_start
    app.config.take(settings)
    app.take_own_keys()
    return app


def utc_now() -> datetime:
    """The present, aware and in UTC."""
    return datetime.now(UTC)
