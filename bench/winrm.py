"""What assessing hundreds of Windows machines over WinRM costs: time, CPU, memory, and whether the loop stands still.

    python bench/winrm.py [--count 300] [--seconds 20] [--kind ntlm] [--write]

The machines are the peer of the tests, in a process of its own, each with an HTTPS port; each searches for `--seconds`.
`--write` puts the table into docs/performance.md.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.pop(0)  # this folder, where "winrm" is this file
sys.path.insert(0, str(Path(__file__).parents[1]))

from collectors.secrets import Secret
from fleet.machines import Machine, TransportKind
from fleet.profiles import Credentials, own_credentials
from fleet.winrm import WinrmKind, WinrmWay
from ops.assess import FleetOptions, assess_fleet
from ops.enrolment import Definition, enrol, list_machines
from ops.home import open_home

_PAGE = Path(__file__).parents[1] / "docs/performance.md"
_BEGIN, _END = "<!-- bench/winrm.py writes from here -->", "<!-- to here: winrm -->"
_TICK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Measure:
    """One scan. ``lag`` is the longest that the event loop came too late, ``late`` the share of ticks above 50 ms."""

    answered: int
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    lag_seconds: float
    late: float


class PeerPassword:
    """The password of all machines of the peer."""

    async def credentials(self, machine: Machine, /) -> Credentials:
        """What the machine says itself."""
        return own_credentials(machine)

    def password(self, _machine: Machine, /) -> Secret | None:
        """The password."""
        return Secret("Correct-Horse-7")

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None


def main() -> None:
    """Start the peer, scan it, say what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, choices=range(1, 1001), metavar="N")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--kind", type=WinrmKind, default=WinrmKind.NTLM)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        _serve(options.count, options.seconds)
        return
    words = [sys.executable, __file__, "--peer", "--count", str(options.count), "--seconds", str(options.seconds)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdout is not None
        told = json.loads(peer.stdout.readline())
        measure = asyncio.run(_measure(told["ports"], told["ca_file"], options.kind))
        peer.communicate("")
    table = _table(measure, options.count, options.seconds, options.kind)
    print(table)
    if options.write:
        page = _PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}\n{table}{_END}{rest.partition(_END)[2]}", encoding="utf-8")


def _serve(count: int, seconds: float) -> None:
    from tests.winrm_peer.machine import PeerMachine
    from tests.winrm_peer.peer import WinrmPeer
    from tests.winrm_peer.traps import cumulative, framework

    with WinrmPeer() as peer:
        machines = [PeerMachine(search_seconds=seconds, updates=[cumulative(), framework()]) for _ in range(count)]
        endpoints = [peer.add(machine, "https") for machine in machines]
        print(
            json.dumps({"ports": [each.port for each in endpoints], "ca_file": str(endpoints[0].ca_file)}), flush=True
        )
        sys.stdin.read()


async def _measure(ports: list[int], ca_file: str, kind: WinrmKind) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home")
        way = WinrmWay(kind=kind, ca_file=ca_file)
        for number, port in enumerate(ports):
            enrol(home, Definition(f"win-{number:03}", TransportKind.WINRM, "127.0.0.1", port, "patcher", winrm=way))
        began, used = time.monotonic(), _cpu()
        lags: list[float] = []
        ticker = asyncio.create_task(_tick(lags))
        result = await assess_fleet(
            home, list_machines(home), FleetOptions(secrets=PeerPassword()), lambda _event: None
        )
        wall = time.monotonic() - began
        ticker.cancel()
    for failed in result.failed[:3]:
        print(failed.failure, file=sys.stderr)
    answered = len(result.assessments) - len(result.failed)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    late = sum(lag > 0.05 for lag in lags) / len(lags)
    return Measure(answered, wall, _cpu() - used, peak_mib, max(lags), late)


async def _tick(lags: list[float]) -> None:
    """What the app's clock does: wakes up again and again, and notes by how much it came too late."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(_TICK_SECONDS)
        lags.append(time.monotonic() - began - _TICK_SECONDS)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _table(measure: Measure, count: int, seconds: float, kind: WinrmKind) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {count} machines that search for {seconds:g} s each, HTTPS, {kind}, in one "
        "process.\n\n"
        "| answered | wall | CPU | CPU a machine | memory at its peak | longest lag of the loop | ticks 50 ms late |\n"
        "|---|---|---|---|---|---|---|\n"
        f"| {measure.answered} of {count} | {measure.wall_seconds:.1f} s | {measure.cpu_seconds:.1f} s | "
        f"{1000 * measure.cpu_seconds / count:.0f} ms | {measure.peak_mib:.0f} MiB | "
        f"{1000 * measure.lag_seconds:.0f} ms | {100 * measure.late:.1f} % |\n"
    )


if __name__ == "__main__":
    main()
