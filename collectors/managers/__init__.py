"""The package managers that can be read, in the order in which a machine is asked for them."""

from collectors.managers.apk import Apk
from collectors.managers.apt import Apt
from collectors.managers.dnf import Dnf
from collectors.managers.manager import Manager
from collectors.managers.ostree import Ostree
from collectors.managers.pacman import Pacman
from collectors.managers.zypper import Zypper

MANAGERS: tuple[Manager, ...] = (Ostree(), Apt(), Pacman(), Apk(), Zypper(), Dnf())
