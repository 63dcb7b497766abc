"""Services that still run what an update replaced: found by their mapped files, which is for root alone to see."""

from collections.abc import Iterable, Iterator

from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean_name
from fleet.name_lists import some_of

_SHOWN = 10


def read_services(section: Section | None, said: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Names of services, and of programs where no service is known, sorted; None where nothing tells.

    ``section`` is what the probe found as root, ``said`` what the package manager's own tool told.

    Raises:
        UnreadableOutput: the section is not what the probe prints.
    """
    found = None if section is None else _find(section)
    if found is None and said is None:
        return None
    return tuple(sorted({clean_name(name) for name in (*(found or ()), *(said or ())) if name}))


def find_outdated(services: tuple[str, ...] | None) -> Iterator[Finding]:
    """The finding that services need a restart."""
    if services:
        text = f"Still running what an update replaced: {some_of(services, _SHOWN)}."
        yield Finding(FindingKind.SERVICES_OUTDATED, Severity.INFO, text, "Restart them, or reboot the machine.")


def _find(section: Section) -> list[str] | None:
    """None where the look was cut short or refused, and what it saw until then was clean: that says nothing."""
    lines = [line.partition("=") for _, line in section.lines()]
    names = list(_names((name, value) for name, _, value in lines))
    if not names and (section.is_timed_out or b"denied" in section.stderr):
        return None
    return names


def _names(values: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in values:
        # What runs in containers and sessions is "other": no service of this machine.
        if name == "process" or (name == "service" and value != "other"):
            yield value
