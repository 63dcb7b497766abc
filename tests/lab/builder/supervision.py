"""The thread that a running lab hangs on, from outside: starting its supervisor, and ending everything with it."""

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder.plan import Plan

REPOSITORY = Path(__file__).parents[3]
IN_NAMESPACES = ("unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private")


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The process that a running lab hangs on, behind the one that made its namespaces."""

    outer: subprocess.Popen[bytes]
    pid: int

    def ask(self, deed: str, name: str) -> None:
        """Have ``deed`` (reset, start) done to the machine ``name``, and wait until it answers."""
        if self.outer.stdin is None or self.outer.stdout is None:
            raise RuntimeError("the lab is over")
        self.outer.stdin.write(f"{deed} {name}\n".encode())
        self.outer.stdin.flush()
        if self.outer.stdout.readline() != b"done\n":
            raise RuntimeError(f"the lab could not {deed} {name}")

    def hang_up(self) -> None:
        """Close the stdin that it waits on."""
        if self.outer.stdin:
            self.outer.stdin.close()

    def end(self) -> None:
        """Kill all of the lab, and wait: the first process of a namespace goes when every other one in it is gone."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            descriptor = None
        self.outer.kill()
        self.outer.wait()
        if descriptor is not None:
            select.select([descriptor], [], [], 30)
            os.close(descriptor)
        self.hang_up()
        if self.outer.stdout:
            self.outer.stdout.close()


def start_supervisor(plan: Plan) -> Supervisor:
    """All machines of ``plan``, running.

    Raises:
        RuntimeError: one of them did not start; carries what its console shows.
    """
    words = [*IN_NAMESPACES, sys.executable, "-m", "tests.lab.builder.supervisor", str(plan.write())]
    log = plan.folder / "supervisor.log"
    with log.open("wb") as errors:
        outer = subprocess.Popen(
            words, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    said = outer.stdout.readline() if outer.stdout else b""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
    supervisor = Supervisor(outer, int(children[0]) if children else outer.pid)
    if said != b"ready\n":
        supervisor.end()
        raise RuntimeError(f"the lab did not start:\n{log.read_text(errors='replace')}")
    return supervisor
