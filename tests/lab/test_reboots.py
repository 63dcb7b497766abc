"""Machines of the lab reboot as in life, and can be had anew."""

import time

from tests.lab.builder.lab import Lab

_DEADLINE_SECONDS = 20.0
_MACHINE = "run-apt"


def test_machine_that_is_rebooted_returns_with_another_boot_id_and_keeps_its_files(deployed: Lab) -> None:
    """`shutdown -r` ends the machine; it answers again, freshly booted, with all that it had written but /run."""
    before = _boot_id(deployed)
    deployed.exec(_MACHINE, ["sh", "-c", "touch /var/kept /run/lost; shutdown -r now"])

    _wait_for_another(deployed, before)

    found = deployed.ssh(_MACHINE, "ls /var/kept /run/lost; cut -d. -f1 /proc/uptime").stdout.decode().split()
    assert found[0] == "/var/kept"
    assert int(found[-1]) < 3_600


def test_machine_is_given_anew(deployed: Lab) -> None:
    """A reset machine knows nothing of what was written to it, and is the same machine."""
    identity = deployed.ssh(_MACHINE, "cat /etc/machine-id").stdout
    deployed.exec(_MACHINE, ["touch", "/var/forgotten"])

    deployed.reset(_MACHINE)

    assert deployed.ssh(_MACHINE, "cat /etc/machine-id; ls /var/forgotten").stdout == identity


def _boot_id(deployed: Lab) -> bytes:
    return deployed.ssh(_MACHINE, "cat /proc/sys/kernel/random/boot_id").stdout


def _wait_for_another(deployed: Lab, before: bytes) -> None:
    give_up_at = time.monotonic() + _DEADLINE_SECONDS
    while _boot_id(deployed) in (before, b""):
        assert time.monotonic() < give_up_at, "the machine did not return"
