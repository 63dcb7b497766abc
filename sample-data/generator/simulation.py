"""The 90 days, one event after the other: scans, deployments, and machines that patch themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.updates import Classification
from generator.boxes import Box, LinuxBox
from generator.conditions import SELF_UPDATING, failure_at, is_assessed, updates_definitions
from generator.deployments import Appointment, appointments
from generator.era import chance, days, identity
from generator.offers import Offer
from generator.roster import Member, members
from generator.runs import MachineRun, run_machine
from generator.scans import scan
from generator.windows_box import WindowsBox
from ops.assess_identity import notice_identities
from ops.store.batch import Batch

_SCAN_AT = timedelta(hours=11, minutes=30)
_SELF_UPDATE_AT = timedelta(hours=6, minutes=25)
_SCANS_AT_ONCE = 12
# The updater that stages a new image and boots it, some time after it was published.
_WHOLE_IMAGES = "zincati"
_ROLL_OUT = timedelta(hours=40)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a deployment with all its machines."""

    appointment: Appointment
    machines: tuple[MachineRun, ...]

    @property
    def ended_at(self) -> datetime:
        """When the last machine was done."""
        return max(machine.ended_at for machine in self.machines)


@dataclass(frozen=True, slots=True)
class History:
    """What happened, oldest first, and the machines as they are at the end."""

    batches: tuple[Batch, ...]
    runs: tuple[Run, ...]
    boxes: tuple[Box, ...]


def simulate() -> History:
    """Live through the 90 days; the same at each call."""
    boxes: tuple[Box, ...] = tuple(LinuxBox(member) if member.is_linux else WindowsBox(member) for member in members())
    batches: list[Batch] = []
    runs: list[Run] = []
    for at, event in sorted(_events(), key=lambda pair: pair[0]):
        if isinstance(event, Appointment):
            run = _run(event, boxes)
            runs.append(run)
            batches += _batches_of(run)
        elif event == "scan":
            batches.append(_scan_all(boxes, at))
        else:
            _update_themselves(boxes, at)
    return History(tuple(batches), tuple(runs), boxes)


def _events() -> Iterator[tuple[datetime, Appointment | str]]:
    for day in days():
        yield day + _SELF_UPDATE_AT, "self-update"
        yield day + _SCAN_AT, "scan"
    for appointment in appointments():
        yield appointment.starts_at, appointment


def _scan_all(boxes: tuple[Box, ...], at: datetime) -> Batch:
    assessed = [box for box in boxes if is_assessed(box.member, at)]
    chance("order", at).shuffle(assessed)
    lanes = [at] * _SCANS_AT_ONCE
    done = []
    for box in assessed:
        lane = lanes.index(min(lanes))
        assessment = scan(box, lanes[lane])
        lanes[lane] = assessment.ended_at
        done.append(assessment)
    return Batch(identity("batch", at), tuple(notice_identities(done, ())))


def _run(appointment: Appointment, boxes: tuple[Box, ...]) -> Run:
    targets = [box for box in boxes if _is_target(appointment, box.member)]
    return Run(appointment, tuple(run_machine(box, appointment) for box in targets))


def _is_target(appointment: Appointment, member: Member) -> bool:
    return appointment.deployment.targets(member) and is_assessed(member, appointment.starts_at)


def _batches_of(run: Run) -> Iterator[Batch]:
    for part, name in enumerate(("before", "after")):
        assessments = tuple(m.assessments[part] for m in run.machines if len(m.assessments) > part)
        if assessments:
            yield Batch(identity("batch", run.appointment.run_id, name), assessments)


def _update_themselves(boxes: tuple[Box, ...], at: datetime) -> None:
    for box in boxes:
        if failure_at(box.member, at) is not None:
            continue
        for offer in box.offers(at):
            if offer.update.is_installable and _is_by_itself(box, offer, at):
                box.install(offer, at)
                if SELF_UPDATING.get(box.member.name) == _WHOLE_IMAGES:
                    box.reboot(at)


def _is_by_itself(box: Box, offer: Offer, at: datetime) -> bool:
    updater = SELF_UPDATING.get(box.member.name)
    if updater == _WHOLE_IMAGES:
        return at - offer.published_at > _ROLL_OUT
    is_security = offer.update.classification is Classification.SECURITY
    if offer.stream == "defender":
        return updates_definitions(box.member, at)
    return updater is not None and is_security
