"""os-release(5): which system a machine says it is."""

import shlex
from dataclasses import dataclass

from collectors.sections import Section
from collectors.shared_readings import shared
from fleet.hostile import clean_name

_READ = frozenset({"ID", "ID_LIKE", "NAME", "VERSION_ID", "PRETTY_NAME", "SUPPORT_END"})


@dataclass(frozen=True, slots=True)
class OsRelease:
    """A system's own names; None where it does not say. ``families`` is its ID and those it is like, lower case."""

    os_id: str | None = None
    name: str | None = None
    version: str | None = None
    full_name: str | None = None
    families: tuple[str, ...] = ()
    support_end: str | None = None


@shared
def parse_os_release(section: Section | None) -> OsRelease:
    """The names in ``/etc/os-release``; nothing at all where the file is missing.

    Other assignments and comments are left out; `collectors.line_shapes` knows what else is none.
    """
    if section is None:
        return OsRelease()
    values = dict(_assignment(line) for _, line in section.lines() if _is_read(line))
    os_id = values.get("ID")
    families = [family for family in (os_id, *values.get("ID_LIKE", "").split()) if family]
    return OsRelease(
        os_id=os_id,
        name=values.get("NAME"),
        version=values.get("VERSION_ID"),
        full_name=values.get("PRETTY_NAME"),
        families=tuple(dict.fromkeys(family.lower() for family in families)),
        support_end=values.get("SUPPORT_END"),
    )


def _is_read(line: str) -> bool:
    key, equals, _ = line.strip().partition("=")
    return bool(equals) and key in _READ


def _assignment(line: str) -> tuple[str, str]:
    key, _, value = line.strip().partition("=")
    try:
        words = shlex.split(value[:1024], comments=False)
    except ValueError:
        words = [value.strip("\"'")]
    return key, clean_name(" ".join(words))
