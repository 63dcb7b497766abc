"""The credential profiles: who logs in by what, where each secret is found, and which machines use it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from tui import profile_deeds
from tui.rows.profile_rows import PROFILE_COLUMNS, ProfileNow, describe_profile, profile_row
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class ProfilesScreen(ReadingScreen[dict[str, ProfileNow]]):
    """One row for each profile."""

    crumb = "Profiles"
    ROW_ACTIONS = ReadingScreen.ROW_ACTIONS | {"edit", "remove", "rotate", "set_secret", "test"}
    READS = "the profiles"
    COLUMNS = PROFILE_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,e", "edit", "edit", tooltip="Change how the profile under the cursor logs in"),
        Binding("n", "add", "new", tooltip="Define a profile; it holds no secret, only where each is found"),
        Binding("S", "set_secret", "set secret", tooltip="Put a secret where the profile finds it; typed without echo"),
        Binding("R", "rotate", "rotate", tooltip="Put a new secret in place once every machine has taken it"),
        Binding("T", "test", "test", tooltip="Log in to every machine with the profile, and change nothing there"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove it, unless something names it"),
    ]

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, ProfileNow]:
        """Every profile with what names it; blocking."""
        del statuses
        from ops.credentials.book import list_profiles, users_by_profile

        users = users_by_profile(self.deck.home)
        profiles = list_profiles(self.deck.home)
        return {each.name: ProfileNow(each, tuple(users.get(each.name.casefold(), ()))) for each in profiles}

    def rows_of(self, known: dict[str, ProfileNow]) -> Sequence[Row]:
        """A row for each profile."""
        return [profile_row(now) for now in known.values()]

    @property
    def _current(self) -> ProfileNow | None:
        row = self.table.cursor_row
        return (self.known or {}).get(row.key) if row else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the profile in ``row``."""
        now = (self.known or {}).get(row.key)
        return describe_profile(now) if now else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a profile is, and how to have one."""
        return (
            (Piece("No profile is defined yet.", Tone.STRONG),),
            (),
            (
                Piece(
                    "A profile says how to log in, by a name that machines and groups refer to: user, key, "
                    "password and where that is found. Without one: as with ssh, by keys and agent.",
                    Tone.DIM,
                ),
            ),
            (Piece("n", Tone.KEY), Piece("  define one")),
            (),
            (Piece("On the command line: patchdeck profiles add --help", Tone.DIM),),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click edits it too."""
        event.stop()
        self.action_edit()

    def action_edit(self) -> None:
        """Asks for its definition."""
        if now := self._current:
            profile_deeds.edit(self.deck, now.profile)

    def action_add(self) -> None:
        """Asks for a new one."""
        profile_deeds.add(self.deck)

    def action_set_secret(self) -> None:
        """Asks for a secret of the profile under the cursor."""
        if now := self._current:
            profile_deeds.ask_for_secret(self.deck, now.profile)

    def action_rotate(self) -> None:
        """Asks for a new secret, which takes the place of the old one once it has been proven."""
        if now := self._current:
            profile_deeds.ask_for_secret(self.deck, now.profile, rotates=True)

    def action_test(self) -> None:
        """Logs in to the machines with the profile under the cursor."""
        if now := self._current:
            profile_deeds.test(self.deck, now.profile)

    def action_remove(self) -> None:
        """Asks whether to remove it."""
        if now := self._current:
            profile_deeds.ask_to_remove(self.deck, now)
