"""What expressions of groups may ask of a machine: each fact declared once, with its meaning and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from types import MappingProxyType

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts
from fleet.facts import MachineFacts
from fleet.status import MachineStatus

_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600


class FactKind(Enum):
    """How a fact is compared. TEXT knows ``=`` and ``!=``, with ``*`` and ``?``, in any case; others have order."""

    TEXT = auto()
    NUMBER = auto()
    VERSION = auto()
    DATE = auto()


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact. ``read`` gives None where it is not known, for instance before the first assessment."""

    name: str
    kind: FactKind
    meaning: str
    read: Callable[[MachineStatus, datetime], object]


def _enrolled(name: str, meaning: str, read: Callable[[MachineStatus], object]) -> Fact:
    return Fact(name, FactKind.TEXT, meaning, lambda status, _now: read(status))


def _said(name: str, kind: FactKind, meaning: str, read: Callable[[MachineFacts], object]) -> Fact:
    def of_last_answer(status: MachineStatus, _now: datetime) -> object:
        return read(status.last_answer.facts) if status.last_answer else None

    return Fact(name, kind, meaning, of_last_answer)


def _counted(name: str, meaning: str, read: Callable[[MachineStatus, datetime], object]) -> Fact:
    return Fact(name, FactKind.NUMBER, meaning, read)


def _reboot(facts: MachineFacts) -> object:
    return None if facts.reboot_required is Answer.UNKNOWN else facts.reboot_required.value


def _uptime_days(facts: MachineFacts) -> object:
    return None if facts.uptime_seconds is None else facts.uptime_seconds / _DAY_SECONDS


def _answered_hours(status: MachineStatus, now: datetime) -> object:
    answer = status.last_answer
    return None if answer is None else (now - answer.ended_at).total_seconds() / _HOUR_SECONDS


def _missing_of(
    count: Callable[[MissingCounts], int], *, by_class: bool
) -> Callable[[MachineStatus, datetime], object]:
    """Counts that a scan could not make are not known, and never zero."""

    def read(status: MachineStatus, _now: datetime) -> object:
        answer = status.last_answer
        if answer is None or not answer.coverage.sees_every_update:
            return None
        return None if by_class and answer.coverage is not Coverage.COMPLETE else count(answer.counts)

    return read


_ALL = (
    _enrolled("name", "the machine's name", lambda status: status.machine.name),
    _enrolled("address", "what it is reached by", lambda status: status.machine.address or ""),
    _enrolled("user", "who logs in there", lambda status: status.machine.user or ""),
    _enrolled("transport", "ssh, local or scripted", lambda status: status.machine.transport.value),
    _enrolled("enabled", "yes or no", lambda status: "yes" if status.machine.enabled else "no"),
    _enrolled("os", "Linux or Windows", lambda status: status.os_type.value if status.os_type else None),
    Fact("compliance", FactKind.TEXT, "compliant, non-compliant, stale …", lambda status, now: status.compliance(now)),
    _said("system", FactKind.TEXT, "ID of os-release: debian, rhel …", lambda facts: facts.os_id),
    _said("system-name", FactKind.TEXT, "the system in full", lambda facts: facts.os_full_name),
    _said("system-version", FactKind.VERSION, "VERSION_ID of os-release: 12, 9.4 …", lambda facts: facts.os_version),
    _said("kernel", FactKind.VERSION, "the kernel that runs", lambda facts: facts.kernel),
    _said("architecture", FactKind.TEXT, "x86_64, aarch64 …", lambda facts: facts.architecture),
    _said("manager", FactKind.TEXT, "the package manager: apt, dnf …", lambda facts: facts.package_manager),
    _said("model", FactKind.TEXT, "packages, or rpm-ostree, bootc …", lambda facts: facts.update_model),
    _said("fqdn", FactKind.TEXT, "its own full name", lambda facts: facts.fqdn),
    _said("reboot", FactKind.TEXT, "whether a reboot is required: yes or no", _reboot),
    _said("uptime-days", FactKind.NUMBER, "since the last boot", _uptime_days),
    _said("end-of-life", FactKind.DATE, "the last day with security updates", lambda facts: facts.end_of_life),
    _counted("missing", "updates that are missing", _missing_of(lambda counts: counts.total, by_class=False)),
    _counted("missing-security", "security updates", _missing_of(lambda counts: counts.security, by_class=True)),
    _counted("missing-critical", "critical updates", _missing_of(lambda counts: counts.critical, by_class=True)),
    _counted("answered-hours", "since its last answer", _answered_hours),
)
FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _ALL})
TAG_PREFIX = "tag."


def tag_fact(key: str) -> Fact:
    """The value of a tag; empty where a machine does not have it."""
    return _enrolled(f"{TAG_PREFIX}{key}", f"the tag {key}", lambda status: status.machine.tags.get(key, ""))
