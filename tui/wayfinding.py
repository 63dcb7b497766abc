"""Where one can go in the app: from anywhere to a view, a machine, a query."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
        event.give_back()

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

        async def show() -> None:
            from tui.screens.query import QueryScreen

            await self.switch_mode("query")
            if sql and isinstance(screen := self.screen, QueryScreen):
                # Once it has its widgets: another screen may come over it before.
                screen.call_later(screen.ask_sql, sql, parameters)

        self.run_worker(show, name="query")  # type: ignore[arg-type]  # mypy takes it for its result

    def open_machine(self, machine_id: str) -> None:
        """Opens one machine over the screen in front."""
        from tui.screens.machine import MachineScreen

        if self.fleet.find(machine_id):
            self.push_screen(MachineScreen(machine_id))
        else:
            self.say("That machine is not enrolled any more.")

    def open_named(self, name: str) -> None:
        """Opens the machine called ``name``."""
        if not name:
            self.complain(BadInput("Name a machine; 1 shows which there are."))
        elif status := self.fleet.find_by_name(name):
            self.open_machine(status.machine.id)
        else:
            self.complain(UnknownName("machine", name, [each.machine.name for each in self.fleet.statuses]))

    def view_filtered(self, mode: str, filter_text: str) -> None:
        """Goes to the view ``mode``, with a filter where there is one."""

        async def show() -> None:
            from tui.screens.table_screen import TableScreen

            await self.switch_mode(mode)
            if filter_text and isinstance(self.screen, TableScreen):
                self.screen.table.set_filter(filter_text)

        self.run_worker(show, name="view")  # type: ignore[arg-type]  # mypy takes it for its result
