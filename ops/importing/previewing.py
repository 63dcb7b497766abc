"""What an import would do, before it does anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.preview import ImportPreview
from fleet.importing.request import ImportRequest
from ops.home import Home
from ops.importing.knowing import Judging, judge_list
from ops.importing.reading import read_list
from ops.state.audit import utc_now
from ops.state.database import opened


def preview_import(
    home: Home, request: ImportRequest, clock: Callable[[], datetime] = utc_now, *, keeps_removed: bool = False
) -> ImportPreview:
    """What taking over the list of ``request`` would do: new, changed, unchanged and refused machines, and groups.

    Nothing is written. ``keeps_removed``: machines that the list brought and somebody removed stay away, as when a
    list is followed. Blocking: 10,000 machines take about a second.

    Raises:
        BadInput: the list cannot be read, or names nothing; says where.
    """
    request = with_whole_path(request)
    listed = read_list(request)
    with opened(home.state_file) as connection:
        return judge_list(connection, listed, request, Judging(clock(), keeps_removed=keeps_removed))


def with_whole_path(request: ImportRequest) -> ImportRequest:
    """``request`` with the whole path of its list: whoever reads it again may be in another folder.

    Raises:
        BadInput: there is nothing of that path.
    """
    try:
        path = Path(request.path).expanduser().absolute()
        is_there = bool(request.path.strip()) and path.exists()
    except (RuntimeError, ValueError, OSError) as error:  # no such user's home, a NUL, a name that is too long
        raise BadInput(f"The path {clean(request.path, 200)!r} cannot be used: {clean(str(error), 100)}.") from error
    if not is_there:
        raise BadInput(f"There is no file or folder {clean(request.path, 200)!r}.")
    return replace(request, path=str(path))
