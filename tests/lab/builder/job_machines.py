"""Machines of the lab on which updates are installed: what is pending there makes every kind of trouble."""

from tests.lab.builder.apt_machines import PENDING
from tests.lab.builder.situations import SUDO_FOR_ALL, sudo
from tests.lab.builder.specs import MachineSpec

_TROUBLESOME = (
    "from_pool main acme-fails acme-waits acme-daemon acme-asks acme-conffile acme-kills-dpkg acme-prints acme-held "
    "acme-newdep acme-remover acme-old"
)
_BEHIND = (
    PENDING,
    _TROUBLESOME,
    "apt-mark hold acme-held",
    "echo 'colour = green' >/etc/acme-conffile.conf",
)

JOBS: tuple[MachineSpec, ...] = (
    MachineSpec("job-apt", "sudo without a password, and updates of every kind", prepare=(*_BEHIND, SUDO_FOR_ALL)),
    MachineSpec("job-password", "the same, by a password", prepare=(*_BEHIND, sudo("ALL=(ALL) ALL"))),
    MachineSpec(
        "job-limited", "sudo for apt-get alone", prepare=(*_BEHIND, sudo("ALL=(root) NOPASSWD: /usr/bin/apt-get"))
    ),
    MachineSpec("job-nobody", "no sudo at all", prepare=_BEHIND),
)
