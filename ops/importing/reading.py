"""Reading a list: in the format that was asked for, or that it is in; nothing of it is decided here."""

from dataclasses import replace

from fleet.errors import BadInput
from fleet.importing.fields import check_tag_variables
from fleet.importing.listed import MachineList
from fleet.importing.request import ImportRequest
from ops.importing.disk_files import DiskFiles
from ops.importing.key_files import locate_key_files

MOST_MACHINES = 100_000


def read_list(request: ImportRequest) -> MachineList:
    """What the list of ``request`` says.

    Raises:
        BadInput: it cannot be read, is in no known format, or names no machine at all.
    """
    from ops.importing.formats import detect_format, find_format

    check_tag_variables(request.options.tag_variables)
    files = DiskFiles(request.options.encoding)
    found = find_format(request.format) if request.format else detect_format(request.path, files)
    listed = found.read(request.path, files, request.options)
    count = len(listed.machines) + len(listed.refusals)
    if not count:
        why = "".join(f" {note}." for note in listed.notes[:3])
        raise BadInput(f"{request.path}: it names no machine ({listed.format}); nothing was changed.{why}")
    if count > MOST_MACHINES:
        raise BadInput(f"{request.path}: it names {count:,} machines, and at most {MOST_MACHINES:,} are taken at once.")
    return locate_key_files(replace(listed, groups=listed.groups if request.with_groups else ()))
