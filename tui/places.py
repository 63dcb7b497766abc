"""The ways to deployments, runs, groups, known machines and alerts: for commands and keys of several screens."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any  # Any: screens of every kind of answer, as Textual types them

from fleet.errors import BadInput
from tui.background import in_thread

if TYPE_CHECKING:
    from textual.screen import Screen

    from fleet.deployments.runs import Run
    from fleet.groups.group import Group
    from ops.state.deployments import StoredDeployment
    from query.library import SavedQuery
    from tui.app import PatchdeckApp


def show_deployments(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the deployments."""
    deck.view_filtered("deployments", filter_text)


def show_calendar(deck: "PatchdeckApp") -> None:
    """Shows when everything starts next, over the screen in front."""
    from tui.screens.calendar import CalendarScreen

    deck.push_screen(CalendarScreen())


def show_runs(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the runs of all deployments."""
    deck.view_filtered("runs", filter_text)


def show_known(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the machines that are known, enrolled or not."""
    deck.view_filtered("known", filter_text)


def show_sources(deck: "PatchdeckApp") -> None:
    """Shows the lists that machines came from, over the screen in front."""
    from tui.screens.sources import SourcesScreen

    deck.push_screen(SourcesScreen())


def show_groups(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the groups."""
    deck.view_filtered("groups", filter_text)


def show_alerts(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the alerts."""
    deck.view_filtered("alerts", filter_text)


def show_audit(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the audit."""
    deck.view_filtered("audit", filter_text)


def show_messages(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to what people were told."""
    deck.view_filtered("messages", filter_text)


def show_settings(deck: "PatchdeckApp", filter_text: str = "") -> None:
    """Goes to the settings."""
    deck.view_filtered("settings", filter_text)


def ask_saved(deck: "PatchdeckApp", name: str = "") -> None:
    """Asks the predefined or saved query called ``name``, after its parameters; without a name, shows all."""
    from ops.questions import find_query

    def go(saved: "SavedQuery | None") -> None:
        def ask(screen: "Screen[Any]") -> None:
            from tui.screens.query import QueryScreen

            if isinstance(screen, QueryScreen):
                if saved is None:
                    screen.deeds.pick_query()
                else:
                    screen.deeds.take_query(saved, is_asked=True)

        deck.go_to("query", ask)

    if name:
        in_thread(
            deck, lambda: find_query(deck.home, name), go, deck.refusal(), what="looking for the query", opens=True
        )
    else:
        go(None)


def open_group(deck: "PatchdeckApp", name: str) -> None:
    """Opens the group called ``name``.

    Raises:
        BadInput: nothing is named.
    """
    from ops.groups import find_group
    from tui.screens.group import GroupScreen

    if not name:
        raise BadInput("Name a group; 7 shows which there are.")

    def show(group: "Group") -> None:
        deck.push_screen(GroupScreen(group.name))

    work = lambda: find_group(deck.home, name)  # noqa: E731  # one expression, used once
    in_thread(deck, work, show, deck.refusal(), what="looking for the group", opens=True)


def open_run(deck: "PatchdeckApp", text: str) -> None:
    """Opens the run that ``text`` means: its id, the beginning of it, or a deployment for its last run.

    Raises:
        BadInput: nothing is named.
    """
    from ops.deployments.history import find_run

    def show(run: "Run") -> None:
        push_run(deck, run.id)

    if not text:
        raise BadInput("Name a run, or a deployment for its last one; 5 shows which there are.")

    work = lambda: find_run(deck.home, text)  # noqa: E731  # one expression, used once
    in_thread(deck, work, show, deck.refusal(), what="looking for the run", opens=True)


def push_run(deck: "PatchdeckApp", run_id: str) -> None:
    """Opens the run with ``run_id`` over the screen in front."""
    from tui.run_feed import RunFeed
    from tui.screens.run import RunScreen

    deck.push_screen(RunScreen(RunFeed(deck.home, run_id)))


def run_named(deck: "PatchdeckApp", name: str) -> None:
    """Asks whether to run the deployment called ``name``.

    Raises:
        BadInput: nothing is named.
    """
    from tui.deployment_deeds import ask_to_run

    _with_named(deck, name, lambda stored: ask_to_run(deck, stored.deployment))


def preview_named(deck: "PatchdeckApp", name: str) -> None:
    """Shows what the deployment called ``name`` would do.

    Raises:
        BadInput: nothing is named.
    """

    def show(stored: "StoredDeployment") -> None:
        from tui.screens.preview import PreviewScreen

        deck.push_screen(PreviewScreen(stored.deployment))

    _with_named(deck, name, show)


def _with_named(deck: "PatchdeckApp", name: str, act: "Callable[[StoredDeployment], None]") -> None:
    from ops.deployments.definitions import find_deployment

    if not name:
        raise BadInput("Name a deployment; 4 shows which there are.")
    work = lambda: find_deployment(deck.home, name)  # noqa: E731  # one expression, used once
    in_thread(deck, work, act, deck.refusal(), what="looking for the deployment", opens=True)
