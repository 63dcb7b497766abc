"""What a look at a Windows machine said (`look.ps1`), as a `Pulse`."""

import ipaddress
import math
import re
from collections.abc import Iterator, Mapping, Sequence

from collectors.windows.job_answers import SCHEMA, LookAnswer
from collectors.windows.loose_json import read_record
from fleet.deployments.pulse import Pulse
from fleet.errors import UnreadableOutput
from fleet.hostile import clean_name

_WHERE = "the look's answer"
_LISTENING = re.compile(r"(?P<address>\[[0-9A-Fa-f:.]{2,45}(?:%[0-9]{1,10})?\]|[0-9.]{7,15}):(?P<port>[0-9]{1,5})")
_MOST_ITEMS = 10_000
# ServicingInProgress: 0 and 1 are at rest, 2 at work.
_AT_WORK = 2


def read_look(answer: Mapping[str, object]) -> Pulse:
    """How the machine is.

    Raises:
        UnreadableOutput: it is not what the look answers.
    """
    told = read_record(LookAnswer, answer, _WHERE)
    if told.schema != SCHEMA or not told.boot:
        raise UnreadableOutput(_WHERE, 1, f"schema {told.schema}, last boot {told.boot!r}")
    return Pulse(
        boot_id=clean_name(told.boot),
        kernel=clean_name(told.kernel),
        uptime_seconds=_uptime(told.uptime_seconds),
        failed_units=_names(told.failed_services),
        listening=None if told.listening is None else tuple(dict.fromkeys(_read_listening(told.listening))),
        users=_names(told.users) or (),
        is_servicing=_is_servicing(told),
    )


def _is_servicing(told: LookAnswer) -> bool | None:
    if told.servicing is None and told.installer_working is None:
        return None
    return told.servicing == _AT_WORK or told.installer_working is True


def _names(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    return tuple(dict.fromkeys(clean_name(text) for text in texts[:_MOST_ITEMS] if text))


def _read_listening(texts: Sequence[str]) -> Iterator[str]:
    for text in texts[:_MOST_ITEMS]:
        match = _LISTENING.fullmatch(text)
        if match is None:
            raise UnreadableOutput(_WHERE, 1, text)
        try:
            address = ipaddress.ip_address(match["address"].strip("[]").partition("%")[0])
        except ValueError as error:
            raise UnreadableOutput(_WHERE, 1, text) from error
        shown = f"[{address}]" if address.version == 6 else str(address)
        yield f"tcp {shown}:{int(match['port'])}"


def _uptime(seconds: float | None) -> float | None:
    return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None
