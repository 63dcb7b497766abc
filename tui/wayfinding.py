"""Where one can go in the app: from anywhere to a view, a machine, a query."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any  # Any: screens of every kind of answer, as Textual types them

from textual.screen import Screen

from fleet.errors import BadInput, PatchdeckError, UnknownName
from tui.key_order import KeyOrder
from tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from tui.fleet_view import FleetView


class Wayfinder(KeyOrder):
    """The ways of the app. `PatchdeckApp` adds what they need: the fleet, and its word."""

    fleet: "FleetView"

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Tells something that needs no answer."""
        raise NotImplementedError

    def on_prompt_handled(self, event: Prompt.Handled) -> None:
        """Hands over what was typed behind the enter of a prompt."""
        event.hand_over(True)

    def complain(self, error: PatchdeckError) -> None:
        """Tells an error."""
        self.say(str(error), is_error=True)

    def action_view(self, name: str) -> None:
        """Goes to a view, as it was left."""
        self.switch_mode(name)

    def show_machines(self, filter_text: str = "") -> None:
        """Goes to the machines."""
        self.view_filtered(self.DEFAULT_MODE, filter_text)

    def show_missing(self, filter_text: str = "") -> None:
        """Goes to the missing updates."""
        self.view_filtered("missing", filter_text)

    def show_query(self, sql: str = "", parameters: Mapping[str, object] | None = None) -> None:
        """Goes to the query, and asks ``sql`` where there is any."""

        def ask(screen: Screen[Any]) -> None:
            from tui.screens.query import QueryScreen

            if sql and isinstance(screen, QueryScreen):
                # Once it has its widgets: another screen may come over it before.
                screen.call_later(screen.ask_sql, sql, parameters)

        self.go_to("query", ask)

    def open_machine(self, machine_id: str) -> None:
        """Opens one machine over the screen in front."""
        from tui.screens.machine import MachineScreen

        if self.fleet.find(machine_id):
            self.push_screen(MachineScreen(machine_id))
        else:
            self.say("That machine is not enrolled any more.")

    def open_named(self, name: str) -> None:
        """Opens the machine called ``name``.

        Raises:
            BadInput, UnknownName: there is none.
        """
        if not name:
            raise BadInput("Name a machine; 1 shows which there are.")
        if (status := self.fleet.find_by_name(name)) is None:
            raise UnknownName("machine", name, [each.machine.name for each in self.fleet.statuses])
        self.open_machine(status.machine.id)

    def view_filtered(self, mode: str, filter_text: str) -> None:
        """Goes to the view ``mode``, with a filter where there is one."""

        def filter_it(screen: Screen[Any]) -> None:
            from tui.screens.table_screen import TableScreen

            if filter_text and isinstance(screen, TableScreen):
                screen.table.set_filter(filter_text)

        self.go_to(mode, filter_it)

    def go_to(self, mode: str, then: Callable[[Screen[Any]], None]) -> None:
        """Goes to the view ``mode`` and does ``then`` with the screen that is in front there; gets keys after that."""
        hand_over = self.keep_keys(even_escape=True)

        async def go() -> None:
            try:
                await self.switch_mode(mode)
                then(self.screen)
            finally:
                hand_over(True)

        self.run_worker(go, name="view")  # type: ignore[arg-type]  # mypy takes it for its result
