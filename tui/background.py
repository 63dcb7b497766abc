"""Work that would hold up the screen, done in a thread; its result or its one line of error comes back to the app."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from textual.app import App

from fleet.errors import PatchdeckError
from ops.logs import has_log, log_error
from tui.key_order import KeyOrder

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Result = TypeVar("Result")


class WorkBroke(PatchdeckError):
    """Something failed that nobody foresaw; the log has it whole."""


def in_thread(
    app: App[int],
    work: Callable[[], Result],
    done: Callable[[Result], None],
    failed: Callable[[PatchdeckError], None],
    *,
    what: str,
    opens: bool = False,
) -> None:
    """Runs ``work`` in a thread, then ``done`` with its result or ``failed`` with the error, both in the app.

    An app that ends meanwhile is told nothing: its screens lose their widgets. Where ``done`` opens a pane, ``opens``
    keeps what is typed ahead for that, and forgets it where none is opened: on the screen in front it would do
    something else.
    """
    hand_over = app.keep_keys() if opens and isinstance(app, KeyOrder) else lambda _: None
    below = app.screen_stack[-1:]

    def fail(error: PatchdeckError) -> None:
        if app.is_running:
            failed(error)

    async def run() -> None:
        is_there = False
        try:
            result = await asyncio.to_thread(work)
        except PatchdeckError as error:
            fail(error)
        # The edge of a task: what nobody foresaw is kept in the log and told in a line.
        except Exception as error:  # noqa: BLE001
            log_error("work of the app broke", error, what=what)
            details = " The log has the details." if has_log() else ""
            fail(WorkBroke(f"Patchdeck itself failed at {what}: {type(error).__name__}.{details}"))
        else:
            if app.is_running:
                done(result)
            is_there = app.screen_stack[-1:] != below
        finally:
            hand_over(is_there)

    app.run_worker(run, name=what)  # type: ignore[arg-type]  # mypy takes the function for its result


def read_at_instant(
    deck: "PatchdeckApp",
    work: Callable[[datetime | None], Result],
    done: Callable[[Result], None],
    failed: Callable[[PatchdeckError], None],
    *,
    what: str,
) -> None:
    """As `in_thread`, of ``work`` that reads the instant which the app shows, None for now; read again where the app
    shows another one by the time that it is read.
    """
    instant = deck.instant

    def deliver(then: Callable[[], None]) -> None:
        if deck.instant == instant:
            then()
        else:
            read_at_instant(deck, work, done, failed, what=what)

    in_thread(
        deck,
        lambda: work(instant),
        lambda result: deliver(lambda: done(result)),
        lambda error: deliver(lambda: failed(error)),
        what=what,
    )
