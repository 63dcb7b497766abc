"""Machines of an Ansible inventory: a file in INI, YAML or JSON, or a folder of such files. Its groups become groups.

Patchdeck runs no program and no plugin for it: what only Ansible can make is told, with the way to import it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from fleet.errors import BadInput
from fleet.importing.ansible_ini import read_ini
from fleet.importing.ansible_inventory import ALL, UNGROUPED, Inventory
from fleet.importing.ansible_machine import machine_of
from fleet.importing.ansible_variables import HostVariables
from fleet.importing.ansible_yaml import VAULT_HEADER, read_yaml
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedGroup, MachineList, Place
from fleet.importing.request import ReadingOptions

FORMAT = "ansible"
_YAML_ENDINGS = (".yml", ".yaml", ".json")
# As Ansible passes over them in a folder: INVENTORY_IGNORE_EXTS.
_PASSED_OVER = (
    ".pyc",
    ".pyo",
    ".swp",
    ".bak",
    "~",
    ".rpm",
    ".md",
    ".txt",
    ".rst",
    ".orig",
    ".cfg",
    ".retry",
    ".py",
    ".sh",
)
_OF_VARIABLES = ("group_vars", "host_vars", "vars_plugins")
_HOST_LINE = re.compile(r"[^\s=,;|]+(\s+[A-Za-z_]\w*=\S.*)?\s*(#.*)?")
_SECTION = re.compile(r"^\[[^\]\s]+\]\s*([#;].*)?$", re.MULTILINE)
_PLUGIN = re.compile(r"^plugin\s*:", re.MULTILINE)
_YAML_GROUP = re.compile(r"^[\s{\"]*(hosts|children|_meta|plugin)\"?\s*:", re.MULTILINE)


def fits(path: str, sample: str) -> bool:
    """Whether it is a folder, or has groups, or connection variables, or nothing but a name a line."""
    if not sample:
        return True
    if path.casefold().endswith(_YAML_ENDINGS) or sample.startswith(VAULT_HEADER) or _YAML_GROUP.search(sample):
        return True
    if re.search(r"^\s*(Host|Match|Include)\s", sample, re.MULTILINE) or path.casefold().endswith((".csv", ".tsv")):
        return False
    if _SECTION.search(sample) or "ansible_" in sample:
        return True
    lines = [line.strip() for line in sample.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]
    return bool(lines) and all(_HOST_LINE.fullmatch(line) for line in lines)


def read(path: str, files: ListFiles, options: ReadingOptions) -> MachineList:
    """The machines of the inventory at ``path``.

    Raises:
        BadInput: it cannot be read, is encrypted, or is made by a program.
    """
    builder, inventory = ListBuilder(path, FORMAT), Inventory()
    is_folder = files.is_folder(path)
    for file in _files_of(path, files, builder) if is_folder else [path]:
        _read_file(file, files, inventory, builder, is_one_of_many=is_folder)
    folder = path.rstrip("/") if is_folder else path.rpartition("/")[0] or "."
    variables = HostVariables(inventory, folder, files, builder)
    names: dict[str, str] = {}
    for host in inventory.hosts.values():
        notes: tuple[str, ...] = ()
        try:
            known = variables.of(host)
            notes = known.notes
            machine = machine_of(host, known.values, options.tag_variables)
        except BadInput as error:
            builder.refuse(host.name, host.place, "; ".join((str(error), *notes)))
            continue
        names[host.name] = machine.name
        is_partial = machine.is_partial or known.is_partial
        builder.machines.append(replace(machine, notes=(*machine.notes, *notes), is_partial=is_partial))
    builder.add_groups(_groups(inventory, names))
    return builder.done()


def _files_of(folder: str, files: ListFiles, builder: ListBuilder) -> Iterator[str]:
    """The inventories in ``folder`` and below, in Ansible's order. Variables lie only right in ``folder``."""
    below = folder.rstrip("/") + "/"
    noted: set[str] = set()
    for parts in sorted(path.removeprefix(below).split("/") for path in files.files_below(folder)):
        inner = next((at for at, part in enumerate(parts) if part in _OF_VARIABLES), None)
        if inner is None and not any(part.startswith(".") or part.casefold().endswith(_PASSED_OVER) for part in parts):
            yield below + "/".join(parts)
        elif inner and (place := below + "/".join(parts[: inner + 1])) not in noted:
            noted.add(place)
            builder.note(Place(place), "not read, as Ansible reads variables only right in the folder that is named")


def _read_file(
    path: str, files: ListFiles, inventory: Inventory, builder: ListBuilder, *, is_one_of_many: bool
) -> None:
    text = files.read(path)
    problem = ""
    if text.startswith(VAULT_HEADER):
        problem = "it is encrypted with a vault: decrypt it, or import what ansible-inventory --list prints"
    elif text.startswith("#!"):
        problem = "it is a program, and Patchdeck runs none: import what ansible-inventory --list prints"
    elif is_one_of_many and _PLUGIN.search(text):
        problem = "a plugin makes it, and Patchdeck runs none: import what ansible-inventory --list prints"
    if problem and not is_one_of_many:
        raise BadInput(f"{path}:1: {problem}.")
    if problem:
        builder.note(Place(path, 1), problem)
    elif path.casefold().endswith(_YAML_ENDINGS) or _is_yaml(text):
        read_yaml(path, text, inventory, builder)
    else:
        read_ini(path, text, inventory, builder)


def _is_yaml(text: str) -> bool:
    return text.lstrip().startswith(("---", "{")) or (
        _YAML_GROUP.search(text) is not None and not _SECTION.search(text)
    )


def _groups(inventory: Inventory, names: dict[str, str]) -> Iterator[ListedGroup]:
    members: dict[str, list[str]] = {}
    for host in inventory.hosts.values():
        for name in host.groups:
            if host.name in names:
                members.setdefault(name, []).append(names[host.name])
    for group in inventory.groups.values():
        if group.name not in (ALL, UNGROUPED):
            children = tuple(child for child in group.children if child not in (ALL, UNGROUPED))
            yield ListedGroup(group.name, group.place, tuple(members.get(group.name, ())), children)
