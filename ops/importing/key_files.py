"""Key files that a list names: found on this machine, or left out and told."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from fleet.importing.listed import ListedMachine, MachineList


def locate_key_files(listed: MachineList) -> MachineList:
    """``listed`` with the whole paths of key files. One that is not here is left out: logging in would fail for it."""
    folder = Path(listed.file).expanduser().absolute()
    folder = folder if folder.is_dir() else folder.parent

    @lru_cache(maxsize=10_000)
    def locate(text: str) -> str | None:
        try:
            path = folder / Path(text).expanduser()
            return str(path) if path.is_file() else None
        except (RuntimeError, ValueError, OSError):
            return None

    def located(machine: ListedMachine) -> ListedMachine:
        if machine.key_file is None:
            return machine
        path = locate(machine.key_file)
        notes = machine.notes if path else (*machine.notes, f"there is no key file {machine.key_file} here: left out")
        return replace(machine, key_file=path, notes=notes)

    return replace(listed, machines=tuple(map(located, listed.machines)))
