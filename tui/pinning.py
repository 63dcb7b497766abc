"""The instants that hold for the query screen: what now() means there, and from which state it is answered."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def pin_state(deck: "PatchdeckApp", text: str) -> None:
    """Answers from the state of the fleet at the time that ``text`` says; an empty one takes that back."""
    _pin(deck, text, is_state=True)


def pin_now(deck: "PatchdeckApp", text: str) -> None:
    """Takes the time that ``text`` says for now() in queries; an empty one takes that back."""
    _pin(deck, text, is_state=False)


def _pin(deck: "PatchdeckApp", text: str, *, is_state: bool) -> None:
    from ops.cli.query_run import parse_moment

    moment: datetime | None = parse_moment(text) if text else None

    async def show() -> None:
        from tui.screens.query import QueryScreen

        await deck.switch_mode("query")
        if isinstance(deck.screen, QueryScreen):
            if is_state:
                deck.screen.as_of = moment
            else:
                deck.screen.pinned_now = moment
            deck.screen.show_title()

    deck.run_worker(show, name="pin")  # type: ignore[arg-type]  # mypy takes it for its result
