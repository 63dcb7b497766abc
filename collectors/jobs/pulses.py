"""What a look at a machine said (`look.sh`), as a `Pulse`."""

import ipaddress
import re
from collections.abc import Iterator

from collectors.kernels import newest_of_flavour, parse_kernel, siblings
from collectors.sections import Section, Sections
from fleet.deployments.pulse import Pulse
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# 0: 0100007F:1F90 00000000:0000 0A …, proc(5)
_LISTENING = re.compile(r"\s*\d+: (?P<address>[0-9A-F]{8}|[0-9A-F]{32}):(?P<port>[0-9A-F]{4}) .*")
_NOTHING_TELLS = 97
_UPTIME = re.compile(r"([0-9]{1,10}(?:\.[0-9]{1,9})?)(?: .*)?")
# More than any machine has of ports that listen, units that failed, sessions.
_MOST_LINES = 10_000
# By `uname -m`; all others that run Linux today are little-endian.
_BIG_ENDIAN = frozenset({"s390x", "s390", "ppc64", "ppc", "sparc64", "mips", "mips64"})


def read_pulse(sections: Sections) -> Pulse:
    """How the machine is.

    Raises:
        UnreadableOutput: a line is not what the look prints.
    """
    values = sections.get("pulse").values()
    kernel = values.get("kernel", "")
    return Pulse(
        boot_id=clean_name(values.get("boot_id", "")),
        kernel=clean_name(kernel),
        uptime_seconds=_uptime(values.get("uptime", "")),
        failed_units=_failed_units(sections.get("units")),
        listening=_listening(sections.get("listening"), values.get("machine", "") in _BIG_ENDIAN),
        users=tuple(dict.fromkeys(_first_words(sections.get("users")))),
        newest_kernel=_newest_kernel(sections.get("reboot"), kernel),
    )


def _uptime(text: str) -> float | None:
    match = _UPTIME.fullmatch(text)
    return float(match[1]) if match else None


def _few_lines(section: Section) -> list[tuple[int, str]]:
    lines = list(section.lines())
    if len(lines) > _MOST_LINES:
        raise UnreadableOutput(section.name, _MOST_LINES, "(more lines than any machine has)")
    return lines


def _first_words(section: Section) -> Iterator[str]:
    for _, line in _few_lines(section):
        yield clean_name(line.lstrip(" \t").partition(" ")[0])


def _failed_units(section: Section) -> tuple[str, ...] | None:
    if section.exit_status != 0:
        return None
    return tuple(_first_words(section))


def _listening(section: Section, is_big_endian: bool) -> tuple[str, ...] | None:
    if section.exit_status == _NOTHING_TELLS:
        return None
    return tuple(dict.fromkeys(_read_listening(section, is_big_endian)))


def _read_listening(section: Section, is_big_endian: bool) -> Iterator[str]:
    for number, line in _few_lines(section):
        match = _LISTENING.fullmatch(line)
        if match is None:
            raise UnreadableOutput(section.name, number, clean(line))
        address = _address(match["address"], is_big_endian)
        shown = f"[{address}]" if address.version == 6 else str(address)
        yield f"tcp {shown}:{int(match['port'], 16)}"


def _address(text: str, is_big_endian: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel prints words of 32 bits in the order of its own bytes."""
    raw = bytes.fromhex(text)
    step = 1 if is_big_endian else -1
    return ipaddress.ip_address(b"".join(raw[at : at + 4][::step] for at in range(0, len(raw), 4)))


def _newest_kernel(section: Section, running: str) -> str:
    """The newest installed kernel of the kind that runs, by images or else by modules; empty where none can be told."""
    kernel = parse_kernel(running)
    if kernel is None:
        return ""
    names: dict[str, list[str]] = {"image": [], "modules": []}
    for _, line in _few_lines(section):
        name, _, value = line.partition("=")
        if name in names:
            names[name].append(value)
    for found in names.values():
        newest = newest_of_flavour(siblings(kernel, found, []), kernel.flavour)
        if newest is not None:
            return clean_name(newest.text)
    return ""
