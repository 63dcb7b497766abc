"""Machines of the lab whose package manager is pacman: each one a situation, in a few lines of what makes it so."""

from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.userlands import ARCH

PACMAN: tuple[MachineSpec, ...] = (
    MachineSpec("arch", "updates, and packages of which nobody offers a newer version", below=ARCH),
)
