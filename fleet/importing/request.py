"""What is to be imported and how: kept with a source that is followed, so that it is read again in the same way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a list is read.

    ``columns`` are pairs: our field and the list's column, its name or its number from 1. ``tag_variables`` are the
    list's columns or variables that become tags. ``encoding`` is that of the text; empty: UTF-8, or what its first
    bytes say. ``zone`` is the origin of a zone file that names none.
    """

    columns: tuple[tuple[str, str], ...] = ()
    tag_variables: tuple[str, ...] = ()
    encoding: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One list, and what of it is wanted.

    ``path`` is a file or folder. ``format`` empty: by name and content. ``source`` is what the list is called; empty:
    after its file. ``only`` and ``excluded`` are names with ``*`` and ``?``, in any case. ``overwrites`` says that the
    list prevails over what was changed by hand. ``with_groups`` False leaves its groups out.
    """

    path: str
    format: str = ""
    source: str = ""
    options: ReadingOptions = ReadingOptions()
    only: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    overwrites: bool = False
    with_groups: bool = True
