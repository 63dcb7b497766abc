"""Logging in to every machine of a profile: who lets us in, who does not, and why; nothing is changed there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.machines import Machine
from fleet.profiles import Profile
from tui.background import in_thread
from tui.proving import Proving
from tui.rows.proof_rows import PROOF_COLUMNS, proof_facts, proof_row, waiting_row
from tui.scanning import Mailbox
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.errors import PatchdeckError
    from ops.credentials.proving import Proof

# As with assessments: more often would only be bytes on the line.
DELIVERY_SECONDS = 0.1


class ProfileTestScreen(DetailedScreen):
    """What came of each of ``machines``, which ``profile`` holds for."""

    COLUMNS = PROOF_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "machine", tooltip="Look at the machine under the cursor"),
        Binding("x", "stop", "stop", tooltip="Log in to no further machine"),
        Binding("T", "test", "again", tooltip="Log in to all of them once more"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else stop and go back"),
    ]

    def __init__(self, profile: Profile, machines: Sequence[Machine]) -> None:
        super().__init__()
        self._profile = profile
        self._machines = machines
        self._proofs: dict[str, Proof] = {}
        self._proving: Proving | None = None
        self.crumb = f"Test {profile.name}"

    def on_mount(self) -> None:
        """Begins."""
        self.action_test()

    def on_unmount(self) -> None:
        """Ends what is being tried."""
        if self._proving is not None:
            self._proving.stop()

    def action_test(self) -> None:
        """Logs in to all of them, where that is not being done already."""
        if self._proving is not None:
            self.deck.say("The test is going on: x stops it.")
            return
        deck = self.deck
        proving = self._proving = Proving(deck.home, self._machines)
        self._proofs.clear()
        mailbox: Mailbox[Proof] = Mailbox(
            self._take, lambda deliver: deck.call_later(deck.set_timer, DELIVERY_SECONDS, deliver)
        )
        in_thread(deck, lambda: proving.run(mailbox.put), self._done, self._failed, what="testing the profile")
        self._show()

    def action_stop(self) -> None:
        """Logs in to no further machine."""
        if self._proving is None:
            self.deck.say("No test is going on.")
        else:
            self._proving.stop()

    def _take(self, proofs: "list[Proof]") -> None:
        self._proofs |= {proof.machine.id: proof for proof in proofs}
        if self.is_up:
            self.table.replace_rows(map(proof_row, proofs))
            self.show_title()
            self.show_detail()

    def _done(self, proofs: "list[Proof]") -> None:
        self._proving = None
        self._proofs = {proof.machine.id: proof for proof in proofs}
        self._show()

    def _failed(self, error: "PatchdeckError") -> None:
        self._proving = None
        self.deck.complain(error)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        proofs = self._proofs
        rows = [proof_row(proofs[each.id]) if each.id in proofs else waiting_row(each) for each in self._machines]
        self.table.set_rows(rows)
        self.show_notice()
        self.show_title()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """The profile, and that it is tested."""
        return f"Logging in by {self._profile.name}"

    def title_facts(self) -> list[Piece]:
        """How many let us in, and how many do not."""
        going_on = self._proving is not None
        return list(proof_facts(self._proofs.values(), len(self._machines), is_going_on=going_on))

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All that came of the machine in ``row``."""
        proof = self._proofs.get(row.key)
        if proof is None:
            return ((Piece("It is being logged in to, to run nothing but true.", Tone.DIM),),)
        said = (Piece(proof.text),) if proof.text else (Piece("It lets this profile in.", Tone.GOOD),)
        return [(Piece(row.cells[0], Tone.STRONG), *labelled("", proof.verdict.value)), said]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That nobody uses the profile."""
        return (
            (Piece("No enabled machine is logged in to with this profile.", Tone.STRONG),),
            (
                Piece(
                    "A machine names one in its form (e on the Machines screen), a group in its own (7, then e).",
                    Tone.DIM,
                ),
            ),
            (Piece("esc", Tone.KEY), Piece("  goes back")),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens the machine too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine under the cursor."""
        if row := self.table.cursor_row:
            self.deck.open_machine(row.key)
