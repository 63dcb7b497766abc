"""One run of a deployment on one machine: what it installs within its window, what fails, what it leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from collectors.windows.results import explain, normalise
from fleet.assessments import Assessment
from fleet.failures import FindingKind
from fleet.updates import Blocker
from generator.boxes import Box
from generator.conditions import notices_at
from generator.deployments import Appointment
from generator.era import chance
from generator.offers import Offer
from generator.scans import scan

# An update starts only with 15 minutes of the window left, a reboot with 10: azure-update-management.md.
_LEAST_FOR_UPDATE = timedelta(minutes=15)
_LEAST_FOR_REBOOT = timedelta(minutes=10)
_LINUX_ERRORS = (
    "dpkg: error processing package {name} (--configure): post-installation script returned error exit status 1",
    "E: Failed to fetch http://deb.example.com/pool/{name}.deb  Connection timed out",
)
_OTHER_LINUX_ERRORS = ("Error: Failed to download {name}: Timeout was reached",)
_WINDOWS_ERRORS = ("0x800f0922", "0x80070643", "0x80240017", "0x8024001e")
_DISK_ERROR = "E: You don't have enough free space in /var/cache/apt/archives/."
_SUDO_ERROR = "sudo: a password is required"
# Windows machines whose cumulative update fails each time.
_STUBBORN = {"file-02": "0x800f0922", "rds-01": "0x80070643"}
_INSTALLABLE = {None, Blocker.NEEDS_NEW_PACKAGES}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one update: its status at ``at``. ``error_code`` is Windows' own number of what went wrong."""

    offer: Offer
    status: str
    at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    on_retry: bool = False
    error: str = ""
    error_code: str = ""


@dataclass(slots=True)
class MachineRun:
    """A machine's part in a run."""

    box: Box
    started_at: datetime
    ended_at: datetime
    boot_id_before: str
    boot_id_after: str
    status: str = "Succeeded"
    error: str = ""
    assess_seconds: float = 0.0
    install_seconds: float = 0.0
    reboot_seconds: float | None = None
    steps: list[Step] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)

    def count(self, *statuses: str) -> int:
        """How many updates ended with one of ``statuses``."""
        return sum(step.status in statuses for step in self.steps)


def run_machine(box: Box, appointment: Appointment) -> MachineRun:
    """Run the appointment on one machine, changing it."""
    started_at = appointment.starts_at + timedelta(seconds=chance("start", box.member.name).randrange(2, 40))
    before = scan(box, started_at)
    run = MachineRun(box, started_at, before.ended_at, box.boot_id, box.boot_id, assessments=[before])
    run.assess_seconds = (before.ended_at - before.started_at).total_seconds()
    if before.failure is not None:
        run.status, run.error = "Unreachable", before.failure.describe()
        return run
    chosen = list(_choose(box, appointment, run))
    problem = _problem(box, started_at)
    now = _install_all(run, chosen, appointment, problem)
    now = _reboot(run, appointment, now)
    _finish(run, now)
    return run


def _choose(box: Box, appointment: Appointment, run: MachineRun) -> Iterator[Offer]:
    planned_at = run.assessments[0].ended_at
    for offer in box.offers(run.started_at):
        if offer.update.blocker not in _INSTALLABLE or offer.is_optional:
            continue
        reason = appointment.deployment.selects(offer)
        run.steps.append(Step(offer, reason or "NotStarted", planned_at))
        if not reason:
            yield offer


def _problem(box: Box, at: datetime) -> str:
    kinds = {notice.kind for notice in notices_at(box.member, at)}
    if FindingKind.CANNOT_BECOME_ROOT in kinds:
        return _SUDO_ERROR
    return _DISK_ERROR if FindingKind.DISK_FULL in kinds else ""


def _install_all(run: MachineRun, chosen: list[Offer], appointment: Appointment, problem: str) -> datetime:
    now = begun_at = run.assessments[0].ended_at + timedelta(seconds=3)
    for offer in chosen:
        if now + _LEAST_FOR_UPDATE > appointment.window_ends_at:
            run.steps.append(Step(offer, "MaintenanceWindowExceeded", now))
            continue
        now = _install_one(run, offer, now, problem)
    run.install_seconds = (now - begun_at).total_seconds() if chosen else 0.0
    return now


def _install_one(run: MachineRun, offer: Offer, now: datetime, problem: str) -> datetime:
    name = run.box.member.name
    random = chance("install", name, offer.stream, offer.number, now.date())
    on_retry = random.random() < 0.02
    seconds = offer.install_seconds * random.uniform(0.7, 1.6) * (2 if on_retry else 1)
    error = problem or _error(run.box, offer, random)
    ended_at = now + timedelta(seconds=2 if problem else round(seconds, 1))
    run.steps.append(Step(offer, "InProgress", now, now))
    status = "InstallFailed" if error else "Succeeded"
    is_code = bool(error) and not run.box.member.is_linux
    words, code = (explain(error).describe(), normalise(error)) if is_code else (error, "")
    run.steps.append(Step(offer, status, ended_at, now, ended_at, on_retry and not error, words, code))
    if not error:
        run.box.install(offer, ended_at)
    return ended_at


def _error(box: Box, offer: Offer, random: Random) -> str:
    if box.member.name in _STUBBORN and offer.stream == "cumulative" and offer.number > 1:
        return _STUBBORN[box.member.name]
    if random.random() > (0.006 if box.member.is_linux else 0.03):
        return ""
    errors = _LINUX_ERRORS if box.member.system.has_apt else _OTHER_LINUX_ERRORS
    return random.choice(errors if box.member.is_linux else _WINDOWS_ERRORS).format(name=offer.update.name)


def _reboot(run: MachineRun, appointment: Appointment, now: datetime) -> datetime:
    is_wanted = appointment.deployment.reboot_policy == "IfRequired" and run.box.reboot_reasons
    if not is_wanted or now + _LEAST_FOR_REBOOT > appointment.window_ends_at:
        return now
    random = chance("reboot", run.box.member.name, now)
    run.reboot_seconds = round(random.uniform(25, 90) if run.box.member.is_linux else random.uniform(140, 520), 1)
    back_at = now + timedelta(seconds=run.reboot_seconds)
    run.box.reboot(back_at - timedelta(seconds=15))
    return back_at


def _finish(run: MachineRun, now: datetime) -> None:
    after = scan(run.box, now + timedelta(seconds=2))
    run.assessments.append(after)
    run.assess_seconds += (after.ended_at - after.started_at).total_seconds()
    run.ended_at = after.ended_at
    run.boot_id_after = run.box.boot_id
    failed = [step for step in run.steps if step.status == "InstallFailed"]
    if failed:
        run.status, run.error = "Failed", failed[-1].error
    elif run.count("MaintenanceWindowExceeded"):
        run.status = "MaintenanceWindowExceeded"
