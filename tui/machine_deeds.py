"""What the app does with machines as they are enrolled: add, edit, enable. Each is a function of ops, in a thread."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from fleet.errors import BadInput, PatchdeckError, UnknownName
from ops.cli.values import count_of
from tui.background import in_thread
from tui.conflicts import or_conflict

if TYPE_CHECKING:
    from fleet.machines import Machine
    from ops.enrolment import Definition, Edit
    from tui.app import PatchdeckApp
    from tui.machine_words import MachineWords


def add(deck: "PatchdeckApp", begun: "Definition | None" = None, reason: str = "") -> None:
    """Asks for a machine, enrols it and assesses it; one that was refused is asked for again."""

    def answered(definition: "Definition | None") -> None:
        if definition is not None:
            deck.deeds.enrol(definition, lambda error: add(deck, definition, str(error)))

    _ask(deck, begun, None, reason, answered)


def edit(deck: "PatchdeckApp", machine: "Machine", begun: "Definition | None" = None, reason: str = "") -> None:
    """Asks how ``machine`` is reached and called, and keeps what was changed."""
    from ops.enrolment import Definition, edit_machine

    before = Definition(**{each.name: getattr(machine, each.name) for each in fields(Definition)})

    def answered(after: Definition | None) -> None:
        if after is None:
            return

        def put(wanted: Definition, known: Definition) -> None:
            work = lambda: edit_machine(deck.home, machine.name, lambda _: wanted, seen=known)  # noqa: E731
            failed = or_conflict(deck, refused, put)
            in_thread(deck, work, lambda done: _tell_edit(deck, done), failed, what="editing the machine")

        refused = lambda error: edit(deck, machine, after, str(error))  # noqa: E731  # one expression
        put(after, before)

    _ask(deck, begun or before, machine, reason, answered)


def edit_named(deck: "PatchdeckApp", name: str) -> None:
    """Asks how the machine called ``name`` is reached.

    Raises:
        BadInput: none is named.
        UnknownName: there is none.
    """
    if not name:
        raise BadInput("Name a machine; 1 shows which there are.")
    status = deck.fleet.find_by_name(name)
    if status is None:
        raise UnknownName("machine", name, [each.machine.name for each in deck.fleet.statuses])
    edit(deck, status.machine)


def switch(deck: "PatchdeckApp", machines: "Sequence[Machine]") -> None:
    """Disables ``machines`` where all are enabled, else enables them; asks first where they are several."""
    from tui.screens.confirm import Confirm

    wanted = not all(machine.enabled for machine in machines)
    chosen = [machine for machine in machines if machine.enabled is not wanted]
    verb = "enable" if wanted else "disable"
    effect = "They are assessed and patched again." if wanted else "They stay enrolled, and are left alone."
    if len(chosen) <= 1:
        _switch(deck, chosen, enabled=wanted)
        return

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            _switch(deck, chosen, enabled=wanted)

    question = f"{verb.capitalize()} {count_of(len(chosen), 'machine')}?"
    deck.push_screen(Confirm(question, effect, yes=f"{verb} them"), answered)


def _switch(deck: "PatchdeckApp", machines: "Sequence[Machine]", *, enabled: bool) -> None:
    from ops.enrolment import enable_machines

    def work() -> None:
        enable_machines(deck.home, [machine.name for machine in machines], enabled=enabled)

    def done(_: None) -> None:
        what = machines[0].name if len(machines) == 1 else count_of(len(machines), "machine")
        deck.say(f"{what}: {'enabled' if enabled else 'disabled'} now.")
        deck.reload()

    in_thread(deck, work, done, deck.complain, what="switching machines")


def _tell_edit(deck: "PatchdeckApp", done: "Edit") -> None:
    from ops.enrolment import differences

    changed = differences(done.before, done.after)
    deck.say(
        f"{done.after.name}: changed {', '.join(changed)}." if changed else f"{done.after.name}: nothing to change."
    )
    deck.reload()


def _ask(
    deck: "PatchdeckApp",
    begun: "Definition | None",
    machine: "Machine | None",
    reason: str,
    answered: "Callable[[Definition | None], None]",
) -> None:
    from tui.machine_words import read_words
    from tui.screens.machine_form import MachineForm

    statuses = deck.fleet.statuses

    def show(words: "MachineWords") -> None:
        deck.push_screen(MachineForm(deck, words, begun, machine=machine, reason=reason), answered)

    def failed(error: PatchdeckError) -> None:
        deck.complain(error)

    in_thread(deck, lambda: read_words(deck.home, statuses), show, failed, what="reading tags and profiles", opens=True)
