"""Which value of a variable holds for a host: Ansible's order of groups, files and hosts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.errors import BadInput
from fleet.importing.ansible_inventory import ALL, UNGROUPED, Inventory, InventoryHost, Value, ValueKind, Variables
from fleet.importing.ansible_yaml import VAULT_HEADER, read_variables
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, Place

_ENDINGS = (".yml", ".yaml", ".json", "")
_TEMPLATE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Known:
    """Variables, with notes about those that are encrypted; ``is_partial``: there are some."""

    values: Variables
    notes: tuple[str, ...] = ()
    is_partial: bool = False


class HostVariables:
    """The variables of hosts. Files of ``group_vars`` and ``host_vars`` in ``folder`` are read when first asked for.

    What is encrypted is noted in ``builder``, and passed over.
    """

    def __init__(self, inventory: Inventory, folder: str, files: ListFiles, builder: ListBuilder) -> None:
        self._inventory = inventory
        self._files = files
        self._builder = builder
        self._group_files = self._files_by_name(f"{folder}/group_vars")
        self._host_files = self._files_by_name(f"{folder}/host_vars")
        self._parents = _parents(inventory)
        self._of_groups: dict[tuple[str, ...], Known] = {}
        self._in_files: dict[str, Known] = {}
        self._broken: dict[str, str] = {}

    def of(self, host: InventoryHost) -> "Known":
        """All variables of ``host``, as far as they can be read.

        Raises:
            BadInput: a file of it or of its groups is no file of variables.
        """
        own = self._read(self._host_files.get(host.name, ()))
        groups = self._groups_of(host)
        if groups not in self._of_groups:
            self._of_groups[groups] = self._merged(groups)
        merged = self._of_groups[groups]
        values = {**merged.values, **host.variables, **own.values}
        return Known(values, own.notes, is_partial=own.is_partial or merged.is_partial)

    def _merged(self, groups: Sequence[str]) -> "Known":
        known = self._inventory.groups
        merged: dict[str, Value] = {}
        for name in groups:
            merged |= known[name].variables if name in known else {}
        for name in groups:
            merged |= self._of_file(name).values
        return Known(merged, is_partial=any(self._of_file(name).is_partial for name in groups))

    def _of_file(self, group: str) -> "Known":
        if group not in self._in_files:
            self._in_files[group] = self._read(self._group_files.get(group, ()))
        return self._in_files[group]

    def _groups_of(self, host: InventoryHost) -> tuple[str, ...]:
        """All groups that the host is in, those whose variables prevail last."""
        found: dict[str, int] = {}
        waiting = [(name, 0) for name in host.groups] or [(UNGROUPED, 0)]
        while waiting:
            name, _ = waiting.pop()
            if name not in found:
                found[name] = 0
                waiting += [(parent, 0) for parent in self._parents.get(name, ())]
        found.pop(ALL, None)
        order = sorted(found, key=lambda name: (self._depth(name), self._priority(name), name))
        return (ALL, *order)

    def _depth(self, group: str) -> int:
        """How deep a group is inside others; those of a circle count once."""
        depth, level, seen = 0, {group}, {group}
        while level:
            level = {parent for name in level for parent in self._parents.get(name, ())} - seen - {ALL}
            seen |= level
            depth += 1
        return depth

    def _priority(self, group: str) -> int:
        known = self._inventory.groups.get(group)
        said = {**(known.variables if known else {}), **self._of_file(group).values}.get("ansible_group_priority")
        return int(said.text) if said and re.fullmatch(r"-?[0-9]{1,6}", said.text) else 1

    def _read(self, paths: Sequence[str]) -> "Known":
        merged: dict[str, Value] = {}
        notes: list[str] = []
        for path in paths:
            if path in self._broken:
                raise BadInput(self._broken[path])
            try:
                text = self._files.read(path)
                if text.startswith(VAULT_HEADER):
                    self._builder.note(Place(path, 1), "it is encrypted with a vault: not read")
                    notes.append(f"{path} is encrypted with a vault: not read")
                else:
                    merged |= read_variables(path, text)
            except BadInput as error:
                self._broken[path] = f"its variables cannot be read: {error}"
                raise BadInput(self._broken[path]) from error
        return Known(merged, tuple(notes), is_partial=bool(notes))

    def _files_by_name(self, folder: str) -> Mapping[str, Sequence[str]]:
        """The files of each group or host: ``NAME``, ``NAME.yml``, or all below the folder ``NAME``."""
        by_name: dict[str, list[str]] = {}
        if not self._files.is_folder(folder):
            return by_name
        for path in self._files.files_below(folder):
            first, slash, rest = path.removeprefix(f"{folder}/").partition("/")
            if any(part.startswith(".") or part.endswith("~") for part in (first, *rest.split("/"))):
                continue
            if slash:
                if path.endswith((".yml", ".yaml", ".json")) or "." not in rest.rpartition("/")[2]:
                    by_name.setdefault(first, []).append(path)
                continue
            for ending in _ENDINGS:
                if first.endswith(ending):
                    by_name.setdefault(first.removesuffix(ending), []).append(path)
                    break
        return by_name


def text_of(name: str, variables: Variables, host: InventoryHost) -> str | None:
    """The text of the variable ``name``, None where it is not set. Plain ``{{ other }}`` in it is replaced.

    Raises:
        BadInput: it is encrypted, no text, or a template that only Ansible can evaluate.
    """
    value = variables.get(name)
    if value is None:
        return None
    if value.kind is not ValueKind.TEXT:
        what = "encrypted with a vault" if value.kind is ValueKind.VAULT else "no text"
        raise BadInput(f"{name} is {what} ({value.place})")
    own = {"inventory_hostname": host.name, "inventory_hostname_short": host.name.partition(".")[0]}
    text = value.text
    for _ in range(_MOST_STEPS):
        if "{{" not in text and "{%" not in text:
            return text or None
        text = _TEMPLATE.sub(lambda match: _replacement(match, variables, own), text)
        if "{%" in text or not _TEMPLATE.search(text):
            break
    if "{{" not in text and "{%" not in text:
        return text or None
    raise BadInput(f"{name} is a template that only Ansible can evaluate: {value.text[:80]} ({value.place})")


def _replacement(match: re.Match[str], variables: Variables, own: Mapping[str, str]) -> str:
    if match[1] in own:
        return own[match[1]]
    value = variables.get(match[1])
    return value.text if value and value.kind is ValueKind.TEXT else "{{%"  # not known: what is left says so


def _parents(inventory: Inventory) -> Mapping[str, Sequence[str]]:
    parents: dict[str, list[str]] = {}
    for group in inventory.groups.values():
        for child in group.children:
            parents.setdefault(child, []).append(group.name)
    return parents
