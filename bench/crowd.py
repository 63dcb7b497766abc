"""Hundreds of machines, each with a root, an sshd and a job of its own: overlays of one image, on a disk in memory.

Only to be used in namespaces that are given up afterwards (`bench/deploy.py`): the disk in memory, every mount and
every process are gone with them, and nothing is ever deleted here.
"""

import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder.booting import RunningMachine
from tests.lab.builder.commands import run
from tests.lab.builder.host import find_mirror
from tests.lab.builder.layers import Builder, Layer, layer_path
from tests.lab.builder.machines import BENCH
from tests.lab.builder.plan import Place, Plan
from tests.lab.builder.recipe import USER
from tests.lab.builder.repositories import serve
from tests.lab.builder.situations import OWN_PORTS, SUDO_FOR_ALL
from tests.lab.builder.specs import MachineSpec

_NET = "127.60"
_BUILT_AT = "127.61.255.1"
_MEMORY = "size=75%,nr_inodes=0,mode=755"
_START_SECONDS = 120.0
# Files on a machine: when the package's script began, and what it is told.
_BEGAN, _GO, _TALK = (f"var/lib/bench-{word}" for word in ("began", "go", "talk"))
_INSTALLED = re.compile(r"Package: bench-lasts\nStatus: install ok installed\n(?:.+\n)*?Version: 1\.1\n")
# An update whose script lasts until it is told to go on, silent or with a line every two seconds.
_PACKAGE = f"""
mkdir -p /srv/bench /tmp/deb/DEBIAN
for version in 1.0 1.1; do
    printf '%s\\n' 'Package: bench-lasts' "Version: $version" 'Architecture: all' 'Section: misc' \\
        'Priority: optional' 'Maintainer: bench <bench@example.invalid>' 'Description: lasts' >/tmp/deb/DEBIAN/control
    dpkg-deb -b /tmp/deb /srv/bench/bench-lasts_$version.deb
    cat >/tmp/deb/DEBIAN/postinst <<'SCRIPT'
#!/bin/sh
date +%s.%N >/{_BEGAN}.new && mv /{_BEGAN}.new /{_BEGAN}
number=0
until [ -e /{_GO} ]; do
    if [ -e /{_TALK} ]; then
        number=$((number + 1))
        echo "Processing part $number of the update ..."
        sleep 2
    else
        sleep 10
    fi
done
SCRIPT
    chmod 755 /tmp/deb/DEBIAN/postinst
done
dpkg -i /srv/bench/bench-lasts_1.0.deb
rm -r /srv/bench/bench-lasts_1.0.deb /tmp/deb
cd /srv/bench
{{
    dpkg-deb -f bench-lasts_1.1.deb
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n' bench-lasts_1.1.deb "$(stat -c %s bench-lasts_1.1.deb)" \\
        "$(sha256sum bench-lasts_1.1.deb | cut -d ' ' -f 1)"
}} >Packages
printf 'Origin: bench\\nLabel: bench\\nSuite: stable\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' \\
    "$(date -Ru | sed 's/+0000/UTC/')" "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" >Release
echo 'deb [trusted=yes] file:/srv/bench ./' >/etc/apt/sources.list.d/bench.list
apt-get update
apt-cache policy >/dev/null
"""
_SPEC = MachineSpec(
    "bench-deploy",
    "what bench/deploy.py upgrades, hundreds of times; not part of the lab",
    below=BENCH.layer,
    prepare=(_PACKAGE, SUDO_FOR_ALL, OWN_PORTS),
)


@dataclass(frozen=True, slots=True)
class _CrowdPlace(Place):
    @property
    def spec(self) -> MachineSpec:
        """All of them are the same."""
        return _SPEC


@dataclass(frozen=True, slots=True)
class Crowd:
    """Machines that run, and what a client needs to log in to any of them as ``user``."""

    plan: Plan
    places: tuple[Place, ...]
    user: str = USER

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they are reached, at port 22."""
        return tuple(place.address for place in self.places)

    def part(self, begin: int, end: int) -> "Crowd":
        """Some of them."""
        return Crowd(self.plan, self.places[begin:end], self.user)

    def began_at(self) -> dict[str, float]:
        """When the last update's script began, by the names of the machines where it did; seconds of the wall clock."""
        files = ((place.name, self._root(place) / _BEGAN) for place in self.places)
        return {name: float(file.read_text()) for name, file in files if file.exists()}

    def let_talk(self) -> None:
        """Have the scripts print a line every two seconds."""
        for place in self.places:
            (self._root(place) / _TALK).touch()

    def let_end(self) -> None:
        """Have the scripts end."""
        for place in self.places:
            (self._root(place) / _GO).touch()

    def upgraded(self) -> int:
        """On how many the update is installed."""
        statuses = ((self._root(place) / "var/lib/dpkg/status").read_text() for place in self.places)
        return sum(_INSTALLED.search(status) is not None for status in statuses)

    def _root(self, place: Place) -> Path:
        return self.plan.folder / place.name / "root"


def start_crowd(generation: Path, work: Path, count: int) -> Crowd:
    """``count`` machines that answer, below the empty folder ``work``, which becomes a disk in memory."""
    run("ip", "link", "set", "lo", "up")
    run("mount", "-t", "tmpfs", "-o", _MEMORY, "tmpfs", work)
    own = _link_generation(generation, work / "layers")
    server = serve(own / "web", _BUILT_AT)
    Builder(own, own / "pool", _BUILT_AT, find_mirror()).build(_SPEC.layer)
    server.shutdown()
    plan = _make_plan(own, work / "machines", count)
    serve(own / "web", plan.repositories_at)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda place: RunningMachine(plan, place).boot(), plan.places))
    for place in plan.places:
        _wait_for(place)
    return Crowd(plan, plan.places)


def _link_generation(generation: Path, folder: Path) -> Path:
    """A generation that is the lab's, and has room for a layer of our own."""
    own = folder / "lists"
    own.mkdir(parents=True)
    for name in ("web", "mirror_hosts"):
        (own / name).symlink_to(generation / name)
    # What is bound into machines while a layer is built, and written to then.
    run("cp", "-a", generation / "pool", own / "pool")
    layers: list[Layer] = [*BENCH.layer.lower]
    for layer in layers:
        layer_path(layer, own).symlink_to(layer_path(layer, generation))
    return own


def _make_plan(generation: Path, folder: Path, count: int) -> Plan:
    places = tuple(
        _CrowdPlace(f"m{number:04}", address, 22, address, 3_600)
        for number in range(count)
        for address in [f"{_NET}.{number // 250}.{number % 250 + 1}"]
    )
    plan = Plan(generation, folder, _NET, places)
    plan.login_key.parent.mkdir(parents=True)
    host_key = folder / "host"
    for key in (plan.login_key, host_key):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", key)
    public = " ".join(host_key.with_suffix(".pub").read_text().split()[:2])
    plan.known_hosts.write_text("".join(f"{place.address} {public}\n" for place in places))
    for place in places:
        plan.host_key(place).parent.mkdir()
        plan.host_key(place).hardlink_to(host_key)
    return plan


def _wait_for(place: Place) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        try:
            with socket.create_connection((place.address, place.port), timeout=5) as connection:
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
