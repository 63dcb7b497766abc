"""What asking a hundred machines for their updates costs: Patchdeck beside asyncssh, pyinfra and Ansible, in one run.

    python bench/assess.py [--count 100] [--write]

Needs root, like the lab that its machine is built by. Everything runs in namespaces that have nothing but loopback.
`--write` puts the table into docs/performance.md.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.contestants import AT_ONCE, Contestant, contestants, install_peers
from bench.hundred import start
from tests.lab.builder.commands import run
from tests.lab.builder.machines import BENCH

_REPOSITORY = Path(__file__).parents[1]
_PAGE = _REPOSITORY / "docs/performance.md"
_BEGIN, _END = "<!-- bench/assess.py writes from here -->", "<!-- to here -->"
_MAX_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One run of one contestant. CPU is the client's: its process and all that it waited for."""

    wall_seconds: float
    cpu_seconds: float


def main() -> None:
    """Build what is needed, then measure inside the namespaces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, choices=range(1, 1001), metavar="N")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(_table(_measure_all(options.inside, options.count), options.count))
        return
    install_peers()
    in_namespaces = ["unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private"]
    built = run(*in_namespaces, sys.executable, "-m", "tests.lab.builder.build", BENCH.name, cwd=_REPOSITORY)
    generation = built.decode().splitlines()[-1]
    words = [*in_namespaces, "-n", sys.executable, __file__, "--count", str(options.count), "--inside", generation]
    measured = subprocess.run(words, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)
    if measured.returncode:
        sys.exit(measured.returncode)
    print(measured.stdout)
    if options.write:
        _write(measured.stdout.strip())


def _measure_all(generation: Path, count: int) -> dict[str, Measure]:
    found = {}
    with tempfile.TemporaryDirectory(prefix="patchdeck-bench-") as work:
        hundred = start(generation, Path(work), count)
        try:
            for contestant in contestants(hundred, Path(work)):
                print(f"{contestant.name} …", file=sys.stderr, flush=True)
                found[contestant.name] = _median(
                    [_measure(contestant, count, Path(work)) for _ in range(contestant.repeats)]
                )
        finally:
            for mounted in ("run", "tmp", "dev", "proc", ""):
                run("umount", "--lazy", hundred.folder / "root" / mounted)
    return found


def _measure(contestant: Contestant, count: int, work: Path) -> Measure:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(
        contestant.argv, cwd=work, input=contestant.stdin, env={**os.environ, **contestant.environment},
        capture_output=True, text=True, errors="replace", timeout=_MAX_SECONDS, check=False,
    )  # fmt: skip
    wall_seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answered = contestant.answers_of(done.stdout)
    if done.returncode or answered != count:
        said = (done.stdout + done.stderr)[-2_000:]
        raise SystemExit(f"{contestant.name}: {answered} of {count} answered, status {done.returncode}:\n{said}")
    cpu_seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Measure(wall_seconds, cpu_seconds)


def _median(measures: list[Measure]) -> Measure:
    return Measure(
        statistics.median(measure.wall_seconds for measure in measures),
        statistics.median(measure.cpu_seconds for measure in measures),
    )


def _table(measures: dict[str, Measure], count: int) -> str:
    ours = next(measure for name, measure in measures.items() if name.startswith("Patchdeck"))
    rows = [
        f"| {name} | {measure.wall_seconds:.1f} | {measure.wall_seconds / ours.wall_seconds:.2f} | "
        f"{measure.cpu_seconds / count * 1000:.1f} | {measure.cpu_seconds / ours.cpu_seconds:.2f} |"
        for name, measure in measures.items()
    ]
    heading = "| what | wall s | to Patchdeck's | client CPU ms a machine | to Patchdeck's |"
    load = os.getloadavg()[1]
    about = (
        f"{count} addresses, {AT_ONCE} at once, {os.cpu_count()} cores shared by clients and servers, medians of up to "
        f"3 runs, load average {load:.0f}, {datetime.now(UTC):%Y-%m-%d}."
    )
    return "\n".join((about, "", heading, "| --- | ---: | ---: | ---: | ---: |", *rows))


def _write(table: str) -> None:
    text = _PAGE.read_text() if _PAGE.exists() else f"# Performance\n\n## Assessing\n\n{_BEGIN}\n{_END}\n"
    before, rest = text.split(_BEGIN)
    _PAGE.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{rest.split(_END)[1]}")


if __name__ == "__main__":
    main()
