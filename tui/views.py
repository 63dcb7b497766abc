"""The views that the app switches between; each is made when it is first gone to."""

from collections.abc import Callable
from typing import Any  # screens of every kind of answer, as Textual types them

from textual.screen import Screen

from tui.screens.machines import MachinesScreen


def _missing_screen() -> Screen[Any]:
    from tui.screens.missing import MissingScreen

    return MissingScreen()


def _query_screen() -> Screen[Any]:
    from tui.screens.query import QueryScreen

    return QueryScreen()


def _deployments_screen() -> Screen[Any]:
    from tui.screens.deployments import DeploymentsScreen

    return DeploymentsScreen()


def _runs_screen() -> Screen[Any]:
    from tui.screens.runs import RunsScreen

    return RunsScreen()


VIEWS: dict[str, str | Callable[[], Screen[Any]]] = {
    # Textual's name for the mode it begins with; listed, so that one can come back to it.
    "_default": MachinesScreen,
    "missing": _missing_screen,
    "query": _query_screen,
    "deployments": _deployments_screen,
    "runs": _runs_screen,
}
