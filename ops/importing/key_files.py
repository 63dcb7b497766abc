"""Files that a list names, keys and authorities: found on this machine, or left out and told."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from fleet.importing.listed import ListedMachine, MachineList


def locate_key_files(listed: MachineList) -> MachineList:
    """``listed`` with the whole paths of its files. One that is not here is left out: logging in would fail for it."""
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
        key, authorities = machine.key_file, machine.winrm_ca_file
        if key is None and authorities is None:
            return machine
        paths = (key and locate(key), authorities and locate(authorities))
        notes = [
            f"there is no {kind} {text} here: left out"
            for kind, text, path in zip(("key file", "file of authorities"), (key, authorities), paths, strict=True)
            if text and not path
        ]
        return replace(
            machine, key_file=paths[0] or None, winrm_ca_file=paths[1] or None, notes=(*machine.notes, *notes)
        )

    return replace(listed, machines=tuple(map(located, listed.machines)))
