"""What the alert rules of the sample find at each time of its history, by what the scans and runs up to then gave.

It says what the predefined queries of the rules would have said, which are much too slow to be asked of each hour.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fleet.alerts.grouping import measure_rows
from fleet.alerts.measured import Measured
from fleet.alerts.rule import AlertRule, RuleKind
from fleet.answers import Answer
from fleet.assessments import Assessment
from fleet.failures import FailureKind
from fleet.records import Row as TableRow
from fleet.updates import Classification
from generator.boxes import Box
from generator.conditions import is_enabled_at
from generator.run_rows import deployment_status, note_of
from generator.simulation import Run
from generator.vulnerabilities import SHARED
from ops.alerts.measuring import SIGNAL_COLUMNS

_MIB = 1024 * 1024
_BOOT_SHARE = 5
_LONG = timedelta(days=30)
_SECURITY = (Classification.CRITICAL, Classification.SECURITY)
_UpdateKey = tuple[str, str, str]
_Rows = Iterator[Sequence[object]]


class Watch:
    """Takes in scans in their order, and measures rules over what is known by then.

    ``lacking`` are the rows of MissingFix at the end: what was mended before is not in them.
    """

    def __init__(self, boxes: Sequence[Box], runs: Sequence[Run], lacking: Sequence[TableRow]) -> None:
        self._members = {box.member.machine.id: box.member for box in boxes}
        self._runs = runs
        self._lacking = lacking
        self._tried: dict[str, Assessment] = {}
        self._answered: dict[str, Assessment] = {}
        self._needed_since: dict[str, dict[_UpdateKey, datetime]] = {}
        self._pending_since: dict[str, datetime] = {}
        self._find: Mapping[str, tuple[tuple[str, ...], Callable[[datetime], _Rows]]] = {
            "security-missing-long": (
                ("Computer", "Product", "InstalledVersion", "ProductVersion", "Classification"),
                self._overdue,
            ),
            "known-exploited-missing": (("CVE", "Title", "Machines"), self._exploited),
            "silent-machines": (("Computer", "SilentHours", "FailureKind", "FailureText", "LastAnswered"), self._mute),
            "disk-shortfall": (("Computer", "Path", "ShortMiB", "FreeMiB", "LastAnswered"), self._short_disks),
            "reboot-pending-since": (("Computer", "OSType", "PendingSince", "PendingDays"), self._pending),
            "duplicate-identities": (("Mark", "Identity", "Machines", "MachineNames"), self._clones),
            "changed-host-keys": (("Computer", "Address", "LastAssessed", "FailureText"), self._changed_keys),
            "metadata-age": (("Computer", "PackageManager", "MetadataAt", "AgeDays"), self._old_lists),
        }

    def take_in(self, assessment: Assessment) -> None:
        """One more scan."""
        machine_id, at = assessment.machine_id, assessment.ended_at
        self._tried[machine_id] = assessment
        if assessment.failure is not None:
            return
        self._answered[machine_id] = assessment
        if assessment.outcome == "succeeded":
            before = self._needed_since.get(machine_id, {})
            keys = [
                (each.name, each.architecture, each.offered_version)
                for each in assessment.updates
                if each.classification in _SECURITY
            ]
            self._needed_since[machine_id] = {key: before.get(key, at) for key in keys}
        if assessment.facts.reboot_required is Answer.YES:
            self._pending_since.setdefault(machine_id, at)
        else:
            self._pending_since.pop(machine_id, None)

    def measure(self, rule: AlertRule, at: datetime) -> Measured:
        """What ``rule`` finds at ``at``."""
        if rule.measure is None:
            return Measured(measure_rows(rule, SIGNAL_COLUMNS, list(self._signal(rule, at)), at))
        if rule.measure.query not in self._find:
            return Measured()  # of machines that were lost in a reboot, and of budgets: there were none
        columns, find = self._find[rule.measure.query]
        tried = [each for each in self._tried.values() if each.failure is not None and self._is_on(each, at)]
        silent = frozenset(each.machine_name for each in tried)
        return Measured(measure_rows(rule, columns, list(find(at)), at), silent)

    def _is_on(self, assessment: Assessment, at: datetime) -> bool:
        return is_enabled_at(self._members[assessment.machine_id], at)

    def _answers(self, at: datetime) -> list[Assessment]:
        return [each for each in self._answered.values() if self._is_on(each, at)]

    def _signal(self, rule: AlertRule, at: datetime) -> _Rows:
        since = at - timedelta(minutes=rule.window_minutes)
        for run in reversed(self._runs):
            for row in _run_rows(run) if rule.kind is RuleKind.DEPLOYMENT_RUNS else _machine_rows(run):
                if since < row[4] <= at and _is_chosen(rule, row):
                    yield row

    def _overdue(self, at: datetime) -> _Rows:
        for machine_id, since in self._needed_since.items():
            answer = self._answered[machine_id]
            updates = {(each.name, each.architecture, each.offered_version): each for each in answer.updates}
            for key in (key for key, first in since.items() if first <= at - _LONG and key in updates):
                update = updates[key]
                versions = update.installed_version, update.offered_version
                yield answer.machine_name, update.name, *versions, update.classification.value

    def _exploited(self, at: datetime) -> _Rows:
        for known in SHARED:
            if known.exploited_at is None or known.exploited_at.replace(hour=8, minute=20) > at:
                continue
            rows = [row for row in self._lacking if row["CVE"] == known.cve]
            machines = {row["SourceComputerId"] for row in rows if _is_by(row["FirstSeen"], at)}
            if machines:
                yield known.cve, known.title, len(machines)

    def _mute(self, at: datetime) -> _Rows:
        for machine_id, answer in self._answered.items():
            hours = round((at - answer.ended_at).total_seconds() / 3600, 1)
            failure = self._tried[machine_id].failure
            if hours >= 24 and self._is_on(answer, at):
                told = (failure.kind.value, failure.describe()) if failure else ("", "")
                yield answer.machine_name, hours, *told, answer.ended_at

    def _short_disks(self, at: datetime) -> _Rows:
        for answer in self._answers(at):
            lacks = [
                (1024 / (_BOOT_SHARE if disk.path == "/boot" else 1) - disk.free_bytes / _MIB, disk.path, disk)
                for disk in answer.facts.disks
            ]
            short, path, disk = max(lacks, key=lambda each: each[:2], default=(None, "", None))
            if short is not None and disk is not None:
                free = round(disk.free_bytes / _MIB, 1)
                yield answer.machine_name, path, round(short, 1), free, answer.ended_at

    def _pending(self, at: datetime) -> _Rows:
        for machine_id, since in self._pending_since.items():
            member = self._members[machine_id]
            if since <= at - timedelta(days=14) and is_enabled_at(member, at):
                yield member.name, member.system.os_type.value, since, (at - since).days

    def _clones(self, at: datetime) -> _Rows:
        names: dict[str, list[str]] = {}
        for answer in self._answers(at):
            if answer.facts.machine_id:
                names.setdefault(answer.facts.machine_id, []).append(answer.machine_name)
        for machine_id, machines in names.items():
            if len(machines) > 1:
                yield "MachineId", machine_id, len(machines), ", ".join(sorted(machines))

    def _changed_keys(self, at: datetime) -> _Rows:
        for tried in self._tried.values():
            failure = tried.failure
            if failure is not None and failure.kind is FailureKind.HOST_KEY_CHANGED and self._is_on(tried, at):
                address = self._members[tried.machine_id].machine.address
                yield tried.machine_name, address, tried.ended_at, failure.describe()

    def _old_lists(self, at: datetime) -> _Rows:
        for answer in self._answers(at):
            made_at = answer.facts.metadata_at
            if made_at is not None and made_at < at - timedelta(days=7):
                yield answer.machine_name, answer.facts.package_manager, made_at, (at - made_at).days


def _run_rows(run: Run) -> Iterator[tuple[str, str, str, str, datetime, str]]:
    name = run.appointment.deployment.name
    yield name, deployment_status(run), "", run.appointment.run_id, run.ended_at, note_of(run)


def _machine_rows(run: Run) -> Iterator[tuple[str, str, str, str, datetime, str]]:
    name, run_id = run.appointment.deployment.name, run.appointment.run_id
    for machine in run.machines:
        yield name, machine.status, machine.box.member.name, run_id, machine.ended_at, machine.error


def _is_chosen(rule: AlertRule, row: tuple[str, str, str, str, datetime, str]) -> bool:
    signal = rule.signal
    is_named = row[0].startswith(signal.deployment.rstrip("*"))
    return is_named and (not signal.statuses or row[1] in signal.statuses)


def _is_by(seen_at: object, at: datetime) -> bool:
    return isinstance(seen_at, datetime) and seen_at <= at
