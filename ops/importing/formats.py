"""The formats of lists: each a reader in `fleet.importing`, found by name, else by what a file is called and holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleet.errors import BadInput, UnknownName
from fleet.importing import ansible_list, apt_dater, azure, csv_list, ssh_config
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import MachineList
from fleet.importing.request import ReadingOptions
from ops.importing import zone_file

# A list is known by its beginning.
_SAMPLE_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class ListFormat:
    """A format. ``fits`` says by a path and the beginning of the text (empty for a folder) whether a list is in it."""

    name: str
    meaning: str
    fits: Callable[[str, str], bool]
    read: Callable[[str, ListFiles, ReadingOptions], MachineList]


# The first that fits is it: those that are sure of theirs stand first.
FORMATS: Sequence[ListFormat] = (
    ListFormat("apt-dater", "apt-dater's hosts.conf or hosts.xml", apt_dater.fits, apt_dater.read),
    ListFormat(
        "azure", "machines as Update Management, Update Manager or the portal exports them", azure.fits, azure.read
    ),
    ListFormat("zone", "a DNS zone file", zone_file.fits, zone_file.read),
    ListFormat("ssh-config", "OpenSSH's client configuration", ssh_config.fits, ssh_config.read),
    ListFormat("ansible", "an Ansible inventory: INI, YAML, JSON, or a folder", ansible_list.fits, ansible_list.read),
    ListFormat("csv", "a table of text with a heading", csv_list.fits, csv_list.read),
)


def find_format(name: str) -> ListFormat:
    """The format called ``name``.

    Raises:
        UnknownName: there is none.
    """
    for each in FORMATS:
        if each.name == name:
            return each
    raise UnknownName("format of lists", name, [each.name for each in FORMATS])


def detect_format(path: str, files: ListFiles) -> ListFormat:
    """The format of the list at ``path``.

    Raises:
        BadInput: none fits, or it cannot be read.
    """
    sample = "" if files.is_folder(path) else files.read(path)[:_SAMPLE_CHARACTERS]
    for each in FORMATS:
        if each.fits(path, sample):
            return each
    raise BadInput(f"{path}: it is in no format that is known: give --format, {', '.join(f.name for f in FORMATS)}.")
