"""Systems that transactional-update keeps: MicroOS, SLE Micro and their like, whose root file system is read-only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collectors.managers.manager import RebootAnswer
from fleet.answers import Answer
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name

# What such a system calls itself, should its root be writable for a while (transactional-update shell, a test).
_FAMILIES = frozenset({"opensuse-microos", "microos", "suse-microos", "sle-micro", "sl-micro", "opensuse-aeon", "aeon"})
# "/@/.snapshots/12/snapshot" of mountinfo(5), and "ID 280 gen 310 top level 266 path @/.snapshots/13/snapshot".
_SNAPSHOT = re.compile(r"(?:^|/)\.snapshots/(?P<number>\d{1,9})/snapshot$")


@dataclass(frozen=True, slots=True)
class Transactional:
    """The snapshot that runs and the one that the next boot takes, empty where that is not known."""

    running: str
    next: str

    @property
    def is_staged(self) -> bool:
        """Whether the next boot brings another snapshot."""
        return bool(self.running and self.next and self.running != self.next)


def read_transactional(state: Mapping[str, str], families: tuple[str, ...]) -> Transactional | None:
    """The snapshots of a transactional system; None for any other, also one that has the tool but a writable root."""
    options = state.get("root_options")
    if options is None or not ("ro" in options.split(",") or _FAMILIES.intersection(families)):
        return None
    return Transactional(_number(state.get("running_snapshot", "")), _number(state.get("default_snapshot", "")))


def find_immutable(system: Transactional) -> Iterator[Finding]:
    """What the system is, and that an update waits for a reboot where one does."""
    text = "Its root file system is read-only: transactional-update installs into a new snapshot, for the next boot."
    yield Finding(
        FindingKind.IMMUTABLE_SYSTEM, Severity.INFO, text, "Patch it with transactional-update and reboot it."
    )
    if system.is_staged:
        text = f"Snapshot {system.next} waits for a reboot; snapshot {system.running} runs."
        yield Finding(FindingKind.UPDATE_STAGED, Severity.INFO, clean(text), "Reboot it to make the update hold.")


def judge_reboot(system: Transactional, zypper: RebootAnswer | None) -> RebootAnswer:
    """Whether a reboot is required: by the snapshots, where root could ask for them, else by the flag alone."""
    if system.is_staged:
        return RebootAnswer(Answer.YES, f"Snapshot {system.next} is staged, {system.running} runs.")
    if zypper is not None and zypper.required is Answer.YES:
        return zypper
    if system.running and system.next:
        return RebootAnswer(Answer.NO, f"Snapshot {system.running} runs, and the next boot takes it again.")
    return RebootAnswer(Answer.UNKNOWN, "Which snapshot the next boot takes can be seen by root only.")


def _number(path: str) -> str:
    match = _SNAPSHOT.search(path.strip())
    return clean_name(match["number"]) if match else ""
