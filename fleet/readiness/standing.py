"""Whether the machine itself is in a state in which patching goes well: space, clock, reboot, age, identity."""

from fleet.answers import Answer
from fleet.facts import UpdateModel
from fleet.failures import FindingKind, Severity
from fleet.readiness.verdicts import Reading, Verdict, failed, failed_by, judge_found, not_applicable, passed, unknown
from fleet.readiness.windows import is_windows

_SHOWN = ("/", "/boot", "/var")


def disk_space(reading: Reading) -> Verdict:
    """Whether there is room for what patching writes."""
    if found := reading.find((FindingKind.DISK_FULL,)):
        return failed_by(found)
    shown = [disk for disk in reading.facts.disks if is_windows(reading) or disk.path in _SHOWN]
    if shown:
        return passed(", ".join(disk.describe() for disk in shown) + ".")
    return unknown("Its drive did not answer." if is_windows(reading) else "df did not answer for every path.")


def writable(reading: Reading) -> Verdict:
    """Whether the file systems that patching writes to can be written."""
    if found := reading.find((FindingKind.READ_ONLY_FILESYSTEM,)):
        return failed_by(found)
    if reading.facts.update_model not in (None, UpdateModel.PACKAGES):
        return not_applicable(f"{reading.facts.update_model} writes a new system beside the one that runs.")
    return passed("None of them is mounted read-only.") if reading.facts.disks else unknown("Its mounts are not known.")


def clock(reading: Reading) -> Verdict:
    """Whether its clock agrees with ours."""
    if found := reading.find((FindingKind.CLOCK_SKEW,)):
        return failed_by(found)
    skew = reading.facts.clock_skew_seconds
    return passed(f"It is {abs(skew):.0f} s off ours.") if skew is not None else unknown("It gave no time.")


def no_reboot(reading: Reading) -> Verdict:
    """Whether no reboot is pending from earlier updates."""
    facts = reading.facts
    if facts.reboot_required is Answer.YES:
        return failed(f"A reboot is required. {facts.reboot_reason}".strip(), "Reboot it.", Severity.WARNING)
    if facts.reboot_required is Answer.NO:
        return passed(facts.reboot_reason or "No reboot is required.")
    return unknown(facts.reboot_reason or "Nothing tells whether a reboot is required.")


def sole_updater(reading: Reading) -> Verdict:
    """Whether nothing else installs updates at times of its own."""
    if found := reading.find((FindingKind.OTHER_UPDATER,)):
        return failed_by(found, Severity.WARNING)
    updaters = reading.facts.other_updaters
    if updaters is None:
        if is_windows(reading):
            return unknown("Its update settings did not tell whether it installs updates by itself.")
        return unknown("Without systemd nothing tells what else installs updates.")
    return passed("None is active.") if not updaters else unknown("Nothing tells how they are started.")


def supported(reading: Reading) -> Verdict:
    """Whether the system still gets security updates."""
    facts = reading.facts
    if found := reading.find((FindingKind.END_OF_LIFE,)):
        return failed_by(found, Severity.WARNING)
    if facts.end_of_life is None:
        return unknown("The end of its support is not known.")
    source = f", says {facts.end_of_life_source}" if facts.end_of_life_source else ""
    if facts.end_of_life < reading.at.date():
        return failed(f"It ended on {facts.end_of_life}{source}.", "Move it to a newer release.", Severity.WARNING)
    return passed(f"Until {facts.end_of_life}{source}.")


def identity(reading: Reading) -> Verdict:
    """Whether it is the machine that answered before, and no clone of another."""
    if found := reading.find((FindingKind.IDENTITY_SHARED, FindingKind.IDENTITY_CHANGED)):
        return failed_by(found)
    if not reading.facts.machine_id:
        return unknown(f"It has no readable {'MachineGuid' if is_windows(reading) else '/etc/machine-id'}.")
    word = "MachineGuid" if is_windows(reading) else "machine-id"
    return passed(f"No other machine has its {word} {reading.facts.machine_id}.")


def lines_read(reading: Reading) -> Verdict:
    """Whether everything that it said was understood."""
    kinds = (FindingKind.LINES_NOT_READ, FindingKind.NAME_NOT_CLEAN, FindingKind.TOOL_MISSING)
    return judge_found(reading, kinds, "Every line was.")
