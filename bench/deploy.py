"""What an upgrade of hundreds of machines costs the console: Patchdeck beside Ansible and pyinfra in one run.

    python bench/deploy.py [--count 200] [--few 10] [--write]

Needs root, like the lab that its machines are built by, and some gigabytes of memory. On two cores 200 machines take
some eight minutes, each one more a second and a half. Each has a root, an sshd and a job of its own. Everything runs in
namespaces that have nothing but loopback, on a disk in memory that goes with them. Ansible and pyinfra are given
`--few` machines each. `--write` puts the tables into docs/performance.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.contestants import install_peers
from bench.crowd import start_crowd
from bench.upgraders import ANSIBLE, OURS, PYINFRA, Planning, ansible, patchdeck, planning_of, pyinfra
from bench.upgrading import Phases, Upgrade, upgrade
from tests.lab.builder import cache
from tests.lab.builder.commands import run
from tests.lab.builder.machines import BENCH

_REPOSITORY = Path(__file__).parents[1]
_PAGE = _REPOSITORY / "docs/performance.md"
_BEGIN, _END = "<!-- bench/deploy.py writes from here -->", "<!-- to here, deploy -->"
_IN_NAMESPACES = ("unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private")
_MOST_SECONDS = 3_000.0
_RATIOS = "{}, to ours, a machine: CPU of following silent, and talking; CPU beside; time until all updates go on"
_OURS, _THEIRS = Phases(silent=40.0, talking=20.0), Phases(silent=15.0, talking=10.0)


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, by contestant; ``planning`` and ``boot_seconds`` are of our machines."""

    upgrades: dict[str, Upgrade]
    planning: Planning
    boot_seconds: float


def main() -> None:
    """Build what is needed, then measure inside the namespaces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, choices=range(1, 1001), metavar="N")
    parser.add_argument("--few", type=int, default=10, choices=range(1, 101), metavar="N")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--inside", type=Path, nargs=2, metavar=("GENERATION", "WORK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        _refuse_outside()
        print(_describe(_measure_all(*options.inside, options.count, options.few)))
        return
    install_peers()
    built = run(*_IN_NAMESPACES, sys.executable, "-m", "tests.lab.builder.build", BENCH.name, cwd=_REPOSITORY)
    generation = Path(built.decode().splitlines()[-1])
    printed = _measure_in_namespaces(generation, options.count, options.few)
    print(printed)
    if options.write:
        _write(printed.strip())


def _measure_in_namespaces(generation: Path, count: int, few: int) -> str:
    """What the inner process prints. Its mounts are its own, and gone when the folder is removed."""
    with cache.in_use(generation), tempfile.TemporaryDirectory(prefix="patchdeck-bench-") as work:
        words = [*_IN_NAMESPACES, "-n", sys.executable, __file__, "--count", str(count), "--few", str(few)]
        measured = subprocess.run(
            [*words, "--inside", str(generation), work],
            cwd=_REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
            timeout=_MOST_SECONDS,
        )  # fmt: skip
    if measured.returncode:
        sys.exit(measured.returncode)
    return measured.stdout


def _refuse_outside() -> None:
    if os.getpid() != 1:
        sys.exit("--inside is for the first process of namespaces that bench/deploy.py makes.")


def _measure_all(generation: Path, work: Path, count: int, few: int) -> Found:
    """Ours first; each contestant has machines of its own, which are the same."""
    memory = work / "memory"
    memory.mkdir()
    began = time.monotonic()
    _tell(f"booting {count + 2 * few} machines …")
    crowd = start_crowd(generation, memory, count + 2 * few)
    boot_seconds = time.monotonic() - began
    parts = {
        OURS: (patchdeck, crowd.part(0, count), _OURS),
        ANSIBLE: (ansible, crowd.part(count, count + few), _THEIRS),
        PYINFRA: (pyinfra, crowd.part(count + few, count + 2 * few), _THEIRS),
    }
    upgrades = {}
    for name, (contestant, machines, phases) in parts.items():
        _tell(f"{name} …")
        folder = work / contestant.__name__
        folder.mkdir()
        upgrades[name] = found = upgrade(contestant(machines, folder), machines, folder, phases)
        _tell(f"{found}")
    return Found(upgrades, planning_of(work / patchdeck.__name__), boot_seconds)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _describe(found: Found) -> str:
    rows = [
        f"| {name} | {each.machines} | {each.first:.0f} | {each.last:.0f} | {each.minute(each.silent_rate):.1f} | "
        f"{each.minute(each.talking_rate):.1f} | {each.cpu_beside_following:.0f} | {each.peak_mib:.0f} |"
        for name, each in found.upgrades.items()
    ]
    heading = (
        "| what | machines | first update begins, s | last one, s | CPU ms a machine-minute, silent | talking | "
        "CPU ms a machine beside following | memory of the largest process MB |"
    )
    about = (
        f"{os.cpu_count()} cores shared by the console and all machines, booted in {found.boot_seconds:.0f} s; load "
        f"average at the end {os.getloadavg()[0]:.0f}, {datetime.now(UTC):%Y-%m-%d}."
    )
    columns = "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    return "\n".join((about, "", heading, columns, *rows, "", *_ratios(found)))


def _ratios(found: Found) -> list[str]:
    ours, plan = found.upgrades[OURS], found.planning
    rows = {
        f"share of a core while following {ours.machines} silent jobs, percent": f"{100 * ours.silent_rate:.1f}",
        "the same, each with a line every two seconds": f"{100 * ours.talking_rate:.1f}",
        "from the start until all are assessed, have simulated, and the plan is frozen, s": (
            f"{plan.assessed:.0f}, {plan.simulated:.0f}, {plan.frozen:.0f}"
        ),
        "from the frozen plan until the first update begins, and the last, s": (
            f"{ours.first - plan.frozen:.0f}, {ours.last - plan.frozen:.0f}"
        ),
        **{_RATIOS.format(name): _compare(ours, found.upgrades[name]) for name in (ANSIBLE, PYINFRA)},
    }
    return ["| Patchdeck | measured |", "| --- | ---: |", *(f"| {what} | {value} |" for what, value in rows.items())]


def _compare(ours: Upgrade, theirs: Upgrade) -> str:
    """Theirs to ours, a machine: CPU of following, silent and talking; CPU beside; time until all updates go on."""
    return (
        f"{theirs.minute(theirs.silent_rate) / ours.minute(ours.silent_rate):.0f}, "
        f"{theirs.minute(theirs.talking_rate) / ours.minute(ours.talking_rate):.0f}; "
        f"{theirs.cpu_beside_following / ours.cpu_beside_following:.1f}; "
        f"{theirs.last / theirs.machines / (ours.last / ours.machines):.1f}"
    )


def _write(text: str) -> None:
    before, rest = _PAGE.read_text().split(_BEGIN)
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}")


if __name__ == "__main__":
    main()
