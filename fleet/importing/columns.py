"""Which column of a table holds what: by its heading, however it is written, or as the administrator says."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.importing.heading_words import word_of
from fleet.importing.request import ReadingOptions

# Headings without blanks and signs. Of several that fit, the first in a row holds the field; each column is used once.
HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": (
            *("name", "machine", "machinename", "computer", "computername", "server", "servername", "vm", "vmname"),
            *("inventoryhostname", "node", "nodename", "device", "devicename", "hostname", "host", "fqdn", "dnsname"),
        ),
        "address": (
            *("address", "ip", "ipaddress", "ipv4", "ipv4address", "ansiblehost", "primaryip", "privateip"),
            *("privateipaddress", "fqdn", "dnsname", "dnshostname", "hostname", "host", "ipv6", "ipv6address"),
            *("publicip", "publicipaddress"),
        ),
        "port": ("port", "sshport", "winrmport", "ansibleport"),
        "user": ("user", "username", "login", "loginname", "sshuser", "ansibleuser", "remoteuser", "winrmuser"),
        "key_file": ("keyfile", "identityfile", "sshkey", "privatekeyfile", "ansiblesshprivatekeyfile"),
        "proxy_jump": ("proxyjump", "jumphost", "jumphosts", "jump", "bastion", "bastionhost"),
        "transport": ("transport", "connection", "reachedby", "ansibleconnection"),
        "winrm_scheme": ("winrmscheme", "scheme", "ansiblewinrmscheme"),
        "winrm_kind": ("winrm", "winrmlogin", "winrmkind", "winrmtransport", "ansiblewinrmtransport"),
        "winrm_ca_file": ("cafile", "winrmcafile", "ansiblewinrmcatrustpath"),
        "winrm_proxy": ("winrmproxy", "httpproxy"),
        "become": ("become", "becomemethod", "sudo"),
        "os_type": ("ostype", "os", "operatingsystem", "osfamily", "platform", "system"),
        "profile": ("profile", "credentialprofile"),
        "enabled": ("enabled", "active", "managed"),
        "tags": ("tags", "labels"),
        "groups": ("group", "groups"),
    }
)
_TAG = re.compile(r"(?:tag|label)s?[:. _]\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """Indexes of columns: of fields, and of tags by their keys. ``unused`` are headings that mean nothing to us.

    ``more_addresses`` are columns that hold the address where the column of addresses is empty.
    """

    fields: Mapping[str, int]
    tags: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    unused: tuple[str, ...] = ()
    more_addresses: tuple[int, ...] = ()


def find_columns(headings: Sequence[str], options: ReadingOptions) -> Columns:
    """Which column holds what.

    Raises:
        BadInput: no column holds names, or a field or column that was asked for is not there.
    """
    fields = {name: _asked_column(name, column, headings) for name, column in options.columns}
    tags = _tag_columns(headings, options.tag_variables)
    taken = {*fields.values(), *tags.values()}
    by_word: dict[str, int] = {}
    for index, heading in enumerate(headings):
        if index not in taken:
            by_word.setdefault(word_of(heading), index)
    for name, words in HEADINGS.items():
        index_of_name = next((by_word[word] for word in words if word in by_word), None)
        if name not in fields and index_of_name is not None:
            fields[name] = index_of_name
            by_word = {word: index for word, index in by_word.items() if index != index_of_name}
    if "name" not in fields:
        raise BadInput(
            f"no column holds the names of machines; there are {_shown(headings)}. Say which: --map name=COLUMN, or by "
            "number where there is no heading: --map name=1."
        )
    more = tuple(by_word[word] for word in HEADINGS["address"] if word in by_word)
    taken |= {*fields.values(), *more}
    unused = tuple(heading for index, heading in enumerate(headings) if index not in taken and heading)
    return Columns(MappingProxyType(fields), MappingProxyType(tags), unused, more)


def find_heading(wanted: str, headings: Sequence[str]) -> int | None:
    """The index of the column that is called ``wanted``, whatever its blanks, signs, case and language."""
    if wanted in headings:
        return headings.index(wanted)
    word = word_of(wanted)
    return next((index for index, heading in enumerate(headings) if word and word_of(heading) == word), None)


def _asked_column(name: str, column: str, headings: Sequence[str]) -> int:
    if name not in HEADINGS:
        raise UnknownName("field", name, HEADINGS)
    index = find_heading(column, headings)
    if index is None and column.isascii() and column.isdecimal() and 0 < int(column[:6]) <= len(headings or (1,) * 999):
        return int(column) - 1
    if index is None:
        raise UnknownName("column", column, headings)
    return index


def _tag_columns(headings: Sequence[str], variables: Iterable[str]) -> dict[str, int]:
    tags = {match[1].strip(): index for index, text in enumerate(headings) if (match := _TAG.fullmatch(text))}
    for name in variables:
        index = find_heading(name, headings)
        if index is None:
            raise UnknownName("column", name, headings)
        tags[name] = index
    return tags


def _shown(headings: Sequence[str]) -> str:
    return ", ".join(repr(clean(heading, 40)) for heading in headings[:8]) or "none"
