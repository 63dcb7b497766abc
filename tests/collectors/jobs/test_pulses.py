"""Looks at machines, read from what `look.sh` prints."""

import pytest

from collectors.jobs.pulses import read_pulse
from collectors.sections import Sections, split_answer
from fleet.errors import UnreadableOutput

_TCP = "   0: 0100007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n"
_TCP6 = (
    "   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1\n"
    "   2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1\n"
)


def _sections(**more: tuple[str, int]) -> Sections:
    texts = {
        "pulse": ("boot_id=b-1\nuptime=12.5 3.0\nkernel=6.1.0-37-amd64\n", 0),
        "reboot": ("image=6.1.0-37-amd64\nimage=6.1.0-40-amd64\nimage=6.9.0-1-cloud-amd64\n", 0),
        "listening": (_TCP + _TCP6, 0),
        "users": ("root     pts/0        2026-11-23 01:00 (10.0.0.1)\nroot  pts/1  x\nada  tty1  x\n", 0),
        "units": ("nginx.service loaded failed failed A web server\n", 0),
        **more,
    }
    body = "".join(f"\nm begin {name}\n{text}\nm end {status}\n" for name, (text, status) in texts.items())
    return split_answer(f"\nm begin-answer\n{body}\nm end-answer 1\n".encode(), b"", "m")


def test_pulse_is_read() -> None:
    """Addresses as people write them, users once each, and the newest kernel of the flavour that runs."""
    pulse = read_pulse(_sections())

    assert (pulse.boot_id, pulse.uptime_seconds, pulse.kernel) == ("b-1", 12.5, "6.1.0-37-amd64")
    assert pulse.listening == ("tcp 127.0.0.1:53", "tcp [::1]:8080", "tcp [::]:22")
    assert pulse.users == ("root", "ada")
    assert pulse.failed_units == ("nginx.service",)
    assert pulse.newest_kernel == "6.1.0-40-amd64"


def test_what_nothing_tells_is_unknown() -> None:
    """No systemd, no table of connections: that is not the same as no failed unit and no open port."""
    pulse = read_pulse(_sections(units=("", 97), listening=("", 97), reboot=("", 0)))

    assert (pulse.failed_units, pulse.listening, pulse.newest_kernel) == (None, None, "")
    assert read_pulse(_sections(units=("", 0))).failed_units == ()


def test_line_that_fits_nothing_is_refused() -> None:
    """A table of connections that is none is not read in part."""
    with pytest.raises(UnreadableOutput):
        read_pulse(_sections(listening=(_TCP + "nonsense\n", 0)))


def test_addresses_of_mainframes_are_not_turned() -> None:
    """A big-endian kernel prints the same address the other way round."""
    line = _TCP.replace("0100007F", "7F000001")
    machine = ("machine=s390x\nboot_id=b\nuptime=1 1\nkernel=6.4.0\n", 0)

    assert read_pulse(_sections(listening=(line, 0), pulse=machine)).listening == ("tcp 127.0.0.1:53",)
