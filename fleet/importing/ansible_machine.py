"""From the variables of an Ansible host to a machine: what says how it is reached, and what was chosen as tags."""

import re
import shlex
from collections.abc import Iterator, Sequence

from fleet.errors import BadInput
from fleet.importing.ansible_inventory import InventoryHost, ValueKind, Variables
from fleet.importing.ansible_variables import text_of
from fleet.importing.ansible_winrm import ADDRESSES, PORTS, PSRP, USERS, WINRM, SaidOfWinrm, said_of_winrm
from fleet.importing.ansible_winrm import SECRETS as WINRM_SECRETS
from fleet.importing.fields import parse_port, usable_tags
from fleet.importing.listed import ListedMachine
from fleet.importing.words import parse_flag
from fleet.machines import Become, OSType, TransportKind

_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
_LOCAL = ("local", "ansible.builtin.local")
_ARGUMENTS = ("ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args")
_SECRETS = (
    *("ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_become_pass"),
    *("ansible_become_password", "ansible_sudo_pass", "ansible_ssh_private_key_passphrase"),
    *WINRM_SECRETS,
)


def machine_of(host: InventoryHost, variables: Variables, tag_variables: Sequence[str]) -> ListedMachine:
    """The machine that Ansible would reach as ``host``.

    Raises:
        BadInput: it is reached in a way that we do not have, or what says where it is cannot be read.
    """
    said = _Said(host, variables)
    connection = said.first("ansible_connection") or "ssh"
    transport, os_type = _connection(connection, said)
    is_winrm = transport is TransportKind.WINRM
    port_text = said.first("ansible_port", *(PORTS if is_winrm else ("ansible_ssh_port",)))
    port = parse_port(port_text) if port_text else None
    address = said.first("ansible_host", *(ADDRESSES if is_winrm else ("ansible_ssh_host",)))
    winrm = said_of_winrm(connection, port, said.optional_words) if is_winrm else SaidOfWinrm()
    said.notes += winrm.notes
    name = host.name
    if ":" in name:  # an IPv6 address: no name of ours has colons
        address, name = address or name, re.sub(r"[:%]+", "-", name).strip("-")
        said.notes.append(f"{host.name} is called {name} here")
    tags, tag_notes = usable_tags(_tags(said, tag_variables))
    if any(secret in variables for secret in _SECRETS):
        said.notes.append("passwords in inventories are not taken over")
    return ListedMachine(
        name=name,
        place=host.place,
        address=address,
        port=port,
        user=said.optional("ansible_user", *(USERS if is_winrm else ("ansible_ssh_user",))),
        key_file=None if is_winrm else said.optional("ansible_ssh_private_key_file", "ansible_private_key_file"),
        proxy_jump=None if is_winrm else _proxy_jump(said),
        transport=transport,
        become=None if os_type is OSType.WINDOWS else _become(said),
        os_type=os_type,
        winrm_scheme=winrm.scheme,
        winrm_kind=winrm.kind,
        winrm_ca_file=winrm.ca_file,
        winrm_proxy=winrm.proxy,
        tags=tags,
        notes=(*said.notes, *tag_notes),
        is_partial=said.is_partial,
    )


class _Said:
    """The texts of a host's variables, and notes about those that cannot be read and can be done without."""

    def __init__(self, host: InventoryHost, variables: Variables) -> None:
        self._host = host
        self._variables = variables
        self.notes: list[str] = []
        self.is_partial = False

    def first(self, *names: str) -> str | None:
        """The first of the variables that is set; BadInput where it cannot be read."""
        return next((text for name in names if (text := text_of(name, self._variables, self._host))), None)

    def optional(self, *names: str) -> str | None:
        """As `first`; what cannot be read is noted and left out."""
        try:
            return self.first(*names)
        except BadInput as error:
            self.notes.append(f"{error}: left out")
            self.is_partial = True
            return None

    def optional_words(self, name: str) -> str | None:
        """As `optional`; a short list of words is a text, too."""
        value = self._variables.get(name)
        if value is not None and value.kind is ValueKind.NESTED and value.text:
            return value.text
        return self.optional(name)


def _connection(connection: str, said: _Said) -> tuple[TransportKind | None, OSType | None]:
    if connection in _LOCAL:
        return TransportKind.LOCAL, None
    if connection in (*WINRM, *PSRP):
        return TransportKind.WINRM, OSType.WINDOWS
    if connection not in _SSH:
        raise BadInput(f"it is reached by {connection!r}, which is neither SSH nor WinRM")
    if said.optional("ansible_shell_type") in ("powershell", "cmd"):
        return TransportKind.SSH, OSType.WINDOWS
    return None, None


def _become(said: _Said) -> Become | None:
    text = said.optional("ansible_become", "ansible_sudo")
    if text is None:
        return None
    try:
        is_wanted = parse_flag(text)
    except BadInput as error:
        said.notes.append(f"ansible_become: {error}")
        return None
    method = said.optional("ansible_become_method") or "sudo"
    method = method.rpartition(".")[2]
    if not is_wanted:
        return Become.NONE
    if method not in ("sudo", "doas"):
        said.notes.append(f"root is gained by {method} there, which Patchdeck does not do: left out")
        return None
    return Become(method)


def _proxy_jump(said: _Said) -> str | None:
    """The jump host in arguments for ssh: ``-J``, ``-o ProxyJump=``, or a ProxyCommand that only forwards."""
    for name in _ARGUMENTS:
        text = said.optional(name)
        if not text:
            continue
        try:
            words = shlex.split(text)
        except ValueError:
            said.notes.append(f"{name} cannot be read: left out")
            continue
        for jump in _jumps(words, said.notes):
            return jump
    return None


def _jumps(words: Sequence[str], notes: list[str]) -> Iterator[str]:
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word == "-J" and following:
            yield following
        elif word.startswith("-J") and len(word) > 2:
            yield word[2:]
        option = following if word == "-o" else word[2:] if word.startswith("-o") else ""
        key, _, value = re.sub(r"\s*=\s*|\s+", "=", option, count=1).partition("=")
        if key.casefold() == "proxyjump" and value.casefold() != "none":
            yield value.replace("ssh://", "")
        elif key.casefold() == "proxycommand" and value.casefold() != "none":
            yield from _forwarding(value, notes)


def _forwarding(command: str, notes: list[str]) -> Iterator[str]:
    """The jump host of ``ssh -W %h:%p [-p port] [user@]host``."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words and words[0].rpartition("/")[2] == "ssh" and "-W" in words:
        port, user, hosts = "", "", []
        at = 1
        while at < len(words):
            if words[at] in ("-W", "-p", "-l", "-i", "-o", "-F"):
                port = words[at + 1] if words[at] == "-p" and at + 1 < len(words) else port
                user = f"{words[at + 1]}@" if words[at] == "-l" and at + 1 < len(words) else user
                at += 1
            elif not words[at].startswith("-"):
                hosts.append(words[at])
            at += 1
        if len(hosts) == 1:
            yield f"{user}{hosts[0]}{f':{port}' if port else ''}"
            return
    notes.append("a ProxyCommand is not taken over: only one that forwards by ssh -W is understood")


def _tags(said: _Said, tag_variables: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in tag_variables:
        text = said.optional(name)
        if text is not None:
            yield name, text
