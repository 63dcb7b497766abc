"""Asking for the secrets that somebody has to type before machines are logged in to: once in the life of the app."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from tui.background import in_thread

if TYPE_CHECKING:
    from collectors.secrets import Secret
    from fleet.machines import Machine
    from ops.credentials.finding import HomeSecrets, Wanted
    from tui.app import PatchdeckApp


def with_secrets(
    deck: "PatchdeckApp", machines: "Sequence[Machine]", go_on: Callable[[], None], *, by_service: bool = False
) -> None:
    """Asks for what ``machines`` want typed, then does ``go_on``; escape goes on without, and their failures tell.

    ``by_service``: in a shared home that is another's its service does it, with what that has, and nothing is asked.
    """
    if by_service and deck.standing.is_served:
        go_on()
        return
    from ops.credentials.finding import HomeSecrets

    def found(answer: "tuple[HomeSecrets, list[Wanted]]") -> None:
        secrets, wanted = answer
        _ask(deck, secrets, wanted, go_on)

    def look() -> "tuple[HomeSecrets, list[Wanted]]":
        secrets = HomeSecrets(deck.home)
        return secrets, secrets.wanted(machines)

    def failed(error: PatchdeckError) -> None:
        deck.complain(error)
        go_on()

    in_thread(deck, look, found, failed, what="looking for what has to be typed")


def _ask(
    deck: "PatchdeckApp",
    secrets: "HomeSecrets",
    wanted: "Sequence[Wanted]",
    go_on: Callable[[], None],
    reason: str = "",
) -> None:
    from tui.screens.secret_form import SecretForm

    if not wanted:
        go_on()
        return
    first, *rest = wanted

    def answered(secret: "Secret | None") -> None:
        if secret is None:
            _ask(deck, secrets, rest, go_on)
            return
        again = lambda error: _ask(deck, secrets, wanted, go_on, str(error))  # noqa: E731  # one expression, used once
        given = lambda _: _ask(deck, secrets, rest, go_on)  # noqa: E731  # one expression, used once
        in_thread(deck, lambda: secrets.give(first, secret), given, again, what="unlocking")

    meaning = reason or "It is kept until the app ends, and written nowhere; esc goes on without it."
    deck.push_screen(SecretForm(first.prompt.rstrip(": "), meaning, repeats=False), answered)
