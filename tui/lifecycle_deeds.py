"""What the app does in a machine's life: reinstalled, retire, restore, forget. Each is done by ops, in a thread."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ops.cli.values import count_of
from tui.background import in_thread
from tui.screens.name_form import NameForm
from tui.screens.reason_form import Reason, ReasonForm

if TYPE_CHECKING:
    from fleet.candidates import Candidate
    from fleet.machines import Machine
    from fleet.retired import RetiredMachine
    from tui.app import PatchdeckApp


def ask_to_retire(deck: "PatchdeckApp", machines: "Sequence[Machine]") -> None:
    """Asks for the name, or the number of several, and a reason; then takes ``machines`` out of the fleet."""
    from ops.lifecycle import retire_machines

    names = [machine.name for machine in machines]
    word = names[0] if len(names) == 1 else str(len(names))
    what = names[0] if len(names) == 1 else count_of(len(names), "machine")
    effect = "Nothing touches or counts a retired machine; its name is free, its history stays. It can be restored."

    def answered(reason: Reason | None) -> None:
        if reason is not None:
            _do(deck, lambda: retire_machines(deck.home, names, reason.text), f"{what}: retired.")

    deck.push_screen(ReasonForm(f"Retire {what}", word, effect, takes="retires"), answered)


def ask_if_reinstalled(deck: "PatchdeckApp", machine: "Machine") -> None:
    """Asks whether ``machine`` has a new system; what was known of the old one is forgotten then, its history stays."""
    from ops.lifecycle import note_reinstalled
    from tui.screens.confirm import Confirm

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            done = f"{machine.name} counts as not assessed until it is asked again; K on its page accepts its new key."
            _do(deck, lambda: note_reinstalled(deck.home, machine.name), done)

    effect = "What was known is forgotten, its history stays. Its key is not touched."
    deck.push_screen(Confirm(f"Has {machine.name} a new system?", effect, yes="it was reinstalled"), answered)


def restore(deck: "PatchdeckApp", retired: "RetiredMachine") -> None:
    """Brings a retired machine back, with its history; where its name is taken, says how."""
    from ops.lifecycle import restore_machine

    machine = retired.machine
    _do(deck, lambda: restore_machine(deck.home, machine.id), f"{machine.name} is enrolled again, with its history.")


def ask_to_forget_retired(deck: "PatchdeckApp", retired: "RetiredMachine") -> None:
    """Asks for the name, then forgets a retired machine."""
    from ops.lifecycle import forget_retired

    machine = retired.machine
    effect = f"{machine.name} cannot be restored then. What the tables say of it stays."

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            _do(deck, lambda: forget_retired(deck.home, machine.id), f"{machine.name} is forgotten.")

    deck.push_screen(NameForm("Forget a retired machine", machine.name, effect, takes="forgets it"), answered)


def ask_to_forget_candidates(deck: "PatchdeckApp", candidates: "Sequence[Candidate]") -> None:
    """Asks for the name, or for how many they are, then forgets ``candidates``: found again, they are new."""
    from ops.candidates import forget_candidates

    what = count_of(len(candidates), "machine")
    name = candidates[0].name
    # Whoever introduced itself chose its name: one that nobody can type is asked for by the number.
    is_typable = len(candidates) == 1 and name.isascii() and name.isprintable() and name == name.strip()
    word = name if is_typable and name else str(len(candidates))

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            _do(deck, lambda: forget_candidates(deck.home, [each.id for each in candidates]), f"Forgot {what}.")

    effect = f"{what.capitalize()} that nobody enrolled: found again, or introduced again, they are new."
    deck.push_screen(NameForm("Forget what nobody enrolled", word, effect, takes="forgets it"), answered)


def _do(deck: "PatchdeckApp", work: Callable[[], object], line: str) -> None:
    def done(_: object) -> None:
        deck.say(line)
        deck.reload()
        deck.work.look()

    in_thread(deck, work, done, deck.complain, what="changing what is known")
