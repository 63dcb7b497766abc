"""What a thousand machines cost: Patchdeck beside asyncssh, pyinfra and Ansible in one run, and the ratios.

    python bench/scale.py [--count 1000] [--few 100] [--write]

Needs root, like the lab that its machine is built by, and some ten minutes. Everything runs in namespaces that have
nothing but loopback. Ansible is asked for the first `--few` addresses only. `--write` puts the table into
docs/performance.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.contestants import (
    ANSIBLE_APT,
    ANSIBLE_RAW,
    AT_ONCE,
    OURS,
    PYINFRA,
    SAME_PROBE,
    TRUE,
    install_peers,
    scale_contestants,
)
from bench.hundred import start
from bench.measuring import Measure, measure
from tests.lab.builder.commands import run
from tests.lab.builder.machines import BENCH

_REPOSITORY = Path(__file__).parents[1]
_PAGE = _REPOSITORY / "docs/performance.md"
_BEGIN, _END = "<!-- bench/scale.py writes from here -->", "<!-- to here, scale -->"
_IN_NAMESPACES = ("unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private")


def main() -> None:
    """Build what is needed, then measure inside the namespaces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, choices=range(1, 10_001), metavar="N")
    parser.add_argument("--few", type=int, default=100, choices=range(1, 1001), metavar="N")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    few = min(options.few, options.count)
    if options.inside:
        print(_describe(_measure_all(options.inside, options.count, few), options.count, few))
        return
    install_peers()
    built = run(*_IN_NAMESPACES, sys.executable, "-m", "tests.lab.builder.build", BENCH.name, cwd=_REPOSITORY)
    generation = built.decode().splitlines()[-1]
    numbers = ("--count", str(options.count), "--few", str(few))
    words = [*_IN_NAMESPACES, "-n", sys.executable, __file__, *numbers, "--inside", generation]
    measured = subprocess.run(words, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)
    if measured.returncode:
        sys.exit(measured.returncode)
    print(measured.stdout)
    if options.write:
        _write(measured.stdout.strip())


def _measure_all(generation: Path, count: int, few: int) -> dict[str, Measure]:
    found = {}
    with tempfile.TemporaryDirectory(prefix="patchdeck-bench-") as work:
        addresses = start(generation, Path(work), count)
        try:
            for contestant in scale_contestants(
                addresses, replace(addresses, addresses=addresses.addresses[:few]), Path(work)
            ):
                print(f"{contestant.name} …", file=sys.stderr, flush=True)
                asked = few if contestant.name.startswith("Ansible") else count
                found[contestant.name] = measure(contestant, asked, Path(work))
        finally:
            for mounted in ("run", "tmp", "dev", "proc", ""):
                run("umount", "--lazy", addresses.folder / "root" / mounted)
    return found


def _describe(measures: dict[str, Measure], count: int, few: int) -> str:
    asked = {name: few if name.startswith("Ansible") else count for name in measures}
    rows = [
        f"| {name} | {asked[name]} | {found.wall_seconds:.1f} | {found.cpu_seconds / asked[name] * 1000:.1f} | "
        f"{found.peak_mib:.0f} |"
        for name, found in measures.items()
    ]
    about = (
        f"{os.cpu_count()} cores shared by clients and servers, {AT_ONCE} machines at once (Patchdeck: as many as it "
        f"chooses), load average at the end {os.getloadavg()[1]:.0f}, {datetime.now(UTC):%Y-%m-%d}."
    )
    heading = "| what | addresses | wall s | client CPU ms a machine | memory of the largest process MB |"
    table = (heading, "| --- | ---: | ---: | ---: | ---: |", *rows)
    ratios = ("| Patchdeck | measured | wanted |", "| --- | ---: | ---: |", *_ratios(measures, asked))
    return "\n".join((about, "", *table, "", *ratios))


def _ratios(measures: dict[str, Measure], asked: dict[str, int]) -> list[str]:
    cpu = {name: found.cpu_seconds / asked[name] for name, found in measures.items()}
    wall = {name: found.wall_seconds / asked[name] for name, found in measures.items()}
    first, second = _ingest(asked[OURS])
    return [
        f"| CPU to that of asyncssh running `true` | {cpu[OURS] / cpu[TRUE]:.2f} | at most 2 |",
        f"| CPU to pyinfra's | {cpu[OURS] / cpu[PYINFRA]:.2f} | at most 0.5 |",
        f"| CPU: Ansible's (raw) to ours | {cpu[ANSIBLE_RAW] / cpu[OURS]:.0f} | at least 30 |",
        f"| wall time to that of asyncssh with the same probe | {wall[OURS] / wall[SAME_PROBE]:.2f} | at most 1.3 |",
        f"| wall time a machine: Ansible's (apt module) to ours | {wall[ANSIBLE_APT] / wall[OURS]:.1f} | at least 10 |",
        f"| memory, MB | {measures[OURS].peak_mib:.0f} | below 300 |",
        f"| storing a first and a second scan, 8 updates a machine, s | {first:.2f}, {second:.2f} | below 1 |",
    ]


def _ingest(count: int) -> tuple[float, float]:
    words = [sys.executable, str(_REPOSITORY / "bench/ingest.py"), str(count), "8", "250"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return float(printed[0]), float(printed[1])


def _write(text: str) -> None:
    before, rest = _PAGE.read_text().split(_BEGIN)
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}")


if __name__ == "__main__":
    main()
