"""Machines of OpenSSH's client configuration: every host that is called by a whole name, as ssh would reach it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.fields import parse_port
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedMachine, MachineList, Place
from fleet.importing.request import ReadingOptions
from fleet.importing.ssh_blocks import Block, read_blocks
from fleet.importing.ssh_patterns import expand, is_pattern

FORMAT = "ssh-config"
# What a machine cannot hold, and what becomes of it: Patchdeck reads your own configuration whenever it connects.
_ONLY_IN_CONFIGURATION = ("proxycommand", "certificatefile", "hostkeyalias")


def fits(path: str, sample: str) -> bool:
    """Whether it has lines of hosts, or is called as the configuration is."""
    has_hosts = re.search(r"^\s*(Host|Match)(\s*=\s*|\s+)[^\s,;|][^,;|]*$", sample, re.MULTILINE | re.IGNORECASE)
    is_table = path.casefold().endswith((".csv", ".tsv"))
    return (bool(has_hosts) and not is_table) or path.endswith(("/.ssh/config", "/ssh_config"))


def read(path: str, files: ListFiles, _options: ReadingOptions) -> MachineList:
    """The machines of the configuration at ``path``. Patterns stand for no machine; their settings hold as in ssh.

    Raises:
        BadInput: it cannot be read.
    """
    builder = ListBuilder(path, FORMAT)
    blocks = read_blocks(path, files, builder)
    index = _Index(blocks)
    seen: set[str] = set()
    for block in blocks:
        for condition in block.conditions:
            aliases = condition.words if condition.kind == "host" else ()
            for alias in aliases:
                if is_pattern(alias) or alias.casefold() in seen:
                    continue
                seen.add(alias.casefold())
                try:
                    builder.machines.append(_resolve(alias, condition.place, index.about(alias)))
                except BadInput as error:
                    builder.refuse(alias, condition.place, str(error))
    if not path.endswith("/.ssh/config"):
        builder.machines = [_with_jump_note(machine, seen) for machine in builder.machines]
    return builder.done()


class _Index:
    """Blocks by the hosts that they name whole: of thousands, few are about one host."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._general: list[tuple[int, Block]] = []
        self._by_alias: dict[str, list[tuple[int, Block]]] = {}
        for position, block in enumerate(blocks):
            whole = [each for each in block.conditions if each.kind == "host" and not any(map(is_pattern, each.words))]
            if not block.settings:
                continue
            if not whole:
                self._general.append((position, block))
            for alias in {word.casefold() for word in whole[0].words} if whole else ():
                self._by_alias.setdefault(alias, []).append((position, block))

    def about(self, alias: str) -> Sequence[Block]:
        """The blocks that may hold for ``alias``, in the order of the configuration."""
        found = [*self._general, *self._by_alias.get(alias.casefold(), ())]
        return [block for _, block in sorted(found, key=lambda each: each[0])]


def _resolve(alias: str, place: Place, blocks: Sequence[Block]) -> ListedMachine:
    """The machine as ssh would see it: of each setting, the first that holds."""
    said: dict[str, str] = {}
    keys: list[str] = []
    for block in blocks:
        host_name = said.get("hostname", alias)
        if not all(condition.holds(alias, host_name) for condition in block.conditions):
            continue
        for key, value, _ in block.settings:
            said.setdefault(key, value)
            if key == "identityfile":
                keys.append(value)
    notes: list[str] = []
    host = _expanded("HostName", said.get("hostname", ""), {"h": alias, "n": alias}, notes)
    tokens = {"h": host or alias, "n": alias, "p": said.get("port", "22"), "d": "~"}
    if "user" in said:
        tokens["r"] = said["user"]
    kept = [key for key in _ONLY_IN_CONFIGURATION if said.get(key, "none").casefold() != "none"]
    if kept:
        notes.append(
            f"{', '.join(kept)} is used where this is your own configuration; the alias is kept as the address"
        )
    jump = said.get("proxyjump", "none")
    return ListedMachine(
        name=alias,
        place=place,
        address=None if kept else host,
        port=parse_port(said["port"]) if "port" in said else None,
        user=said.get("user") or None,
        key_file=_key_file(keys, tokens, notes),
        proxy_jump=None if jump.casefold() == "none" else jump.replace("ssh://", ""),
        notes=tuple(notes),
    )


def _with_jump_note(machine: ListedMachine, aliases: Collection[str]) -> ListedMachine:
    """``machine``; where its jump host is only known by this configuration, which may not be yours, that is told."""
    hops = (hop.rpartition("@")[2].partition(":")[0] for hop in (machine.proxy_jump or "").split(","))
    named = [hop for hop in hops if hop.casefold() in aliases]
    if not named:
        return machine
    note = f"the jump host {named[0]} is a name of this file: it leads there where your ~/.ssh/config includes it"
    return replace(machine, notes=(*machine.notes, note))


def _key_file(keys: Sequence[str], tokens: dict[str, str], notes: list[str]) -> str | None:
    usable = [key for key in keys if key.casefold() != "none"]
    if len(usable) > 1:
        notes.append(f"of {len(usable)} identity files the first is kept")
    return _expanded("IdentityFile", usable[0], tokens, notes) if usable else None


def _expanded(name: str, text: str, tokens: dict[str, str], notes: list[str]) -> str | None:
    expanded = expand(text, tokens)
    if expanded is None:
        notes.append(f"{name} {clean(text, 60)} has a token that is not known here: left out")
    return expanded or None
