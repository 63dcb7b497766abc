"""A lab by hand: `python -m tests.lab.builder rocky sles` starts these machines, or all, until enter is pressed."""

import shlex
import sys

from tests.lab.builder.lab import Lab, running
from tests.lab.builder.machines import MACHINES


def main(names: list[str]) -> None:
    """Start ``names``, say how to get into each, and wait."""
    with running(names or tuple(MACHINES)) as lab:
        for name in lab.machines:
            print(f"{name}: {lab.machines[name].spec.shows}\n  {_ssh(lab, name)}\n  as root: {_shell(lab, name)}")
        print("Enter ends the lab.", flush=True)
        sys.stdin.readline()


def _ssh(lab: Lab, name: str) -> str:
    machine = lab.machines[name]
    words = ["ssh", "-F", "none", "-p", str(machine.port), "-i", str(lab.key_file)]
    words += ["-o", f"UserKnownHostsFile={lab.known_hosts}", f"{machine.user}@{machine.address}"]
    return shlex.join(words)


def _shell(lab: Lab, name: str) -> str:
    return shlex.join(lab.words_inside(name, ["bash", "-l"]))


if __name__ == "__main__":
    main(sys.argv[1:])
