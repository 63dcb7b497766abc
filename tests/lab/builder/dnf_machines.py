"""Machines of the lab whose package manager is dnf: each one a situation, in a few lines of what makes it so."""

from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.userlands import ROCKY

DNF: tuple[MachineSpec, ...] = (
    MachineSpec("rocky", "advisories of every kind and severity, asked by an ordinary user", below=ROCKY),
)
