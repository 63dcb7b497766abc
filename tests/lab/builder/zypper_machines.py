"""Machines of the lab whose package manager is zypper: each one a situation, in a few lines of what makes it so."""

from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.userlands import SLES

ZYPPER: tuple[MachineSpec, ...] = (
    MachineSpec("sles", "patches of every category and severity, asked by an ordinary user", below=SLES),
)
