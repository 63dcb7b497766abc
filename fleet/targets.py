"""Targets: how machines are named on the command line and in the app.

``web-01``, ``web-*`` (glob), ``tag:env=prod``, ``tag:env`` (has the tag), ``os:linux``, ``all``.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine, OSType


def select_machines(targets: Sequence[str], machines: Iterable[Machine]) -> list[Machine]:
    """The machines that any of ``targets`` names, by name, each once; disabled ones too.

    Raises:
        UnknownName: a name, glob or tag that no machine has.
        BadInput: a target of a kind that does not exist.
    """
    known = sorted(machines, key=lambda machine: machine.name)
    chosen = {machine.id for target in targets for machine in _match(target, known)}
    return [machine for machine in known if machine.id in chosen]


def _match(target: str, known: list[Machine]) -> list[Machine]:
    kind, colon, value = target.partition(":")
    if target == "all":
        return known
    if not colon:
        return _match_name(target, known)
    if kind == "tag":
        return _match_tag(value, known)
    if kind == "os":
        return _match_os(value, known)
    raise BadInput(f"Target {target!r} is not usable: write a name, a glob, tag:key=value, os:linux or all.")


def _match_name(pattern: str, known: list[Machine]) -> list[Machine]:
    matches = [machine for machine in known if fnmatchcase(machine.name, pattern)]
    if not matches:
        raise UnknownName("machine", pattern, (machine.name for machine in known))
    return matches


def _match_tag(text: str, known: list[Machine]) -> list[Machine]:
    key, equals, pattern = text.partition("=")
    matches = [m for m in known if key in m.tags and (not equals or fnmatchcase(m.tags[key], pattern))]
    if not matches:
        tags = {f"{k}={v}" if equals else k for machine in known for k, v in machine.tags.items()}
        raise UnknownName("tag", text, tags)
    return matches


def _match_os(text: str, known: list[Machine]) -> list[Machine]:
    by_name = {os_type.value.lower(): os_type for os_type in OSType}
    if text.lower() not in by_name:
        raise UnknownName("operating system", text, by_name)
    return [machine for machine in known if machine.os_type is by_name[text.lower()]]
