"""What is wrong with some machines of the sample fleet, and when: outages, findings, held packages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.answers import Coverage
from fleet.failures import Failure, FailureKind, FindingKind
from fleet.updates import Blocker
from generator.era import NOW, START, fraction
from generator.roster import Member


def _at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a machine cannot be assessed."""

    machine: str
    kind: FailureKind
    since: datetime
    until: datetime = NOW + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is wrong on a machine that answers, and what it means for the answer's coverage."""

    machine: str
    since: datetime
    until: datetime
    kind: FindingKind
    coverage: Coverage = Coverage.COMPLETE


@dataclass(frozen=True, slots=True)
class Block:
    """A package that an ordinary upgrade of a machine leaves alone."""

    machine: str
    package: str
    blocker: Blocker
    detail: str


_FOREVER = NOW + timedelta(days=1)

_OUTAGES = (
    Outage("app-04", FailureKind.HOST_KEY_CHANGED, _at(11, 18, 9)),
    Outage("app-dev-02", FailureKind.ADDRESS_NOT_FOUND, _at(11, 9)),
    Outage("ci-03", FailureKind.DEADLINE_EXCEEDED, _at(11, 20)),
    Outage("dns-02", FailureKind.NO_BANNER, _at(11, 19, 22)),
    Outage("edge-muc-02", FailureKind.CONNECTION_REFUSED, _at(11, 19, 18)),
    Outage("edge-vie-01", FailureKind.CONNECTION_TIMED_OUT, _at(11, 12)),
    Outage("edge-vie-01", FailureKind.CONNECTION_TIMED_OUT, _at(9, 26), _at(9, 30)),
    Outage("vpn-01", FailureKind.LOGIN_REFUSED, _at(11, 16)),
    Outage("iis-stg-01", FailureKind.CERTIFICATE_CHANGED, _at(11, 19, 9)),
    Outage("ca-01", FailureKind.LANGUAGE_CONSTRAINED, _at(11, 16, 6)),
    Outage("wks-muc-01", FailureKind.CONNECTION_TIMED_OUT, _at(11, 14)),
    Outage("web-03", FailureKind.CONNECTION_TIMED_OUT, _at(10, 6), _at(10, 9)),
)

FREE_OF_FULL_DISK = 11 * 1024 * 1024
_NOTICES = (
    Notice("mon-01", _at(11, 2, 6), _FOREVER, FindingKind.SECURITY_REPOSITORY_MISSING, Coverage.SECURITY_UNKNOWN),
    Notice("web-06", _at(11, 19, 6), _FOREVER, FindingKind.LISTS_MISSING, Coverage.UNKNOWN),
    Notice("log-01", _at(11, 10), _FOREVER, FindingKind.DISK_FULL),
    Notice("db-03", _at(11, 20), _FOREVER, FindingKind.PACKAGE_MANAGER_LOCKED),
    Notice("dns-01", _at(10, 21), _FOREVER, FindingKind.CANNOT_BECOME_ROOT),
    Notice("edge-muc-01", _at(11, 15, 7), _FOREVER, FindingKind.LISTS_STALE, Coverage.SECURITY_UNKNOWN),
    Notice("edge-ham-02", _at(9, 1), _FOREVER, FindingKind.CLOCK_SKEW),
    Notice("app-dev-01", _at(11, 4), _FOREVER, FindingKind.REPOSITORY_FAILING),
    Notice("legacy-01", _at(11, 2), _FOREVER, FindingKind.SUBSCRIPTION_NEEDED, Coverage.SECURITY_UNKNOWN),
)

_BLOCKS = (
    Block("web-04", "nginx", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("web-04", "nginx-common", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("db-02", "postgresql-15", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("git-01", "gitlab-ce", Blocker.HELD, "dpkg holds it: apt-mark hold"),
    Block("mon-01", "grafana", Blocker.KEPT_BACK, "apt-get dist-upgrade keeps it back: its dependencies cannot be met"),
    Block(
        "ci-04",
        "docker-ce",
        Blocker.NEEDS_REMOVALS,
        "only with removals; apt-get dist-upgrade removes docker-buildx-plugin",
    ),
    Block("app-01", "java-17-openjdk-headless", Blocker.EXCLUDED, "java-*"),
    Block("app-03", "nginx", Blocker.VERSION_LOCKED, "nginx"),
    Block("app-03", "nginx-core", Blocker.VERSION_LOCKED, "nginx-core"),
    Block("sap-01", "postgresql16-server", Blocker.HELD, "postgresql16-server"),
    Block("dev-02", "linux", Blocker.HELD, "linux"),
    Block("proxy-01", "haproxy", Blocker.PINNED, "haproxy"),
)

# Machines that install security updates on their own.
SELF_UPDATING = {
    "ci-01": "unattended-upgrades",
    "ci-02": "unattended-upgrades",
    "git-01": "unattended-upgrades",
    "app-01": "dnf-automatic",
    "web-05": "dnf-automatic",
    "k8s-01": "zincati",
}
# Copies of a virtual machine of which the second was never given an identity of its own.
CLONES = {"app-02": "app-01"}
# The repositories of machines whose mirror stands still, and since when.
_LAGGING = {(name, "appstream"): _at(11, 15, 3) for name in ("app-02", "app-03", "app-stg-01")}
# Machines that nobody asked to be assessed any more, without disabling them.
_LAST_ASSESSED = {"backup-01": _at(11, 17, 23), "rds-02": _at(11, 15, 23), "print-01": _at(10, 30, 23)}
# What somebody hid on a Windows machine, by the stream of the update.
_HIDDEN = {("file-02", "dotnet"), ("wks-ham-01", "driver")}
# A machine at a WSUS that nobody synchronises any more: what it offers stands still.
_OLD_WSUS_SINCE = {"dc-03": _at(9, 12, 3)}
# A machine whose definitions nobody updates, which do so by themselves elsewhere.
_OLD_DEFINITIONS_SINCE = {"sql-stg-01": _at(11, 3)}
# The agent of a machine whose service is disabled.
_AGENT_BROKEN_SINCE = {"rds-01": _at(11, 17, 4)}
# The date of package lists that are no longer refreshed.
_LISTS_FROZEN = {"edge-muc-01": _at(11, 8, 6), "legacy-01": _at(11, 2, 6)}
_CLOCK_SKEW_SECONDS = {"edge-ham-02": 94.2}

# When the machines that are disabled at the end were.
DISABLED_AT = datetime(2026, 10, 30, 14, 12, tzinfo=UTC)

# Worded as `collectors.transports` does.
_WORDS = {
    FailureKind.HOST_KEY_CHANGED: (
        (
            "THE HOST KEY HAS CHANGED: known is ssh-ed25519 SHA256:SAMPLEoldkeyB2rVwT0uXq3nYcZ1mLpKd8sHfGjA9eRtI, "
            "presented is ssh-ed25519 SHA256:SAMPLEnewkeyQ7tUoP5iLkJhGfDsA1zXcVbNmW2eRyT4."
        ),
        (
            "Somebody may be listening in. Only if the machine was reinstalled: compare the fingerprint, then run: "
            "patchdeck machines accept-key {name}"
        ),
    ),
    FailureKind.ADDRESS_NOT_FOUND: (
        "the name is not known: Name or service not known.",
        "Correct the address, or make the name resolvable.",
    ),
    FailureKind.DEADLINE_EXCEEDED: (
        "not finished within 120 s, 4,096 bytes had come; it was stopped.",
        "Give it more time, or look at what is slow on the machine.",
    ),
    FailureKind.NO_BANNER: (
        "connected, but no SSH banner came within 10 s.",
        "Look at the machine's sshd and what stands between.",
    ),
    FailureKind.CONNECTION_REFUSED: ("the connection was refused.", "Check the port, and that sshd runs there."),
    FailureKind.CONNECTION_TIMED_OUT: (
        "no answer to the TCP connection within 10 s.",
        "Check that the machine is up, its address, and firewalls between.",
    ),
    FailureKind.LOGIN_REFUSED: (
        "the login was refused. Tried: key ssh-ed25519 (agent). The server takes: publickey.",
        "Check the user, and that one of its keys (or its password) is accepted there.",
    ),
    FailureKind.CERTIFICATE_CHANGED: (
        (
            "THE CERTIFICATE HAS CHANGED: accepted was SHA256:SAMPLEoldcertQ2rVwT0uXq3nYcZ1mLpKd8sHfGjA9eRtI, "
            "presented is SHA256:SAMPLEnewcertJ7tUoP5iLkJhGfDsA1zXcVbNmW2eRyT4."
        ),
        (
            "Somebody may be listening in. Only if it was renewed there: compare the fingerprint, then run: patchdeck "
            "machines accept-certificate {name}"
        ),
    ),
    FailureKind.LANGUAGE_CONSTRAINED: (
        "PowerShell runs in ConstrainedLanguage there, in which scripts do nothing of use.",
        "Let AppLocker or App Control allow scripts for this login; see docs/windows.md.",
    ),
}
_SECONDS = {FailureKind.CONNECTION_TIMED_OUT: 10.0, FailureKind.NO_BANNER: 10.0, FailureKind.DEADLINE_EXCEEDED: 120.0}


def is_assessed(member: Member, at: datetime) -> bool:
    """Whether anybody tries to assess the machine at ``at``."""
    return member.machine.created_at <= at <= _LAST_ASSESSED.get(member.name, NOW)


def is_enabled_at(member: Member, at: datetime) -> bool:
    """Whether the machine is enrolled and enabled at ``at``."""
    return member.machine.created_at <= at and (member.machine.enabled or at < DISABLED_AT)


def failure_at(member: Member, at: datetime) -> Failure | None:
    """Why the machine cannot be assessed at ``at``; None if it can."""
    kinds = [o.kind for o in _OUTAGES if o.machine == member.name and o.since <= at < o.until]
    if not kinds and _is_away(member, at):
        kinds = [FailureKind.CONNECTION_TIMED_OUT]
    return _describe(member, kinds[0]) if kinds else None


def notices_at(member: Member, at: datetime) -> list[Notice]:
    """What is noticed on the machine at ``at``."""
    return [notice for notice in _NOTICES if notice.machine == member.name and notice.since <= at < notice.until]


def block_of(member: Member, package: str) -> Block | None:
    """Why the machine leaves ``package`` alone; None if it does not."""
    return next((block for block in _BLOCKS if (block.machine, block.package) == (member.name, package)), None)


def lists_at(member: Member, at: datetime) -> datetime:
    """The date that the machine's package lists bear at ``at``: refreshed at six in the morning."""
    refreshed = at.replace(hour=6, minute=0, second=0, microsecond=0)
    fresh = refreshed if refreshed <= at else refreshed - timedelta(days=1)
    return min(fresh, _LISTS_FROZEN.get(member.name, fresh))


def made_at(member: Member, repository: str, at: datetime) -> datetime:
    """The date that what the machine has of ``repository`` bears at ``at``."""
    return min(lists_at(member, at), _LAGGING.get((member.name, repository), at))


def hides(member: Member, stream: str) -> bool:
    """Whether somebody hid the updates of ``stream`` on the machine."""
    return (member.name, stream) in _HIDDEN


def offers_until(member: Member) -> datetime:
    """Until when what is published reaches the machine."""
    return _OLD_WSUS_SINCE.get(member.name, NOW)


def has_wsus_of_its_own(member: Member) -> bool:
    """Whether it asks another WSUS than the other servers do."""
    return member.name in _OLD_WSUS_SINCE


def updates_definitions(member: Member, at: datetime) -> bool:
    """Whether the machine's definitions are updated by themselves at ``at``."""
    return at < _OLD_DEFINITIONS_SINCE.get(member.name, _FOREVER)


def is_agent_broken(member: Member, at: datetime) -> bool:
    """Whether the machine's Windows Update agent does not work at ``at``."""
    return at >= _AGENT_BROKEN_SINCE.get(member.name, _FOREVER)


def clock_skew_seconds(member: Member) -> float:
    """The machine's clock minus ours."""
    return _CLOCK_SKEW_SECONDS.get(member.name, round(fraction("skew", member.name) * 0.8 - 0.4, 2))


def _is_away(member: Member, at: datetime) -> bool:
    # Machines at the edge and on desks are switched off now and then; not on the last day, which is told above.
    is_fickle = member.role in {"edge", "workstation"} and START < at < NOW - timedelta(days=1)
    return is_fickle and fraction("away", member.name, at.date()) < 0.03


def _describe(member: Member, kind: FailureKind) -> Failure:
    came_back, remedy = _WORDS[kind]
    tried = (
        f"SSH to patchdeck@{member.machine.address}:22"
        if member.is_linux
        else f"WinRM to {member.machine.address}:5986"
    )
    return Failure(kind, tried, came_back, remedy.format(name=member.name), _SECONDS.get(kind, 0.4))
