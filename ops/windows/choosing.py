"""Which machines an act on Windows means: those that are asked in PowerShell, and what is said of the others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.name_lists import some_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """The machines that are meant, and what is said of those that are left out."""

    machines: tuple[Machine, ...]
    said: tuple[str, ...] = ()


def choose_windows(machines: Sequence[Machine], targets: Collection[str], deed: str) -> Chosen:
    """Those of ``machines`` that are Windows. ``deed`` says what is asked of them, as in "windows configure".

    Raises:
        BadInput: one that a target names by itself is none, or none is left.
    """
    others = [machine for machine in machines if not machine.speaks_powershell]
    folded = {target.casefold() for target in targets}
    named = [machine.name for machine in others if machine.name.casefold() in folded]
    if named:
        are = "is not a Windows machine" if len(named) == 1 else "are not Windows machines"
        raise BadInput(
            f"{some_of(named)} {are}: {deed} is for those that are enrolled with --transport winrm, or by SSH with "
            "--os Windows. Nothing was changed."
        )
    chosen = tuple(machine for machine in machines if machine.speaks_powershell)
    if not chosen:
        raise BadInput(f"None of the machines is a Windows machine: {deed} is for those alone. Nothing was changed.")
    said = (f"Left out: {some_of([m.name for m in others])}, not Windows.",) if others else ()
    return Chosen(chosen, said)
